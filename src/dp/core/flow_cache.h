// SPDX-License-Identifier: Apache-2.0
// Each thread's exact-match cache in front of the masked tables: hash of the whole packet key -> flow. A hit
// is confirmed by the flow's own mask, so an entry is only a guess and costs 16 bytes.
#pragma once

#include <cstdint>
#include <memory>

#include "base/hash.h"
#include "dp/core/flow.h"

namespace weft::dp {

/// Resource type, used by one thread. Takes no memory until opened.
class FlowCache {
  public:
    /// Of a key whose tunnel and connection tracking blocks are zero.
    static uint64_t hash(const flow::FlowKey& key) {
        // Four lanes, so that the multiplications overlap.
        const uint64_t* w = flow::words(key).data() + flow::packet_word;
        uint64_t lane[4] = {1, 2, 3, 4};
        size_t i = 0;
        for (; i + 4 <= flow::packet_words; i += 4)
            for (size_t k = 0; k < 4; ++k) lane[k] = hash_mix(lane[k], w[i + k]);
        for (; i < flow::packet_words; ++i) lane[0] = hash_mix(lane[0], w[i]);
        return hash_mix(hash_mix(lane[0], lane[1]), hash_mix(lane[2], lane[3]));
    }

    void prefetch_entry(uint64_t hash) const { __builtin_prefetch(&entries_[hash % size]); }
    /// The flow that find() will most likely look at.
    void prefetch_flow(uint64_t hash) const {
        const Entry& e = entries_[hash % size];
        if (e.hash == hash && e.flow) e.flow->prefetch();
    }
    Flow* find(const uint64_t* key, uint64_t hash) const {
        const Entry& e = entries_[hash % size];
        if (e.hash != hash || !e.flow || e.flow->is_dead() || !e.flow->matches(key)) return nullptr;
        return e.flow;
    }
    void insert(uint64_t hash, Flow* flow) {
        Entry& e = entries_[hash % size];
        // More flows than entries would only push each other out: most newcomers give way.
        if (e.flow && !e.flow->is_dead() && ++turn_ % newcomer_odds) return;
        e = {hash, flow};
    }
    void clear() {
        if (entries_) std::fill_n(entries_.get(), size, Entry{});
    }
    /// Takes the memory; to be called before it is used.
    void open() {
        if (!entries_) entries_ = std::make_unique<Entry[]>(size);
    }

  private:
    struct Entry {
        uint64_t hash = 0;
        Flow* flow = nullptr;
    };
    static constexpr size_t size = 1 << 17;
    static constexpr uint32_t newcomer_odds = 16;
    std::unique_ptr<Entry[]> entries_;
    uint32_t turn_ = 0;
};

}  // namespace weft::dp
