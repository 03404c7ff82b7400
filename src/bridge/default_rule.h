// SPDX-License-Identifier: Apache-2.0
// What a bridge does on its own: the NORMAL rule of a standalone bridge, and failing open.
#pragma once

#include <vector>

#include "bridge/bridge.h"
#include "pipeline/flow_change.h"

namespace weft::bridge {

/// A bridge switches by itself: fail_mode is not secure, and no controller is configured.
bool switches_alone(const BridgeConfig& config);
/// Some Controller row is a primary controller, not just a listening service.
bool has_controllers(const BridgeConfig& config);

/// Empties the tables, and puts the rule `priority=0 actions=NORMAL` in if `alone`.
std::vector<pipeline::RuleEvent> restart_tables(Bridge& bridge, bool alone, Time now);
/// Adds or removes the hidden rule that makes an abandoned bridge switch.
void set_fail_open(Bridge& bridge, bool open, Time now);

}  // namespace weft::bridge
