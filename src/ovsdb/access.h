// SPDX-License-Identifier: Apache-2.0
// Role-based access control (ovsdb-server(7) 3.2 and 4.1.3): who may write which rows and columns.
#pragma once

#include <span>
#include <vector>

#include "ovsdb/working_set.h"

namespace weft::ovsdb {

/// Who asks for a transaction; value type.
struct Identity {
    std::string role = {};                   ///< empty: may do everything
    std::optional<std::string> client = {};  ///< common name of its certificate; unset: it has shown none

    bool operator==(const Identity&) const = default;
};

/// Whether the rules of RBAC_Role apply to `who`: it has a role, and the database has that table.
bool is_restricted(const Schema& schema, const Identity& who);

/// "permission error": the rules prohibit `what`.
OpError prohibited(const Identity& who, const std::string& what);

/// Holds operations against the rules, as they are where the transaction has got to. What no rule permits is
/// prohibited; rules that make no sense permit nothing. Reading is always permitted, and so is what follows
/// from a change by references: rows that nothing refers to any more, weak references to rows that have gone.
/// Borrows both arguments.
class Access {
  public:
    Access(const WorkingSet& work, const Identity& who) : work_(work), who_(who) {}

    using Rows = std::span<const RowPtr>;
    OpResult<> insert(const TableSchema& table, const RowPtr& row) const;
    OpResult<> erase(const TableSchema& table, Rows rows) const;
    OpResult<> update(const TableSchema& table, Rows rows, std::span<const ColumnIndex> columns) const;
    OpResult<> mutate(const TableSchema& table, Rows rows, std::span<const ColumnIndex> columns) const;

  private:
    struct Permission;
    std::optional<Permission> permission(const TableSchema& table) const;
    RowPtr role() const;
    bool may_touch(const TableSchema& table, const Row& row, const Permission& by) const;
    bool may_insert_or_erase(const TableSchema& table, Rows rows) const;
    bool may_change(const TableSchema& table, Rows rows, std::span<const ColumnIndex> columns) const;

    const WorkingSet& work_;
    const Identity& who_;
};

}  // namespace weft::ovsdb
