// SPDX-License-Identifier: Apache-2.0
// Sets of flows from switches and files, and what differs between them.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "cli/ofctl/flow_file.h"
#include "openflow/flow_stats.h"

namespace weft::cli::ofctl {

/// Flows by what makes them one: table, priority, match (its text, which is the same for the same packets).
using FlowTable = std::map<std::tuple<uint8_t, uint16_t, std::string>, openflow::FlowStats>;

/// The flows of a file; `usable` shrinks to the formats that can say them.
Result<FlowTable> read_flow_file(Tool& t, const std::string& file, const std::string& target,
                                 FlowFormats& usable);
Result<FlowTable> read_flows(Tool& t, Client& client);

/// Alike but for statistics.
bool is_same(const openflow::FlowStats& a, const openflow::FlowStats& b);

/// "FILE or SWITCH": as diff-flows decides.
bool names_file(const std::string& source);

}  // namespace weft::cli::ofctl
