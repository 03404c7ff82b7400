// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/ovsdb_client/monitor.h"

namespace weft::cli::ovsdb_client {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using ovsdb::client::UpdateFormat;

/// A kind of change that is not to be shown.
bool take_mark(MonitorGroup& group, std::string_view word) {
    bool* kind = word == "!initial"  ? &group.initial
                 : word == "!insert" ? &group.insert
                 : word == "!delete" ? &group.remove
                 : word == "!modify" ? &group.modify
                                     : nullptr;
    if (kind) *kind = false;
    return kind;
}

Result<MonitorGroup> parse_group(const ovsdb::TableSchema& table, std::string_view text,
                                 const std::string& database) {
    MonitorGroup group;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(','));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (word.empty() || take_mark(group, word)) continue;
        const auto* column = table.find(word);
        if (!column)
            return fail("table \"" + table.name + "\" in " + database + " does not have a column named \"" +
                        std::string(word) + "\"");
        group.columns.push_back(column);
    }
    if (!group.columns.empty()) return group;
    for (const auto& column : table.columns)
        if (column.index >= ovsdb::first_user_column) group.columns.push_back(&column);
    group.columns.push_back(&table.columns[ovsdb::version_column]);
    return group;
}

/// The cells of one row. A delete of update2 has none but the first two.
Result<std::vector<Table::Cell>> cells_of(const MonitoredTable& table, std::string uuid, std::string action,
                                          const Json& row) {
    std::vector<Table::Cell> cells{std::move(uuid), std::move(action)};
    for (const auto* column : table.columns()) {
        const auto* value = row.find(column->name);
        if (!value) {
            cells.emplace_back();
            continue;
        }
        auto datum = ovsdb::parse_diff(*value, column->type);  // any number of elements: also of differences
        if (!datum) return fail(datum.error().to_string());
        cells.emplace_back(Table::DatumCell{std::move(*datum), column->type});
    }
    return cells;
}

Result<> add_plain_update(Table& out, const MonitoredTable& table, const std::string& uuid,
                          const Json& update, bool is_initial) {
    const auto *before = update.find("old"), *after = update.find("new");
    if (before && after) {
        out.add_row(TRY(cells_of(table, uuid, "old", *before)));
        out.add_row(TRY(cells_of(table, "", "new", *after)));
    } else if (after) {
        out.add_row(TRY(cells_of(table, uuid, is_initial ? "initial" : "insert", *after)));
    } else if (before) {
        out.add_row(TRY(cells_of(table, uuid, "delete", *before)));
    }
    return {};
}

}  // namespace

std::vector<const ovsdb::ColumnSchema*> MonitoredTable::columns() const {
    std::vector<const ovsdb::ColumnSchema*> out;
    for (const auto& group : groups) out.insert(out.end(), group.columns.begin(), group.columns.end());
    return out;
}

Json MonitoredTable::requests(const std::optional<JsonArray>& where) const {
    JsonArray out;
    for (const auto& group : groups) {
        JsonArray names;
        for (const auto* column : group.columns) names.emplace_back(column->name);
        JsonObject request{{"columns", std::move(names)},
                           {"select", Json::object({{"initial", group.initial},
                                                    {"insert", group.insert},
                                                    {"delete", group.remove},
                                                    {"modify", group.modify}})}};
        if (where) request.set("where", *where);
        out.emplace_back(std::move(request));
    }
    return out;
}

Result<MonitoredTable> parse_monitored(const ovsdb::TableSchema& table, std::span<const std::string> groups,
                                       const std::string& database) {
    MonitoredTable out{.schema = &table, .groups = {}};
    for (const auto& text : groups) out.groups.push_back(TRY(parse_group(table, text, database)));
    if (groups.empty()) out.groups.push_back(TRY(parse_group(table, "", database)));
    auto all = out.columns();
    std::ranges::sort(all);
    if (const auto twice = std::ranges::adjacent_find(all); twice != all.end())
        return fail("column \"" + (*twice)->name + "\" mentioned multiple times");
    return out;
}

Result<Table> describe_update(const MonitoredTable& table, const Json& update, UpdateFormat format,
                              bool is_initial) {
    const auto* rows = update.object();
    if (!rows) return fail("<table-update> is not an object: " + codec::format_json(update));
    Table out;
    out.add_column("row");
    out.add_column("action");
    for (const auto* column : table.columns()) out.add_column(column->name);
    for (const auto& [uuid, row_update] : *rows) {
        if (format == UpdateFormat::rows) {
            TRY(add_plain_update(out, table, uuid, row_update, is_initial));
            continue;
        }
        for (const char* action : {"initial", "insert", "delete", "modify"})
            if (const auto* row = row_update.find(action))
                out.add_row(TRY(cells_of(table, uuid, action, *row)));
    }
    return out;
}

}  // namespace weft::cli::ovsdb_client
