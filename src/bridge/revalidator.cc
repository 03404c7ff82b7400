// SPDX-License-Identifier: Apache-2.0
#include "bridge/revalidator.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace weft::bridge {

namespace {

constexpr size_t few_flows = 2000;             ///< so many are checked at once after a change
constexpr Duration busy_interval = 100ms;      ///< between passes over more, while changes go on
constexpr Duration idle_when_crowded = 100ms;  ///< instead of max_idle while there are too many flows
constexpr Duration sweep_interval = 5s;
/// Flows of a slice of a pass, some 5 ms of work: to read statistics, and to translate again after a change.
constexpr size_t slice = 16384, changed_slice = 2048;
constexpr Duration slice_interval = 50ms;  ///< between slices, if nothing has changed
constexpr Duration shortest_rest = 1ms;    ///< between passes
constexpr unsigned missing_limit = 4;
constexpr Duration time_to_install = 1s;  ///< from twin to flow, and be the thread interrupted

bool wider(const flow::FlowMask& installed, const flow::FlowMask& needed) {
    const auto have = flow::words(installed), need = flow::words(needed);
    for (size_t i = 0; i < flow::key_words; ++i)
        if (need[i] & ~have[i]) return true;
    return false;
}

}  // namespace

void Revalidator::set_limits(const RevalidatorLimits& limits) {
    limits_ = limits;
    cache_.set_flow_limit(limits.flow_limit);
}

bool Revalidator::changed() const {
    return hurried_ || done_.version != state_.versions().current() || done_.config != state_.config().get();
}

Time Revalidator::due(Time now) const {
    const size_t flows = cache_.twins().size();
    if (!changed())
        return flows == 0 ? std::max(now, last_start_) + limits_.interval : last_start_ + limits_.interval;
    return flows <= few_flows ? now : last_start_ + std::min(busy_interval, limits_.interval);
}

Time Revalidator::run(Time now) {
    if (paused_) return never;
    if (!in_pass()) {
        if (const Time at = due(now); now < at) return at;
        begin_pass(now);
    }
    run_slice(now, begun_ == done_ ? slice : changed_slice);
    if (!in_pass()) return std::max(due(now), now + shortest_rest);
    return begun_ == done_ ? now + slice_interval : now;
}

void Revalidator::pass(Time now) {
    begin_pass(now);
    run_slice(now, std::numeric_limits<size_t>::max());
}

void Revalidator::begin_pass(Time now) {
    last_start_ = now;
    hurried_ = false;
    next_shard_ = 0;
    begun_ = FlowCache::stamp_of(state_.snapshot());
    const size_t n = cache_.twins().size();
    stats_.flows = n;
    stats_.flows_max = std::max(stats_.flows_max, n);
    stats_.flows_average = (stats_.flows_average + static_cast<double>(n)) / 2;
}

void Revalidator::run_slice(Time now, size_t budget) {
    std::vector<Twin*> twins;
    while (in_pass() && twins.size() < budget) {
        const auto some = cache_.twins().in_shard(next_shard_++);
        twins.insert(twins.end(), some.begin(), some.end());
    }
    // Statistics first: what they teach (MAC addresses, learned flows) is part of what is checked against.
    read_statistics(twins);
    {
        const pipeline::Snapshot snapshot = state_.snapshot();
        const Stamp stamp = FlowCache::stamp_of(snapshot);
        for (Twin* twin : twins) check(*twin, snapshot, stamp, now);
    }
    if (in_pass()) return;
    done_ = begun_;
    if (last_sweep_ + sweep_interval < now) sweep_punts(now);
}

void Revalidator::push_statistics() {
    for (size_t i = 0; i < Twins::n_shards; ++i) read_statistics(cache_.twins().in_shard(i));
}

void Revalidator::read_statistics(std::span<Twin* const> twins) {
    std::vector<dp::FlowId> ids;
    for (const Twin* twin : twins) ids.push_back(twin->id);
    std::vector<std::optional<dp::FlowStats>> stats(ids.size());
    datapath_.flow_stats(ids, stats);
    for (size_t i = 0; i < twins.size(); ++i) {
        twins[i]->missing = stats[i] ? 0 : twins[i]->missing + 1;
        if (stats[i]) account(*twins[i], *stats[i]);
    }
}

