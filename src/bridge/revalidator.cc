// SPDX-License-Identifier: Apache-2.0
#include "bridge/revalidator.h"

#include <algorithm>
#include <unordered_set>

namespace weft::bridge {

namespace {

constexpr size_t few_flows = 2000;             ///< so many are checked at once after a change
constexpr Duration busy_interval = 100ms;      ///< between passes over more, while changes go on
constexpr Duration idle_when_crowded = 100ms;  ///< instead of max_idle while there are too many flows
constexpr Duration sweep_interval = 5s;
constexpr unsigned missing_limit = 4;

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

Time Revalidator::run(Time now) {
    if (paused_) return never;
    const size_t flows = cache_.twins().size();
    if (flows == 0 && !changed()) return now + limits_.interval;
    Time due = last_start_ + limits_.interval;
    if (changed()) due = flows <= few_flows ? now : std::min(due, last_start_ + busy_interval);
    if (now < due) return due;
    pass(now);
    return now + limits_.interval;
}

Revalidator::Dump Revalidator::dump() const {
    Dump out;
    out.reserve(cache_.twins().size());
    datapath_.for_each_stats([&](dp::FlowId id, const dp::FlowStats& stats) { out.emplace(id, stats); });
    return out;
}

void Revalidator::account(Twin& twin, const dp::FlowStats& stats) {
    if (stats.used && *stats.used > twin.used) twin.used = *stats.used;
    if (stats.packets <= twin.seen.packets) return;
    const pipeline::Occurrence what{stats.packets - twin.seen.packets, stats.bytes - twin.seen.bytes,
                                    stats.used.value_or(twin.used), false};
    twin.seen = stats;
    cache_.play(twin.effects, what);
}

void Revalidator::push_statistics() {
    const Dump stats = dump();
    cache_.twins().for_each([&](Twin& twin) {
        const auto it = stats.find(twin.id);
        if (it != stats.end()) account(twin, it->second);
    });
}

void Revalidator::pass(Time now) {
    last_start_ = now;
    hurried_ = false;
    const Dump stats = dump();
    const size_t n = cache_.twins().size();
    stats_.flows = n;
    stats_.flows_max = std::max(stats_.flows_max, n);
    stats_.flows_average = (stats_.flows_average + static_cast<double>(n)) / 2;
    // Statistics first: what they teach (MAC addresses, learned flows) is part of what is checked against.
    cache_.twins().for_each([&](Twin& twin) {
        const auto it = stats.find(twin.id);
        if (it == stats.end()) {
            ++twin.missing;
            return;
        }
        twin.missing = 0;
        account(twin, it->second);
    });
    const pipeline::Snapshot snapshot = state_.snapshot();
    const Stamp stamp = FlowCache::stamp_of(snapshot);
    cache_.twins().for_each([&](Twin& twin) { check(twin, snapshot, stamp, now); });
    done_ = stamp;
    if (last_sweep_ + sweep_interval < now) sweep_punts(now);
}

void Revalidator::check(Twin& twin, const pipeline::Snapshot& snapshot, const Stamp& now_stamp, Time now) {
    const size_t flows = cache_.twins().size();
    const Duration idle = flows > 2 * cache_.flow_limit() ? Duration(0)
                          : flows > cache_.flow_limit()   ? idle_when_crowded
                                                          : limits_.max_idle;
    if (twin.used + idle < now || twin.missing >= missing_limit) return remove(twin);
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
    const flow::Match match = twin.match.expand();
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot.config(), match.key, key);
    if (!bridge) {
        if (twin.bridge) return remove(twin);
        twin.stamp = now_stamp;
        return;
    }
    pipeline::Translation t =
        pipeline::translate(snapshot, {.key = key, .bridge = *bridge, .with_packet = false});
    if (!twin.bridge || wider(match.mask, t.mask)) return remove(twin);
    for (const auto& punt : t.punts) cache_.punts().add(punt, now);
    auto fresh = FlowCache::make_twin(match.key, std::move(t));
    if (*fresh->actions != *twin.actions) {
        if (!datapath_.put_flow(twin.id, match, fresh->actions, dp::PutMode::modify)) {
            ++twin.missing;  // on its way into the datapath: the next pass tries again
            return;
        }
        twin.actions = fresh->actions;
    }
    twin.reads = std::move(fresh->reads);
    twin.effects = std::move(fresh->effects);
    twin.punts = std::move(fresh->punts);
    twin.bridge = bridge;
    twin.stamp = now_stamp;
}

void Revalidator::remove(Twin& twin) {
    const auto last = datapath_.remove_flow(twin.id);
    if (last) account(twin, *last);
    cache_.twins().erase(twin.id);
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
}

}  // namespace weft::bridge
