// SPDX-License-Identifier: Apache-2.0
// What a flow table can match, set and do, as its statistics (1.0-1.2) and features (1.3 and newer) tell it:
// bitmaps there, properties here, one value for both. Only printers want to know all of it.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "openflow/print/field_names.h"
#include "openflow/table.h"

namespace weft::openflow {

/// Value type.
struct TableCapabilities {
    struct Actions {
        uint32_t types = 0;  ///< as 1.1 and newer number them
        FieldSet set_fields{};
        bool operator==(const Actions&) const = default;
    };
    struct Instructions {
        std::bitset<256> next_tables{};
        uint32_t types = 0;  ///< bit i: instruction i
        Actions write{}, apply{};
        bool operator==(const Instructions&) const = default;
    };
    uint8_t id = 0;
    std::string name{};
    std::optional<uint32_t> active{};  ///< with lookups and matches; only statistics have them
    uint64_t lookups = 0, matches = 0;
    uint64_t metadata_match = 0, metadata_write = 0;
    std::optional<TableMiss> miss{};  ///< 1.1 and 1.2
    std::optional<bool> eviction{}, vacancy_events{};
    uint32_t max_entries = 0;
    bool is_described = true;  ///< false: nothing of the following was told
    Instructions normal{}, on_miss{};
    FieldSet match{}, wildcard{}, mask{};

    bool same_abilities(const TableCapabilities& o) const;
    bool operator==(const TableCapabilities&) const = default;
};

/// The body of statistics behind the multipart header.
OfResult<std::vector<TableCapabilities>> decode_table_capabilities(ByteSpan body, Version version);
OfResult<std::vector<TableCapabilities>> decode_table_feature_list(ByteSpan body, Version version);

/// As dump-tables and dump-table-features print them: what a table has in common with the one before it is
/// said once.
std::string format_tables(const std::vector<TableCapabilities>& tables, Version version);

}  // namespace weft::openflow
