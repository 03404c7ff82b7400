// SPDX-License-Identifier: Apache-2.0
// `show`: a tree of records from one table down by references, with the columns worth a look.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/dbctl/needs.h"
#include "cli/dbctl/workspace.h"
#include "codec/json.h"

namespace weft::cli::dbctl {

/// Value type. The first of a program's is where the tree begins. A column that refers to another table of
/// the list shows those records; one that has its default value is not shown.
struct ShowTable {
    std::string_view table;
    std::string_view name_column;  ///< empty: the uuid stands for the name
    std::string_view columns;      ///< blank-separated, in the order they are shown
};

void need_show(std::span<const ShowTable> tables, Needs& needs);
/// As indented text; `colours`: names stand out, and so do errors.
std::string show_text(const ovsdb::client::View& view, std::span<const ShowTable> tables,
                      bool colours = false);
/// As an array of objects: "_uuid", "name" where there is one, and every column of the list. Records that are
/// referred to are arrays of such objects under the name of the column; other values as values_json() writes
/// them.
codec::Json show_json(const ovsdb::client::View& view, std::span<const ShowTable> tables);
/// Plain JSON of a value: scalars as they are, an empty optional scalar as null, sets as arrays, maps as
/// objects, uuids as strings.
codec::Json plain_json(const ovsdb::Datum& value, const ovsdb::ColumnType& type);

}  // namespace weft::cli::dbctl
