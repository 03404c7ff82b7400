// SPDX-License-Identifier: Apache-2.0
#include "dp/core/flow_table.h"

#include <algorithm>
#include <cerrno>

#include "obs/heap.h"

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

FlowTable::Place FlowTable::prefetch_slot(const uint64_t* key) const {
    const Order& order = *order_.load(std::memory_order_acquire);
    if (order.empty()) return {};
    const Place place{order.front(), order.front()->hash(key)};
    place.subtable->prefetch_slot(place.hash);
    return place;
}

Result<void> FlowTable::put(Put what, PutMode mode) {
    const obs::HeapScope heap(obs::HeapUse::megaflows);
    CHECK(what.actions);
    shard(what.id).prefetch(what.id);
    const MaskWords mask(what.mask);
    const std::lock_guard lock(mutex_);
    Shard& flows = shard(what.id);
    if (mode != PutMode::create) {
        if (Flow* const known = flows.find(what.id)) {
            set_actions(*known, std::move(what.actions));
            return {};
        }
        if (mode == PutMode::modify) return fail("there is no flow with this id", ENOENT);
    }
    // The id is looked for last: its memory is on the way.
    Subtable* s = find_subtable(mask.words());
    const uint64_t* key = flow::words(what.key).data();
    const uint64_t hash = s ? s->hash(key) : 0;
    const bool same_match = s && s->find(key, hash);
    auto made = same_match || !s ? nullptr : Flow::make(what.id, s->mask(), what.key, what.actions);
    if (flows.find(what.id)) return fail("a flow with this id exists", EEXIST);
    if (same_match) return fail("a flow with this match exists", EEXIST);
    if (!s) {
        s = &add_subtable(mask.words());
        made = Flow::make(what.id, s->mask(), what.key, std::move(what.actions));
    }
    retire(s->insert(made.get(), s->hash(*made)));
    if (mirror_) mirror_->put(*made);
    flows.insert(std::move(made));
    n_flows_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

void FlowTable::set_actions(Flow& flow, ActionsPtr actions) {
    flow.running_.store(actions.get(), std::memory_order_release);
    limbo_.push_back([gone = std::exchange(flow.actions_, std::move(actions))] {});
    if (mirror_) mirror_->put(flow);
}

Result<FlowStats> FlowTable::remove(FlowId id) {
    const std::lock_guard lock(mutex_);
    Shard& flows = shard(id);
    std::unique_ptr<Flow> flow = flows.take(id);
    if (!flow) return fail("there is no flow with this id", ENOENT);
    n_flows_.fetch_sub(1, std::memory_order_relaxed);
    unlink(*flow);
    if (mirror_) mirror_->remove(*flow);
    const FlowStats stats = flow->stats();
    retire(std::move(flow));
    return stats;
}

void FlowTable::clear() {
    const std::lock_guard lock(mutex_);
    if (mirror_) mirror_->clear();
    publish_order({});
    for (Shard& flows : by_id_) {
        flows.for_each([](Flow& flow) { flow.dead_.store(true, std::memory_order_relaxed); });
        limbo_.push_back([gone = std::exchange(flows, {})] {});
    }
    n_flows_.store(0, std::memory_order_relaxed);
    for (auto& s : subtables_) retire(std::move(s));
    subtables_.clear();
}

void FlowTable::set_mirror(FlowMirror* mirror) {
    {
        const std::lock_guard lock(mutex_);
        mirror_ = mirror;
    }
    mirror_again();
}

void FlowTable::mirror_again() {
    const std::lock_guard lock(mutex_);
    if (!mirror_) return;
    for (const Shard& flows : by_id_) flows.for_each([this](Flow& flow) { mirror_->put(flow); });
}

const Flow* FlowTable::find_id(const FlowId& id) const { return shard(id).find(id); }

FlowStats FlowTable::stats_of(const Flow& flow) const {
    const Flow* const one = &flow;
    if (mirror_) mirror_->refresh({&one, 1});
    return flow.stats();
}

FlowInfo FlowTable::info_of(const Flow& flow) const {
    FlowInfo out;
    out.id = flow.id();
    const auto key = flow::words(out.match.key), mask = flow::words(out.match.mask);
    const uint64_t* value = flow.values();
    for (const MaskWord& m : flow.mask()) {
        mask[m.index] = m.bits;
        key[m.index] = *value++;
    }
    out.kinds = flow.kinds_;
    out.actions = flow.actions_;
    out.stats = stats_of(flow);
    return out;
}

std::optional<FlowInfo> FlowTable::info(FlowId id) const {
    const std::lock_guard lock(mutex_);
    if (const Flow* flow = find_id(id)) return info_of(*flow);
    return std::nullopt;
}

void FlowTable::for_each(const std::function<void(const FlowInfo&)>& visit) const {
    constexpr size_t at_once = 32;  // under the lock, which misses wait for
    loop::EpochReader reader(domain_);
    const auto pin = reader.pin();  // keeps the flows while they are visited
    std::vector<const Flow*> flows;
    std::vector<FlowInfo> infos;
    for (const Shard& shard : by_id_) {
        flows.clear();
        {
            const std::lock_guard lock(mutex_);
            shard.for_each([&](const Flow& flow) { flows.push_back(&flow); });
        }
        for (size_t i = 0; i < flows.size(); i += at_once) {
            infos.clear();
            {
                const std::lock_guard lock(mutex_);
                for (size_t k = i; k < std::min(i + at_once, flows.size()); ++k)
                    if (!flows[k]->is_dead()) infos.push_back(info_of(*flows[k]));
            }
            for (const FlowInfo& info : infos) visit(info);
        }
    }
}

void FlowTable::stats(std::span<const FlowId> ids, std::span<std::optional<FlowStats>> out) const {
    constexpr size_t at_once = 64;
    std::array<const Flow*, at_once> flows;
    std::array<const Flow*, at_once> found;
    for (size_t i = 0; i < ids.size(); i += at_once) {
        const size_t n = std::min(at_once, ids.size() - i);
        size_t n_found = 0;
        for (size_t k = 0; k < n; ++k) shard(ids[i + k]).prefetch(ids[i + k]);
        const std::lock_guard lock(mutex_);
        for (size_t k = 0; k < n; ++k) shard(ids[i + k]).prefetch_object(ids[i + k]);
        for (size_t k = 0; k < n; ++k) {
            flows[k] = find_id(ids[i + k]);
            if (!flows[k]) continue;
            flows[k]->prefetch();
            found[n_found++] = flows[k];
        }
        if (mirror_) mirror_->refresh(std::span(found).first(n_found));
        for (size_t k = 0; k < n; ++k)
            out[i + k] = flows[k] ? std::optional(flows[k]->stats()) : std::nullopt;
    }
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
    uint64_t total = 0, tried = 0;
    for (Subtable* s : *order_.load(std::memory_order_relaxed)) {
        const uint64_t hits = s->hits.load(std::memory_order_relaxed);
        ranked.emplace_back(hits, s);
        s->hits.store(hits / 2, std::memory_order_relaxed);  // old fame fades
        total += hits;
        tried += hits * ranked.size();
    }
    if (total)
        masks_tried_.store(static_cast<unsigned>((tried + total - 1) / total), std::memory_order_relaxed);
    const auto more_hits = [](const auto& a, const auto& b) { return a.first > b.first; };
    if (std::ranges::is_sorted(ranked, more_hits)) return;
    std::ranges::sort(ranked, more_hits);
    Order order;
    for (const auto& [hits, s] : ranked) order.push_back(s);
    publish_order(std::move(order));
}

Subtable* FlowTable::find_subtable(std::span<const MaskWord> mask) const {
    for (const auto& s : subtables_)
        if (std::ranges::equal(s->mask(), mask)) return s.get();
    return nullptr;
}

Subtable& FlowTable::add_subtable(std::span<const MaskWord> mask) {
    Subtable& s = *subtables_.emplace_back(std::make_unique<Subtable>(SparseMask(mask.begin(), mask.end())));
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
    masks_tried_.store(static_cast<unsigned>(order.size() + 1) / 2, std::memory_order_relaxed);  // a guess
    auto next = std::make_unique<const Order>(std::move(order));
    retire(std::unique_ptr<const Order>(order_.exchange(next.release(), std::memory_order_acq_rel)));
}

}  // namespace weft::dp
