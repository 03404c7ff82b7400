// SPDX-License-Identifier: Apache-2.0
#include "flow/hash_counts.h"

#include "base/result.h"

namespace weft::flow {
namespace {

/// No hash is 0, so that an entry of 0 is a free one.
uint32_t name_of(uint32_t hash) { return hash ? hash : 1; }
uint32_t hash_of(uint64_t entry) { return static_cast<uint32_t>(entry >> 32); }
uint32_t count_of(uint64_t entry) { return static_cast<uint32_t>(entry); }
constexpr uint64_t entry_for(uint32_t hash, uint32_t count) { return uint64_t{hash} << 32 | count; }

}  // namespace

bool HashCounts::contains(uint32_t hash) const {
    const Entries::View in = entries_.view();
    const uint32_t name = name_of(hash);
    for (size_t i = name;; ++i) {
        const uint64_t e = in[i].load(std::memory_order_relaxed);
        if (e == 0) return false;
        if (hash_of(e) == name) return count_of(e) > 0;
    }
}

/// Where the hash is, or else the first free entry on its way.
HashCounts::Entry& HashCounts::place_for(const Entries::View& in, uint32_t hash) {
    for (size_t i = hash;; ++i) {
        Entry& e = in[i];
        const uint64_t value = e.load(std::memory_order_relaxed);
        if (value == 0 || hash_of(value) == hash) return e;
    }
}

/// Makes a new array without hashes that went; readers keep the old one as long as they are at it.
void HashCounts::resize(const Retire& retire) {
    size_t capacity = min_capacity;
    while (capacity * 3 / 8 < n_hashes_) capacity *= 2;
    Entries fresh(capacity);
    const Entries::View from = entries_.view(), to = fresh.view();
    for (size_t i = 0; i < from.size(); ++i) {
        const uint64_t e = from[i].load(std::memory_order_relaxed);
        if (count_of(e)) place_for(to, hash_of(e)).store(e, std::memory_order_relaxed);
    }
    n_used_ = n_hashes_;
    entries_.exchange(fresh);
    retire(fresh.release());
}

void HashCounts::add(uint32_t hash, const Retire& retire) {
    if ((n_used_ + 1) * 4 > entries_.view().size() * 3) resize(retire);
    const uint32_t name = name_of(hash);
    Entry& e = place_for(entries_.view(), name);
    const uint64_t value = e.load(std::memory_order_relaxed);
    n_used_ += value == 0;
    if (count_of(value) == 0) n_hashes_.fetch_add(1, std::memory_order_relaxed);
    e.store(entry_for(name, count_of(value) + 1), std::memory_order_relaxed);
}

void HashCounts::remove(uint32_t hash, const Retire& retire) {
    Entry& e = place_for(entries_.view(), name_of(hash));
    const uint64_t value = e.load(std::memory_order_relaxed);
    CHECK(count_of(value) > 0);
    e.store(value - 1, std::memory_order_relaxed);
    if (count_of(value) > 1) return;
    n_hashes_.fetch_sub(1, std::memory_order_relaxed);
    const size_t capacity = entries_.view().size();
    if (capacity > min_capacity && n_hashes_ * 8 < capacity) resize(retire);
}

}  // namespace weft::flow
