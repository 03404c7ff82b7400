// SPDX-License-Identifier: Apache-2.0
// Which ports, groups and meters a list of actions names: for the filters of flow_mods, and for what happens
// to rules when a group or a meter goes.
#pragma once

#include <functional>

#include "action/action.h"

namespace weft::action {

/// True if some action of the list, also inside clone and write_actions, sends packets to the port by its
/// number.
bool outputs_to(const Actions& actions, OfPort port);
/// The same for groups.
bool uses_group(const Actions& actions, uint32_t group);
/// Every group the list names, also inside clone and write_actions.
void for_each_group(const Actions& actions, const std::function<void(uint32_t)>& visit);
/// The same for meters.
void for_each_meter(const Actions& actions, const std::function<void(uint32_t)>& visit);

}  // namespace weft::action
