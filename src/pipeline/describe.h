// SPDX-License-Identifier: Apache-2.0
// Words for a trace.
#pragma once

#include <string>

#include "action/action.h"
#include "flow/field.h"
#include "flow/port_text.h"
#include "pipeline/config.h"

namespace weft::pipeline {

/// `bridge("br0")`
std::string bridge_title(const Bridge& bridge);
/// Names of the bridge's ports.
flow::PortNames port_names(const Bridge& bridge);
/// `output:2`
std::string describe(const action::Action& a, const flow::PortNames* names = nullptr);
/// "0x1f", or 0.
std::string describe_cookie(uint64_t cookie);
/// ` 0. ip,in_port=1, priority 100, cookie 0x12`; or that there is no such rule.
std::string describe_lookup(uint8_t table, const Rule* rule, const Tables& tables,
                            const flow::PortNames* names = nullptr);
/// `NXM_NX_REG1[8..23] is now 0x5678`
std::string describe_write(flow::Subfield dst, const flow::FlowKey& key);
/// `table=1 dl_dst=.. priority=5 idle=10 actions=output:1`
std::string describe_learned(const FlowChange& change, const Tables& tables);

}  // namespace weft::pipeline
