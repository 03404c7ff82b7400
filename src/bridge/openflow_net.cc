// SPDX-License-Identifier: Apache-2.0
#include "bridge/openflow_net.h"

#include <fmt/core.h>

#include <algorithm>

#include "bridge/config_keys.h"
#include "bridge/of_convert.h"
#include "pipeline/rule.h"

namespace weft::bridge {
namespace {

constexpr int64_t default_probe_ms = 5000, shortest_probe_ms = 5000, default_backoff_ms = 8000;
constexpr int probes_until_abandoned = 3;  // ovs-vswitchd.conf.db(5) "fail_mode"

openflow::VersionSet versions_of(const BridgeConfig& config) {
    openflow::VersionSet versions;
    for (const std::string& name : config.protocols)
        if (const auto v = openflow::parse_version(name)) versions.insert(*v);
    return versions.empty() ? openflow::VersionSet::all() : versions;
}

/// None, unless told, on sockets of this machine, whose other end does not vanish without a word.
Duration probe_of(const ControllerConfig& c) {
    const int64_t ms = c.inactivity_probe_ms.value_or(c.target.starts_with("unix:") ? 0 : default_probe_ms);
    if (ms <= 0) return 0s;
    return std::chrono::milliseconds(std::max(ms, shortest_probe_ms));
}

/// Why the switch must not use the socket: who may write the database need not be one who may use any file of
/// this machine. Empty: it may.
std::string why_refused(const std::string& target, const std::string& rundir, const std::string& bridge) {
    if (rundir.empty()) return {};
    if (target.starts_with("unix:/") && !target.starts_with("unix:" + rundir + "/"))
        return "not connecting: use a socket in \"unix:" + rundir + "/\"";
    if (target.starts_with("punix:") && !target.starts_with("punix:" + rundir + "/" + bridge + "."))
        return "not listening: use a socket named \"punix:" + rundir + "/" + bridge +
               ".*\", or connect to \"unix:" + rundir + "/" + bridge + ".mgmt\"";
    return {};
}

/// Whether a connection may stay as it is, with other settings.
bool same_connection(const ControllerConfig& a, const ControllerConfig& b) {
    return a.target == b.target && a.type == b.type && a.enable_async == b.enable_async &&
           a.other_config == b.other_config;
}

OpenflowRemote::Settings settings_of(const ControllerConfig& c, const BridgeConfig& bridge,
                                     openflow::VersionSet versions) {
    constexpr int64_t most_packets = 512;
    const int64_t usual = number_of(bridge.other_config, "Bridge", "controller-queue-size");
    OpenflowRemote::Settings s{.target = c.target};
    s.connection.versions = versions;
    s.connection.enable_async = c.enable_async.value_or(true);
    s.connection.probe = probe_of(c);
    const auto rate = static_cast<uint64_t>(std::max<int64_t>(c.rate_limit.value_or(0), 0));
    s.connection.packet_ins = {
        .rate_pps = rate,
        .burst = static_cast<uint64_t>(std::max<int64_t>(c.burst_limit.value_or(0), 0)),
        .capacity = static_cast<size_t>(std::clamp<int64_t>(c.queue_size.value_or(usual), 1, most_packets))};
    s.connection.bundle_idle = bridge.bundle_idle;
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

OpenflowRemote::Settings OpenflowNet::service(std::string_view socket) const {
    return {.target = fmt::format("punix:{}/{}.{}", options_.rundir, context_.bridge, socket),
            .connection = {.versions = versions_, .bundle_idle = bundle_idle_}};
}

void OpenflowNet::open_service_sockets() {
    if (options_.rundir.empty()) return;
    management_ = std::make_unique<OpenflowRemote>(context_, service("mgmt"));
    snoop_ = std::make_unique<OpenflowRemote>(context_, service("snoop"));
    manager_.snoop = [this](ByteSpan message) {
        if (snoop_) snoop_->forward(message);
    };
}

void OpenflowNet::configure(const Bridge& bridge, Time) {
    const auto versions = versions_of(bridge.config);
    const bool other_versions = versions != versions_;  // none at first
    versions_ = versions;
    bundle_idle_ = bridge.config.bundle_idle;
    if (!other_versions && management_) management_->reconfigure(service("mgmt"));
    if (other_versions) {
        management_.reset();
        snoop_.reset();
        open_service_sockets();
    }
    waits_for_flows_ = bridge.config.waits_for_flows;
    const std::vector<ControllerConfig> none;
    const auto& wanted = waits_for_flows_ ? none : bridge.config.controllers;
    std::erase_if(controllers_, [&](const auto& item) {
        const auto it = std::ranges::find(wanted, item.first, &ControllerConfig::row);
        return it == wanted.end() || !same_connection(*it, item.second.config) || other_versions;
    });
    for (const ControllerConfig& c : wanted) {
        auto settings = settings_of(c, bridge.config, versions);
        settings.refused = why_refused(c.target, options_.rundir, context_.bridge);
        Controller& mine = controllers_[c.row];
        if (!mine.remote)
            mine.remote = std::make_unique<OpenflowRemote>(context_, std::move(settings));
        else
            mine.remote->reconfigure(std::move(settings));
        mine.config = c;
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

openflow::Delivery OpenflowNet::send_packet_in(const openflow::PacketInTo& packet, Time now) {
    const openflow::Delivery done = manager_.send_packet_in(packet, now);
    flush_soon();
    return done;
}

void OpenflowNet::rules_changed(const std::vector<pipeline::RuleEvent>& events,
                                const openflow::Requester& from, Time now) {
    if (manager_.has_monitors()) manager_.send_flow_events(to_flow_events(events), from, now);
    for (const pipeline::RuleEvent& e : events) {
        if (e.kind != pipeline::RuleEvent::Kind::removed) continue;
        if (!(e.rule->flags() & openflow::flow_flag::send_flow_rem)) continue;
        openflow::FlowRemoved removed = to_removed(*e.rule, e.reason, e.when);
        context_.of_switch.tell_options(removed.match);
        manager_.send_flow_removed(removed);
    }
    flush_soon();
}

void OpenflowNet::send_table_status(const openflow::TableStatus& status) {
    manager_.send_table_status(status);
    flush_soon();
}

void OpenflowNet::reconnect(Time) {
    for (auto& [row, c] : controllers_) c.remote->reconnect();
}

bool OpenflowNet::is_abandoned(Time now) const {
    return !waits_for_flows_ && std::ranges::all_of(controllers_, [&](const auto& item) {
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
