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
    of_pipeline,  ///< no rule, or one without output
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
    needs_recirculation,  ///< to be taken away with recirculation
    unsupported_action,
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
    count,
};
/// Up to here translation gave up, from of_pipeline on.
inline constexpr Drop last_error = Drop::unsupported_action;
inline constexpr size_t n_drops = static_cast<size_t>(Drop::count);

/// "drop_action_of_pipeline"
std::string_view coverage_name(Drop reason);
/// "no matching rule, or a rule that outputs nowhere"
std::string_view explanation(Drop reason);

}  // namespace weft::pipeline
