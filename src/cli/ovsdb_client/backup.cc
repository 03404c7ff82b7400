// SPDX-License-Identifier: Apache-2.0
// backup and restore: a database as the file that a server would keep it in.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <set>

#include "cli/ovsdb_client/tool.h"
#include "ovsdb/client/txn.h"
#include "ovsdb/log_record.h"
#include "store/log_file.h"

namespace weft::cli::ovsdb_client {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

/// Columns that outlive the server.
std::vector<const ovsdb::ColumnSchema*> stored_columns(const ovsdb::TableSchema& table) {
    std::vector<const ovsdb::ColumnSchema*> out;
    for (const auto& column : table.columns)
        if (column.index >= ovsdb::first_user_column && !column.is_ephemeral) out.push_back(&column);
    return out;
}

/// One operation per table, so that all rows are of one version.
JsonArray select_everything(const ovsdb::Schema& schema) {
    JsonArray operations{schema.name};
    for (const auto& table : schema.tables) {
        JsonArray columns{"_uuid"};
        for (const auto* column : stored_columns(table)) columns.emplace_back(column->name);
        operations.push_back(Json::object({{"op", "select"},
                                           {"table", table.name},
                                           {"where", JsonArray{}},
                                           {"columns", std::move(columns)}}));
    }
    return operations;
}

Result<ovsdb::RowPtr> parse_row(const ovsdb::TableSchema& table, const Json& row) {
    const auto* uuid = row.find("_uuid");
    const auto atom = uuid ? ovsdb::parse_atom(*uuid, ovsdb::AtomType::uuid) : ovsdb::Atom(Uuid{});
    if (!atom) return fail(atom.error().to_string());
    ovsdb::RowEdit edit(table, atom->uuid());
    for (const auto* column : stored_columns(table)) {
        const auto* value = row.find(column->name);
        if (!value) continue;
        auto datum = ovsdb::parse_datum(*value, column->type);
        if (!datum) return fail(datum.error().to_string());
        edit.set(column->index, std::move(*datum));
    }
    return std::move(edit).take();
}

Result<ovsdb::Snapshot> fetch_everything(Tool& tool, const ovsdb::SchemaPtr& schema) {
    const auto reply = TRY(tool.rpc->ask("transact", select_everything(*schema)));
    const auto* results = reply.array();
    if (!results || results->size() != schema->tables.size())
        return fail("unexpected reply: " + codec::format_json(reply));
    ovsdb::Snapshot snapshot(schema);
    for (const auto& table : schema->tables) {
        const auto* rows = (*results)[table.index].find("rows");
        if (!rows || !rows->array()) return fail("unexpected reply: " + codec::format_json(reply));
        for (const auto& row : *rows->array()) snapshot.tables[table.index].set(TRY(parse_row(table, row)));
    }
    return snapshot;
}

}  // namespace

Result<> backup(Tool& tool) {
    const auto schema = TRY(tool.fetch_schema());
    const auto snapshot = TRY(fetch_everything(tool, schema));
    auto changes = ovsdb::everything(snapshot);
    changes.comment = "produced by \"ovsdb-client backup\"";
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(tool.daemon.clock().since_1970());
    tool.print(store::format_log_record(store::standalone_magic, codec::format_json(schema->to_json())));
    const auto record = ovsdb::format_record(changes, *schema, {.date_ms = now.count()});
    if (!record.empty()) tool.print(store::format_log_record(store::standalone_magic, record));
    return {};
}

namespace {

Result<ovsdb::Snapshot> read_backup(std::string_view contents) {
    store::LogReader reader(contents, "/dev/stdin");
    const auto first = TRY(reader.next());
    if (!first || reader.magic() != store::standalone_magic)
        return fail("ovsdb error: /dev/stdin: unexpected file format");
    auto schema = ovsdb::parse_schema(*first);
    if (!schema) return fail(schema.error().to_string());
    ovsdb::Snapshot snapshot(std::move(*schema));
    while (auto record = TRY(reader.next())) {
        const auto changes = ovsdb::parse_record(*record, snapshot);
        if (!changes) return fail(changes.error().to_string());
        changes->apply_to(snapshot);
    }
    return snapshot;
}

/// Empty if a backup of one schema fits a database of the other.
std::string difference(const ovsdb::Schema& backup, const ovsdb::Schema& database) {
    const auto differs = [](std::string_view what, const std::string& a, const std::string& b) {
        return "backup schema has " + std::string(what) + " \"" + a + "\" but database schema has " +
               std::string(what) + " \"" + b + "\"";
    };
    if (backup.name != database.name) return differs("name", backup.name, database.name);
    if (backup.version != database.version) return differs("version", backup.version, database.version);
    if (backup.cksum != database.cksum) return differs("checksum", backup.cksum, database.cksum);
    return ovsdb::same_schema(backup, database) ? "" : "backup schema and database schema differ";
}

/// The row as an insert's, with references to new rows by their names.
JsonObject row_to_insert(const ovsdb::Row& row, const ovsdb::TableSchema& table,
                         const std::set<Uuid>& new_rows) {
    JsonObject out;
    for (const auto* column : stored_columns(table)) {
        const auto& value = row[column->index];
        if (value == column->default_value) continue;
        const auto& type = column->type;
        const bool refers = type.key.type == ovsdb::AtomType::uuid ||
                            (type.value && type.value->type == ovsdb::AtomType::uuid);
        const Json json = value.to_json(type);
        out.set(column->name, refers ? ovsdb::client::name_new_rows(json, new_rows) : json);
    }
    return out;
}

/// Empties the database and fills it from the snapshot. The server chooses new uuids, for old servers let
/// nobody else.
JsonArray replace_everything(const ovsdb::Snapshot& snapshot) {
    std::set<Uuid> new_rows;
    for (const auto& rows : snapshot.tables)
        for (const auto& row : rows) new_rows.insert(row.uuid());
    JsonArray operations{snapshot.schema->name};
    for (const auto& table : snapshot.schema->tables) {
        operations.push_back(Json::object({{"op", "delete"}, {"table", table.name}, {"where", JsonArray{}}}));
        for (const auto& row : snapshot[table])
            operations.push_back(Json::object({{"op", "insert"},
                                               {"table", table.name},
                                               {"uuid-name", ovsdb::client::new_row_name(row.uuid())},
                                               {"row", row_to_insert(row, table, new_rows)}}));
    }
    operations.push_back(
        Json::object({{"op", "comment"}, {"comment", "restored by \"ovsdb-client restore\""}}));
    return operations;
}

}  // namespace

Result<> restore(Tool& tool) {
    const std::string contents(std::istreambuf_iterator<char>(std::cin), {});
    const auto snapshot = TRY(read_backup(contents));
    const auto schema = TRY(tool.fetch_schema());
    if (const auto why = difference(*snapshot.schema, *schema); !why.empty()) {
        LOG(tool.daemon.log("ovsdb_client"), info, "{}", why);
        if (!tool.force)
            return fail(
                why +
                " (use --force to override differences, or \"ovsdb-client convert\" to change the schema)");
    }
    const auto reply = TRY(tool.rpc->ask("transact", replace_everything(snapshot)));
    for (const auto& result : reply.array() ? *reply.array() : JsonArray{})
        if (result.find("error")) return fail("restore failed: " + codec::format_json(result));
    return {};
}

}  // namespace weft::cli::ovsdb_client
