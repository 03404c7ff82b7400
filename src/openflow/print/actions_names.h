// SPDX-License-Identifier: Apache-2.0
// Names of kinds of actions, as features of tables and groups list them.
#pragma once

#include <cstdint>
#include <string>

#include "openflow/version.h"

namespace weft::openflow {

/// A bitmap of action types as the version numbers them; "<none>" if it is empty.
std::string action_names(uint32_t bits, Version version);

}  // namespace weft::openflow
