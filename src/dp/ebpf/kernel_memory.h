// SPDX-License-Identifier: Apache-2.0
// Memory for what programs read of the flows: pieces, of an arena where the kernel has those, else maps of
// their own.
#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "dp/ebpf/abi.h"
#include "sys/bpf_object.h"
#include "sys/fd.h"
#include "sys/mapping.h"

namespace weft::dp {

/// Resource type, used by one thread at a time.
class KernelMemory {
  public:
    /// What a piece is for.
    enum class Part : uint8_t { buckets, entries, statistics };
    static constexpr size_t n_parts = 3;
    static constexpr std::array<const char*, n_parts> names = {"buckets", "entries", "statistics"};
    /// Where programs look for it: which table, or which chunk, and the copy of that.
    struct Place {
        Part part = Part::buckets;
        uint32_t number = 0, copy = 0;
    };
    /// Move-only. What it points to stays where it is.
    struct Piece {
        uint8_t* data = nullptr;
        size_t size = 0;
        sys::Fd map{};           ///< if it is one
        sys::Mapping mapping{};  ///< of that
    };
    /// Opens the maps of loaded programs; `arena` if they have one, mapped.
    static Result<KernelMemory> open(const sys::BpfObject& object, weft_state& state, sys::Mapping arena);

    bool is_arena() const { return arena_.size() != 0; }
    /// So many cells, zeroed, where programs will look. The kernel may wait long for programs that run.
    Result<Piece> make(Place place, uint32_t cell_size, uint32_t length);
    /// Waits until no program looks there.
    void drop(Place place, Piece piece);

  private:
    struct Free {
        uint32_t at = 0;
        size_t size = 0;
    };
    KernelMemory(weft_state& state, sys::Mapping arena) : state_(&state), arena_(std::move(arena)) {}
    uint32_t& place_in_arena(Place place) const;
    uint32_t index(Place place) const;
    Result<Free> take(size_t size);
    Result<Piece> make_in_arena(Place place, size_t size);

    weft_state* state_;
    sys::Mapping arena_;
    uint64_t end_ = page_;  ///< of what was ever taken of the arena; place 0 means none
    std::vector<Free> free_;
    std::array<int, n_parts> outer_{};
    static constexpr size_t page_ = 4096;
};

}  // namespace weft::dp
