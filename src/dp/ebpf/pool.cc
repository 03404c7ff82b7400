// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/pool.h"

#include <cerrno>
#include <cstring>

#include "sys/bpf_object.h"

namespace weft::dp {

Result<uint32_t> Pool::allocate() {
    if (free_.empty()) {
        if (used_ == cells()) return fail(std::string("no room for ") + options_.name, EAGAIN);
        ++in_use_;
        return used_++;
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

/// Half of what was added last is used; of a few, half of all.
bool Pool::runs_low() const {
    return free_.empty() && cells() - used_ <= (cells() < few ? cells() / 2 : cells() / 6);
}

Result<Pool::Memory> Pool::make_pieces(uint32_t before, uint32_t count) const {
    if (before + count > weft_pieces_max)
        return fail(std::string("no more room for ") + options_.name, ENOSPC);
    Memory out;
    for (uint32_t copy = 0; copy < options_.copies; ++copy)
        out.push_back(TRY(sys::add_inner_arrays({.name = options_.name,
                                                 .outer = options_.outer,
                                                 .value_size = options_.size,
                                                 .length = piece_cells,
                                                 .first = before * options_.copies + copy,
                                                 .step = options_.copies,
                                                 .count = count})));
    return out;
}

void Pool::add(Memory memory) {
    const size_t bytes = size_t{piece_cells} * options_.size;
    const size_t count = memory.front().size() / bytes;
    for (size_t i = 0; i < count; ++i)
        for (const sys::Mapping& copy : memory) places_.push_back(copy.at(i * bytes));
    pieces_ += static_cast<uint32_t>(count);
    memory_.push_back(std::move(memory));
}

}  // namespace weft::dp
