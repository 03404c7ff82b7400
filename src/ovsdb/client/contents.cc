// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/client/contents.h"

#include "ovsdb/members.h"

namespace weft::ovsdb::client {
namespace {

using codec::Json;
using codec::JsonObject;

/// Sets the columns that `row` mentions; columns that the schema lacks are an error, for we asked for them by
/// it.
OpResult<> set_columns(RowEdit& edit, const TableSchema& table, const Json& row) {
    const auto* columns = row.object();
    if (!columns) return syntax_error(row, "<row> is not an object");
    for (const auto& [name, value] : *columns) {
        const auto* column = table.find(name);
        if (!column) return syntax_error(row, "unknown column " + name + " in table " + table.name);
        if (column->index < first_user_column) continue;
        edit.set(column->index, TRY(parse_datum(value, column->type)));
    }
    return {};
}

OpResult<> apply_differences(RowEdit& edit, const TableSchema& table, const Json& row) {
    const auto* columns = row.object();
    if (!columns) return syntax_error(row, "<row> is not an object");
    for (const auto& [name, value] : *columns) {
        const auto* column = table.find(name);
        if (!column) return syntax_error(row, "unknown column " + name + " in table " + table.name);
        if (column->index < first_user_column) continue;
        const auto& type = column->type;
        Datum changed = apply_diff(type, edit.row()[column->index], TRY(parse_diff(value, type)));
        TRY(type.check(changed));
        edit.set(column->index, std::move(changed));
    }
    return {};
}

/// Brings one row of `rows` up to date.
OpResult<> apply_row(RowMap& rows, const TableSchema& table, const Uuid& uuid, const Json& update,
                     UpdateFormat format) {
    const Row* current = rows.find(uuid);
    if (format == UpdateFormat::rows) {
        const auto* after = update.find("new");
        if (!after) {
            if (!rows.erase(uuid)) return syntax_error(update, "deletion of a row that is not there");
            return {};
        }
        RowEdit edit = current ? RowEdit(RowPtr::share(current)) : RowEdit(table, uuid);
        TRY(set_columns(edit, table, *after));
        rows.set(std::move(edit).take());
        return {};
    }
    if (update.find("delete")) {
        if (!rows.erase(uuid)) return syntax_error(update, "deletion of a row that is not there");
        return {};
    }
    if (const auto* difference = update.find("modify")) {
        if (!current) return syntax_error(update, "modification of a row that is not there");
        RowEdit edit(RowPtr::share(current));
        TRY(apply_differences(edit, table, *difference));
        rows.set(std::move(edit).take());
        return {};
    }
    const auto* whole = update.find("insert") ? update.find("insert") : update.find("initial");
    if (!whole) return syntax_error(update, "expected initial, insert, delete or modify");
    RowEdit edit(table, uuid);
    TRY(set_columns(edit, table, *whole));
    rows.set(std::move(edit).take());
    return {};
}

OpResult<> apply_updates(Snapshot& to, const Json& updates, UpdateFormat format) {
    const auto* tables = updates.object();
    if (!tables) return syntax_error(updates, "<table-updates> is not an object");
    for (const auto& [table_name, table_update] : *tables) {
        const auto* table = to.schema->find(table_name);
        const auto* rows = table_update.object();
        if (!table || !rows)
            return syntax_error(table_update,
                                "<table-update> of unknown table " + table_name + " or no object");
        for (const auto& [uuid_text, row_update] : *rows) {
            const auto uuid = Uuid::parse(uuid_text);
            if (!uuid || !row_update.object())
                return syntax_error(row_update, "<row-update> of " + uuid_text + " is malformed");
            TRY(apply_row(to.tables[table->index], *table, *uuid, row_update, format));
        }
    }
    return {};
}

/// Rows of `next` that say the same as in `before` become the same in memory.
void keep_unchanged(const Snapshot& before, Snapshot& next) {
    for (size_t i = 0; i < next.tables.size(); ++i) {
        std::vector<RowPtr> same;
        RowMap::compare(before.tables[i], next.tables[i], [&](const Row* old_row, const Row* new_row) {
            if (old_row && new_row && same_data(*old_row, *new_row)) same.push_back(RowPtr::share(old_row));
        });
        for (auto& row : same) next.tables[i].set(std::move(row));
    }
}

}  // namespace

OpResult<> Contents::apply(const Json& updates, UpdateFormat format) {
    Snapshot next = snapshot_;
    TRY(apply_updates(next, updates, format));
    snapshot_ = std::move(next);
    return {};
}

OpResult<> Contents::replace(const Json& updates, UpdateFormat format) {
    Snapshot next(snapshot_.schema);
    TRY(apply_updates(next, updates, format));
    keep_unchanged(snapshot_, next);
    snapshot_ = std::move(next);
    return {};
}

namespace {

/// Null if nothing of the interest is there.
Json monitor_request(const TableSchema& table, const TableInterest& interest, bool with_conditions,
                     std::vector<std::string>& missing) {
    codec::JsonArray columns;
    for (const auto& name : interest.columns) {
        if (table.find(name))
            columns.emplace_back(name);
        else
            missing.push_back("column " + table.name + ":" + name);
    }
    if (interest.columns.empty())
        for (const auto& column : table.columns)
            if (column.index >= first_user_column) columns.emplace_back(column.name);
    JsonObject request{{"columns", std::move(columns)}};
    if (with_conditions && !interest.where.empty()) request.set("where", interest.where);
    return Json::array({std::move(request)});
}

}  // namespace

JsonObject monitor_requests(const Schema& schema, const std::vector<TableInterest>& interest,
                            bool with_conditions, std::vector<std::string>& missing) {
    JsonObject out;
    for (const auto& one : interest) {
        if (const auto* table = schema.find(one.table))
            out.set(one.table, monitor_request(*table, one, with_conditions, missing));
        else
            missing.push_back("table " + one.table);
    }
    if (interest.empty())
        for (const auto& table : schema.tables)
            out.set(table.name, monitor_request(table, {.table = table.name}, false, missing));
    return out;
}

}  // namespace weft::ovsdb::client
