// SPDX-License-Identifier: Apache-2.0
#include "dp/features.h"

namespace weft::dp {
namespace {

/// As deep as Open vSwitch counts; ours has no bound of its own.
constexpr int nested_samples = 10;

constexpr Feature table[] = {
    {"masked_set_action", "Masked set action", true},
    {"tnl_push_pop", "Tunnel push pop", false},
    {"ufid", "Ufid", true},
    {"trunc", "Truncate action", true},
    {"clone", "Clone action", true},
    {"sample_nesting", "Sample nesting", nested_samples, true},
    {"ct_eventmask", "Conntrack eventmask", false},
    {"ct_clear", "Conntrack clear", false},
    {"max_hash_alg", "Max dp_hash algorithm", 1, true},
    {"check_pkt_len", "Check pkt length action", true},
    {"ct_timeout", "Conntrack timeout policy", false},
    {"explicit_drop_action", "Explicit Drop action", true},
    {"lb_output_action", "Optimized Balance TCP mode", false},
    {"ct_zero_snat", "Conntrack all-zero IP SNAT", false},
    {"add_mpls", "MPLS Label add", true},
    {"max_vlan_headers", "Max VLAN headers", 2, true},
    {"max_mpls_depth", "Max MPLS depth", 3, true},
    {"recirc", "Recirc", true},
    {"ct_state", "CT state", false},
    {"ct_zone", "CT zone", false},
    {"ct_mark", "CT mark", false},
    {"ct_label", "CT label", false},
    {"ct_state_nat", "CT state NAT", false},
    {"ct_orig_tuple", "CT orig tuple", false},
    {"ct_orig_tuple6", "CT orig tuple for IPv6", false},
    {"nd_ext", "IPv6 ND Extension", true},
};

}  // namespace

std::span<const Feature> features() { return table; }

}  // namespace weft::dp
