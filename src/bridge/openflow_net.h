// SPDX-License-Identifier: Apache-2.0
// The OpenFlow connections of one bridge over a transport: its controllers, BRIDGE.mgmt and BRIDGE.snoop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "bridge/openflow_remote.h"
#include "bridge/openflow_side.h"
#include "openflow/connmgr.h"

namespace weft::bridge {

/// Resource type; belongs to the loop's thread.
class OpenflowNet final : public OpenflowSide {
  public:
    struct Options {
        loop::Loop& loop;
        net::Transport& transport;
        std::string rundir;  ///< where BRIDGE.mgmt and BRIDGE.snoop are made; empty: nowhere
        obs::LogModule log = {};
        std::function<void()> worked = [] {};  ///< a controller may have changed the switch
    };
    OpenflowNet(Options options, const Bridge& bridge, openflow::Switch& of_switch);

    void configure(const Bridge& bridge, Time now) override;
    void send_port_status(const openflow::PortStatus& status, const openflow::PortDesc* before) override;
    openflow::Delivery send_packet_in(const openflow::PacketInTo& packet, Time now) override;
    void rules_changed(const std::vector<pipeline::RuleEvent>& events, const openflow::Requester& from,
                       Time now) override;
    void send_table_status(const openflow::TableStatus& status) override;
    void reconnect(Time now) override;
    bool is_abandoned(Time now) const override;
    bool wants_misses() const override { return manager_.wants_misses(); }
    std::map<Uuid, ControllerStatus> status(Time now) const override;

  private:
    struct Controller {
        ControllerConfig config;
        std::unique_ptr<OpenflowRemote> remote;
    };
    /// Settings of a socket of the bridge where clients ask.
    OpenflowRemote::Settings service(std::string_view socket) const;
    void open_service_sockets();
    void flush();
    /// Once in a turn of the loop, however much there is to say: not a visit of all connections per packet.
    void flush_soon();

    Options options_;
    openflow::Connmgr manager_;
    OpenflowContext context_;
    openflow::VersionSet versions_;
    Duration bundle_idle_ = 10s;
    bool waits_for_flows_ = false;  ///< no controller is there before its time
    std::unique_ptr<OpenflowRemote> management_, snoop_;
    std::map<Uuid, Controller> controllers_;
    loop::Timer flush_;
};

}  // namespace weft::bridge
