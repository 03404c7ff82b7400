// SPDX-License-Identifier: Apache-2.0
// Which tables and columns a monitor command shows, and tables of what happened to them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/table.h"
#include "codec/json.h"
#include "ovsdb/client/contents.h"
#include "ovsdb/schema.h"

namespace weft::cli::ovsdb_client {

/// Columns with the kinds of changes they are shown for.
struct MonitorGroup {
    std::vector<const ovsdb::ColumnSchema*> columns;
    bool initial = true, insert = true, remove = true, modify = true;
};

struct MonitoredTable {
    const ovsdb::TableSchema* schema;
    std::vector<MonitorGroup> groups;

    std::vector<const ovsdb::ColumnSchema*> columns() const;
    /// The array of <monitor-request>s; `where` only for conditional monitors.
    codec::Json requests(const std::optional<codec::JsonArray>& where) const;
};

/// From groups of the command line, "column,column,!initial"; none: all columns. Errors name the database.
Result<MonitoredTable> parse_monitored(const ovsdb::TableSchema& table, std::span<const std::string> groups,
                                       const std::string& database);

/// What `update`, a <table-update> or <table-update2>, tells. `is_initial`: it is the first, in the reply.
Result<Table> describe_update(const MonitoredTable& table, const codec::Json& update,
                              ovsdb::client::UpdateFormat format, bool is_initial);

}  // namespace weft::cli::ovsdb_client
