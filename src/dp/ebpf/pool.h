// SPDX-License-Identifier: Apache-2.0
// Cells of kernel memory that grow as they are needed and never move: chunks, each an inner map. Their number
// is small, and what is made ahead costs pages that the kernel clears: so each is half as large as all
// before, but for the first few.
#pragma once

#include <vector>

#include "base/result.h"
#include "dp/ebpf/abi.h"
#include "sys/fd.h"
#include "sys/mapping.h"

namespace weft::dp {

/// Resource type, used under its owner's lock. It grows by chunks that its owner has made ahead of need. A
/// cell's number is its reference in abi.h.
class Pool {
  public:
    struct Options {
        const char* name;
        int outer;      ///< map of maps: the inner map of a chunk's copy is at chunk * copies + copy
        uint32_t size;  ///< bytes of a cell
        uint32_t copies = 1;
    };
    struct Copy {
        sys::Fd map;
        sys::Mapping memory;
    };
    struct Chunk {
        std::vector<Copy> copies;
        uint32_t length = 0, used = 0;
    };
    explicit Pool(Options options) : options_(options) {}

    /// A zeroed cell. Code EAGAIN: there must be another chunk first.
    Result<uint32_t> allocate();
    /// It is time for another chunk.
    bool runs_low() const;
    size_t chunks() const { return chunks_.size(); }
    /// Makes the chunk of that number. Takes long, because the kernel waits for programs: to be called
    /// without the lock, by one thread.
    Result<Chunk> make_chunk(size_t number) const;
    void add(Chunk chunk);
    /// No program may look at the cell any more.
    void release(uint32_t cell);
    uint8_t* at(uint32_t cell, uint32_t copy = 0) const {
        const Chunk& chunk = chunks_[cell >> weft_chunk_shift];
        return chunk.copies[copy].memory.at(size_t{cell & place_mask} * options_.size);
    }
    /// Each adds about half of all before it; while they are few, three times that, because a storm of new
    /// flows comes faster than memory.
    static uint32_t chunk_length(size_t chunk);
    uint32_t copies() const { return options_.copies; }
    /// Bytes of kernel memory that the chunks take.
    uint64_t memory() const { return memory_; }
    uint32_t in_use() const { return in_use_; }

  private:
    static constexpr uint32_t place_mask = (1u << weft_chunk_shift) - 1;
    const Options options_;
    std::vector<Chunk> chunks_;
    size_t filling_ = 0;  ///< the first chunk that has cells which nobody had yet
    std::vector<uint32_t> free_;
    uint64_t memory_ = 0;
    uint32_t in_use_ = 0;
};

}  // namespace weft::dp
