// SPDX-License-Identifier: Apache-2.0
// Drops that ports and their settings decide.
#include <fmt/core.h>

#include <algorithm>

#include "action/outputs_to.h"
#include "ctl/verdict.h"

namespace weft::ctl {

namespace {

using bridge::Bridge;
using bridge::Member;
using bridge::PortConfig;

std::string numbers(const std::vector<uint16_t>& list) {
    std::string out;
    for (const uint16_t n : list) out += (out.empty() ? "" : ",") + std::to_string(n);
    return out;
}

/// `Port "h1": tag=10, vlan_mode=access`
std::string port_row(const PortConfig& p) {
    std::string out = "Port \"" + p.name + "\":";
    const size_t bare = out.size();
    const auto add = [&](const std::string& text) { out += (out.size() == bare ? " " : ", ") + text; };
    if (p.tag) add("tag=" + std::to_string(*p.tag));
    if (!p.trunks.empty()) add("trunks=" + numbers(p.trunks));
    if (!p.cvlans.empty()) add("cvlans=" + numbers(p.cvlans));
    if (!p.vlan_mode.empty()) add("vlan_mode=" + p.vlan_mode);
    if (p.is_protected) add("protected=true");
    if (out.size() == bare) add("no VLAN settings");
    return out;
}

const PortConfig* row_of(const Bridge& b, const Member* m) { return m ? b.port_of(m->config.name) : nullptr; }

unsigned vlan_of(const flow::FlowKey& key) { return key.packet.vlan[0].tci.host() & flow::vlan_vid_mask; }

Verdict vlan_not_admitted(const Case& about, const Bridge& b) {
    Verdict out;
    const PortConfig* row = row_of(b, b.find(about.record.site.in_port));
    if (!row) row = row_of(b, about.in_port());
    const unsigned vlan = vlan_of(about.key());
    const std::string name = row ? row->name : "?";
    out.summary =
        vlan ? fmt::format("It carries VLAN {}, which port {} of bridge {} does not take.", vlan, name,
                           b.config.name)
             : fmt::format("It has no VLAN tag, or part of one, and port {} of bridge {} does not take it.",
                           name, b.config.name);
    if (!row) return out;
    out.row = port_row(*row);
    if (row->tag && row->trunks.empty()) {
        out.remedies = {
            fmt::format("send untagged frames: the port puts them into VLAN {}", *row->tag),
            fmt::format("ovs-vsctl set Port {} tag={} (its untagged frames), and send untagged", name, vlan),
            fmt::format("ovs-vsctl clear Port {} tag -- set Port {} vlan_mode=trunk trunks={}", name, name,
                        vlan)};
    } else {
        out.remedies = {fmt::format("ovs-vsctl add Port {} trunks {}", name, vlan)};
    }
    return out;
}

Verdict vlan_has_no_port(const Case& about, const Bridge& b) {
    Verdict out;
    const PortConfig* in = row_of(b, b.find(about.record.site.in_port));
    const unsigned vlan = vlan_of(about.key()) ? vlan_of(about.key()) : in && in->tag ? *in->tag : 0u;
    out.summary = fmt::format("It is in VLAN {}, and no other port of bridge {} carries that VLAN.", vlan,
                              b.config.name);
    for (const PortConfig& p : b.config.ports) {
        if (in && p.name == in->name) continue;
        out.row += (out.row.empty() ? "" : "\n") + port_row(p);
        if (out.remedies.size() < 3 && p.tag)
            out.remedies.push_back(fmt::format("ovs-vsctl set Port {} tag={}", p.name, vlan));
    }
    if (in && in->tag) out.notes.push_back("It came in by " + port_row(*in) + ".");
    return out;
}

/// Ports that the rule outputs to and that do not exist.
std::vector<OfPort> missing_outputs(const pipeline::RulePtr& rule, const Bridge& b) {
    std::vector<OfPort> out;
    if (!rule) return out;
    for (const action::Action& a : rule->actions())
        if (const auto* o = std::get_if<action::Output>(&a.v))
            if (o->port.value < ofpp::in_port.value && !b.find(o->port)) out.push_back(o->port);
    return out;
}

Verdict invalid_port(const Case& about, const Bridge& b) {
    Verdict out;
    const auto missing = missing_outputs(about.record.site.rule, b);
    out.summary = "It was to go to a port that does not exist.";
    for (const OfPort port : missing) {
        out.summary = fmt::format("It was to go to port {} of bridge {}, which has no such port.", port.value,
                                  b.config.name);
        out.row = fmt::format("no Interface of bridge {} has ofport={}", b.config.name, port.value);
        out.remedies = {fmt::format("ovs-vsctl add-port {} DEVICE -- set Interface DEVICE ofport_request={}",
                                    b.config.name, port.value),
                        "let the rule output to a port that exists (ovs-ofctl show " + b.config.name + ")"};
    }
    for (const auto& [name, error] : b.errors)
        out.notes.push_back(fmt::format("Interface \"{}\" does not work: {}", name, error));
    for (const auto& [name, m] : b.members)
        if (m.is_patch() && !m.peer)
            out.notes.push_back(fmt::format("Patch port \"{}\" has no other end.", name));
    return out;
}

/// The device did not take it.
Verdict port_refused(const Case& about) {
    const Member* m = about.out_port();
    if (!m) return {.summary = "Its output port is gone.", .row = {}, .remedies = {}, .notes = {}};
    const std::string& name = m->config.name;
    Verdict out;
    if (!m->state.admin_up) {
        out.summary = fmt::format("It was to leave by port {}, whose device is down.", name);
        out.row = fmt::format("Interface \"{}\": admin_state=down", name);
        out.remedies = {"ip link set " + name + " up", "ovs-ofctl mod-port BRIDGE " + name + " up"};
    } else if (!m->state.link_up) {
        out.summary = fmt::format(
            "It was to leave by port {}, whose link is down: the other end is off or unplugged.", name);
        out.row = fmt::format("Interface \"{}\": link_state=down", name);
        out.remedies = {"turn the other end on, or plug it in"};
    } else {
        out.summary = fmt::format("The device of port {} did not take it: its transmit queue is full.", name);
        out.row = fmt::format("Interface \"{}\": tx_dropped grows (ovs-ofctl dump-ports)", name);
        out.remedies = {"send less to this port, or give the device a longer queue (ip link set " + name +
                        " txqueuelen ...)"};
    }
    return out;
}

Verdict too_long(const Case& about) {
    const Member* m = about.out_port();
    const std::string name = m ? m->config.name : "?";
    const int mtu = m ? m->state.mtu : 0;
    return {.summary = fmt::format("It has {} bytes, and port {} sends no more than its MTU of {} allows.",
                                   about.record.sample.packet_len, name, mtu),
            .row = fmt::format("Interface \"{}\": mtu={}", name, mtu),
            .remedies = {fmt::format("ovs-vsctl set Interface {} mtu_request={}", name,
                                     about.record.sample.packet_len - 14),
                         "lower the MTU of the sender"},
            .notes = {}};
}

Verdict setting(const Case& about, const Bridge& b) {
    using enum pipeline::Drop;
    const Member* in = b.find(about.record.site.in_port);
    const std::string port = in ? in->config.name : "?", &br = b.config.name;
    Verdict out{.summary = std::string(about.record.reason.text()), .row = {}, .remedies = {}, .notes = {}};
    if (about.is(no_recv)) {
        out.summary = fmt::format("Port {} was told not to receive.", port);
        out.row = fmt::format("port configuration of {}: NO_RECV", port);
        out.remedies = {fmt::format("ovs-ofctl mod-port {} {} receive", br, port)};
    } else if (about.is(reserved_multicast)) {
        out.summary =
            fmt::format("Its destination is an address of link protocols, and bridge {} keeps those.", br);
        out.row = fmt::format("Bridge {}: other_config:forward-bpdu is not true", br);
        out.remedies = {"ovs-vsctl set Bridge " + br + " other_config:forward-bpdu=true"};
    } else if (about.is(learned_port_is_input)) {
        out.summary = fmt::format("Its destination {} was learned on port {}, by which the packet came.",
                                  about.key().packet.eth_dst.to_string(), port);
        out.row = fmt::format("the MAC table of bridge {} (ovs-appctl fdb/show {})", br, br);
        out.remedies = {"nothing, if the destination is behind that port", "ovs-appctl fdb/flush " + br};
    } else if (about.is(output_to_input)) {
        out.summary = fmt::format("Its only output is port {}, by which it came.", port);
        out.row = "OpenFlow: a packet leaves by the port it came in only if the action is in_port";
        out.remedies = {"use the action in_port in the rule"};
    } else if (about.is(forwarding_disabled)) {
        out.summary =
            "The output port does not forward: NO_FWD is set, both ports are protected, or STP blocks it.";
        out.row = fmt::format("ovs-ofctl show {} (NO_FWD), Port protected", br);
        out.remedies = {fmt::format("ovs-ofctl mod-port {} PORT forward", br),
                        "ovs-vsctl set Port PORT protected=false"};
    }
    return out;
}

Verdict no_bridge(const Case& about) {
    const std::string port = std::to_string(about.record.sample.key.dp_in_port().value);
    return {.summary = "It came by port " + port + " of the datapath, which belongs to no bridge.",
            .row = "no row of Bridge has an Interface for this port",
            .remedies = {"ovs-vsctl add-port BRIDGE DEVICE", "ovs-appctl dpctl/del-if DATAPATH " + port},
            .notes = {}};
}

}  // namespace

Verdict judge_ports(const Case& about) {
    const dp::Drop* own = std::get_if<dp::Drop>(&about.record.reason.v);
    if (own && *own == dp::Drop::mtu) return too_long(about);
    if (own && (*own == dp::Drop::tx || *own == dp::Drop::invalid_port)) return port_refused(about);
    if (own)
        return {.summary = "The datapath dropped it: " + std::string(dp::explanation(*own)) + ".",
                .row = {},
                .remedies = {},
                .notes = {}};
    const Bridge* b = about.site();
    if (!b || about.is(pipeline::Drop::bridge_not_found)) return no_bridge(about);
    if (about.is(pipeline::Drop::vlan_not_admitted)) return vlan_not_admitted(about, *b);
    if (about.is(pipeline::Drop::vlan_has_no_port)) return vlan_has_no_port(about, *b);
    if (about.is(pipeline::Drop::invalid_port)) return invalid_port(about, *b);
    return setting(about, *b);
}

}  // namespace weft::ctl
