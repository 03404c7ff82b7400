// SPDX-License-Identifier: Apache-2.0
// One datapath and everything that belongs to it: the state translations read, its megaflows, its bridges.
#pragma once

#include <memory>
#include <string>

#include "bridge/bridge.h"
#include "bridge/flight_recorder.h"
#include "bridge/flow_cache.h"
#include "bridge/overflow_watch.h"
#include "bridge/revalidator.h"
#include "bridge/self_check.h"

namespace weft::bridge {

/// Resource type, one for each datapath type; belongs to the control thread, but for its flow cache. Bridges
/// and packets of one type share one datapath, so that patch ports join bridges within a translation.
class Backer {
  public:
    Backer(std::unique_ptr<dp::Datapath> datapath, EventSink& sink);
    ~Backer();
    Backer(const Backer&) = delete;
    Backer& operator=(const Backer&) = delete;

    /// Makes a change of bridges or ports visible to packets.
    void publish();
    /// Megaflows, MAC ageing and timeouts of rules; the next time there is something to do. Rules that ran
    /// out go to `expired`, by bridge.
    struct Expired {
        Bridge* bridge;
        std::vector<pipeline::RuleEvent> events;
    };
    Time run(Time now, std::vector<Expired>& expired);

    dp::Datapath& datapath() { return *datapath_; }
    pipeline::State& state() { return state_; }
    FlowCache& cache() { return cache_; }
    Revalidator& revalidator() { return revalidator_; }
    SelfCheck& self_check() { return self_check_; }
    FlightRecorder& recorder() { return recorder_; }
    const FlightRecorder& recorder() const { return recorder_; }
    /// Into the recorder, as FlightRecorder::take() says.
    const DropRecord* record(DropSample sample, Time now) {
        return recorder_.take(state_.snapshot(), std::move(sample), now);
    }

    /// Ports keep the numbers that an earlier process gave them: megaflows that it left have them.
    void set_earlier_numbers(std::map<std::string, DpPort, std::less<>> numbers);
    /// The number for a port; others get none that is kept for somebody.
    std::optional<DpPort> earlier_number(std::string_view port);

    std::map<std::string, std::unique_ptr<Bridge>, std::less<>> bridges;
    Bridge* find(pipeline::BridgeId id);
    Bridge* find(const pipeline::Tables* tables);
    /// None: the datapath lost the port.
    std::optional<dp::PortStats> stats_of(const Member& member) const;
    /// "netdev@ovs-netdev"
    std::string name() const;

    /// other_config:vlan-limit; at most what keys hold.
    void set_vlan_limit(size_t limit) { vlan_limit_ = limit; }
    void set_limits(const pipeline::Limits& limits) { limits_ = limits; }
    const pipeline::Limits& limits() const { return limits_; }
    /// Packets flow from now on; until then the datapath is held.
    Result<void> start();
    bool is_running() const { return running_; }
    /// What wakes the switch when devices change; ends before the datapath does.
    std::shared_ptr<void> watch;
    pipeline::BundleId new_bundle_id() { return pipeline::BundleId{next_bundle_++}; }

  private:
    void check_flows();

    size_t vlan_limit_ = 1;
    pipeline::Limits limits_;
    uint32_t next_bundle_ = 1;
    Time reclaimed_{};
    std::unique_ptr<dp::Datapath> datapath_;
    pipeline::State state_;
    FlowCache cache_;
    Revalidator revalidator_;
    SelfCheck self_check_;
    FlightRecorder recorder_;
    OverflowWatch overflow_;
    bool running_ = false;
    std::map<std::string, DpPort, std::less<>> earlier_numbers_;
    uint32_t beyond_earlier_ = 0;  ///< no number from here on is kept; 0: none is at all
};

}  // namespace weft::bridge
