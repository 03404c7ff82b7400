// SPDX-License-Identifier: Apache-2.0
// Integers in network byte order. They do not convert by accident: construct from a host integer, read with
// host().
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace weft {

template <std::unsigned_integral T>
class Be {
  public:
    using Host = T;
    constexpr Be() = default;
    constexpr explicit Be(T host) : raw_(swap(host)) {}
    /// From the integer as it lies in memory on the wire.
    static constexpr Be from_raw(T raw) {
        Be b;
        b.raw_ = raw;
        return b;
    }

    constexpr T host() const { return swap(raw_); }
    constexpr T raw() const { return raw_; }

    constexpr bool operator==(const Be&) const = default;
    constexpr auto operator<=>(const Be& o) const { return host() <=> o.host(); }
    constexpr explicit operator bool() const { return raw_ != 0; }
    constexpr Be operator&(Be o) const { return from_raw(raw_ & o.raw_); }
    constexpr Be operator|(Be o) const { return from_raw(raw_ | o.raw_); }
    constexpr Be operator^(Be o) const { return from_raw(raw_ ^ o.raw_); }
    constexpr Be operator~() const { return from_raw(static_cast<T>(~raw_)); }
    constexpr Be& operator&=(Be o) {
        raw_ &= o.raw_;
        return *this;
    }
    constexpr Be& operator|=(Be o) {
        raw_ |= o.raw_;
        return *this;
    }

  private:
    static constexpr T swap(T v) {
        if constexpr (sizeof(T) == 1 || std::endian::native == std::endian::big)
            return v;
        else if constexpr (sizeof(T) == 2)
            return __builtin_bswap16(v);
        else if constexpr (sizeof(T) == 4)
            return __builtin_bswap32(v);
        else
            return __builtin_bswap64(v);
    }
    T raw_ = 0;
};

using Be16 = Be<uint16_t>;
using Be32 = Be<uint32_t>;
using Be64 = Be<uint64_t>;

/// All ones.
template <class B>
inline constexpr B be_max = ~B{};

}  // namespace weft
