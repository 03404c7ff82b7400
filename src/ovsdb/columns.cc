// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/columns.h"

#include <algorithm>

#include "codec/json_text.h"

namespace weft::ovsdb {

OpResult<ColumnSet> parse_columns(const codec::Json* json, const TableSchema& table) {
    ColumnSet out;
    if (!json) {
        for (const ColumnSchema& c : table.columns) out.push_back(c.index);
        return out;
    }
    if (!json->is_array()) return syntax_error(*json, "array of distinct column names expected");
    for (const codec::Json& name : *json->array()) {
        if (!name.is_string()) return syntax_error(*json, "array of distinct column names expected");
        const ColumnSchema* column = table.find(*name.string());
        if (!column) return syntax_error(*json, *name.string() + " is not a valid column name");
        out.push_back(column->index);
    }
    std::sort(out.begin(), out.end());
    if (std::ranges::adjacent_find(out) != out.end())
        return syntax_error(*json, "array of distinct column names expected");
    return out;
}

void append_row(std::string& out, const Row& row, const TableSchema& table, const ColumnSet& columns) {
    // Capital letters sort before the underscore of _uuid and _version.
    const auto by_name = [&](ColumnIndex a, ColumnIndex b) {
        return table.columns[a].name < table.columns[b].name;
    };
    ColumnSet sorted;
    const ColumnSet* order = &columns;
    if (!std::ranges::is_sorted(columns, by_name)) {
        sorted = columns;
        std::ranges::sort(sorted, by_name);
        order = &sorted;
    }
    out += '{';
    for (const ColumnIndex c : *order) {
        if (out.back() != '{') out += ',';
        codec::append_json_string(out, table.columns[c].name);
        out += ':';
        row.get(c).append_json(out, table.columns[c].type);
    }
    out += '}';
}

}  // namespace weft::ovsdb
