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
    {Drop::of_pipeline, "drop_action_of_pipeline", "no rule matched, or none that outputs the packet"},
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
    {Drop::needs_recirculation, "drop_action_needs_recirculation",
     "Needs recirculation, which does not exist yet"},
    {Drop::unsupported_action, "drop_action_unsupported_action", "Unsupported action"},
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
