// SPDX-License-Identifier: Apache-2.0
// The OpenFlow connections of one bridge, as the bridge needs them. net/ has the real ones; tests may have
// none.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/bridge.h"
#include "openflow/flow_stats.h"
#include "openflow/packet_in.h"
#include "openflow/port.h"
#include "openflow/switch.h"
#include "pipeline/flow_change.h"

namespace weft::bridge {

/// What is to be written to a row of Controller.
struct ControllerStatus {
    bool is_connected = false;
    std::string role;  ///< "other", "master", "slave"; "": not connected
    StringMap status;
    bool operator==(const ControllerStatus&) const = default;
};

/// Resource type; belongs to the control thread.
class OpenflowSide {
  public:
    virtual ~OpenflowSide() = default;

    /// Opens and closes connections so that they are those of bridge.config. Idempotent.
    virtual void configure(const Bridge& bridge, Time now) = 0;
    /// `before`: what is modified; controllers whose version shows no difference are not told.
    virtual void send_port_status(const openflow::PortStatus& status, const openflow::PortDesc* before) = 0;
    virtual openflow::Delivery send_packet_in(const openflow::PacketInTo& packet, Time now) = 0;
    /// `from`: who changed them, if a controller did.
    virtual void rules_changed(const std::vector<pipeline::RuleEvent>& events,
                               const openflow::Requester& from, Time now) = 0;
    virtual void send_table_status(const openflow::TableStatus& status) = 0;
    /// bridge/reconnect.
    virtual void reconnect(Time now) = 0;

    /// No controller that the configuration names answers: a standalone bridge then switches by itself.
    virtual bool is_abandoned(Time now) const = 0;
    /// A connected controller speaks OpenFlow 1.0 to 1.2, where packets without a rule go to the controller.
    virtual bool wants_misses() const = 0;
    /// By row of Controller.
    virtual std::map<Uuid, ControllerStatus> status(Time now) const = 0;
};

}  // namespace weft::bridge
