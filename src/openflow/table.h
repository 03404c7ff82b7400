// SPDX-License-Identifier: Apache-2.0
// Flow tables as OpenFlow describes them. Values, free of wire versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "openflow/version.h"

namespace weft::openflow {

/// What becomes of a packet that no flow of the table matches; standard: by version (1.0-1.2 to the
/// controller, 1.3+ dropped).
enum class TableMiss : uint8_t { standard, controller, go_on, drop };

struct TableInfo {
    uint8_t id = 0;
    std::string name{};  ///< cut to 31 characters on the wire
    uint32_t max_entries = 1000000;
    uint32_t active = 0;
    uint64_t lookups = 0, matches = 0;
    TableMiss miss = TableMiss::standard;
    bool eviction = false;
    static constexpr uint32_t flags_not_told = ~uint32_t{0};
    uint32_t eviction_flags = 7;  ///< what is weighed: importance, lifetime, other
    bool vacancy_events = false;
    uint8_t vacancy_down = 0, vacancy_up = 0;  ///< percent of room that vacancy events are about
    uint8_t vacancy = 0;                       ///< percent of room that is left
    bool operator==(const TableInfo&) const = default;
};

/// OFPT_TABLE_MOD; all_tables means each.
struct TableMod {
    uint8_t table = 0xff;
    TableMiss miss = TableMiss::standard;              ///< 1.1 and 1.2 only
    std::optional<bool> eviction{}, vacancy_events{};  ///< 1.4 and newer
    uint32_t eviction_flags = 0;
    uint8_t vacancy_down = 0, vacancy_up = 0;
    bool operator==(const TableMod&) const = default;
};

/// OFPT_TABLE_STATUS: the room in a table fell below, or rose above, what was asked for.
enum class TableReason : uint8_t { vacancy_down = 3, vacancy_up = 4 };
struct TableStatus {
    TableReason reason{};
    TableInfo table{};
    bool operator==(const TableStatus&) const = default;
};

/// What a controller wants a table to be (1.3 and newer). All our tables can do the same and do not change,
/// but for their names.
struct TableFeatures {
    enum class Command : uint8_t { replace, modify, enable, disable } command{};  ///< before 1.5: replace
    uint8_t table = 0;
    std::string name{};
    uint32_t max_entries = 0;
    bool operator==(const TableFeatures&) const = default;
};

/// Bitmap of the actions that tables and groups can do, as this version numbers them.
uint32_t supported_actions(Version v);

}  // namespace weft::openflow
