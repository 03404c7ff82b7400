// SPDX-License-Identifier: Apache-2.0
#include "bridge/bridge.h"

#include <algorithm>

namespace weft::bridge {

namespace {

pipeline::VlanSet vlan_set(const std::vector<uint16_t>& vlans) {
    pipeline::VlanSet out;
    for (const uint16_t v : vlans)
        if (v < out.size()) out.set(v);
    return out;
}

pipeline::VlanMode mode_of(const PortConfig& port) {
    using pipeline::VlanMode;
    if (port.vlan_mode == "access") return VlanMode::access;
    if (port.vlan_mode == "trunk") return VlanMode::trunk;
    if (port.vlan_mode == "native-tagged") return VlanMode::native_tagged;
    if (port.vlan_mode == "native-untagged") return VlanMode::native_untagged;
    if (port.vlan_mode == "dot1q-tunnel") return VlanMode::dot1q_tunnel;
    return port.tag ? VlanMode::access : VlanMode::trunk;
}

pipeline::PriorityTags priority_tags(std::string_view text) {
    if (text == "true" || text == "if-nonzero") return pipeline::PriorityTags::if_nonzero;
    return text == "always" ? pipeline::PriorityTags::always : pipeline::PriorityTags::no;
}

pipeline::Port port_view(const Member& m) {
    pipeline::Port out;
    out.number = m.number;
    out.dp_port = m.dp_port;
    out.name = m.config.name;
    out.mac = m.state.mac;
    out.kind = m.is_patch()              ? pipeline::Port::Kind::patch
               : m.number == ofpp::local ? pipeline::Port::Kind::local
                                         : pipeline::Port::Kind::normal;
    out.peer = m.peer;
    out.counters = m.patch;
    out.config = m.of_config & (pipeline::port_config::no_recv | pipeline::port_config::no_recv_stp |
                                pipeline::port_config::no_flood | pipeline::port_config::no_fwd |
                                pipeline::port_config::no_packet_in);
    if (!m.is_patch() && !m.state.admin_up) out.config |= pipeline::port_config::port_down;
    out.link_up = m.is_patch() || m.state.link_up;
    out.bundle = m.bundle;
    return out;
}

}  // namespace

Bridge::Bridge(pipeline::BridgeId bridge_id, pipeline::Versions& versions, Time now)
    : id(bridge_id),
      tables(std::make_shared<pipeline::Tables>(versions, now)),
      macs(std::make_shared<pipeline::MacTable>()) {}

bool Bridge::evicts(uint8_t table) const {
    const auto it = config.flow_tables.find(table);
    return evicting.contains(table) || (it != config.flow_tables.end() && it->second.evict);
}

std::string Bridge::table_name(uint8_t table) const {
    const auto configured = config.flow_tables.find(table);
    if (configured != config.flow_tables.end() && !configured->second.name.empty())
        return configured->second.name;
    const auto given = table_names.find(table);
    return given == table_names.end() ? std::string() : given->second;
}

const Member* Bridge::find(OfPort number) const {
    for (const auto& [name, member] : members)
        if (member.number == number) return &member;
    return nullptr;
}

const PortConfig* Bridge::port_of(std::string_view interface) const {
    for (const PortConfig& port : config.ports)
        for (const InterfaceConfig& i : port.interfaces)
            if (i.name == interface) return &port;
    return nullptr;
}

pipeline::Bundle vlan_settings(const PortConfig& port) {
    pipeline::Bundle out;
    out.name = port.name;
    out.mode = mode_of(port);
    const bool tagged_mode = out.mode != pipeline::VlanMode::trunk;
    if (tagged_mode) out.vlan = port.tag.value_or(0);
    if (out.mode != pipeline::VlanMode::access && !port.trunks.empty()) {
        out.trunks = vlan_set(port.trunks);
        if (out.mode != pipeline::VlanMode::trunk && out.mode != pipeline::VlanMode::dot1q_tunnel)
            out.trunks->set(out.vlan);  // the native VLAN is always carried
    }
    if (!port.cvlans.empty()) out.cvlans = vlan_set(port.cvlans);
    out.qinq_ethertype = get(port.other_config, "qinq-ethtype") == "802.1q" ? 0x8100 : 0x88a8;
    out.priority_tags = priority_tags(get(port.other_config, "priority-tags"));
    out.is_protected = port.is_protected;
    return out;
}

std::shared_ptr<const pipeline::Bridge> pipeline_view(const Bridge& bridge) {
    auto out = std::make_shared<pipeline::Bridge>();
    out->id = bridge.id;
    out->name = bridge.config.name;
    out->uuid = bridge.config.row;
    out->mac = bridge.mac;
    out->tables = bridge.tables;
    out->macs = bridge.macs;
    out->fail_mode =
        bridge.config.fail_mode == "secure" ? pipeline::FailMode::secure : pipeline::FailMode::standalone;
    out->fragments = bridge.fragments;
    out->forward_bpdu = get_bool(bridge.config.other_config, "forward-bpdu");
    out->miss_to_controller = bridge.miss_to_controller;
    out->meters = bridge.meters.numbers();
    out->flood_vlans = vlan_set(bridge.config.flood_vlans);
    for (const auto& [name, member] : bridge.members) out->ports.push_back(port_view(member));
    for (const PortConfig& port : bridge.config.ports) {
        pipeline::Bundle bundle = vlan_settings(port);
        for (const InterfaceConfig& interface : port.interfaces) {
            const auto it = bridge.members.find(interface.name);
            if (it == bridge.members.end()) continue;
            bundle.id = it->second.bundle;
            bundle.members.push_back(it->second.number);
            if (it->second.of_config & pipeline::port_config::no_flood) bundle.floodable = false;
        }
        if (bundle.members.empty()) continue;
        bundle.active = bundle.members.front();
        out->bundles.push_back(std::move(bundle));
    }
    out->finish();
    return out;
}

}  // namespace weft::bridge
