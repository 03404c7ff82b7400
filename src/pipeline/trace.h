// SPDX-License-Identifier: Apache-2.0
// The output of ofproto/trace.
#pragma once

#include <string>

#include "action/dp_action_text.h"
#include "flow/port_text.h"
#include "pipeline/translate.h"

namespace weft::pipeline {

/// Translates with a trace and tells it as ofproto/trace does, from "Flow:" to "Datapath actions:" and, if
/// there is more to say, why the packet was dropped or goes the slow way. `request.trace` is ignored. The
/// translation goes to `out`, for the caller to play its effects if there was a packet. With names, ports are
/// named.
std::string trace(const Snapshot& snapshot, const Request& request, Translation& out,
                  const action::dp::PortNaming& ports = {}, const flow::PortNames* names = nullptr);

}  // namespace weft::pipeline
