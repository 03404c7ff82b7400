// SPDX-License-Identifier: Apache-2.0
// Which ports and groups a list of actions names: the out_port and out_group filters of flow_mods.
#pragma once

#include "action/action.h"

namespace weft::pipeline {

/// True if some action of the list, also inside clone and write_actions, sends packets to the port by its
/// number.
bool outputs_to(const action::Actions& actions, OfPort port);
/// The same for groups. No action uses groups yet.
bool uses_group(const action::Actions& actions, uint32_t group);

}  // namespace weft::pipeline
