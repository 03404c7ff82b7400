// SPDX-License-Identifier: Apache-2.0
// Changes as JSON: {"TABLE": {"UUID": {"old": {COLUMN: <value>}, "new": {COLUMN: <value>}}}}, as
// <table-updates> of RFC 7047 4.1.6, where "old" and "new" hold the columns that differ; of a row that comes
// or goes, those that are not at their default. And which columns of a database say how things are, not how
// they shall be.
#pragma once

#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

/// Whether a daemon writes the column to tell of itself: ephemeral, or one of the well-known that are stored.
/// An undo passes it over, and a change of it is nobody's edit.
bool is_state(const Schema& schema, const TableSchema& table, const ColumnSchema& column);

/// Some column that is not state differs.
bool changes_configuration(const RowChange& change, const Schema& schema);

struct ChangeJsonOptions {
    bool with_state = false;
};
codec::Json change_json(const Changes& changes, const Schema& schema, ChangeJsonOptions options = {});

/// The counterpart. Columns that the text does not name are at their default before and after, so that only
/// differences count.
OpResult<Changes> parse_change_json(const codec::Json& json, const Schema& schema);

/// What people call a row: the value of its first index or of its column "name" or "target", else the first 8
/// digits of its uuid; empty for the row of a table that has one at most.
std::string row_name(const TableSchema& table, const Row& row);

}  // namespace weft::ovsdb
