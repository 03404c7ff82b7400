// SPDX-License-Identifier: Apache-2.0
// Megaflows as text, in the layouts of dpctl/dump-flows and dpif/dump-flows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "action/dp_action_text.h"
#include "bridge/backer.h"
#include "codec/json.h"
#include "flow/dp_text.h"
#include "flow/match.h"
#include "obs/commands.h"

namespace weft::ctl {

struct DumpOptions {
    bool verbose = false, names = false;
    bool of_dpctl = true;  ///< dpif/dump-flows writes less: no comma after a ufid, nothing on the datapath
    bool heading = true;   ///< "flow-dump from the main thread"
    bool json = false;
};

/// One line without its end; `ports` names ports where the options want names.
std::string flow_text(const dp::FlowInfo& info, const action::dp::PortNaming& ports,
                      const DumpOptions& options, Time now);

/// `packets:1, bytes:42, used:0.5s, flags:S`
std::string flow_stats_text(const dp::FlowStats& stats, Time now);

/// `ufid flow packets bytes used tcp_flags actions`, the flow and its actions as flow_text() has them.
codec::Json flow_json(const dp::FlowInfo& info, const action::dp::PortNaming& ports,
                      const DumpOptions& options, Time now);

using FlowInfos = std::vector<dp::FlowInfo>;
/// All flows of the datapath, or those that may carry packets that the filter means.
FlowInfos flows_of(const dp::Datapath& datapath, const std::optional<flow::Match>& filter);
/// Flows that came in by ports of the bridge.
FlowInfos flows_of(bridge::Backer& backer, const bridge::Bridge& bridge);
/// A line for each; nothing if there are none.
obs::Shown show_flows(const FlowInfos& flows, const dp::Datapath& datapath, const DumpOptions& options,
                      Time now);

/// Names of the datapath's ports.
action::dp::PortNaming port_naming(const dp::Datapath& datapath);
flow::DpPortNames flow_naming(const dp::Datapath& datapath);

/// What kind of device a port is: internal ports are taps.
std::string device_type(const dp::PortState& state);

std::string ufid_text(const dp::FlowId& id);
/// "ufid:" may precede.
std::optional<dp::FlowId> parse_ufid(std::string_view text);

}  // namespace weft::ctl
