// SPDX-License-Identifier: Apache-2.0
// An immutable string in 16 bytes: most strings of a database are short or shared.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

namespace weft::ovsdb {

/// Value type. Up to 15 bytes lie inside; longer ones on the heap, shared by all copies (the count of copies
/// is atomic, so they may go to other threads). A NUL byte follows the text, for callers in C.
class Text {
  public:
    Text() noexcept { set_inline({}); }
    explicit Text(std::string_view s) {
        if (s.size() <= inline_max)
            set_inline(s);
        else
            set_heap(s);
    }
    Text(const Text& o) noexcept {
        std::memcpy(raw_, o.raw_, sizeof raw_);
        share();
    }
    Text(Text&& o) noexcept {
        std::memcpy(raw_, o.raw_, sizeof raw_);
        o.set_inline({});
    }
    Text& operator=(const Text& o) noexcept {
        if (this != &o) {
            this->~Text();
            new (this) Text(o);
        }
        return *this;
    }
    Text& operator=(Text&& o) noexcept {
        if (this != &o) {
            this->~Text();
            new (this) Text(static_cast<Text&&>(o));
        }
        return *this;
    }
    ~Text() {
        if (on_heap()) release();
    }

    /// Counts a copy that was made by copying the bytes.
    void share() const noexcept {
        if (on_heap()) retain();
    }
    std::string_view view() const noexcept {
        return on_heap() ? heap_view()
                         : std::string_view(raw_, inline_max - static_cast<uint8_t>(raw_[inline_max]));
    }
    operator std::string_view() const noexcept { return view(); }

    bool operator==(const Text& o) const noexcept {
        return same(o) || (on_heap() && o.on_heap() && heap_view() == o.heap_view());
    }
    std::strong_ordering operator<=>(const Text& o) const noexcept { return view() <=> o.view(); }

  private:
    static constexpr size_t inline_max = 15;
    static constexpr char heap_mark = static_cast<char>(0xff);
    struct Block;

    bool on_heap() const noexcept { return raw_[inline_max] == heap_mark; }
    bool same(const Text& o) const noexcept { return std::memcmp(raw_, o.raw_, sizeof raw_) == 0; }
    void set_inline(std::string_view s) noexcept {
        std::memset(raw_, 0, sizeof raw_);
        if (!s.empty()) std::memcpy(raw_, s.data(), s.size());
        raw_[inline_max] = static_cast<char>(inline_max - s.size());
    }
    void set_heap(std::string_view s);
    Block* block() const noexcept;
    std::string_view heap_view() const noexcept;
    void retain() const noexcept;
    void release() const noexcept;

    // The text, and in the last byte how many more would fit (0 after a text of 15: its NUL); or a pointer to
    // a block, and heap_mark in the last byte.
    alignas(8) char raw_[inline_max + 1];
};
static_assert(sizeof(Text) == 16);

}  // namespace weft::ovsdb
