// SPDX-License-Identifier: Apache-2.0
#include "bridge/revalidator.h"

#include <algorithm>
#include <array>
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
/// While nothing changes, passes over many flows come less often: a flow costs half a microsecond, so that
/// they take a twentieth of a core.
constexpr Duration rest_for_a_flow = 10us, longest_interval = 5s;
constexpr unsigned missing_limit = 4;
constexpr size_t read_at_once = 64;       ///< statistics: the memory of so many flows is fetched together
constexpr size_t ahead = 8;               ///< and when they are checked, of the one so many further on
constexpr Duration time_to_install = 1s;  ///< from twin to flow, and be the thread interrupted

/// What a pass looks at.
void prefetch(const Twin* twin) {
    constexpr size_t cache_line = 64;
    __builtin_prefetch(twin);
    __builtin_prefetch(reinterpret_cast<const char*>(twin) + cache_line);
}

}  // namespace

void Revalidator::set_limits(const RevalidatorLimits& limits) {
    limits_ = limits;
    cache_.set_flow_limit(limits.flow_limit);
}

bool Revalidator::changed() const {
    return hurried_ || done_.version != state_.versions().current() || done_.config != state_.generation();
}

Time Revalidator::due(Time now) const {
    const size_t flows = cache_.twins().size();
    if (!changed()) {
        const Duration interval =
            std::max(limits_.interval, std::min<Duration>({rest_for_a_flow * static_cast<int64_t>(flows),
                                                           longest_interval, limits_.max_idle / 2}));
        return (flows == 0 ? std::max(now, last_start_) : last_start_) + interval;
    }
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
    {
        const pipeline::Snapshot snapshot = state_.snapshot();
        begun_ = FlowCache::stamp_of(snapshot);
        begun_mark_ = pipeline::StateMark(snapshot);
    }
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
        const Now state{.snapshot = snapshot,
                        .stamp = FlowCache::stamp_of(snapshot),
                        .changes = {state_.versions().log(), done_mark_, snapshot},
                        .time = now};
        for (size_t i = 0; i < twins.size(); ++i) {
            if (i + ahead < twins.size()) prefetch(twins[i + ahead]);
            check(*twins[i], state);
        }
    }
    if (in_pass()) return;
    done_ = begun_;
    done_mark_ = std::move(begun_mark_);
    if (last_sweep_ + sweep_interval < now) sweep_punts(now);
}

void Revalidator::push_statistics() {
    for (size_t i = 0; i < Twins::n_shards; ++i) read_statistics(cache_.twins().in_shard(i));
}

void Revalidator::read_statistics(std::span<Twin* const> twins) {
    std::array<dp::FlowId, read_at_once> ids;
    std::array<std::optional<dp::FlowStats>, read_at_once> stats;
    for (; !twins.empty(); twins = twins.subspan(std::min(twins.size(), ids.size()))) {
        const size_t n = std::min(twins.size(), ids.size());
        for (size_t i = 0; i < n; ++i) prefetch(twins[i]);
        for (size_t i = 0; i < n; ++i) ids[i] = twins[i]->id;
        datapath_.flow_stats(std::span(ids).first(n), std::span(stats).first(n));
        for (size_t i = 0; i < n; ++i) {
            twins[i]->missing = stats[i] ? 0 : twins[i]->missing + 1;
            if (stats[i]) account(*twins[i], *stats[i]);
        }
    }
}

void Revalidator::account(Twin& twin, const dp::FlowStats& stats) {
    if (stats.used && *stats.used > twin.used) twin.used = *stats.used;
    if (stats.packets <= twin.seen.packets) return;
    const pipeline::Occurrence what{stats.packets - twin.seen.packets, stats.bytes - twin.seen.bytes,
                                    stats.used.value_or(twin.used), false};
    twin.seen = {stats.packets, stats.bytes};
    cache_.play(twin.outcome->effects, what);
    if (twin.drop) twin.drop->count(what.packets, what.bytes);
}

void Revalidator::check(Twin& twin, const Now& now) {
    const size_t flows = cache_.twins().size();
    const Duration idle = flows > 2 * cache_.flow_limit() ? Duration(0)
                          : flows > cache_.flow_limit()   ? idle_when_crowded
                                                          : limits_.max_idle;
    const bool lost = twin.missing >= missing_limit && twin.used + time_to_install < now.time;
    if (twin.used + idle < now.time || lost) return remove(twin);
    if (twin.stamp == now.stamp) return;
    if (still_true(twin, now)) {
        twin.stamp = now.stamp;
        return;
    }
    refresh(twin, now);
}

/// Nothing changed that the flow read.
bool Revalidator::still_true(const Twin& twin, const Now& now) const {
    const bool known = twin.stamp.config == done_mark_.generation || twin.stamp.config == now.stamp.config;
    return twin.bridge && known &&
           !now.changes.touch(twin.outcome->reads, {twin.packet, twin.mask}, twin.stamp.version);
}

void Revalidator::refresh(Twin& twin, const Now& now) {
    const auto installed = datapath_.flow(twin.id);
    if (!installed) return;  // on its way into the datapath: the next pass tries again
    ++stats_.translated;
    const flow::Match& match = installed->match;
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(now.snapshot, twin.packet.expand(), key);
    if (!bridge) {
        if (twin.bridge) return remove(twin);
        twin.stamp = now.stamp;
        return;
    }
    pipeline::Translation t =
        pipeline::translate(now.snapshot, {.key = key, .bridge = *bridge, .with_packet = false});
    if (!twin.bridge || wider(match.mask, t.mask)) return remove(twin);
    for (const auto& punt : t.punts) cache_.punts().add(punt, now.time);
    auto drop = cache_.drop_of(t, twin.port);
    FlowOutcomePtr fresh = cache_.outcome_of(t);
    if (*fresh->actions != *twin.outcome->actions &&
        !datapath_.put_flow(twin.id, match, fresh->actions, dp::PutMode::modify))
        return;
    twin.outcome = std::move(fresh);
    twin.drop = std::move(drop);
    twin.bridge = bridge;
    twin.stamp = now.stamp;
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
    cache_.twins().for_each(
        [&](Twin& twin) { named.insert(twin.outcome->punts.begin(), twin.outcome->punts.end()); });
    cache_.punts().sweep(named, now);
    state_.recirc().sweep(now);
}

}  // namespace weft::bridge
