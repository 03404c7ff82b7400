// SPDX-License-Identifier: Apache-2.0
// Flows as text: what ovs-ofctl add-flow takes and dump-flows prints.
#pragma once

#include <string>
#include <string_view>

#include "action/text.h"
#include "base/result.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"

namespace weft::openflow {

/// `priority=5,ip,nw_dst=10.0.0.0/8,actions=output:2`. Without a table, add and modify mean table 0 and
/// remove means all. Errors say what ovs-ofctl would. `asked`: the whole match in words, if a part of it is
/// left out because it cannot apply (`nw_src` without `ip`); else it is left as it is.
Result<FlowMod> parse_flow_mod(std::string_view text, FlowModCommand command, const action::Names& names = {},
                               std::string* asked = nullptr);

/// What dump-flows takes: the words of a flow that is to be deleted.
Result<FlowQuery> parse_flow_query(std::string_view text, const action::Names& names = {},
                                   std::string* asked = nullptr);
/// The text of a flow names one table.
bool gives_table(std::string_view text);

struct FlowTextOptions {
    bool stats = true;  ///< duration, counters and ages
    bool ages = true;
    action::Names names = {};
};
/// ` cookie=0x0, duration=1.5s, table=0, n_packets=3, ... priority=5,ip actions=output:2`, without the space
/// in front.
std::string format_flow(const FlowStats& flow, const FlowTextOptions& options = {});

}  // namespace weft::openflow
