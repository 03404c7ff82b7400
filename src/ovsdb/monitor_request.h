// SPDX-License-Identifier: Apache-2.0
// What a client wants to be told: the params of monitor, monitor_cond and monitor_cond_since.
#pragma once

#include <vector>

#include "ovsdb/condition.h"

namespace weft::ovsdb {

enum class UpdateFormat : uint8_t { update, update2, update3 };

/// Kinds of changes, as bits.
enum class Select : uint8_t { initial = 1, insert = 2, remove = 4, modify = 8 };
using SelectSet = uint8_t;
inline constexpr SelectSet select_all = 15;
constexpr bool selects(SelectSet set, Select one) { return (set & static_cast<SelectSet>(one)) != 0; }

struct MonitoredColumn {
    ColumnIndex column;
    SelectSet select;
    bool operator==(const MonitoredColumn&) const = default;
};

struct MonitoredTable {
    TableIndex table;
    SelectSet select = 0;                  ///< what any of the columns selects
    std::vector<MonitoredColumn> columns;  ///< in ascending order
    Condition condition;                   ///< in the sense of matches_any()
    bool operator==(const MonitoredTable&) const = default;
};

/// Value type.
struct MonitorRequest {
    UpdateFormat format = UpdateFormat::update;
    std::vector<MonitoredTable> tables;  ///< in ascending order

    bool operator==(const MonitorRequest&) const = default;
    const MonitoredTable* find(TableIndex table) const;
};

/// `json` is the <monitor-requests> object.
OpResult<MonitorRequest> parse_monitor_request(const codec::Json& json, const Schema& schema,
                                               UpdateFormat format);

/// `request` with the conditions that a monitor_cond_change asks for; tables that it does not name keep
/// theirs.
OpResult<MonitorRequest> change_conditions(const codec::Json& json, const Schema& schema,
                                           MonitorRequest request);

}  // namespace weft::ovsdb
