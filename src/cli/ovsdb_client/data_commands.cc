// SPDX-License-Identifier: Apache-2.0
// Commands that read or write rows by one transaction.
#include <algorithm>

#include "cli/ovsdb_client/tool.h"

namespace weft::cli::ovsdb_client {
namespace {

using codec::Json;
using codec::JsonArray;

/// The params of "transact" from the command line.
Result<JsonArray> parse_transaction(const std::string& text) {
    auto json = codec::parse_json(text);
    if (!json) return fail("\"" + text + "\": " + json.error().message);
    auto* params = json->array();
    if (!params || params->empty() || !params->front().string()) return fail("not a valid OVSDB query");
    return std::move(*params);
}

}  // namespace

Result<> transact(Tool& tool) {
    auto params = TRY(parse_transaction(tool.args[0]));
    tool.print_json(TRY(tool.rpc->ask("transact", std::move(params))));
    return {};
}

Result<> query(Tool& tool) {
    auto params = TRY(parse_transaction(tool.args[0]));
    params.push_back(Json::object({{"op", "abort"}}));  // so nothing comes of it
    auto reply = TRY(tool.rpc->ask("transact", std::move(params)));
    if (auto* results = reply.array(); results && !results->empty()) {
        const auto* error = results->back().find("error");
        if (error && *error == Json("aborted")) results->pop_back();
    }
    tool.print_json(reply);
    return {};
}

namespace {

/// The columns that a dump shows, by name; _uuid first, _version never.
Result<std::vector<const ovsdb::ColumnSchema*>> dump_columns(const ovsdb::TableSchema& table,
                                                             std::span<const std::string> names) {
    std::vector<const ovsdb::ColumnSchema*> out;
    for (const auto& name : names) {
        const auto* column = table.find(name);
        if (!column) return fail("Table \"" + table.name + "\" has no column " + name + ".");
        out.push_back(column);
    }
    if (names.empty())
        for (const auto& column : table.columns) out.push_back(&column);
    std::erase_if(out, [](const auto* column) { return column->index == ovsdb::version_column; });
    std::ranges::sort(out, {}, &ovsdb::ColumnSchema::index);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
}

using Values = std::vector<ovsdb::Datum>;

Result<std::vector<Values>> parse_rows(const Json& result,
                                       const std::vector<const ovsdb::ColumnSchema*>& columns) {
    const auto* rows = result.find("rows") ? result.find("rows")->array() : nullptr;
    if (!rows) return fail("unexpected reply: " + codec::format_json(result));
    std::vector<Values> out;
    for (const auto& row : *rows) {
        auto& values = out.emplace_back();
        for (const auto* column : columns) {
            const auto* value = row.find(column->name);
            auto datum = value ? ovsdb::parse_datum(*value, column->type) : ovsdb::Datum();
            if (!datum) return fail(datum.error().to_string());
            values.push_back(std::move(*datum));
        }
    }
    return out;
}

/// By what the rows say, from the first column on; by _uuid, which is random, only in the end.
bool comes_before(const Values& a, const Values& b, bool starts_with_uuid) {
    for (size_t i = starts_with_uuid ? 1 : 0; i < a.size(); ++i)
        if (const int order = ovsdb::Datum::compare(a[i], b[i]); order != 0) return order < 0;
    return starts_with_uuid && ovsdb::Datum::compare(a[0], b[0]) < 0;
}

Result<> dump_table(Tool& tool, const ovsdb::TableSchema& table, std::span<const std::string> names) {
    const auto columns = TRY(dump_columns(table, names));
    JsonArray wanted;
    for (const auto* column : columns) wanted.emplace_back(column->name);
    const auto reply = TRY(tool.rpc->ask("transact", {tool.database, Json::object({{"op", "select"},
                                                                                   {"table", table.name},
                                                                                   {"where", JsonArray{}},
                                                                                   {"columns", wanted}})}));
    if (!reply.array() || reply.array()->empty())
        return fail("unexpected reply: " + codec::format_json(reply));
    auto rows = TRY(parse_rows(reply.array()->front(), columns));
    const bool starts_with_uuid = !columns.empty() && columns.front()->index == ovsdb::uuid_column;
    std::ranges::sort(rows,
                      [&](const Values& a, const Values& b) { return comes_before(a, b, starts_with_uuid); });

    Table out;
    out.caption = table.name + " table";
    for (const auto* column : columns) out.add_column(column->name);
    for (const auto& values : rows) {
        std::vector<Table::Cell> cells;
        for (size_t i = 0; i < values.size(); ++i)
            cells.emplace_back(Table::DatumCell{values[i], columns[i]->type});
        out.add_row(std::move(cells));
    }
    tool.print_table(std::move(out));
    return {};
}

}  // namespace

Result<> dump(Tool& tool) {
    const auto schema = TRY(tool.fetch_schema());
    if (!tool.args.empty()) {
        const auto* table = schema->find(tool.args[0]);
        if (!table) return fail("No table \"" + tool.args[0] + "\" found.");
        return dump_table(tool, *table, std::span(tool.args).subspan(1));
    }
    for (const auto& table : schema->tables) TRY(dump_table(tool, table, {}));
    return {};
}

}  // namespace weft::cli::ovsdb_client
