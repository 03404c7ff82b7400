// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/monitor_update.h"

#include "codec/json_text.h"
#include "ovsdb/uuid_text.h"

namespace weft::ovsdb {
namespace {

/// Writes {"table":{"uuid":...,...},...}: rows come table by table, the frames around them by themselves.
class UpdatesWriter {
  public:
    explicit UpdatesWriter(std::string& out) : out_(out) {}

    /// What the caller appends next is the update of this row.
    void row(const TableSchema& table, const Uuid& uuid) {
        if (table_ != &table) {
            out_ += table_ ? "}," : "{";
            codec::append_json_string(out_, table.name);
            out_ += ":{";
            table_ = &table;
        } else {
            out_ += ',';
        }
        out_ += '"';
        append_uuid(out_, uuid);
        out_ += "\":";
    }
    void finish() {
        if (table_) out_ += "}}";
    }

  private:
    std::string& out_;
    const TableSchema* table_ = nullptr;
};

void append_member(std::string& out, const ColumnSchema& column, const Datum& value) {
    if (out.back() != '{') out += ',';
    codec::append_json_string(out, column.name);
    out += ':';
    value.append_json(out, column.type);
}

/// One table of one request, with its schema.
struct View {
    const MonitoredTable& request;
    const TableSchema& schema;

    bool is_changed(const Row& before, const Row& after) const {
        for (const MonitoredColumn& c : request.columns)
            if (differs(before, after, c.column)) return true;
        return false;
    }
    static bool differs(const Row& before, const Row& after, ColumnIndex c) {
        if (c == version_column) return before.version() != after.version();
        return c >= first_user_column && before[c] != after[c];
    }

    /// {...} of the columns that select `kind`, all of them.
    void append_all(std::string& out, const Row& row, Select kind) const {
        out += '{';
        for (const MonitoredColumn& c : request.columns)
            if (selects(c.select, kind)) append_member(out, schema.columns[c.column], row.get(c.column));
        out += '}';
    }
    /// ... but only those that differ from their default.
    void append_not_default(std::string& out, const Row& row, Select kind) const {
        out += '{';
        for (const MonitoredColumn& c : request.columns) {
            const ColumnSchema& column = schema.columns[c.column];
            if (!selects(c.select, kind)) continue;
            if (c.column >= first_user_column && row[c.column] == column.default_value) continue;
            append_member(out, column, row.get(c.column));
        }
        out += '}';
    }
    /// ... but only those that changed, with their old value.
    void append_changed(std::string& out, const Row& before, const Row& after) const {
        out += '{';
        for (const MonitoredColumn& c : request.columns)
            if (selects(c.select, Select::modify) && differs(before, after, c.column))
                append_member(out, schema.columns[c.column], before.get(c.column));
        out += '}';
    }
    /// ... with the difference.
    void append_differences(std::string& out, const Row& before, const Row& after) const {
        out += '{';
        for (const MonitoredColumn& c : request.columns) {
            if (!selects(c.select, Select::modify) || !differs(before, after, c.column)) continue;
            const ColumnSchema& column = schema.columns[c.column];
            append_member(out, column, diff(column.type, before.get(c.column), after.get(c.column)));
        }
        out += '}';
    }
};

void append_update1(UpdatesWriter& writer, std::string& out, const View& view, const RowChange& change) {
    const Select kind = !change.before ? Select::insert : !change.after ? Select::remove : Select::modify;
    if (!selects(view.request.select, kind)) return;
    if (kind == Select::modify && !view.is_changed(*change.before, *change.after)) return;
    writer.row(view.schema, change.uuid);
    if (kind == Select::insert) {
        out += "{\"new\":";
        view.append_all(out, *change.after, kind);
    } else if (kind == Select::remove) {
        out += "{\"old\":";
        view.append_all(out, *change.before, kind);
    } else {
        out += "{\"new\":";
        view.append_all(out, *change.after, kind);
        out += ",\"old\":";
        view.append_changed(out, *change.before, *change.after);
    }
    out += '}';
}

/// `was` and `is` tell whether the client saw the row and is to see it.
void append_update2(UpdatesWriter& writer, std::string& out, const View& view, const RowChange& change,
                    bool was, bool is) {
    if (!was && !is) return;
    const Select kind = !was ? Select::insert : !is ? Select::remove : Select::modify;
    if (!selects(view.request.select, kind)) return;
    if (kind == Select::modify && !view.is_changed(*change.before, *change.after)) return;
    writer.row(view.schema, change.uuid);
    if (kind == Select::insert) {
        out += "{\"insert\":";
        view.append_not_default(out, *change.after, kind);
    } else if (kind == Select::remove) {
        out += "{\"delete\":null";
    } else {
        out += "{\"modify\":";
        view.append_differences(out, *change.before, *change.after);
    }
    out += '}';
}

}  // namespace

std::string format_initial(const MonitorRequest& request, const Snapshot& snapshot) {
    std::string out;
    UpdatesWriter writer(out);
    for (const MonitoredTable& table : request.tables) {
        if (!selects(table.select, Select::initial)) continue;
        const View view{table, snapshot.schema->tables[table.table]};
        for (const Row& row : snapshot[view.schema]) {
            if (!table.condition.matches_any(row)) continue;
            writer.row(view.schema, row.uuid());
            if (request.format == UpdateFormat::update) {
                out += "{\"new\":";
                view.append_all(out, row, Select::initial);
            } else {
                out += "{\"initial\":";
                view.append_not_default(out, row, Select::initial);
            }
            out += '}';
        }
    }
    writer.finish();
    return out.empty() ? "{}" : out;
}

std::string format_changes(const MonitorRequest& request, const Schema& schema,
                           std::span<const RowChange> changes) {
    std::string out;
    UpdatesWriter writer(out);
    for (const RowChange& change : changes) {
        const MonitoredTable* table = request.find(change.table);
        if (!table) continue;
        const View view{*table, schema.tables[change.table]};
        if (request.format == UpdateFormat::update) {
            append_update1(writer, out, view, change);
            continue;
        }
        const bool was = change.before && table->condition.matches_any(*change.before);
        const bool is = change.after && table->condition.matches_any(*change.after);
        append_update2(writer, out, view, change, was, is);
    }
    writer.finish();
    return out;
}

std::string format_condition_change(const MonitorRequest& before, const MonitorRequest& after,
                                    const Snapshot& snapshot) {
    std::string out;
    UpdatesWriter writer(out);
    for (size_t i = 0; i < after.tables.size(); ++i) {
        const MonitoredTable& table = after.tables[i];
        const Condition& old_condition = before.tables[i].condition;
        if (table.condition == old_condition) continue;
        const View view{table, snapshot.schema->tables[table.table]};
        for (const Row& row : snapshot[view.schema]) {
            const bool was = old_condition.matches_any(row), is = table.condition.matches_any(row);
            if (was == is) continue;
            const RowPtr shared = RowPtr::share(&row);
            append_update2(writer, out, view, {table.table, row.uuid(), shared, shared}, was, is);
        }
    }
    writer.finish();
    return out;
}

}  // namespace weft::ovsdb
