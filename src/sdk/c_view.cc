// SPDX-License-Identifier: Apache-2.0
// The C API: versions, rows, values, changes.
#include <cstring>

#include "sdk/handles.h"

using namespace weft;
using namespace weft::sdk;

namespace {

const ovsdb::Datum& held(const weft_ovsdb_value& value) {
    static const ovsdb::Datum none;
    return value.held ? *static_cast<const ovsdb::Datum*>(value.held) : none;
}

/// The column's value; empty for what get() would refuse, with its complaint.
Checked<weft_ovsdb_value> value_of(const weft_ovsdb_row& row, const char* column) {
    if (!row.held) return refuse(WEFT_OVSDB_BAD_ARGUMENT, "there is no row");
    const auto found = TRY(table_of(row)->column(column));
    return to_c(found.schema.type, (*row_of(row))[found.schema.index]);
}

/// The one value of a scalar or optional scalar of this type; of type NONE if there is none.
weft_ovsdb_atom scalar_of(const weft_ovsdb_row& row, const char* column, int32_t type) {
    weft_ovsdb_atom out{};
    guarded([&]() -> Checked<> {
        const auto value = TRY(value_of(row, column));
        if (value.size == 1 && value.key_type == type && value.value_type == WEFT_OVSDB_NONE)
            out = weft_ovsdb_key(value, 0);
        return {};
    });
    return out;
}

Checked<const FollowedTable*> table_in(const weft_ovsdb_view* view, const char* table) {
    TRY(not_null(view, "view"));
    return view->version->layout()->table(table);
}

void give(std::span<const weft_ovsdb_row> found, const weft_ovsdb_row** rows, size_t* count) {
    *rows = found.data();
    *count = found.size();
}

Checked<std::span<const weft_ovsdb_row>> find(const weft_ovsdb_view& view, const FollowedTable& table,
                                              std::span<const char* const> names,
                                              std::span<const weft_ovsdb_atom> values) {
    std::vector<ovsdb::ColumnIndex> columns;
    std::vector<ovsdb::Datum> wanted;
    for (size_t i = 0; i < names.size(); ++i) {
        const auto column = TRY(table.column(names[i]));
        columns.push_back(column.schema.index);
        wanted.push_back(values[i].type == WEFT_OVSDB_NONE
                             ? ovsdb::Datum()
                             : ovsdb::Datum(TRY(atom_of(values[i], column.schema.type.key, column.name))));
        if (column.schema.type.is_map())
            return refuse(WEFT_OVSDB_BAD_VALUE,
                          column.name + " is a map: rows are found by scalars and sets");
    }
    return view.version->find(table, columns, wanted);
}

}  // namespace

extern "C" {

int weft_ovsdb_uuid_parse(const char* text, weft_ovsdb_uuid* uuid) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(uuid, "uuid"));
        const auto parsed = Uuid::parse(TRY(text_of(text, "text")));
        if (!parsed) return refuse(WEFT_OVSDB_BAD_ARGUMENT, parsed.error().message);
        *uuid = to_c(*parsed);
        return {};
    });
}

void weft_ovsdb_uuid_format(weft_ovsdb_uuid uuid, char text[37]) {
    if (text) std::memcpy(text, from_c(uuid).to_string().c_str(), 37);
}

weft_ovsdb_atom weft_ovsdb_key(weft_ovsdb_value value, size_t i) {
    const auto keys = held(value).keys();
    return i < keys.size() ? to_c(keys[i]) : weft_ovsdb_atom{};
}

weft_ovsdb_atom weft_ovsdb_mapped(weft_ovsdb_value value, size_t i) {
    const auto values = held(value).values();
    return i < values.size() ? to_c(values[i]) : weft_ovsdb_atom{};
}

weft_ovsdb_atom weft_ovsdb_element(weft_ovsdb_value value, weft_ovsdb_atom key) {
    weft_ovsdb_atom out{};
    guarded([&]() -> Checked<> {
        const auto& datum = held(value);
        if (datum.empty()) return {};
        const auto atom = TRY(atom_of(key, {.type = datum.keys()[0].type()}, "key"));
        if (const auto* found = datum.find(atom)) out = to_c(*found);
        return {};
    });
    return out;
}

bool weft_ovsdb_value_equal(weft_ovsdb_value a, weft_ovsdb_value b) {
    return a.key_type == b.key_type && a.value_type == b.value_type && held(a) == held(b);
}

void weft_ovsdb_view_free(weft_ovsdb_view* view) { delete view; }

bool weft_ovsdb_view_is_current(const weft_ovsdb_view* view) {
    return view && view->version->facts().is_current;
}
bool weft_ovsdb_view_has_lock(const weft_ovsdb_view* view) { return view && view->version->facts().has_lock; }
bool weft_ovsdb_view_lock_is_contended(const weft_ovsdb_view* view) {
    return view && view->version->facts().lock_is_contended;
}

const char* weft_ovsdb_view_schema(const weft_ovsdb_view* view) {
    return view ? view->version->layout()->schema_text().c_str() : "";
}

int weft_ovsdb_view_rows(const weft_ovsdb_view* view, const char* table, const weft_ovsdb_row** rows,
                         size_t* count) {
    return weft_ovsdb_view_find(view, table, nullptr, nullptr, 0, rows, count);
}

