// SPDX-License-Identifier: Apache-2.0
// The hash table that programs find flows by: buckets of a cache line (abi.h). One writer; programs read all
// the time, so a slot changes by one store.
#pragma once

#include <functional>

#include "base/result.h"
#include "dp/ebpf/abi.h"
#include "sys/fd.h"
#include "sys/mapping.h"

namespace weft::dp {

/// Resource type, used under its owner's lock.
class BucketTable {
  public:
    /// The hash of an entry that is in the table.
    using HashOf = std::function<uint64_t(uint32_t entry)>;
    /// `outer` is the map of maps that holds the table, `bucket_mask` what programs read its size from.
    static Result<BucketTable> make(int outer, uint32_t* bucket_mask, HashOf hash_of);

    /// Programs find it once this returns.
    Result<void> insert(uint32_t entry, uint64_t hash);
    /// They find `entry` instead of `old`, which has the same hash.
    void replace(uint32_t old, uint32_t entry, uint64_t hash);
    void erase(uint32_t entry, uint64_t hash);
    /// A small one again if there is memory for that, in any case an empty one.
    void clear();

    void for_each(const std::function<void(uint32_t entry)>& visit) const;
    size_t size() const { return size_; }
    uint64_t memory() const { return memory_.map.size(); }

  private:
    struct Memory {
        sys::Fd fd;
        sys::Mapping map;
        uint32_t mask = 0;  ///< buckets less one
        weft_bucket& bucket(uint64_t i) const { return reinterpret_cast<weft_bucket*>(map.at(0))[i & mask]; }
    };
    BucketTable(int outer, uint32_t* bucket_mask, HashOf hash_of)
        : outer_(outer), bucket_mask_(bucket_mask), hash_of_(std::move(hash_of)) {}
    static Result<Memory> allocate(uint32_t buckets);
    /// False: the buckets that may hold it are full.
    static bool place(const Memory& memory, uint32_t entry, uint64_t hash, bool& was_free);
    Result<void> publish(Memory memory, size_t used);
    Result<void> grow();
    uint64_t* find(uint32_t entry, uint64_t hash) const;

    int outer_;
    uint32_t* bucket_mask_;
    HashOf hash_of_;
    Memory memory_;
    size_t size_ = 0;
    size_t used_ = 0;  ///< slots that are not free: flows, and places of removed ones
};

}  // namespace weft::dp
