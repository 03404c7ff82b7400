// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/pool.h"

#include <cerrno>
#include <cstring>

namespace weft::dp {

uint32_t Pool::chunk_length(size_t chunk) {
    uint32_t all = weft_chunk_entries, last = all;
    for (; chunk > 0; --chunk) {
        last = all < weft_chunk_entries_few ? 3 * all : all / 2 & ~uint32_t{1};
        all += last;
    }
    return last;
}

Result<uint32_t> Pool::allocate() {
    if (free_.empty()) {
        // The next one may be there long before this one is full.
        while (filling_ < chunks_.size() && chunks_[filling_].used == chunks_[filling_].length) ++filling_;
        if (filling_ == chunks_.size()) return fail("no room for more flows yet", EAGAIN);
        ++in_use_;
        return static_cast<uint32_t>(filling_ << weft_chunk_shift) | chunks_[filling_].used++;
    }
    const uint32_t cell = free_.back();
    free_.pop_back();
    for (uint32_t copy = 0; copy < options_.copies; ++copy) std::memset(at(cell, copy), 0, options_.size);
    ++in_use_;
    return cell;
}

void Pool::release(uint32_t cell) {
    free_.push_back(cell);
    --in_use_;
}

bool Pool::runs_low() const {
    if (!free_.empty() || filling_ + 1 < chunks_.size()) return false;
    return filling_ == chunks_.size() || chunks_[filling_].used >= chunks_[filling_].length / 2;
}

Result<Pool::Chunk> Pool::make_chunk(uint32_t number) const {
    if (number == weft_chunks_max) return fail("no more room for flows in the kernel", ENOSPC);
    Chunk chunk;
    chunk.length = chunk_length(number);
    for (uint32_t copy = 0; copy < options_.copies; ++copy)
        chunk.copies.push_back(TRY(source_.make({options_.part, number, copy}, options_.size, chunk.length)));
    return chunk;
}

void Pool::add(Chunk chunk) {
    for (const KernelMemory::Piece& piece : chunk.copies) memory_ += piece.size;
    chunks_.push_back(std::move(chunk));
}

}  // namespace weft::dp
