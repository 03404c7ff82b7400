// SPDX-License-Identifier: Apache-2.0
// What a datapath asks when it does not know a packet: translate, remember the twin, play the effects.
#pragma once

#include <atomic>
#include <mutex>

#include "bridge/events.h"
#include "bridge/mask_budget.h"
#include "bridge/outcome.h"
#include "bridge/punts.h"
#include "bridge/twin.h"
#include "dp/datapath.h"
#include "loop/clock.h"
#include "obs/metrics.h"
#include "pipeline/snapshot.h"
#include "pipeline/translate.h"

namespace weft::bridge {

/// Resource type, one for each datapath. upcall() on any thread; nothing here blocks on the control thread.
class FlowCache final : public dp::UpcallHandler {
  public:
    FlowCache(pipeline::State& state, EventSink& sink) : state_(state), sink_(sink) {}

    dp::Verdict upcall(const dp::Upcall& up) override;
    void dropped(const dp::DroppedPacket& packet) override;
    void tapped(const dp::Upcall& packet) override;

    /// As translations of now would see it.
    static Stamp stamp_of(const pipeline::Snapshot& snapshot);
    /// What is remembered of the translation of a packet that came in by `in_port`.
    std::unique_ptr<Twin> make_twin(dp::FlowId id, pipeline::Translation& translation, DpPort in_port);
    /// Leaves the translation its lists.
    FlowOutcomePtr outcome_of(pipeline::Translation& translation);
    DropCounters::CellPtr drop_of(const pipeline::Translation& translation, DpPort in_port);
    /// Plays effects and posts what follows from them.
    void play(std::span<const pipeline::Effect> effects, const pipeline::Occurrence& what);

    /// A flow that an earlier process left, translated anew: what to install, with its twin remembered. None
    /// if it would take bits that the flow does not have.
    struct Adopted {
        dp::FlowId id;
        flow::FlowMask mask;
        dp::ActionsPtr actions;
    };
    std::optional<Adopted> adopt(const dp::LeftFlow& left, const pipeline::Snapshot& snapshot, Time now);

    Twins& twins() { return twins_; }
    /// The twin goes, and with it its share of its port's budget. Control thread.
    void forget(const Twin& twin);
    const MaskBudget& mask_budget() const { return budget_; }
    Punts& punts() { return punts_; }
    DropCounters& drops() { return drops_; }
    /// Measures how long upcalls take; before packets flow.
    void set_clock(const loop::Clock* clock) { clock_ = clock; }
    const obs::Histogram& latency() const { return latency_; }
    const loop::Clock* clock() const { return clock_; }
    EventSink& sink() { return sink_; }
    /// Makes a mistake on purpose, for the tests of what finds it.
    void set_plant(pipeline::Plant plant) { plant_ = plant; }
    /// Posts traces of the next `n` packets of the bridge that the datapath's tap shows.
    void trace_next(pipeline::BridgeId bridge, int n) {
        traced_bridge_.store(bridge.value, std::memory_order_relaxed);
        to_trace_.store(n, std::memory_order_release);
    }
    /// More dropped packets that only translation knows of may be shown. Now and then.
    void refill_samples() { samples_.refill(); }
    /// Packets translated because there was no room for their flows.
    uint64_t beyond_flow_limit() const { return beyond_limit_.load(std::memory_order_relaxed); }

    /// No more flows than that are installed; packets beyond are forwarded without.
    void set_flow_limit(size_t limit) { flow_limit_.store(limit, std::memory_order_relaxed); }
    size_t flow_limit() const { return flow_limit_.load(std::memory_order_relaxed); }
    /// upcall/disable-megaflows: flows match all bits.
    void set_megaflows(bool on) { megaflows_.store(on, std::memory_order_relaxed); }
    /// other_config:flow-restore-wait: packets that miss are dropped until tables are what they were.
    void set_waits_for_flows(bool on) { waits_for_flows_.store(on, std::memory_order_relaxed); }
    bool waits_for_flows() const { return waits_for_flows_.load(std::memory_order_relaxed); }
    bool megaflows() const { return megaflows_.load(std::memory_order_relaxed); }

  private:
    dp::Verdict serve(const dp::Upcall& up);
    dp::Verdict miss(const dp::Upcall& up);
    dp::Verdict miss(const dp::Upcall& up, pipeline::Translation& t);
    dp::Verdict slow_path(const dp::Upcall& up);
    void punt(const dp::Upcall& up);
    void show(DropReason reason, const packet::Packet& packet, const flow::FlowKey& key, Time now);
    dp::Verdict unknown_port(const dp::Upcall& up, const pipeline::Snapshot& snapshot);
    void install(std::unique_ptr<Twin> twin, const dp::Upcall& up, dp::Verdict& verdict);
    /// Keeps the flow's mask within its port's budget.
    MaskBudget::Admitted budget(const flow::FlowMask& mask, const dp::Upcall& up,
                                const pipeline::Snapshot& snapshot);

    pipeline::State& state_;
    EventSink& sink_;
    Twins twins_;
    Punts punts_;
    MaskBudget budget_;
    SharedPool<action::dp::Actions> actions_;
    SharedPool<FlowOutcome> outcomes_;
    DropCounters drops_;
    dp::DropSamples samples_;
    std::atomic<uint64_t> beyond_limit_{0};
    const loop::Clock* clock_ = nullptr;
    pipeline::Plant plant_ = pipeline::Plant::none;
    obs::Histogram latency_;
    std::atomic<int> to_trace_{0};
    std::atomic<uint32_t> traced_bridge_{0};
    std::atomic<size_t> flow_limit_{200000};
    std::atomic<bool> megaflows_{true}, waits_for_flows_{false};
};

/// The key of the packet in `key` restricted to what exists in it, all of it: a mask for exact flows.
flow::FlowMask exact_mask(const flow::FlowKey& key);

}  // namespace weft::bridge
