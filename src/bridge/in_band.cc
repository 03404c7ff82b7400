// SPDX-License-Identifier: Apache-2.0
#include "bridge/in_band.h"

#include <fmt/core.h>

#include "bridge/config_keys.h"
#include "flow/match_text.h"
#include "net/connection_name.h"

namespace weft::bridge {

namespace {

struct Remote {
    std::string ip;
    uint16_t port = 0;
};

/// Where the switch connects to over IPv4 and in band; others need no flows.
std::optional<Remote> remote_of(std::string_view target, std::string_view mode, uint16_t default_port) {
    if (mode == "out-of-band") return std::nullopt;
    const auto name = net::ConnectionName::parse(target, default_port);
    if (!name || name->passive || name->kind == net::ConnectionName::Kind::unix_socket) return std::nullopt;
    if (!parse_ip4(name->host)) return std::nullopt;
    return Remote{name->host, name->port};
}

std::vector<Remote> remotes_of(const BridgeConfig& bridge, const std::vector<ManagerConfig>& managers) {
    std::vector<Remote> out;
    for (const ControllerConfig& c : bridge.controllers)
        if (auto r = remote_of(c.target, c.connection_mode, net::openflow_port)) out.push_back(*std::move(r));
    for (const ManagerConfig& m : managers)
        if (auto r = remote_of(m.target, m.connection_mode, net::ovsdb_port)) out.push_back(*std::move(r));
    return out;
}

std::optional<uint32_t> queue_of(const BridgeConfig& bridge) {
    const auto queue = number_if_any(bridge.other_config, "Bridge", "in-band-queue");
    return queue ? std::optional(static_cast<uint32_t>(*queue)) : std::nullopt;
}

pipeline::FlowChange change_of(int32_t priority, const std::string& match, std::optional<uint32_t> queue) {
    pipeline::FlowChange change;
    change.filter.table = 0;
    change.filter.strict = true;
    change.filter.hidden = true;
    change.filter.priority = priority;
    change.filter.match = *flow::parse_match(match);
    change.rule.flags = pipeline::rule_flag::hidden;
    action::Actions actions;
    if (queue) actions.emplace_back(action::SetQueue{*queue});
    actions.emplace_back(action::Output{ofpp::normal});
    change.rule.actions = std::make_shared<const action::Actions>(std::move(actions));
    return change;
}

}  // namespace

InBand::Hops InBand::find_hops(const std::set<std::string>& addresses, const FindHop& find_hop,
                               const Hops& known) {
    Hops out;
    for (const std::string& address : addresses) {
        auto found = find_hop ? find_hop(*parse_ip4(address)) : std::nullopt;
        const auto before = known.find(address);
        if (before != known.end()) {
            const sys::NextHop& old = before->second;
            if (!found) found = old;  // for as long as there is no route
            if (!found->mac && found->via == old.via && found->ifindex == old.ifindex) found->mac = old.mac;
        }
        if (found) out.emplace(address, *found);
    }
    return out;
}

InBand::Rules InBand::wanted(const Bridge& bridge, const std::vector<ManagerConfig>& managers,
                             const FindHop& find_hop) {
    constexpr int32_t base = pipeline::in_band_priority;
    const bool disabled = get_bool(bridge.config.other_config, "disable-in-band");
    const auto remotes = disabled ? std::vector<Remote>() : remotes_of(bridge.config, managers);
    std::set<std::string> addresses;
    for (const Remote& r : remotes) addresses.insert(r.ip);
    hops_ = find_hops(addresses, find_hop, hops_);
    if (remotes.empty()) return {};
    const std::string mac = bridge.mac.to_string();
    Rules rules;
    // The bridge's own interface gets an address by DHCP and resolves those of others by ARP.
    rules.emplace(base, fmt::format("udp,in_port=LOCAL,dl_src={},tp_src=68,tp_dst=67", mac));
    rules.emplace(base + 1, fmt::format("arp,dl_dst={},arp_op=2", mac));
    rules.emplace(base + 2, fmt::format("arp,dl_src={},arp_op=1", mac));
    // So does the device that packets to others go through.
    for (const auto& [address, hop] : hops_) {
        if (!hop.mac) continue;
        rules.emplace(base + 3, fmt::format("arp,dl_dst={},arp_op=2", hop.mac->to_string()));
        rules.emplace(base + 4, fmt::format("arp,dl_src={},arp_op=1", hop.mac->to_string()));
    }
    for (const Remote& r : remotes) {
        rules.emplace(base + 5, fmt::format("arp,arp_tpa={},arp_op=2", r.ip));
        rules.emplace(base + 6, fmt::format("arp,arp_spa={},arp_op=1", r.ip));
        rules.emplace(base + 7, fmt::format("tcp,nw_dst={},tp_dst={}", r.ip, r.port));
        rules.emplace(base + 8, fmt::format("tcp,nw_src={},tp_src={}", r.ip, r.port));
    }
    return rules;
}

bool InBand::apply(Bridge& bridge, const std::vector<ManagerConfig>& managers, const FindHop& find_hop,
                   Time now) {
    Rules next = wanted(bridge, managers, find_hop);
    const auto queue = queue_of(bridge.config);
    if (next == rules_ && (queue == queue_ || next.empty())) return false;
    pipeline::TablesEdit edit(*bridge.tables, now);
    for (const auto& [priority, match] : rules_) {
        if (next.contains({priority, match})) continue;
        pipeline::FlowChange gone = change_of(priority, match, queue);
        gone.command = pipeline::FlowChange::Command::remove;
        CHECK(edit.apply(gone).has_value());
    }
    for (const auto& [priority, match] : next)
        if (queue != queue_ || !rules_.contains({priority, match}))
            CHECK(edit.apply(change_of(priority, match, queue)).has_value());
    edit.publish();
    rules_ = std::move(next);
    queue_ = queue;
    return true;
}

}  // namespace weft::bridge
