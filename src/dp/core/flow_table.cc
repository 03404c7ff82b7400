// SPDX-License-Identifier: Apache-2.0
#include "dp/core/flow_table.h"

#include <algorithm>
#include <cerrno>

namespace weft::dp {

FlowTable::~FlowTable() { delete order_.load(); }

FlowTable::Found FlowTable::find(const uint64_t* key) const {
    Found found;
    for (Subtable* s : *order_.load(std::memory_order_acquire)) {
        ++found.masks_tried;
        found.flow = s->find(key, s->hash(key));
        if (!found.flow) continue;
        s->hits.store(s->hits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        break;
    }
    return found;
}

Result<void> FlowTable::put(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode) {
    CHECK(actions);
    auto plan = std::make_unique<const Plan>(std::move(actions));
    const std::lock_guard lock(mutex_);
    if (const auto it = by_id_.find(id); it != by_id_.end()) {
        if (mode == PutMode::create) return fail("a flow with this id exists", EEXIST);
        retire(std::unique_ptr<const Plan>(
            it->second->plan_.exchange(plan.release(), std::memory_order_acq_rel)));
        return {};
    }
    if (mode == PutMode::modify) return fail("there is no flow with this id", ENOENT);
    Subtable& s = subtable_for(sparse_mask(match.mask));
    const uint64_t* key = flow::words(match.key).data();
    const uint64_t hash = s.hash(key);
    if (s.find(key, hash)) return fail("a flow with this match exists", EEXIST);
    auto made = std::make_unique<Flow>(Flow::Key{id, s.mask(), match.key}, hash, std::move(plan));
    retire(s.insert(made.get()));
    by_id_.emplace(id, std::move(made));
    n_flows_.store(by_id_.size(), std::memory_order_relaxed);
    return {};
}

Result<FlowStats> FlowTable::remove(FlowId id) {
    const std::lock_guard lock(mutex_);
    const auto it = by_id_.find(id);
    if (it == by_id_.end()) return fail("there is no flow with this id", ENOENT);
    std::unique_ptr<Flow> flow = std::move(it->second);
    by_id_.erase(it);
    n_flows_.store(by_id_.size(), std::memory_order_relaxed);
    unlink(*flow);
    const FlowStats stats = flow->stats();
    retire(std::move(flow));
    return stats;
}

void FlowTable::clear() {
    const std::lock_guard lock(mutex_);
    publish_order({});
    for (auto& [id, flow] : by_id_) {
        flow->dead_.store(true, std::memory_order_relaxed);
        retire(std::move(flow));
    }
    by_id_.clear();
    n_flows_.store(0, std::memory_order_relaxed);
    for (auto& s : subtables_) retire(std::move(s));
    subtables_.clear();
}

std::optional<FlowInfo> FlowTable::info(FlowId id) const {
    const std::lock_guard lock(mutex_);
    const auto it = by_id_.find(id);
    if (it == by_id_.end()) return std::nullopt;
    return it->second->info();
}

std::vector<const Flow*> FlowTable::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<const Flow*> out;
    out.reserve(by_id_.size());
    for (const auto& [id, flow] : by_id_) out.push_back(flow.get());
    return out;
}

void FlowTable::for_each(const std::function<void(const FlowInfo&)>& visit) const {
    // The lock is held only to list the flows; the pin keeps them while they are visited.
    loop::EpochReader reader(domain_);
    const auto pin = reader.pin();
    for (const Flow* flow : list())
        if (!flow->is_dead()) visit(flow->info());
}

void FlowTable::for_each_stats(const std::function<void(FlowId, const FlowStats&)>& visit) const {
    loop::EpochReader reader(domain_);
    const auto pin = reader.pin();
    for (const Flow* flow : list())
        if (!flow->is_dead()) visit(flow->id(), flow->stats());
}

void FlowTable::tidy_up() {
    {
        const std::lock_guard lock(mutex_);
        put_busiest_first();
        if (!limbo_.empty()) {
            cache_generation_.fetch_add(1);
            domain_.retire([gone = std::exchange(limbo_, {})] {});
        }
    }
    domain_.collect();
}

void FlowTable::put_busiest_first() {
    // A copy of the counts: readers go on counting while this sorts.
    std::vector<std::pair<uint64_t, Subtable*>> ranked;
    for (Subtable* s : *order_.load(std::memory_order_relaxed)) {
        const uint64_t hits = s->hits.load(std::memory_order_relaxed);
        ranked.emplace_back(hits, s);
        s->hits.store(hits / 2, std::memory_order_relaxed);  // old fame fades
    }
    const auto more_hits = [](const auto& a, const auto& b) { return a.first > b.first; };
    if (std::ranges::is_sorted(ranked, more_hits)) return;
    std::ranges::sort(ranked, more_hits);
    Order order;
    for (const auto& [hits, s] : ranked) order.push_back(s);
    publish_order(std::move(order));
}

Subtable& FlowTable::subtable_for(SparseMask mask) {
    for (const auto& s : subtables_)
        if (s->mask() == mask) return *s;
    Subtable& s = *subtables_.emplace_back(std::make_unique<Subtable>(std::move(mask)));
    Order order = *order_.load(std::memory_order_relaxed);
    order.push_back(&s);
    publish_order(std::move(order));
    return s;
}

void FlowTable::unlink(Flow& flow) {
    flow.dead_.store(true, std::memory_order_relaxed);
    const auto it =
        std::ranges::find_if(subtables_, [&](const auto& s) { return &s->mask() == &flow.mask(); });
    CHECK(it != subtables_.end());
    (*it)->erase(&flow);
    if ((*it)->size() > 0) return;
    Order order = *order_.load(std::memory_order_relaxed);
    std::erase(order, it->get());
    publish_order(std::move(order));
    retire(std::move(*it));
    subtables_.erase(it);
}

void FlowTable::publish_order(Order order) {
    n_masks_.store(order.size(), std::memory_order_relaxed);
    auto next = std::make_unique<const Order>(std::move(order));
    retire(std::unique_ptr<const Order>(order_.exchange(next.release(), std::memory_order_acq_rel)));
}

}  // namespace weft::dp
