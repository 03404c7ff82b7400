// SPDX-License-Identifier: Apache-2.0
// The output of ofproto/trace.
#pragma once

#include <string>
#include <vector>

#include "action/dp_action_text.h"
#include "flow/port_text.h"
#include "pipeline/translate.h"

namespace weft::pipeline {

/// A trace in parts. Value type.
struct TraceStory {
    std::string flow;  ///< the packet as it came
    obs::TraceNode path;
    std::string final_flow;  ///< empty: unchanged
    std::string megaflow, datapath_actions;
    std::vector<std::string> slow;  ///< why packets go the slow path
    std::string failure;            ///< why translation gave up; empty: it did not
};
TraceStory tell(const Snapshot& snapshot, const Request& request, Translation& out,
                const action::dp::PortNaming& ports = {}, const flow::PortNames* names = nullptr);
std::string to_text(const TraceStory& story);

/// Translates with a trace and tells it as ofproto/trace does, from "Flow:" to "Datapath actions:" and, if
/// there is more to say, why the packet was dropped or goes the slow way. `request.trace` is ignored. The
/// translation goes to `out`, for the caller to play its effects if there was a packet. With names, ports are
/// named.
std::string trace(const Snapshot& snapshot, const Request& request, Translation& out,
                  const action::dp::PortNaming& ports = {}, const flow::PortNames* names = nullptr);

}  // namespace weft::pipeline
