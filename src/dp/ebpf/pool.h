// SPDX-License-Identifier: Apache-2.0
// Cells of kernel memory that grow as they are needed and never move: pieces of one length, each an inner
// map.
#pragma once

#include <vector>

#include "base/result.h"
#include "dp/ebpf/abi.h"
#include "sys/mapping.h"

namespace weft::dp {

/// Resource type, used under its owner's lock. It grows by what its owner has made ahead of need. A cell's
/// number is its reference in abi.h.
class Pool {
  public:
    struct Options {
        const char* name;
        int outer;      ///< map of maps: the inner map of a piece's copy is at piece * copies + copy
        uint32_t size;  ///< bytes of a cell
        uint32_t copies = 1;
    };
    /// Pieces, for each copy in one mapping.
    using Memory = std::vector<sys::Mapping>;
    /// Cells that are made without regard to whether they will be used.
    static constexpr uint32_t few = 16384;
    explicit Pool(Options options) : options_(options) {}

    /// A zeroed cell. Code EAGAIN: there must be more pieces first.
    Result<uint32_t> allocate();
    /// It is time for more.
    bool runs_low() const;
    uint32_t pieces() const { return pieces_; }
    /// So many pieces are to be made next: about half of what there is; of a few three times that, because a
    /// storm of new flows comes faster than memory.
    uint32_t wanted_pieces() const { return (cells() < few ? 3 * pieces_ : pieces_ / 2) + 1; }
    /// Makes them, behind so many others. Takes long, because the kernel waits for programs: to be called
    /// without the lock, by one thread.
    Result<Memory> make_pieces(uint32_t before, uint32_t count) const;
    void add(Memory memory);
    /// No program may look at the cell any more.
    void release(uint32_t cell);
    uint8_t* at(uint32_t cell, uint32_t copy = 0) const {
        return places_[size_t{cell >> weft_piece_shift} * options_.copies + copy] +
               size_t{cell % piece_cells} * options_.size;
    }
    uint32_t copies() const { return options_.copies; }
    /// Bytes of kernel memory that they take.
    uint64_t memory() const { return uint64_t{pieces_} * piece_cells * options_.size * options_.copies; }
    uint32_t in_use() const { return in_use_; }

  private:
    static constexpr uint32_t piece_cells = 1 << weft_piece_shift;
    uint32_t cells() const { return pieces_ * piece_cells; }

    const Options options_;
    uint32_t pieces_ = 0;
    std::vector<Memory> memory_;
    std::vector<uint8_t*> places_;  ///< of each piece's copies
    uint32_t used_ = 0;             ///< cells that somebody had once: the first
    std::vector<uint32_t> free_;
    uint32_t in_use_ = 0;
};

}  // namespace weft::dp
