// SPDX-License-Identifier: Apache-2.0
// Keeps megaflows true: hands their statistics to the rules, translates them again after a change, lets the
// idle ones go.
#pragma once

#include <span>

#include "bridge/flow_cache.h"
#include "pipeline/touch.h"

namespace weft::bridge {

/// As other_config of Open_vSwitch sets them.
struct RevalidatorLimits {
    Duration max_idle = 10s, interval = 500ms;
    size_t flow_limit = 200000;
};

/// What upcall/show tells.
struct RevalidatorStats {
    size_t flows = 0, flows_max = 0;
    double flows_average = 0;
    Duration last_pass{};
    uint64_t translated = 0;  ///< flows that were translated again, ever
};

/// Resource type, one for each datapath; belongs to the control thread.
class Revalidator {
  public:
    Revalidator(dp::Datapath& datapath, pipeline::State& state, FlowCache& cache)
        : datapath_(datapath), state_(state), cache_(cache) {}

    void set_limits(const RevalidatorLimits& limits);
    const RevalidatorLimits& limits() const { return limits_; }

    /// A pass if one is due at `now`; when the next one is.
    Time run(Time now);
    /// A whole pass now (revalidator/wait, flow dumps).
    void pass(Time now);
    /// Statistics to the rules, without looking at anything else.
    void push_statistics();
    /// Something changed: the next pass comes soon.
    void hurry() { hurried_ = true; }
    /// Removes a flow, after accounting for it.
    void remove(Twin& twin);
    /// Removes every flow, after accounting for it.
    void purge();
    void set_paused(bool paused) { paused_ = paused; }

    RevalidatorStats stats() const { return stats_; }

  private:
    /// A pass in slices, so that a million flows hold up neither forwarding nor the control thread.
    Time due(Time now) const;
    void begin_pass(Time now);
    void run_slice(Time now, size_t budget);
    bool in_pass() const { return next_shard_ < Twins::n_shards; }
    void read_statistics(std::span<Twin* const> twins);
    void account(Twin& twin, const dp::FlowStats& stats);
    /// What a slice is checked against.
    struct Now {
        const pipeline::Snapshot& snapshot;
        Stamp stamp;
        pipeline::Changes changes;
        Time time;
    };
    void check(Twin& twin, const Now& now);
    void refresh(Twin& twin, const Now& now);
    bool still_true(const Twin& twin, const Now& now) const;
    void sweep_punts(Time now);
    bool changed() const;

    dp::Datapath& datapath_;
    pipeline::State& state_;
    FlowCache& cache_;
    RevalidatorLimits limits_;
    RevalidatorStats stats_;
    Stamp begun_, done_;                          ///< the state that this pass and the last one saw
    pipeline::StateMark begun_mark_, done_mark_;  ///< the same, to see what changed since
    size_t next_shard_ = Twins::n_shards;
    Time last_start_{}, last_sweep_{};
    bool hurried_ = false, paused_ = false;
};

}  // namespace weft::bridge
