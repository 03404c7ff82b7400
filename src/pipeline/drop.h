// SPDX-License-Identifier: Apache-2.0
// Why a packet is dropped. Every reason has a coverage counter's name, which is an interface, and a sentence
// for people.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weft::pipeline {

enum class Drop : uint8_t {
    none,  ///< not dropped
    // Decided by the rules.
    of_pipeline,  ///< a rule that outputs nowhere
    // Translation gave up.
    bridge_not_found,
    recursion_too_deep,
    too_many_resubmit,
    stack_too_deep,
    no_recirculation_context,
    recirculation_conflict,
    too_many_mpls_labels,
    invalid_tunnel_metadata,
    unsupported_packet_type,
    congestion,
    needs_conntrack,  ///< until the datapath tracks connections
    // The rules sent it nowhere, or nowhere it could go.
    forwarding_disabled,
    invalid_port,
    fragment,
    // A port or NORMAL refused.
    port_down,
    no_recv,
    reserved_multicast,
    vlan_not_admitted,
    mirror_output_port,
    bond_not_admitted,
    learned_port_is_input,
    vlan_has_no_port,  ///< a flood that no other port carries
    // The rules, more exactly.
    no_match,         ///< no rule in the last table
    drop_rule,        ///< a rule without actions
    output_to_input,  ///< a packet does not leave where it came in
    no_bucket,        ///< the group does not exist, or none of its buckets is alive
    ttl_expired,
    count,
};
/// Up to here translation gave up, from of_pipeline on.
inline constexpr Drop last_error = Drop::needs_conntrack;
inline constexpr size_t n_drops = static_cast<size_t>(Drop::count);

/// "drop_action_of_pipeline"
std::string_view coverage_name(Drop reason);
/// "no rule matched"
std::string_view explanation(Drop reason);

}  // namespace weft::pipeline
