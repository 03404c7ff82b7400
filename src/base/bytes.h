// SPDX-License-Identifier: Apache-2.0
// Bytes: views, a reader that cannot over-read, a writer that grows.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/be.h"
#include "base/result.h"

namespace weft {

using ByteSpan = std::span<const uint8_t>;
using MutableByteSpan = std::span<uint8_t>;
using Bytes = std::vector<uint8_t>;

inline ByteSpan as_bytes(std::string_view s) {
    return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_chars(ByteSpan b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// "0a 1b" style hex is accepted with or without white space between bytes; an odd digit or another letter is
/// an error.
Result<Bytes> parse_hex(std::string_view text);
/// Lower-case hex without separators.
std::string format_hex(ByteSpan bytes);

/// Value type. Reads forward over bytes it borrows. After an over-read it is failed: all later reads give
/// zeros and empty spans, so a decoder may read a whole header and test ok() once.
class ByteReader {
  public:
    explicit ByteReader(ByteSpan bytes) : rest_(bytes) {}

    /// A trivially copyable value as it lies on the wire (use Be16 ... in its members).
    template <class T>
        requires std::is_trivially_copyable_v<T>
    T read() {
        T value{};
        if (rest_.size() < sizeof(T)) {
            fail_now();
            return value;
        }
        std::memcpy(&value, rest_.data(), sizeof(T));
        rest_ = rest_.subspan(sizeof(T));
        return value;
    }
    uint8_t u8() { return read<uint8_t>(); }
    uint16_t u16() { return read<Be16>().host(); }
    uint32_t u32() { return read<Be32>().host(); }
    uint64_t u64() { return read<Be64>().host(); }
    ByteSpan take(size_t n) {
        if (rest_.size() < n) {
            fail_now();
            return {};
        }
        const ByteSpan out = rest_.first(n);
        rest_ = rest_.subspan(n);
        return out;
    }
    void skip(size_t n) { take(n); }

    bool ok() const { return ok_; }
    bool empty() const { return rest_.empty(); }
    size_t size() const { return rest_.size(); }
    ByteSpan rest() const { return rest_; }

  private:
    void fail_now() {
        ok_ = false;
        rest_ = {};
    }
    ByteSpan rest_;
    bool ok_ = true;
};

/// Resource type. Appends to a vector it owns.
class ByteWriter {
  public:
    ByteWriter() = default;

    template <class T>
        requires std::is_trivially_copyable_v<T>
    void write(const T& value) {
        const auto* p = reinterpret_cast<const uint8_t*>(&value);
        out_.insert(out_.end(), p, p + sizeof(T));
    }
    void u8(uint8_t v) { out_.push_back(v); }
    void u16(uint16_t v) { write(Be16(v)); }
    void u32(uint32_t v) { write(Be32(v)); }
    void u64(uint64_t v) { write(Be64(v)); }
    void bytes(ByteSpan b) { out_.insert(out_.end(), b.begin(), b.end()); }
    void zeros(size_t n) { out_.resize(out_.size() + n); }
    /// Zeros until size() - start is a multiple of `align`.
    void pad_to(size_t align, size_t start = 0) { zeros((align - (out_.size() - start) % align) % align); }
    /// Forgets all from `size` on.
    void truncate(size_t size) {
        CHECK(size <= out_.size());
        out_.resize(size);
    }
    void patch_u8(size_t offset, uint8_t v) { patch(offset, v); }
    /// Overwrites the 16-bit integer at `offset`, e.g. a length that is known only now.
    void patch_u16(size_t offset, uint16_t v) { patch(offset, Be16(v)); }
    void patch_u32(size_t offset, uint32_t v) { patch(offset, Be32(v)); }

    size_t size() const { return out_.size(); }
    ByteSpan span() const { return out_; }
    Bytes take() { return std::move(out_); }

  private:
    template <class T>
    void patch(size_t offset, const T& v) {
        CHECK(offset + sizeof v <= out_.size());
        std::memcpy(out_.data() + offset, &v, sizeof v);
    }
    Bytes out_;
};

}  // namespace weft
