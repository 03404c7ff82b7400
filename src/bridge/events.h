// SPDX-License-Identifier: Apache-2.0
// What packets cause in the control thread: sent up by the threads that translate, through one mailbox.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "bridge/flight_recorder.h"
#include "openflow/packet_in.h"
#include "pipeline/flow_change.h"
#include "pipeline/ids.h"
#include "pipeline/tables.h"
#include "pipeline/trace.h"

namespace weft::bridge {

/// A packet for the controllers of a bridge.
struct PuntedPacket {
    pipeline::BridgeId bridge;
    std::unique_ptr<openflow::PacketInTo> packet;  ///< large: mailboxes have room for thousands of events
    DpPort in_port = dp_none;                      ///< where it came in
};
/// Rules came or went because of packets (learn).
struct RulesChanged {
    std::shared_ptr<pipeline::Tables> tables;  ///< of the bridge
    std::vector<pipeline::RuleEvent> events;
};
/// A MAC address appeared or moved, or a flow came while the state changed: look at the megaflows soon.
struct Stale {};

/// A port brought as many masks as one may (MaskBudget): its further flows get others than they need.
struct MasksMerged {
    std::string port;
    size_t limit;
};

/// A packet went nowhere.
struct PacketDropped {
    const void* cache;  ///< the FlowCache of its datapath
    std::unique_ptr<DropSample> sample;
};

/// An installed flow did what translation does not say; it was removed.
struct FlowWasWrong {
    std::unique_ptr<std::string> told;
};
/// The trace of a packet that somebody waits for.
struct LiveTraced {
    std::unique_ptr<pipeline::TraceStory> story;
};

using Event =
    std::variant<PuntedPacket, RulesChanged, Stale, MasksMerged, PacketDropped, LiveTraced, FlowWasWrong>;
static_assert(sizeof(Event) <= 64);

/// Where threads put events. Never blocks; false: full, the event is lost.
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual bool post(Event event) = 0;
};

}  // namespace weft::bridge
