// SPDX-License-Identifier: Apache-2.0
#include "bridge/twin.h"

#include "base/hash.h"

namespace weft::bridge {

dp::FlowId name_of_flow(const flow::FlowKey& key, const flow::FlowMask& mask) {
    const auto k = flow::words(key);
    dp::FlowId id{0x9e3779b97f4a7c15u, 0xc2b2ae3d27d4eb4fu};
    flow::for_each_set_word(mask, [&](size_t i, uint64_t bits) {
        const uint64_t masked = k[i] & bits;
        id.hi = hash_mix(hash_mix(id.hi, masked), bits + i);
        id.lo = hash_mix(hash_mix(id.lo, bits ^ i), masked);
    });
    return id;
}

bool wider(const flow::FlowMask& installed, const flow::FlowMask& needed) {
    const auto have = flow::words(installed), need = flow::words(needed);
    for (size_t i = 0; i < flow::key_words; ++i)
        if (need[i] & ~have[i]) return true;
    return false;
}

bool Twins::insert(std::unique_ptr<Twin> twin) {
    Shard& s = shard(twin->id);
    const std::lock_guard lock(s.mutex);
    if (s.twins.find(twin->id)) return false;
    s.twins.insert(std::move(twin));
    size_.fetch_add(1, std::memory_order_relaxed);
    return true;
}

Twin* Twins::find(const dp::FlowId& id) {
    Shard& s = shard(id);
    const std::lock_guard lock(s.mutex);
    return s.twins.find(id);
}

void Twins::erase(const dp::FlowId& id) {
    Shard& s = shard(id);
    const std::lock_guard lock(s.mutex);
    if (s.twins.take(id)) size_.fetch_sub(1, std::memory_order_relaxed);
}

std::vector<Twin*> Twins::in_shard(size_t shard) {
    Shard& s = shards_[shard];
    std::vector<Twin*> here;
    const std::lock_guard lock(s.mutex);
    here.reserve(s.twins.size());
    s.twins.for_each([&](Twin& twin) { here.push_back(&twin); });
    return here;
}

void Twins::for_each(const std::function<void(Twin&)>& visit) {
    for (size_t i = 0; i < n_shards; ++i)
        for (Twin* twin : in_shard(i)) visit(*twin);
}

}  // namespace weft::bridge