int weft_ovsdb_view_find(const weft_ovsdb_view* view, const char* table, const char* const* columns,
                         const weft_ovsdb_atom* values, size_t n, const weft_ovsdb_row** rows,
                         size_t* count) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(rows, "rows"));
        TRY(not_null(count, "count"));
        give({}, rows, count);
        const auto* followed = TRY(table_in(view, table));
        if (n > 0) TRY(not_null(columns, "columns"));
        if (n > 0) TRY(not_null(values, "values"));
        give(TRY(find(*view, *followed, {columns, n}, {values, n})), rows, count);
        return {};
    });
}

int weft_ovsdb_view_row(const weft_ovsdb_view* view, const char* table, weft_ovsdb_uuid uuid,
                        weft_ovsdb_row* row) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(row, "row"));
        *row = {};
        const auto* followed = TRY(table_in(view, table));
        const auto found = view->version->row(*followed, from_c(uuid));
        if (!found)
            return refuse(WEFT_OVSDB_NOT_FOUND, "table " + followed->schema->name + " has no row " +
                                                    from_c(uuid).to_string() + " in this view");
        *row = {.table = followed, .held = found.row().get()};
        return {};
    });
}

weft_ovsdb_uuid weft_ovsdb_row_uuid(weft_ovsdb_row row) {
    return row.held ? to_c(row_of(row)->uuid()) : weft_ovsdb_uuid{};
}

const char* weft_ovsdb_row_table(weft_ovsdb_row row) {
    return row.table ? table_of(row)->schema->name.c_str() : "";
}

int weft_ovsdb_row_get(weft_ovsdb_row row, const char* column, weft_ovsdb_value* value) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(value, "value"));
        *value = {};
        *value = TRY(value_of(row, column));
        return {};
    });
}

int64_t weft_ovsdb_row_integer(weft_ovsdb_row row, const char* column, int64_t otherwise) {
    const auto atom = scalar_of(row, column, WEFT_OVSDB_INTEGER);
    return atom.type == WEFT_OVSDB_NONE ? otherwise : atom.integer;
}

double weft_ovsdb_row_real(weft_ovsdb_row row, const char* column, double otherwise) {
    const auto atom = scalar_of(row, column, WEFT_OVSDB_REAL);
    return atom.type == WEFT_OVSDB_NONE ? otherwise : atom.real;
}

bool weft_ovsdb_row_boolean(weft_ovsdb_row row, const char* column, bool otherwise) {
    const auto atom = scalar_of(row, column, WEFT_OVSDB_BOOLEAN);
    return atom.type == WEFT_OVSDB_NONE ? otherwise : atom.boolean;
}

const char* weft_ovsdb_row_string(weft_ovsdb_row row, const char* column, const char* otherwise) {
    const auto atom = scalar_of(row, column, WEFT_OVSDB_STRING);
    return atom.type == WEFT_OVSDB_NONE ? otherwise : atom.string;
}

const char* weft_ovsdb_row_string_at(weft_ovsdb_row row, const char* column, const char* key,
                                     const char* otherwise) {
    const char* out = otherwise;
    guarded([&]() -> Checked<> {
        const auto value = TRY(value_of(row, column));
        TRY(not_null(key, "key"));
        if (value.value_type != WEFT_OVSDB_STRING) return {};
        if (const auto atom = weft_ovsdb_element(value, weft_ovsdb_of_string(key));
            atom.type == WEFT_OVSDB_STRING)
            out = atom.string;
        return {};
    });
    return out;
}

int weft_ovsdb_changes_between(const weft_ovsdb_view* before, const weft_ovsdb_view* after, const char* table,
                               weft_ovsdb_changes** changes) {
    return guarded([&]() -> Checked<> {
        TRY(not_null(changes, "changes"));
        *changes = nullptr;
        TRY(not_null(after, "after"));
        const auto* followed = table ? TRY(table_in(after, table)) : nullptr;
        *changes = new weft_ovsdb_changes{
            changes_between(before ? before->version : nullptr, after->version, followed)};
        return {};
    });
}

void weft_ovsdb_changes_free(weft_ovsdb_changes* changes) { delete changes; }

size_t weft_ovsdb_changes_count(const weft_ovsdb_changes* changes) {
    return changes ? changes->list.all.size() : 0;
}

weft_ovsdb_change weft_ovsdb_changes_at(const weft_ovsdb_changes* changes, size_t i) {
    return i < weft_ovsdb_changes_count(changes) ? changes->list.all[i] : weft_ovsdb_change{};
}

bool weft_ovsdb_change_touches(const weft_ovsdb_change* change, const char* column) {
    bool out = false;
    guarded([&]() -> Checked<> {
        TRY(not_null(change, "change"));
        const auto& any = change->after.held ? change->after : change->before;
        if (!any.held) return refuse(WEFT_OVSDB_BAD_ARGUMENT, "there is no row");
        const auto found = TRY(table_of(any)->column(column));
        const auto in = [&](const weft_ovsdb_row& row) -> const ovsdb::Datum& {
            return row.held ? (*row_of(row))[found.schema.index] : found.schema.default_value;
        };
        out = in(change->before) != in(change->after);
        return {};
    });
    return out;
}

}  // extern "C"
