// SPDX-License-Identifier: Apache-2.0
// Commands about databases as a whole and their schemas.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "cli/ovsdb_client/tool.h"

namespace weft::cli::ovsdb_client {
namespace {

Result<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail("error opening \"" + path + "\": " + std::strerror(errno), errno);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The file's schema as JSON and parsed.
struct SchemaFile {
    codec::Json json;
    ovsdb::SchemaPtr schema;
};
Result<SchemaFile> read_schema(const std::string& path) {
    const auto unreadable = [&](const std::string& why) {
        return fail("failed to read schema: \"" + path + "\" could not be read as JSON (" + why + ")");
    };
    const auto text = read_file(path);
    if (!text) return unreadable(text.error().message);
    auto json = codec::parse_json(*text);
    if (!json) return unreadable(json.error().message);
    auto schema = ovsdb::parse_schema(*json);
    if (!schema) return fail(schema.error().to_string());
    return SchemaFile{std::move(*json), std::move(*schema)};
}

}  // namespace

Result<> list_dbs(Tool& tool) {
    const auto reply = TRY(tool.rpc->ask("list_dbs", {}));
    std::vector<std::string> names;
    for (const auto& name : reply.array() ? *reply.array() : codec::JsonArray{})
        if (name.string()) names.push_back(*name.string());
    std::ranges::sort(names);
    for (const auto& name : names) tool.print(name + "\n");
    return {};
}

Result<> get_schema(Tool& tool) {
    tool.print_json(TRY(tool.fetch_schema())->to_json());
    return {};
}

Result<> get_schema_version(Tool& tool) {
    tool.print(TRY(tool.fetch_schema())->version + "\n");
    return {};
}

Result<> get_schema_cksum(Tool& tool) {
    tool.print(TRY(tool.fetch_schema())->cksum + "\n");
    return {};
}

Result<> list_tables(Tool& tool) {
    const auto schema = TRY(tool.fetch_schema());
    Table table;
    table.add_column("Table");
    for (const auto& each : schema->tables) table.add_row({each.name});
    tool.print_table(std::move(table));
    return {};
}

Result<> list_columns(Tool& tool) {
    const auto schema = TRY(tool.fetch_schema());
    const bool all = tool.args.empty();
    Table table;
    if (all) table.add_column("Table");
    table.add_column("Column");
    table.add_column("Type");
    for (const auto& each : schema->tables) {
        if (!all && each.name != tool.args[0]) continue;
        for (const auto& column : each.columns) {
            std::vector<Table::Cell> row{column.name, column.type.to_json()};
            if (all) row.insert(row.begin(), each.name);
            table.add_row(std::move(row));
        }
    }
    tool.print_table(std::move(table));
    return {};
}

Result<> convert(Tool& tool) {
    auto file = TRY(read_schema(tool.args[0]));
    TRY(tool.rpc->ask("convert", {file.schema->name, std::move(file.json)}));
    return {};
}

Result<> needs_conversion(Tool& tool) {
    const auto file = TRY(read_schema(tool.args[0]));
    tool.database = file.schema->name;
    const auto current = TRY(tool.fetch_schema());
    tool.print(ovsdb::same_schema(*file.schema, *current) ? "no\n" : "yes\n");
    return {};
}

}  // namespace weft::cli::ovsdb_client
