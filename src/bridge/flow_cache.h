// SPDX-License-Identifier: Apache-2.0
// What a datapath asks when it does not know a packet: translate, remember the twin, play the effects.
#pragma once

#include <atomic>
#include <mutex>

#include "bridge/actions_pool.h"
#include "bridge/events.h"
#include "bridge/mask_budget.h"
#include "bridge/punts.h"
#include "bridge/twin.h"
#include "dp/datapath.h"
#include "pipeline/snapshot.h"
#include "pipeline/translate.h"

namespace weft::bridge {

/// Resource type, one for each datapath. upcall() on any thread; nothing here blocks on the control thread.
class FlowCache final : public dp::UpcallHandler {
  public:
    FlowCache(pipeline::State& state, EventSink& sink) : state_(state), sink_(sink) {}

    dp::Verdict upcall(const dp::Upcall& up) override;

    /// As translations of now would see it.
    static Stamp stamp_of(const pipeline::Snapshot& snapshot);
    /// What is remembered of a translation.
    std::unique_ptr<Twin> make_twin(dp::FlowId id, pipeline::Translation&& translation);
    /// Plays effects and posts what follows from them.
    void play(std::span<const pipeline::Effect> effects, const pipeline::Occurrence& what);

    Twins& twins() { return twins_; }
    /// The twin goes, and with it its share of its port's budget. Control thread.
    void forget(const Twin& twin);
    const MaskBudget& mask_budget() const { return budget_; }
    Punts& punts() { return punts_; }

    /// No more flows than that are installed; packets beyond are forwarded without.
    void set_flow_limit(size_t limit) { flow_limit_.store(limit, std::memory_order_relaxed); }
    size_t flow_limit() const { return flow_limit_.load(std::memory_order_relaxed); }
    /// upcall/disable-megaflows: flows match all bits.
    void set_megaflows(bool on) { megaflows_.store(on, std::memory_order_relaxed); }
    bool megaflows() const { return megaflows_.load(std::memory_order_relaxed); }

  private:
    dp::Verdict miss(const dp::Upcall& up);
    dp::Verdict slow_path(const dp::Upcall& up);
    void punt(const dp::Upcall& up);
    dp::Verdict unknown_port(const dp::Upcall& up, const pipeline::Snapshot& snapshot);
    dp::Verdict install(std::unique_ptr<Twin> twin, const dp::Upcall& up, dp::Verdict verdict);
    /// Keeps the flow's mask within its port's budget; its name there.
    uint64_t budget(flow::FlowMask& mask, const dp::Upcall& up, const pipeline::Snapshot& snapshot);

    pipeline::State& state_;
    EventSink& sink_;
    Twins twins_;
    Punts punts_;
    MaskBudget budget_;
    ActionsPool actions_;
    std::atomic<size_t> flow_limit_{200000};
    std::atomic<bool> megaflows_{true};
};

/// The key of the packet in `key` restricted to what exists in it, all of it: a mask for exact flows.
flow::FlowMask exact_mask(const flow::FlowKey& key);

}  // namespace weft::bridge
