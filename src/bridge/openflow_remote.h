// SPDX-License-Identifier: Apache-2.0
// One place that a bridge's OpenFlow connections come from or go to: a controller to keep connected, or a
// socket on which others are awaited.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include "base/reconnect.h"
#include "bridge/config.h"
#include "bridge/openflow_session.h"
#include "bridge/openflow_side.h"
#include "net/stream.h"
#include "obs/log.h"

namespace weft::bridge {

/// What the remotes of a bridge share; outlives them.
struct OpenflowContext {
    loop::Loop& loop;
    net::Transport& transport;
    openflow::Connmgr& manager;
    openflow::Switch& of_switch;
    std::string bridge;
    obs::LogModule log;
    std::function<void()> worked;  ///< as OpenflowSession's
};

/// Resource type; belongs to the loop's thread.
class OpenflowRemote {
  public:
    struct Settings {
        std::string target;
        openflow::Connection::Options connection = {};
        Duration backoff_max = 8s;
        std::string refused = {};  ///< why nothing is done about it
    };
    OpenflowRemote(OpenflowContext& context, Settings settings);
    OpenflowRemote(const OpenflowRemote&) = delete;
    OpenflowRemote& operator=(const OpenflowRemote&) = delete;

    /// Other settings for the same target, while it is connected or not.
    void reconfigure(Settings settings);
    void reconnect();
    void flush();
    void forward(ByteSpan message);

    /// It is the switch that connects: a controller in charge, no service.
    bool is_active() const { return !name_ || !name_->passive; }
    bool is_connected() const;
    /// When a connection with the controller was last there, or when it was asked for.
    Time last_connected() const { return last_connected_; }
    ControllerStatus status(Time now) const;

  private:
    void try_connect();
    void lost(const std::string& reason);
    void listen();
    void accept(std::unique_ptr<net::Stream> stream);
    openflow::Connection::Options options(std::string name) const;

    OpenflowContext& context_;
    Settings settings_;
    std::optional<net::ConnectionName> name_;
    Reconnect reconnect_;
    loop::Timer timer_;
    std::unique_ptr<OpenflowSession> session_;              ///< active
    std::unique_ptr<net::Listener> listener_;               ///< passive
    std::list<std::unique_ptr<OpenflowSession>> accepted_;  ///< passive
    std::string last_error_;
    Time last_connected_;
    std::optional<Time> connected_at_, disconnected_at_;  ///< the last time
};

}  // namespace weft::bridge
