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

/// Bitmap of the actions that tables and groups can do, as this version numbers them.
uint32_t supported_actions(Version v);

}  // namespace weft::openflow
