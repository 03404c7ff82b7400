// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/kernel_memory.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "sys/bpf_arena.h"

namespace weft::dp {

static_assert(uint64_t{weft_arena_pages} * 4096 == sys::arena_size);

Result<KernelMemory> KernelMemory::open(const sys::BpfObject& object, weft_state& state, sys::Mapping arena) {
    KernelMemory out(state, std::move(arena));
    if (!out.is_arena())
        for (size_t part = 0; part < n_parts; ++part) out.outer_[part] = TRY(object.map(names[part]));
    return out;
}

uint32_t& KernelMemory::place_in_arena(Place place) const {
    switch (place.part) {
        case Part::buckets:
            return state_->tables_at[place.number];
        case Part::entries:
            return state_->entries_at[place.number];
        case Part::statistics:
            break;
    }
    return state_->statistics_at[place.number][place.copy];
}

uint32_t KernelMemory::index(Place place) const {
    return place.part == Part::statistics ? place.number * state_->stripes + place.copy : place.number;
}

Result<KernelMemory::Piece> KernelMemory::make(Place place, uint32_t cell_size, uint32_t length) {
    const size_t size = size_t{length} * cell_size;
    if (is_arena()) return make_in_arena(place, size);
    const auto part = static_cast<size_t>(place.part);
    Piece piece;
    piece.map = TRY(sys::make_inner_array(names[part], cell_size, length));
    piece.mapping = TRY(sys::Mapping::of(piece.map.get(), size, 0, names[part]));
    piece.data = piece.mapping.at(0);
    piece.size = size;
    TRY(sys::set_descriptor(outer_[part], index(place), piece.map.get(), "add memory for flows"));
    return piece;
}

/// What was given back, if some of it is large enough, else new pages.
Result<KernelMemory::Free> KernelMemory::take(size_t size) {
    const auto fits = std::ranges::find_if(free_, [size](const Free& f) { return f.size >= size; });
    if (fits != free_.end()) {
        const Free taken{fits->at, size};
        *fits = {static_cast<uint32_t>(fits->at + size), fits->size - size};
        if (fits->size == 0) free_.erase(fits);
        std::memset(arena_.at(taken.at), 0, size);
        return taken;
    }
    if (end_ + size > arena_.size()) return fail("the arena of the flows in the kernel is full", ENOSPC);
    TRY(sys::populate(arena_.at(end_), size));
    const Free taken{static_cast<uint32_t>(end_), size};
    end_ += size;
    return taken;
}

Result<KernelMemory::Piece> KernelMemory::make_in_arena(Place place, size_t size) {
    const Free taken = TRY(take((size + page_ - 1) & ~(page_ - 1)));
    std::atomic_ref(place_in_arena(place)).store(taken.at, std::memory_order_release);
    Piece piece;
    piece.data = arena_.at(taken.at);
    piece.size = taken.size;
    return piece;
}

void KernelMemory::drop(Place place, Piece piece) {
    if (!is_arena()) return sys::clear_descriptor(outer_[static_cast<size_t>(place.part)], index(place));
    sys::wait_for_programs();
    free_.push_back({static_cast<uint32_t>(piece.data - arena_.at(0)), piece.size});
}

}  // namespace weft::dp
