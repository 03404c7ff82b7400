// SPDX-License-Identifier: Apache-2.0
// Drops that ports and their settings decide.
#include <fmt/core.h>

#include <algorithm>

#include "action/outputs_to.h"
#include "ctl/context.h"
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
    if (!row) {
        out.row = "the port it came by, which is gone by now";
        out.remedies = {"nothing: the port is no part of the bridge any more"};
        return out;
    }
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
    if (out.row.empty()) out.row = fmt::format("bridge {} has no other port", b.config.name);
    if (out.remedies.empty())
        out.remedies.push_back(fmt::format(
            "ovs-vsctl add-port {} DEVICE tag={}, or trunks of a port that has it", b.config.name, vlan));
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
    out.row = fmt::format("ports of bridge {0} (ovs-ofctl show {0})", b.config.name);
    out.remedies = {"let the rule output to a port that exists"};
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
std::optional<Verdict> port_refused(const Case& about) {
    const Member* m = about.out_port();
    if (!m) return std::nullopt;
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

std::optional<Verdict> too_long(const Case& about) {
    const Member* m = about.out_port();
    if (!m) return std::nullopt;
    const std::string& name = m->config.name;
    const int mtu = m->state.mtu;
    return Verdict{
        .summary = fmt::format("It has {} bytes, and port {} sends no more than its MTU of {} allows.",
                               about.record.sample.packet_len, name, mtu),
        .row = fmt::format("Interface \"{}\": mtu={}", name, mtu),
        .remedies = {fmt::format("ovs-vsctl set Interface {} mtu_request={}", name,
                                 about.record.sample.packet_len - 14),
                     "lower the MTU of the sender"},
        .notes = {}};
}

Verdict no_bridge(const Case& about) {
    const DpPort port = about.record.sample.key.dp_in_port();
    const std::string name = port_name(about.backer, port), datapath = about.backer.name();
    if (const Member* now = about.member(port))
        return {.summary = fmt::format("It came by port {} before that belonged to a bridge.", name),
                .row = fmt::format("Interface \"{}\": ofport={} by now", name, now->number.value),
                .remedies = {"nothing: the port was being added, and has its bridge now"},
                .notes = {}};
    return {.summary =
                fmt::format("It came by port {} of datapath {}, which belongs to no bridge.", name, datapath),
            .row = "no row of Bridge has an Interface for this port",
            .remedies = {"ovs-vsctl add-port BRIDGE " + name,
                         fmt::format("ovs-appctl dpctl/del-if {} {}", datapath, name)},
            .notes = {}};
}

Verdict no_recirculation(const Case& about) {
    const uint32_t id = about.record.sample.key.packet.recirc_id.host();
    return {
        .summary = fmt::format("It came back from recirculation {:#x}, and the switch does not know any more "
                               "what was left to do with it.",
                               id),
        .row = fmt::format("datapath {}: no flow leads to recirc({:#x}) any more, since rules or ports have "
                           "changed (ovs-appctl dpctl/dump-flows)",
                           about.backer.name(), id),
        .remedies = {"nothing, if it happened once: later packets take the new flows",
                     "ovs-appctl revalidator/purge, to have all flows made anew"},
        .notes = {}};
}

}  // namespace

std::optional<Verdict> judge_ports(const Case& about) {
    if (about.record.reason.is(dp::Drop::mtu)) return too_long(about);
    if (about.record.reason.is(dp::Drop::tx)) return port_refused(about);
    if (about.is(pipeline::Drop::bridge_not_found)) return no_bridge(about);
    if (about.is(pipeline::Drop::no_recirculation_context)) return no_recirculation(about);
    const Bridge* b = about.site();
    if (!b) return std::nullopt;
    if (about.is(pipeline::Drop::vlan_not_admitted)) return vlan_not_admitted(about, *b);
    if (about.is(pipeline::Drop::vlan_has_no_port)) return vlan_has_no_port(about, *b);
    if (about.is(pipeline::Drop::invalid_port)) return invalid_port(about, *b);
    return std::nullopt;
}

}  // namespace weft::ctl
