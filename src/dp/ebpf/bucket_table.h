// SPDX-License-Identifier: Apache-2.0
// The hash table that programs find flows by: buckets of a cache line (abi.h). One writer; programs read all
// the time, so a slot changes by one store.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "dp/ebpf/abi.h"
#include "sys/bpf_object.h"

namespace weft::dp {

/// Resource type, used under its owner's lock. Another memory for it, as when it fills, is made beside the
/// one in use: the kernel waits long for programs that may use what a map of maps had. The steps of that are
/// calls of their own, which one thread makes: those marked so without the lock.
class BucketTable {
  public:
    struct Memory {
        sys::Mapping map;
        uint32_t mask = 0;  ///< buckets less one
        /// Of each slot's hash what the tag has not, so that growing need not look at the flows.
        std::unique_ptr<uint32_t[]> low{};
        weft_bucket& bucket(uint64_t i) const { return reinterpret_cast<weft_bucket*>(map.at(0))[i & mask]; }
        size_t buckets() const { return map.size() / sizeof(weft_bucket); }
    };
    /// `outer` is the map of maps that holds the table; `word` is weft_state::table.
    static Result<BucketTable> make(int outer, uint32_t* word);

    /// Has fetched what insert() will write.
    void prefetch(uint64_t hash) const {
        const size_t bucket = uint32_t(hash) & memory_.mask;
        __builtin_prefetch(&memory_.bucket(bucket), 1);
        __builtin_prefetch(&memory_.low[bucket * weft_bucket_slots], 1);
    }
    /// Programs find it once this returns. Code EAGAIN: there must be more memory first.
    Result<void> insert(uint32_t entry, uint64_t hash);
    /// They find `entry` instead of `old`, which has the same hash.
    void replace(uint32_t old, uint32_t entry, uint64_t hash);
    void erase(uint32_t entry, uint64_t hash);
    void clear();

    /// It is time for another memory, of that many buckets.
    bool runs_low() const;
    Result<uint32_t> wanted_buckets() const;
    /// Without the lock.
    Result<Memory> make_memory(uint32_t buckets) const;
    /// Has it filled.
    void begin(Memory next);
    enum class Copied : uint8_t { some, all, too_small };
    /// Copies some of what is there. With the last of it, programs use the new memory; what they used before
    /// is for drop(). too_small: begin again with more buckets.
    Copied copy_some();
    /// Without the lock.
    Result<void> drop_former();

    void for_each(const std::function<void(uint32_t entry)>& visit) const;
    size_t size() const { return size_; }
    uint64_t memory() const { return memory_.map.size(); }

  private:
    /// Where an entry is.
    struct Place {
        size_t bucket;
        bool was_free;
    };
    BucketTable(int outer, uint32_t* word) : outer_(outer), word_(word) {}
    /// None: the buckets that may hold it are full.
    static std::optional<Place> place(const Memory& memory, uint32_t entry, uint64_t hash);
    static __u64* find(const Memory& memory, uint32_t entry, uint64_t hash);
    /// Changes what is there of the entry, in both memories.
    void change(uint32_t entry, uint64_t hash, uint64_t slot);
    void place_next(uint32_t entry, uint64_t hash);
    void publish();
    sys::InnerArrays pieces(uint32_t which, size_t buckets) const;

    int outer_;
    uint32_t* word_;
    Memory memory_;
    size_t size_ = 0;
    size_t used_ = 0;       ///< slots that are not free: flows, and places of removed ones
    bool is_full_ = false;  ///< an entry found no place
    uint32_t which_ = 0;    ///< of the maps in `outer_`
    Memory next_;           ///< under way, filled from the first `copied_` buckets
    size_t copied_ = 0, next_used_ = 0;
    bool next_is_full_ = false;
    Memory former_;
    sys::Fd nothing_;  ///< an inner map where no table is
};

}  // namespace weft::dp
