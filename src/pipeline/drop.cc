// SPDX-License-Identifier: Apache-2.0
#include "pipeline/drop.h"

#include <array>

#include "base/result.h"

namespace weft::pipeline {

namespace {

struct Words {
    Drop reason;
    std::string_view coverage, explanation;
};

// Names that Open vSwitch has are the same; the others follow their pattern.
constexpr Words table[] = {
    {Drop::none, "", "not dropped"},
    {Drop::of_pipeline, "drop_action_of_pipeline", "the rules output the packet nowhere"},
    {Drop::bridge_not_found, "drop_action_bridge_not_found", "Bridge not found"},
    {Drop::recursion_too_deep, "drop_action_recursion_too_deep", "Recursion too deep"},
    {Drop::too_many_resubmit, "drop_action_too_many_resubmit", "Too many resubmits"},
    {Drop::stack_too_deep, "drop_action_stack_too_deep", "Stack too deep"},
    {Drop::no_recirculation_context, "drop_action_no_recirculation_context", "No recirculation context"},
    {Drop::recirculation_conflict, "drop_action_recirculation_conflict", "Recirculation conflict"},
    {Drop::too_many_mpls_labels, "drop_action_too_many_mpls_labels", "Too many MPLS labels"},
    {Drop::invalid_tunnel_metadata, "drop_action_invalid_tunnel_metadata", "Invalid tunnel metadata"},
    {Drop::unsupported_packet_type, "drop_action_unsupported_packet_type", "Unsupported packet type"},
    {Drop::congestion, "drop_action_congestion", "ECN mismatch at tunnel decapsulation"},
    {Drop::needs_conntrack, "drop_action_needs_conntrack",
     "needs connection tracking, which this datapath does not have yet"},
    {Drop::forwarding_disabled, "drop_action_forwarding_disabled",
     "Forwarding is disabled on the output port"},
    {Drop::invalid_port, "drop_action_invalid_port", "the port does not exist"},
    {Drop::fragment, "drop_action_fragment", "IP fragments are dropped by configuration"},
    {Drop::port_down, "drop_action_port_down", "the port is down"},
    {Drop::no_recv, "drop_action_no_recv", "the port was told not to receive (no-receive)"},
    {Drop::reserved_multicast, "drop_action_reserved_multicast",
     "reserved destination MAC, and forward-bpdu is off"},
    {Drop::vlan_not_admitted, "drop_action_vlan_not_admitted", "the port does not take this VLAN"},
    {Drop::mirror_output_port, "drop_action_mirror_output_port",
     "the port is reserved for a mirror's output"},
    {Drop::bond_not_admitted, "drop_action_bond_not_admitted", "the bond member is not the active one"},
    {Drop::learned_port_is_input, "drop_action_learned_port_is_input",
     "the destination is on the port it came from"},
    {Drop::vlan_has_no_port, "drop_action_vlan_has_no_port", "no other port carries the packet's VLAN"},
    {Drop::no_match, "drop_action_no_match", "no rule matched"},
    {Drop::drop_rule, "drop_action_rule", "a rule drops it"},
    {Drop::output_to_input, "drop_action_output_to_input", "the only output is the port it came in by"},
    {Drop::no_bucket, "drop_action_no_bucket", "the group does not exist, or no bucket of it is alive"},
    {Drop::ttl_expired, "drop_action_ttl_expired", "the TTL or hop limit ran out"},
};
static_assert(std::size(table) == n_drops);

const Words& words(Drop reason) {
    const Words& w = table[static_cast<size_t>(reason)];
    CHECK(w.reason == reason);
    return w;
}

}  // namespace

std::string_view coverage_name(Drop reason) { return words(reason).coverage; }
std::string_view explanation(Drop reason) { return words(reason).explanation; }

}  // namespace weft::pipeline
