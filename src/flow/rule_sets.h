// SPDX-License-Identifier: Apache-2.0
// Rule sets for benchmarks, in the manner of ClassBench (Taylor and Turner, INFOCOM 2005): prefixes of nested
// networks, ports that are wild, exact or a range's prefix, the specific rules before the general ones. Made
// from a seed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/match.h"

namespace weft::flow {

/// What such a rule set is for: access lists, firewalls, IP chains. They differ in which lengths of prefixes
/// and which ports their rules have.
enum class RuleSetKind : uint8_t { acl, fw, ipc };

/// Value type, as a line of a filter table.
struct FilterRule {
    uint32_t src = 0, dst = 0;
    uint8_t src_length = 0, dst_length = 0;
    uint16_t src_port = 0, src_port_mask = 0, dst_port = 0, dst_port_mask = 0;
    uint8_t proto = 0;  ///< 0: any, and no ports then
    int32_t priority = 0;

    Match match() const;
    /// As flow syntax has it: `priority=1,tcp,nw_src=10.0.0.0/8`.
    std::string text() const;
};

struct FilterPacket {
    uint32_t src, dst;
    uint16_t src_port, dst_port;

    FlowKey key() const;
};

struct RuleSet {
    std::vector<FilterRule> rules;
    std::vector<FilterPacket> packets;  ///< TCP, most of them such that some rule matches
};

RuleSet make_rule_set(RuleSetKind kind, size_t n_rules, size_t n_packets, uint64_t seed);

}  // namespace weft::flow
