// SPDX-License-Identifier: Apache-2.0
// Flow monitors as text: what `ovs-ofctl monitor BRIDGE watch:SPEC` takes.
#pragma once

#include <string_view>

#include "action/text.h"
#include "base/result.h"
#include "openflow/flow_monitor.h"

namespace weft::openflow {

/// `!initial,table=3,out_port=2,ip`: changes of every kind but those turned off. Errors say what ovs-ofctl
/// would.
Result<FlowMonitor> parse_flow_monitor(std::string_view text, const action::Names& names = {});

}  // namespace weft::openflow
