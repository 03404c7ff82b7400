// SPDX-License-Identifier: Apache-2.0
// From one consistent version of the database to the wanted state.
#pragma once

#include "bridge/config.h"
#include "ovsdb/client/view.h"

namespace weft::bridge {

/// Pure. Rows that contradict others (an interface in two bridges, say) are left out; the first one counts.
Config read_config(const ovsdb::client::View& view);

/// Types of Interface that we know by name and cannot make yet.
bool is_tunnel_type(std::string_view type);

/// By text, but runs of digits by value: p2 before p10.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace weft::bridge
