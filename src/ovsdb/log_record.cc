// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/log_record.h"

#include <algorithm>

#include "codec/json_text.h"
#include "ovsdb/members.h"
#include "ovsdb/uuid_text.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

/// Appends what `change` does to the stored columns; false, and nothing appended, if it does nothing to them.
bool append_row_change(std::string& out, const RowChange& change, const TableSchema& table, bool use_diff) {
    if (!change.after) {
        out += "null";
        return true;
    }
    const size_t start = out.size();
    out += '{';
    for (const ColumnSchema& column : table.columns) {
        if (column.is_ephemeral || column.index < first_user_column) continue;
        const Datum& value = (*change.after)[column.index];
        if (change.before) {
            const Datum& old_value = (*change.before)[column.index];
            if (value == old_value) continue;
            if (out.back() != '{') out += ',';
            codec::append_json_string(out, column.name);
            out += ':';
            (use_diff ? diff(column.type, old_value, value) : value).append_json(out, column.type);
        } else if (value != column.default_value) {
            if (out.back() != '{') out += ',';
            codec::append_json_string(out, column.name);
            out += ':';
            value.append_json(out, column.type);
        }
    }
    if (change.before && out.size() == start + 1) {
        out.resize(start);
        return false;
    }
    out += '}';
    return true;
}

/// Open vSwitch does not read back a difference of more elements than the column may hold, and takes one from
/// a default that is not empty for the value itself: such a record has to hold whole values.
bool differences_are_read_back(const RowChange& change, const TableSchema& table) {
    if (!change.before || !change.after) return true;
    for (const ColumnSchema& column : table.columns) {
        if (column.is_ephemeral || column.index < first_user_column || column.type.max <= 1) continue;
        const Datum &old_value = (*change.before)[column.index], &value = (*change.after)[column.index];
        if (value == old_value) continue;
        if (!old_value.empty() && old_value == column.default_value) return false;
        if (diff(column.type, old_value, value).size() > column.type.max) return false;
    }
    return true;
}

OpResult<RowPtr> parse_row(const Json& json, RowEdit edit, const TableSchema& table, bool is_diff) {
    if (!json.is_object()) return syntax_error(json, "row must be JSON object");
    for (const auto& member : *json.object()) {
        const ColumnSchema* column = table.find(member.key);
        if (!column || column->index < first_user_column)
            return syntax_error(json, "unknown column",
                                "No column " + member.key + " in table " + table.name + ".");
        if (is_diff) {
            const Datum difference = TRY(parse_diff(member.value, column->type));
            Datum value = apply_diff(column->type, edit.row()[column->index], difference);
            TRY(column->type.check(value));
            edit.set(column->index, std::move(value));
        } else {
            edit.set(column->index, TRY(parse_datum(member.value, column->type)));
        }
    }
    return std::move(edit).take();
}

OpResult<RowChange> parse_row_change(const codec::JsonMember& member, const TableSchema& table,
                                     const Snapshot& to, bool is_diff) {
    const auto uuid = Uuid::parse(member.key);
    if (!uuid) return syntax_error(Json(member.key), "\"" + member.key + "\" is not a valid UUID");
    const RowPtr before = RowPtr::share(to[table].find(*uuid));
    if (member.value.is_null()) {
        if (before) return RowChange{table.index, *uuid, before, nullptr};
        return syntax_error(Json(member.key),
                            "transaction deletes nonexistent row " + member.key + " of table " + table.name);
    }
    // A new row's columns are values also in a record of differences; so is a set that differs from the empty
    // set.
    RowEdit edit = before ? RowEdit(before) : RowEdit(table, *uuid);
    RowPtr after = TRY(parse_row(member.value, std::move(edit), table, is_diff && before));
    return RowChange{table.index, *uuid, before, std::move(after)};
}

}  // namespace

std::string format_record(const Changes& changes, const Schema& schema, const RecordOptions& options) {
    const bool use_diff = options.use_diff && std::ranges::all_of(changes.rows, [&](const RowChange& change) {
                              return differences_are_read_back(change, schema.tables[change.table]);
                          });
    constexpr size_t bytes_of_one = 256;
    std::string out;
    out.reserve(bytes_of_one);
    out += '{';
    TableIndex open = no_table;  // the table whose object is being written
    for (const RowChange& change : changes.rows) {
        const TableSchema& table = schema.tables[change.table];
        const size_t start = out.size();
        if (change.table != open) {
            if (open != no_table) out += "},";
            codec::append_json_string(out, table.name);
            out += ":{";
        } else {
            out += ',';
        }
        out += '"';
        append_uuid(out, change.uuid);
        out += "\":";
        if (append_row_change(out, change, table, use_diff))
            open = change.table;
        else
            out.resize(start);
    }
    if (open == no_table) return {};
    out += "},";
    if (!changes.comment.empty()) {
        out += "\"_comment\":";
        codec::append_json_string(out, changes.comment);
        out += ',';
    }
    out += "\"_date\":" + std::to_string(options.date_ms);
    if (use_diff) out += ",\"_is_diff\":true";
    out += '}';
    return out;
}

OpResult<Changes> parse_record(const Json& record, const Snapshot& to) {
    if (!record.is_object()) return syntax_error(record, "object expected");
    const Json* is_diff_json = record.find("_is_diff");
    const bool is_diff = is_diff_json && is_diff_json->boolean() && *is_diff_json->boolean();
    Changes out;
    if (const Json* comment = record.find("_comment"); comment && comment->string())
        out.comment = *comment->string();
    for (const auto& member : *record.object()) {
        if (member.key.starts_with('_')) continue;  // _date and whatever else tells about the record itself
        const TableSchema* table = to.schema->find(member.key);
        if (!table) return syntax_error(record, "unknown table", "No table named " + member.key + ".");
        if (!member.value.is_object()) return syntax_error(member.value, "object expected");
        // Objects are sorted by name, so tables and uuids come in the order that Changes wants.
        for (const auto& row : *member.value.object())
            out.rows.push_back(TRY(parse_row_change(row, *table, to, is_diff)));
    }
    return out;
}

Changes everything(const Snapshot& snapshot) {
    Changes out;
    for (TableIndex t = 0; t < snapshot.tables.size(); ++t)
        for (const Row& row : snapshot.tables[t])
            out.rows.push_back({t, row.uuid(), nullptr, RowPtr::share(&row)});
    return out;
}

}  // namespace weft::ovsdb
