// SPDX-License-Identifier: Apache-2.0
// Rules that almost match a packet.
#pragma once

#include <string>
#include <vector>

#include "pipeline/snapshot.h"

namespace weft::ctl {

struct NearRule {
    pipeline::RulePtr rule;
    std::string differs;  ///< "tp_dst=80": the parts of its match that the packet does not meet
};

/// The rules of a table that differ from the packet in the fewest fields, at most two of them and two fields.
/// Looks at a bounded number of rules.
std::vector<NearRule> near_rules(const pipeline::Tables& tables, uint8_t table, pipeline::State& state,
                                 const flow::FlowKey& key);

}  // namespace weft::ctl
