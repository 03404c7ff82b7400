// SPDX-License-Identifier: Apache-2.0
// Arguments that name a column: COLUMN[:KEY] and COLUMN[:KEY]=VALUE, with the operators of `find`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/dbctl/names.h"
#include "cli/dbctl/needs.h"
#include "cli/dbctl/workspace.h"
#include "ovsdb/value_text.h"

namespace weft::cli::dbctl {

enum class Relation : uint8_t {
    eq,
    ne,
    lt,
    gt,
    le,
    ge,
    set_eq,
    set_ne,
    subset,
    superset,
    subset_eq,
    superset_eq,
    in,
    not_in
};

/// Value type: what an argument says, as text.
struct ColumnArg {
    const ovsdb::ColumnSchema* column;
    std::optional<std::string> key;
    Relation relation = Relation::eq;
    std::string value;
};

/// COLUMN[:KEY], nothing after it.
Result<ColumnArg> parse_column_key(const ovsdb::TableSchema& table, std::string_view arg);
/// COLUMN[:KEY]=VALUE.
Result<ColumnArg> parse_assignment(const ovsdb::TableSchema& table, std::string_view arg);
/// COLUMN[:KEY] RELATION VALUE.
Result<ColumnArg> parse_condition(const ovsdb::TableSchema& table, std::string_view arg);

/// The columns of --columns=A,B; null: all, _uuid first.
Result<std::vector<const ovsdb::ColumnSchema*>> parse_columns(const ovsdb::TableSchema& table,
                                                              const std::string* list);

/// The columns of arguments that begin with their names. What follows the name is for the command to look at,
/// as an error about it comes after that of a missing record.
Result<> need_argument_columns(const ovsdb::TableSchema& table, std::span<const std::string> args,
                               Needs& needs);

/// Whether the row is as a condition says.
Result<bool> holds(const RowView& row, const ColumnArg& condition, ovsdb::RowSymbols* symbols);

/// Writes what an assignment says.
Result<> assign(Workspace& db, const RowView& row, const ColumnArg& assignment, ovsdb::RowSymbols* symbols);

}  // namespace weft::cli::dbctl
