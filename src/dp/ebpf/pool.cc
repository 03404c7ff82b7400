// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/pool.h"

#include <cerrno>
#include <cstring>

#include "sys/bpf_object.h"

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
        if (filling_ == chunks_.size()) return fail(std::string("no room for ") + options_.name, EAGAIN);
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

Result<Pool::Chunk> Pool::make_chunk(size_t number) const {
    if (number == weft_chunks_max) return fail(std::string("no more room for ") + options_.name, ENOSPC);
    Chunk chunk;
    chunk.length = chunk_length(number);
    for (uint32_t copy = 0; copy < options_.copies; ++copy) {
        sys::Fd map = TRY(sys::make_inner_array(options_.name, options_.size, chunk.length));
        sys::Mapping memory =
            TRY(sys::Mapping::of(map.get(), size_t{chunk.length} * options_.size, 0, options_.name));
        const auto index = static_cast<uint32_t>(number * options_.copies + copy);
        TRY(sys::set_descriptor(options_.outer, index, map.get(), "add a chunk of flows"));
        chunk.copies.push_back({std::move(map), std::move(memory)});
    }
    return chunk;
}

void Pool::add(Chunk chunk) {
    memory_ += uint64_t{chunk.length} * options_.size * options_.copies;
    chunks_.push_back(std::move(chunk));
}

}  // namespace weft::dp