void Revalidator::account(Twin& twin, const dp::FlowStats& stats) {
    if (stats.used && *stats.used > twin.used) twin.used = *stats.used;
    if (stats.packets <= twin.seen.packets) return;
    const pipeline::Occurrence what{stats.packets - twin.seen.packets, stats.bytes - twin.seen.bytes,
                                    stats.used.value_or(twin.used), false};
    twin.seen = stats;
    cache_.play(twin.effects, what);
}

void Revalidator::check(Twin& twin, const pipeline::Snapshot& snapshot, const Stamp& now_stamp, Time now) {
    const size_t flows = cache_.twins().size();
    const Duration idle = flows > 2 * cache_.flow_limit() ? Duration(0)
                          : flows > cache_.flow_limit()   ? idle_when_crowded
                                                          : limits_.max_idle;
    const bool lost = twin.missing >= missing_limit && twin.used + time_to_install < now;
    if (twin.used + idle < now || lost) return remove(twin);
    if (twin.stamp == now_stamp) return;
    if (still_true(twin, snapshot, now_stamp)) {
        twin.stamp = now_stamp;
        return;
    }
    refresh(twin, snapshot, now_stamp, now);
}

/// Only MAC tables changed: what the flow looked up there decides.
bool Revalidator::still_true(const Twin& twin, const pipeline::Snapshot& snapshot,
                             const Stamp& now_stamp) const {
    if (twin.stamp.version != now_stamp.version || twin.stamp.config != now_stamp.config) return false;
    for (const auto& read : twin.reads) {
        const auto* mac = std::get_if<pipeline::ReadMac>(&read);
        if (!mac) continue;
        const pipeline::Bridge* bridge = snapshot.config().bridge(mac->bridge);
        if (!bridge || bridge->macs->lookup(mac->vlan, mac->mac) != mac->port) return false;
    }
    return true;
}

void Revalidator::refresh(Twin& twin, const pipeline::Snapshot& snapshot, const Stamp& now_stamp, Time now) {
    const auto installed = datapath_.flow(twin.id);
    if (!installed) return;  // on its way into the datapath: the next pass tries again
    const flow::Match& match = installed->match;
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, twin.packet.expand(), key);
    if (!bridge) {
        if (twin.bridge) return remove(twin);
        twin.stamp = now_stamp;
        return;
    }
    pipeline::Translation t =
        pipeline::translate(snapshot, {.key = key, .bridge = *bridge, .with_packet = false});
    if (!twin.bridge || wider(match.mask, t.mask)) return remove(twin);
    for (const auto& punt : t.punts) cache_.punts().add(punt, now);
    auto fresh = cache_.make_twin(twin.id, std::move(t));
    if (*fresh->actions != *twin.actions) {
        if (!datapath_.put_flow(twin.id, match, fresh->actions, dp::PutMode::modify)) return;
        twin.actions = fresh->actions;
    }
    twin.reads = std::move(fresh->reads);
    twin.effects = std::move(fresh->effects);
    twin.punts = std::move(fresh->punts);
    twin.recircs = std::move(fresh->recircs);
    twin.bridge = bridge;
    twin.stamp = now_stamp;
}

void Revalidator::remove(Twin& twin) {
    const auto last = datapath_.remove_flow(twin.id);
    if (last) account(twin, *last);
    cache_.forget(twin);
}

void Revalidator::purge() {
    cache_.twins().for_each([&](Twin& twin) { remove(twin); });
    datapath_.flush_flows();
}

void Revalidator::sweep_punts(Time now) {
    last_sweep_ = now;
    std::unordered_set<uint32_t> named;
    cache_.twins().for_each([&](Twin& twin) { named.insert(twin.punts.begin(), twin.punts.end()); });
    cache_.punts().sweep(named, now);
    state_.recirc().sweep(now);
}

}  // namespace weft::bridge
