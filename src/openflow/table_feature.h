// SPDX-License-Identifier: Apache-2.0
// Properties of a table's features (OpenFlow 1.3, 7.3.5.5.2).
#pragma once

#include <cstdint>

namespace weft::openflow::table_feature {

/// What a property lists. For the table-miss flow the type is one higher; match and wildcards have no such.
enum Type : uint16_t {
    instructions = 0,
    next_tables = 2,
    write_actions = 4,
    apply_actions = 6,
    match = 8,
    wildcards = 10,
    write_set_field = 12,
    apply_set_field = 14,
};

}  // namespace weft::openflow::table_feature
