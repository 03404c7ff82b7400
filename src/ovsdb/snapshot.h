// SPDX-License-Identifier: Apache-2.0
// A version of a whole database, and the step from one version to the next.
#pragma once

#include <string>
#include <vector>

#include "ovsdb/row_map.h"

namespace weft::ovsdb {

/// Value type; copies share all rows, so a copy is how to keep a version while the database moves on.
struct Snapshot {
    SchemaPtr schema;
    std::vector<RowMap> tables;  ///< in the order of Schema::tables

    Snapshot() = default;
    explicit Snapshot(SchemaPtr s) : schema(std::move(s)), tables(schema->tables.size()) {}
    const RowMap& operator[](const TableSchema& table) const { return tables[table.index]; }
    size_t row_count() const;
    /// Columns of all rows, but _uuid and _version.
    size_t cell_count() const;
};

/// One row before and after: inserted (no before), deleted (no after) or modified.
struct RowChange {
    TableIndex table;
    Uuid uuid;
    RowPtr before, after;
};

/// Value type: what a transaction does to a database, checked whole and complete: garbage collection and the
/// removal of weak references are in it.
struct Changes {
    std::vector<RowChange> rows;  ///< sorted by table and uuid, each row once
    std::string comment;

    bool empty() const { return rows.empty(); }
    /// Makes `to`, which must be the version that the changes were made for, the next version.
    void apply_to(Snapshot& to) const;
    /// From one version to another of the same schema object; costs in proportion to the difference.
    static Changes between(const Snapshot& from, const Snapshot& to);
};

}  // namespace weft::ovsdb
