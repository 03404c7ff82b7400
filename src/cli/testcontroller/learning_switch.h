// SPDX-License-Identifier: Apache-2.0
// One switch under a controller that learns where stations are. Pure: messages and the time in, messages out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "openflow/message.h"

namespace weft::cli::testcontroller {

/// Resource type.
class LearningSwitch {
  public:
    struct Options {
        bool learns = true;                  ///< false: a hub
        bool sets_up_flows = true;           ///< false: every packet comes here
        bool normal = false;                 ///< known destinations go to NORMAL
        uint32_t wildcards = 0;              ///< of flows, OpenFlow 1.0's bits
        std::optional<uint16_t> max_idle{};  ///< none: for ever
        std::optional<uint32_t> queue{};
        std::map<std::string, uint32_t, std::less<>>
            port_queues{};                       ///< by name of the port a packet comes from
        std::vector<openflow::FlowMod> flows{};  ///< pushed when it connects
    };
    LearningSwitch(const Options& options, openflow::Version version)
        : options_(options), version_(version) {}

    using Bodies = std::vector<openflow::Body>;
    /// What is said first.
    Bodies greet() const;
    Bodies receive(const openflow::Body& body, Time now);

  private:
    struct Place {
        OfPort port;
        Time seen;
    };
    Bodies handle(const openflow::PacketIn& packet, Time now);
    void learn(const flow::FlowKey& key, Time now);
    /// flood, none, or a port.
    OfPort destination(const flow::FlowKey& key, Time now) const;
    action::Actions actions(OfPort in, OfPort out) const;
    openflow::FlowMod flow_for(const flow::FlowKey& key, uint32_t buffer) const;
    void name_ports(const std::vector<openflow::PortDesc>& ports);

    const Options& options_;
    const openflow::Version version_;
    std::unordered_map<uint64_t, Place> stations_;
    std::map<uint16_t, uint32_t> queues_;  ///< by port
};

/// The match of a packet in OpenFlow 1.0's fields, without those that `wildcards` has.
flow::Match match_of(const flow::FlowKey& key, uint32_t wildcards);

}  // namespace weft::cli::testcontroller
