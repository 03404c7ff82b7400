// SPDX-License-Identifier: Apache-2.0
#include "pipeline/group.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace weft::pipeline {

namespace {

constexpr size_t slots_min = 16, slots_max = 256;

/// By the datapath's hash unless the controller wants fields hashed, and as far as the weights allow.
bool wants_dp_hash(const action::GroupSpec& spec) {
    return spec.type == action::GroupType::select && spec.selection.method != "hash";
}

}  // namespace

std::vector<uint16_t> share_slots(const std::vector<action::Bucket>& buckets) {
    uint64_t total = 0, least = 0;
    for (const auto& b : buckets) {
        total += b.weight;
        if (b.weight && (!least || b.weight < least)) least = b.weight;
    }
    if (!least) return {};
    const size_t n = std::bit_ceil(std::max<size_t>(slots_min, (total + least - 1) / least));
    if (n > slots_max) return {};
    // Each slot to the bucket with the greatest weight / (2 * slots so far + 1).
    std::vector<uint16_t> out(n);
    std::vector<uint64_t> divisor(buckets.size(), 1);
    for (uint16_t& slot : out) {
        size_t best = 0;
        for (size_t i = 1; i < buckets.size(); ++i)
            if (buckets[i].weight * divisor[best] > buckets[best].weight * divisor[i]) best = i;
        slot = static_cast<uint16_t>(best);
        divisor[best] += 2;
    }
    return out;
}

Group::Group(uint32_t id, action::GroupSpec spec, Time created)
    : id_(id),
      spec_(std::move(spec)),
      created_(created),
      counters_(std::make_unique<GroupCounters>(spec_.buckets.size())) {
    if (wants_dp_hash(spec_)) slots_ = share_slots(spec_.buckets);
}

GroupPtr Groups::find(uint32_t id, Version version) const {
    const std::lock_guard lock(mutex_);
    const auto it = by_id_.find(id);
    if (it == by_id_.end()) return nullptr;
    for (auto g = it->second.rbegin(); g != it->second.rend(); ++g)
        if ((*g)->visible(version)) return *g;
    return nullptr;
}

void Groups::visit(Version version, const std::function<void(const GroupPtr&)>& visit) const {
    std::vector<GroupPtr> seen;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, versions] : by_id_)
            for (const auto& g : versions)
                if (g->visible(version)) seen.push_back(g);
    }
    std::ranges::sort(seen, {}, [](const GroupPtr& g) { return g->id(); });
    for (const auto& g : seen) visit(g);
}

size_t Groups::size(Version version) const {
    size_t n = 0;
    visit(version, [&](const GroupPtr&) { ++n; });
    return n;
}

/// What it replaces; null if nothing.
GroupPtr Groups::put(std::shared_ptr<Group> group, Version from) {
    const GroupPtr old = remove(group->id(), from);
    const std::lock_guard lock(mutex_);
    group->added_.store(from, std::memory_order_release);
    by_id_[group->id()].push_back(std::move(group));
    return old;
}

GroupPtr Groups::remove(uint32_t id, Version from) {
    const std::lock_guard lock(mutex_);
    const auto it = by_id_.find(id);
    if (it == by_id_.end() || it->second.empty()) return nullptr;
    Group& last = *it->second.back();
    if (last.removed_.load(std::memory_order_relaxed) != version_never) return nullptr;
    last.removed_.store(from, std::memory_order_release);
    gone_.emplace_back(from, id);
    return it->second.back();
}

void Groups::undo(const GroupPtr& added, const GroupPtr& removed) {
    const std::lock_guard lock(mutex_);
    if (added) std::erase_if(by_id_[added->id()], [&](const auto& g) { return g == added; });
    if (removed) {
        for (const auto& g : by_id_[removed->id()])
            if (g == removed) g->removed_.store(version_never, std::memory_order_release);
    }
}

void Groups::reclaim(Version oldest_reader) {
    const std::lock_guard lock(mutex_);
    for (; !gone_.empty() && gone_.front().first <= oldest_reader; gone_.pop_front()) {
        const auto it = by_id_.find(gone_.front().second);
        if (it == by_id_.end()) continue;
        std::erase_if(it->second, [&](const auto& g) { return g->removed_.load() <= oldest_reader; });
        if (it->second.empty()) by_id_.erase(it);
    }
}

}  // namespace weft::pipeline
