// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/text.h"

#include <atomic>
#include <cstdlib>

namespace weft::ovsdb {

/// The characters follow it in memory, with a NUL byte.
struct Text::Block {
    std::atomic<uint32_t> copies{1};
    size_t size;
    char* chars() { return reinterpret_cast<char*>(this + 1); }
};

void Text::set_heap(std::string_view s) {
    auto* b = new (::operator new(sizeof(Block) + s.size() + 1)) Block{.size = s.size()};
    std::memcpy(b->chars(), s.data(), s.size());
    b->chars()[s.size()] = '\0';
    std::memset(raw_, 0, sizeof raw_);
    std::memcpy(raw_, &b, sizeof b);
    raw_[inline_max] = heap_mark;
}

Text::Block* Text::block() const noexcept {
    Block* b;
    std::memcpy(&b, raw_, sizeof b);
    return b;
}

std::string_view Text::heap_view() const noexcept { return {block()->chars(), block()->size}; }

void Text::retain() const noexcept { block()->copies.fetch_add(1, std::memory_order_relaxed); }

void Text::release() const noexcept {
    if (block()->copies.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    block()->~Block();
    ::operator delete(block());
}

}  // namespace weft::ovsdb
