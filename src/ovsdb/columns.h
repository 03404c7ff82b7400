// SPDX-License-Identifier: Apache-2.0
// A choice of columns of one table, and rows printed by it.
#pragma once

#include <string>
#include <vector>

#include "ovsdb/row.h"

namespace weft::ovsdb {

/// In ascending order, without duplicates.
using ColumnSet = std::vector<ColumnIndex>;

/// `json` is an array of distinct names, or null for all columns, _uuid and _version included.
OpResult<ColumnSet> parse_columns(const codec::Json* json, const TableSchema& table);

/// <row> of RFC 7047 5.1, as JSON text with the members sorted by name.
void append_row(std::string& out, const Row& row, const TableSchema& table, const ColumnSet& columns);

}  // namespace weft::ovsdb
