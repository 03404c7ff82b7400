// SPDX-License-Identifier: Apache-2.0
#include "bridge/openflow_net.h"

#include <algorithm>

#include "bridge/of_convert.h"
#include "pipeline/rule.h"

namespace weft::bridge {
namespace {

constexpr int64_t default_probe_ms = 5000, default_backoff_ms = 8000;
constexpr int probes_until_abandoned = 3;  // ovs-vswitchd.conf.db(5) "fail_mode"

openflow::VersionSet versions_of(const BridgeConfig& config) {
    openflow::VersionSet versions;
    for (const std::string& name : config.protocols)
        if (const auto v = openflow::parse_version(name)) versions.insert(*v);
    return versions.empty() ? openflow::VersionSet::all() : versions;
}

Duration probe_of(const ControllerConfig& c) {
    return std::chrono::milliseconds(std::max<int64_t>(c.inactivity_probe_ms.value_or(default_probe_ms), 0));
}

OpenflowRemote::Settings settings_of(const ControllerConfig& c, openflow::VersionSet versions) {
    OpenflowRemote::Settings s{.target = c.target};
    s.connection.versions = versions;
    s.connection.enable_async = c.enable_async.value_or(true);
    s.connection.probe = probe_of(c);
    const auto rate = static_cast<uint64_t>(std::max<int64_t>(c.rate_limit.value_or(0), 0));
    s.connection.packet_ins = {
        .rate_pps = rate,
        .burst = static_cast<uint64_t>(std::max<int64_t>(c.burst_limit.value_or(0), 0)),
        .capacity = static_cast<size_t>(std::clamp<int64_t>(c.queue_size.value_or(100), 1, 512))};
    s.backoff_max =
        std::chrono::milliseconds(std::max<int64_t>(c.max_backoff_ms.value_or(default_backoff_ms), 1000));
    return s;
}

}  // namespace

OpenflowNet::OpenflowNet(Options options, const Bridge& bridge, openflow::Switch& of_switch)
    : options_(std::move(options)),
      context_{.loop = options_.loop,
               .transport = options_.transport,
               .manager = manager_,
               .of_switch = of_switch,
               .bridge = bridge.config.name,
               .log = options_.log,
               .worked = options_.worked},
      flush_(options_.loop, [this] { flush(); }) {}

void OpenflowNet::open_service_sockets() {
    if (options_.rundir.empty()) return;
    const std::string stem = "punix:" + options_.rundir + "/" + context_.bridge;
    openflow::Connection::Options connection;
    connection.versions = versions_;
    management_ =
        std::make_unique<OpenflowRemote>(context_, OpenflowRemote::Settings{stem + ".mgmt", connection});
    snoop_ =
        std::make_unique<OpenflowRemote>(context_, OpenflowRemote::Settings{stem + ".snoop", connection});
    manager_.snoop = [this](ByteSpan message) {
        if (snoop_) snoop_->forward(message);
    };
}

void OpenflowNet::configure(const Bridge& bridge, Time) {
    const auto versions = versions_of(bridge.config);
    const bool other_versions = versions != versions_;  // none at first
    versions_ = versions;
    if (other_versions) {
        management_.reset();
        snoop_.reset();
        open_service_sockets();
    }
    std::erase_if(controllers_, [&](const auto& item) {
        const auto it = std::ranges::find(bridge.config.controllers, item.first, &ControllerConfig::row);
        return it == bridge.config.controllers.end() || *it != item.second.config || other_versions;
    });
    for (const ControllerConfig& c : bridge.config.controllers) {
        if (controllers_.contains(c.row)) continue;
        controllers_[c.row] = {c, std::make_unique<OpenflowRemote>(context_, settings_of(c, versions))};
    }
}

void OpenflowNet::flush() {
    if (management_) management_->flush();
    if (snoop_) snoop_->flush();
    for (auto& [row, c] : controllers_) c.remote->flush();
}

void OpenflowNet::flush_soon() {
    if (!flush_.is_set()) flush_.at(options_.loop.now());
}

void OpenflowNet::send_port_status(const openflow::PortStatus& status, const openflow::PortDesc* before) {
    manager_.send_port_status(status, before);
    flush_soon();
}

void OpenflowNet::send_packet_in(const openflow::PacketInTo& packet, Time now) {
    manager_.send_packet_in(packet, now);
    flush_soon();
}

void OpenflowNet::rules_changed(const std::vector<pipeline::RuleEvent>& events, Time) {
    for (const pipeline::RuleEvent& e : events) {
        if (e.kind != pipeline::RuleEvent::Kind::removed) continue;
        if (e.rule->flags() & openflow::flow_flag::send_flow_rem)
            manager_.send_flow_removed(to_removed(*e.rule, e.reason, e.when));
    }
    flush_soon();
}

void OpenflowNet::reconnect(Time) {
    for (auto& [row, c] : controllers_) c.remote->reconnect();
}

bool OpenflowNet::is_abandoned(Time now) const {
    return std::ranges::all_of(controllers_, [&](const auto& item) {
        const auto& [config, remote] = item.second;
        if (!remote->is_active()) return true;  // those that come by themselves are not in charge
        const Duration probe = std::max<Duration>(probe_of(config), 1s);
        return !remote->is_connected() && now - remote->last_connected() >= probes_until_abandoned * probe;
    });
}

std::map<Uuid, ControllerStatus> OpenflowNet::status(Time now) const {
    std::map<Uuid, ControllerStatus> all;
    for (const auto& [row, c] : controllers_) all[row] = c.remote->status(now);
    return all;
}

}  // namespace weft::bridge
