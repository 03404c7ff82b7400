// SPDX-License-Identifier: Apache-2.0
// HashCounts: how many times each hash is in a collection.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "flow/published_array.h"

namespace weft::flow {

/// Takes memory that readers may still look at, and drops it when no reader is left that started before: a
/// grace period of the owner's epochs. Without concurrent readers it may drop at once.
using Retire = std::function<void(std::shared_ptr<const void>)>;

/// Resource type. One writer at a time; any number of readers at the same time, which never wait. 8 bytes for
/// each distinct hash and a third to be free.
class HashCounts {
  public:
    HashCounts() : entries_(min_capacity) {}

    // The writer's side.
    void add(uint32_t hash, const Retire& retire);
    void remove(uint32_t hash, const Retire& retire);

    // Any thread.
    bool contains(uint32_t hash) const;
    /// Has fetched what contains() will look at.
    void prefetch(uint32_t hash) const { __builtin_prefetch(&entries_.view()[hash]); }
    size_t distinct() const { return n_hashes_.load(std::memory_order_relaxed); }

  private:
    static constexpr size_t min_capacity = 4;
    using Entry = std::atomic<uint64_t>;  // hash << 32 | count; 0: never used since the array was made
    using Entries = PublishedArray<Entry>;

    static Entry& place_for(const Entries::View& in, uint32_t hash);
    void resize(const Retire& retire);

    Entries entries_;
    std::atomic<size_t> n_hashes_{0};
    size_t n_used_ = 0;  // entries that are not 0
};

}  // namespace weft::flow
