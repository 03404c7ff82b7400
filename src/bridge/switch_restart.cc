// SPDX-License-Identifier: Apache-2.0
// Switch from one process to the next: its checkpoint, and how it goes on from that of another.
#include <algorithm>

#include "base/hash.h"
#include "bridge/adoption.h"
#include "bridge/restore.h"
#include "bridge/switch.h"

namespace weft::bridge {

namespace {

/// A checkpoint is begun so long after the last: small ones soon, and large ones so that with the time to
/// write it is at most a second old.
constexpr Duration save_interval_min = 50ms, save_interval_max = 850ms;
constexpr int64_t rest_per_work = 8;  ///< of the thread that writes
/// Where nothing but counts and last uses changed, it rests longer: a fiftieth of a core.
constexpr int64_t rest_per_count = 50;
constexpr Duration refresh_interval = 30s;

const Checkpoint::Datapath* find_datapath(const Checkpoint* c, std::string_view type) {
    if (!c) return nullptr;
    const auto it = std::ranges::find(c->datapaths, type, &Checkpoint::Datapath::type);
    return it == c->datapaths.end() ? nullptr : &*it;
}

}  // namespace

/// What goes on in the kernel must be explained by the tables, so they come back whenever it does. Where
/// nothing forwards without the process they come back after a crash only: an operator who stops it gets the
/// empty tables that Open vSwitch starts with.
const Checkpoint::Datapath* Switch::earlier(Backer& backer) const {
    if (!checkpointer_) return nullptr;
    const Checkpoint* loaded = checkpointer_->loaded();
    const auto* found = find_datapath(loaded, backer.datapath().type());
    return found && (!loaded->clean || backer.datapath().outlives_process()) ? found : nullptr;
}

const Checkpoint::Bridge* Switch::earlier(Backer& backer, const BridgeConfig& config) const {
    const Checkpoint::Datapath* datapath = earlier(backer);
    if (!datapath) return nullptr;
    const auto it = std::ranges::find_if(datapath->bridges, [&](const Checkpoint::Bridge& b) {
        return b.name == config.name && b.row == config.row;
    });
    return it == datapath->bridges.end() ? nullptr : &*it;
}

void Switch::restore(Backer& backer) {
    if (const Checkpoint::Datapath* saved = earlier(backer)) restore_datapath(backer, *saved);
}

void Switch::restore(Runtime& r) {
    const Checkpoint::Bridge* saved = earlier(*r.backer, r.bridge->config);
    if (!saved) return;
    const size_t failed = restore_bridge(*r.backer, *r.bridge, *saved, !is_waiting());
    if (is_waiting()) return;
    r.default_rule = saved->default_rule;
    LOG(env_.log, info, "bridge {}: {} flows of the process before are back", r.bridge->config.name,
        r.bridge->tables->size());
    if (failed)
        LOG(env_.log, warn,
            "bridge {}: {} flows, groups or meters of the process before could not be restored",
            r.bridge->config.name, failed);
}

void Switch::go(Time now) {
    if (is_waiting()) {
        if (!std::exchange(told_waiting_, true))
            LOG(env_.log, info,
                "other_config:flow-restore-wait is true: packets are left to what the process before "
                "installed until it is removed");
        return;
    }
    for (auto& [type, backer] : backers_) {
        if (backer->is_running()) continue;
        for (auto& [name, bridge] : backer->bridges)
            if (const auto* saved = earlier(*backer, bridge->config)) restore_stations(*bridge, *saved, now);
        const Adoption flows = adopt_flows(backer->datapath(), backer->state(), backer->cache(), now);
        if (flows.left)
            LOG(env_.log, info, "datapath {}: adopted {} of {} flows of the process before", type,
                flows.adopted, flows.left);
        if (const auto done = backer->start(); !done)
            LOG(env_.log, err, "datapath {}: {}", type, done.error().message);
    }
    started_ = true;
    if (checkpointer_) checkpointer_->forget();
}

/// The manual: it is about the start of the process.
bool Switch::is_waiting() const { return !started_ && get_bool(config_.other_config, "flow-restore-wait"); }

CheckpointJob Switch::checkpoint(Time now) const {
    CheckpointJob job;
    job.state.written = now;
    for (const auto& [type, backer] : backers_) {
        auto& datapath = job.state.datapaths.emplace_back();
        datapath.type = backer->datapath().type();
        for (const pipeline::RecircPtr& r : backer->state().recirc().all())
            datapath.recirculations.push_back({r->id, r->state});
        for (const auto& [name, bridge] : backer->bridges) {
            const auto runtime = runtimes_.find(name);
            if (runtime == runtimes_.end()) continue;
            datapath.bridges.push_back(
                checkpoint_of(*bridge, backer->datapath(), runtime->second.default_rule));
            job.sources.push_back({bridge->tables, &backer->state()});
        }
    }
    return job;
}

/// Changes whenever the checkpoint would, but for last uses and counts.
uint64_t Switch::state_mark() const {
    uint64_t h = changes_;
    for (const auto& [type, backer] : backers_) {
        const Stamp stamp = FlowCache::stamp_of(backer->state().snapshot());
        h = hash_mix(hash_mix(h, stamp.version), hash_mix(stamp.config, stamp.macs));
        h = hash_mix(h, backer->state().recirc().changes());
        for (const auto& [name, bridge] : backer->bridges) h = hash_mix(h, settings_mark(*bridge));
    }
    return h;
}

/// Changes with counts and last uses, a little before they do.
uint64_t Switch::traffic_mark() const {
    uint64_t sum = 0;
    for (const auto& [type, backer] : backers_) {
        const dp::DatapathStats s = backer->datapath().stats();
        sum += s.hit + s.missed;
    }
    return sum;
}

Duration Switch::save_rest(bool changed) const {
    const Duration took = checkpointer_->took();
    if (changed) return std::clamp<Duration>(took * rest_per_work, save_interval_min, save_interval_max);
    if (traffic_mark() == saved_traffic_) return refresh_interval;
    return std::clamp<Duration>(took * rest_per_count, save_interval_max, refresh_interval);
}

Time Switch::save(Time now) {
    if (!checkpointer_ || !started_) return never;
    const uint64_t mark = state_mark();
    const bool changed = mark != saved_mark_;
    if (!changed && now < saved_ + save_interval_max) return saved_ + save_interval_max;
    if (const Time due = saved_ + save_rest(changed); now < due)
        return std::min(due, now + save_interval_max);
    if (!checkpointer_->is_idle()) return now + save_interval_min;
    saved_mark_ = mark;
    // What this pass of statistics has not seen of it yet belongs to the next checkpoint.
    saved_traffic_ = std::exchange(traffic_, traffic_mark());
    saved_ = now;
    checkpointer_->start(checkpoint(now));
    return now + save_interval_max;
}

void Switch::settle_checkpoint() {
    if (checkpointer_) checkpointer_->settle();
}

void Switch::save_last(Time now) {
    if (!checkpointer_ || !started_) return;
    // Where nothing forwards without us, the next process starts from nothing.
    if (std::ranges::none_of(backers_, [](auto& b) { return b.second->datapath().outlives_process(); }))
        return checkpointer_->remove();
    CheckpointJob job = checkpoint(now);
    job.state.clean = true;
    checkpointer_->write_now(std::move(job));
}

}  // namespace weft::bridge
