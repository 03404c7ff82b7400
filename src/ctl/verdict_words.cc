// SPDX-License-Identifier: Apache-2.0
// Drops of which their reason says nearly all: a row for each.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "ctl/verdict.h"

namespace weft::ctl {

namespace {

/// {name} stands for what a_case() has of that name.
struct Row {
    bridge::DropReason reason;
    std::string_view summary, row;
    std::array<std::string_view, 2> remedies;
};

using Rules = pipeline::Drop;
using Datapath = dp::Drop;
using bridge::SwitchDrop;

constexpr std::string_view of_rule = "{rule}", another = "{change}";

const Row rows[] = {
    {Rules::of_pipeline,
     "What the rules do to it sends it nowhere: none of their actions outputs it.",
     of_rule,
     {another}},
    {Rules::drop_rule, "A rule drops it.", of_rule, {another}},
    {Rules::recirculation_conflict,
     "What is left to do with it after recirculation contradicts itself.",
     of_rule,
     {another}},
    {Rules::too_many_mpls_labels,
     "It would carry more MPLS labels than the three that the switch can tell apart.",
     of_rule,
     {"let the rule pop labels before it pushes others: {change}"}},
    {Rules::invalid_tunnel_metadata,
     "The options of its tunnel header are malformed.",
     "port {port} of bridge {bridge}",
     {"have the other end of the tunnel send options that are mapped (ovs-ofctl dump-tlv-map {bridge})"}},
    {Rules::unsupported_packet_type,
     "An action met a kind of packet that it cannot work on, or a port was to send one without an Ethernet "
     "header.",
     of_rule,
     {"put encap(ethernet) in front of the output, or decap() where it is missing: {change}"}},
    {Rules::congestion,
     "Its tunnel header tells of congestion, and the packet inside has no way to pass that on (ECN).",
     "port {port} of bridge {bridge}",
     {"have the sender of the inner packets use ECN"}},
    {Rules::needs_conntrack,
     "A rule sends it to connection tracking, which no datapath of this switch has yet.",
     of_rule,
     {"take ct out of the rule's actions: {change}"}},
    {Rules::forwarding_disabled,
     "The output port does not forward: NO_FWD is set, both ports are protected, or STP blocks it.",
     "ovs-ofctl show {bridge} (NO_FWD), Port protected",
     {"ovs-ofctl mod-port {bridge} PORT forward", "ovs-vsctl set Port PORT protected=false"}},
    {Rules::fragment,
     "It is a fragment of an IP packet, and the bridge drops fragments.",
     "fragment handling of bridge {bridge}: drop",
     {"ovs-ofctl set-frags {bridge} normal"}},
    {Rules::no_bucket,
     "It went to a group that does not exist, or of which no bucket is alive.",
     of_rule,
     {"ovs-ofctl -O OpenFlow13 dump-groups {bridge} tells the groups there are", another}},
    {Rules::port_down,
     "Port {port} is down.",
     "port configuration of {port}: PORT_DOWN",
     {"ovs-ofctl mod-port {bridge} {port} up"}},
    {Rules::no_recv,
     "Port {port} was told not to receive.",
     "port configuration of {port}: NO_RECV",
     {"ovs-ofctl mod-port {bridge} {port} receive"}},
    {Rules::reserved_multicast,
     "Its destination is an address of link protocols, and bridge {bridge} keeps those.",
     "Bridge {bridge}: other_config:forward-bpdu is not true",
     {"ovs-vsctl set Bridge {bridge} other_config:forward-bpdu=true"}},
    {Rules::mirror_output_port,
     "Port {port} is there for what a mirror sends: what it brings is dropped.",
     "Mirror output_port of bridge {bridge}",
     {"ovs-vsctl clear Bridge {bridge} mirrors", "have the packet come by another port"}},
    {Rules::bond_not_admitted,
     "It came by {port}, an interface of a bond that is not the active one.",
     "Port interfaces: {port} and others, of which one is active",
     {"have the other end of the bond send by the active interface"}},
    {Rules::learned_port_is_input,
     "Its destination {dst} was learned on port {port}, by which the packet came.",
     "the MAC table of bridge {bridge} (ovs-appctl fdb/show {bridge})",
     {"nothing, if the destination is behind that port", "ovs-appctl fdb/flush {bridge}"}},
    {Rules::output_to_input,
     "Its only output is port {port}, by which it came.",
     "OpenFlow: a packet leaves by the port it came in only if the action is in_port",
     {"use the action in_port in the rule: {change}"}},

    {Datapath::explicit_drop, "Its flow in the datapath says drop.", of_rule, {another}},
    {Datapath::rx_invalid,
     "It has {bytes} bytes, which is too short for an Ethernet header.",
     "what the device of port {port} received",
     {"look at the sender: no Ethernet frame is that short"}},
    {Datapath::upcall_lost,
     "The datapath did not know its flow, and nobody translated it: the switch was starting, stopping or "
     "changing that flow.",
     "datapath {datapath} (ovs-appctl dpctl/show counts them as lost)",
     {"nothing, if it happened once; else: weft doctor"}},
    {Datapath::recirculation,
     "It came back from recirculation more often than a datapath lets it.",
     of_rule,
     {"let fewer groups, popped labels and clones follow one another: {change}"}},
    {Datapath::truncated,
     "It was to be cut shorter than an Ethernet header before it left by port {out}.",
     of_rule,
     {"let max_len of the output be 14 at least: {change}"}},
    {Datapath::offload,
     "Its sender left a checksum or the segmentation to others, and its headers do not fit that.",
     "what the device of port {port} received",
     {"have the sender do it itself: ethtool -K DEVICE tx off tso off gso off"}},
    {Datapath::conntrack,
     "Its flow tracks connections, which no datapath of this switch does yet.",
     of_rule,
     {"take ct out of the rule's actions: {change}"}},
    {Datapath::no_ethernet,
     "It had no Ethernet header when it was to leave by port {out}, which takes frames only.",
     of_rule,
     {"put encap(ethernet) in front of the output: {change}"}},
    {Datapath::mtu,
     "It has {bytes} bytes, more than the MTU allowed of the port it was to leave by, which is gone by now.",
     "no Interface has port {arg} of datapath {datapath}",
     {"nothing, if the port was removed on purpose", "lower the MTU of the sender"}},
    {Datapath::tx,
     "The device that it was to leave by did not take it, and is gone by now.",
     "no Interface has port {arg} of datapath {datapath}",
     {"nothing, if the port was removed on purpose: the flow follows it",
      "ovs-vsctl add-port BRIDGE DEVICE"}},
    {Datapath::invalid_port,
     "The port it was to leave by is gone: datapath {datapath} has no port {arg} any more.",
     "no Interface has port {arg} of datapath {datapath}",
     {"nothing, if the port was removed on purpose: the flow follows it",
      "ovs-vsctl add-port BRIDGE DEVICE"}},

    {SwitchDrop::inbox_full,
     "More packets were for controllers at once than the switch keeps for them.",
     "packets for the controllers of bridge {bridge}",
     {"have the controller install rules, so that fewer packets are sent to it",
      "ovs-ofctl -O OpenFlow13 add-meter {bridge} meter=controller,pktps,band=type=drop,rate=1000"}},
    {SwitchDrop::flow_restore_wait,
     "Flows are being restored: until then packets are dropped.",
     "Open_vSwitch other_config:flow-restore-wait=true",
     {"restore the flows (ovs-ofctl), or leave it to ovs-ctl restart",
      "ovs-vsctl remove Open_vSwitch . other_config flow-restore-wait"}},
};

std::string name_of(const bridge::Member* member) { return member ? member->config.name : "?"; }

/// A row's text, told of this case.
std::string about_it(std::string_view text, const Case& about) {
    const bridge::Bridge* b = about.site();
    const bridge::Member* in = b ? b->find(about.record.site.in_port) : nullptr;
    const auto rule = about.rule();
    std::string which = "actions that came with the packet, of no rule",
                change = "send it with other actions";
    if (rule && b) {
        const std::string told = rule_text(facts_of(*rule, *b));
        which = fmt::format("the rule {} of bridge {}", told, b->config.name);
        change = fmt::format("ovs-ofctl --strict mod-flows {} \"{},actions=...\"", b->config.name, told);
    }
    return fmt::format(
        fmt::runtime(text), fmt::arg("bridge", b ? b->config.name : "?"),
        fmt::arg("port", name_of(in ? in : about.in_port())), fmt::arg("out", name_of(about.out_port())),
        fmt::arg("rule", which), fmt::arg("change", change), fmt::arg("datapath", about.backer.name()),
        fmt::arg("arg", about.record.sample.arg), fmt::arg("bytes", about.record.sample.packet_len),
        fmt::arg("dst", about.key().packet.eth_dst.to_string()));
}

}  // namespace

std::optional<Verdict> judge_in_words(const Case& about) {
    const Row* row = std::ranges::find(rows, about.record.reason, &Row::reason);
    if (row == std::end(rows)) return std::nullopt;
    const auto names = [&](std::string_view what) {
        return row->summary.contains(what) || row->row.contains(what);
    };
    if (!about.site() && (names("{rule}") || names("{bridge}"))) return std::nullopt;
    Verdict out{.summary = about_it(row->summary, about),
                .row = about_it(row->row, about),
                .remedies = {},
                .notes = {}};
    for (const std::string_view remedy : row->remedies)
        if (!remedy.empty()) out.remedies.push_back(about_it(remedy, about));
    return out;
}

}  // namespace weft::ctl
