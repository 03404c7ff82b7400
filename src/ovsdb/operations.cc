// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/operations.h"

#include <algorithm>
#include <set>

#include "codec/json_text.h"
#include "ovsdb/columns.h"
#include "ovsdb/mutation.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

void append_count(std::string& results, size_t n) { results += "{\"count\":" + std::to_string(n) + "}"; }

template <class T>
std::vector<ColumnIndex> columns_of(const std::vector<T>& changes, auto column) {
    std::vector<ColumnIndex> out(changes.size());
    std::ranges::transform(changes, out.begin(), column);
    return out;
}

}  // namespace

Uuid Operations::named_uuid(std::string_view name) {
    auto it = names_.find(name);
    if (it == names_.end()) it = names_.emplace(name, Name{Uuid::random(options_.prng)}).first;
    return it->second.uuid;
}

const TableSchema* Operations::table(Members& m) {
    const Json* name = m.required("table", Kind::id);
    if (!name) return nullptr;
    const TableSchema* found = work_.database().schema().find(*name->string());
    if (!found) m.complain("No table named " + *name->string() + ".");
    return found;
}

OpResult<Condition> Operations::where(const TableSchema& table, const Json& json) {
    return Condition::parse(json, table, this);
}

OpResult<std::vector<std::pair<ColumnIndex, Datum>>> Operations::row(const TableSchema& table,
                                                                     const Json& json) {
    if (!json.is_object()) return syntax_error(json, "row must be JSON object");
    std::vector<std::pair<ColumnIndex, Datum>> out;
    out.reserve(json.object()->size());
    for (const auto& member : *json.object()) {
        const ColumnSchema* column = table.find(member.key);
        if (!column)
            return syntax_error(json, "unknown column",
                                "No column " + member.key + " in table " + table.name + ".");
        out.emplace_back(column->index, TRY(parse_datum(member.value, column->type, this)));
    }
    return out;
}

OpResult<Uuid> Operations::new_row_uuid(const TableSchema& table, const Json* uuid, const Json* name) {
    Uuid out;
    if (uuid) {
        const auto given = Uuid::parse(*uuid->string());
        if (!given) return syntax_error(*uuid, "bad uuid");
        if (work_.is_taken(table.index, *given))
            return syntax_error(
                *uuid, "duplicate uuid",
                "This UUID would duplicate a UUID already present within the table or deleted "
                "within the same transaction.");
        out = *given;
    } else {
        out = name ? named_uuid(*name->string()) : Uuid::random(options_.prng);
    }
    if (name) {
        Name& entry = names_[*name->string()];
        if (entry.inserted)
            return syntax_error(*name, "duplicate uuid-name",
                                "This \"uuid-name\" appeared on an earlier \"insert\" operation.");
        entry = {out, true};
    }
    return out;
}

OpResult<> Operations::insert(Members& m, std::string& results) {
    const TableSchema* t = table(m);
    const Json* uuid = m.optional("uuid", Kind::string);
    const Json* name = m.optional("uuid-name", Kind::id);
    const Json* values = m.required("row", Kind::object);
    TRY(m.finish());
    const Uuid id = TRY(new_row_uuid(*t, uuid, name));
    RowEdit edit(*t, id);
    edit.set_version(Uuid::random(options_.prng));
    auto given = TRY(row(*t, *values));
    for (auto& [column, value] : given)
        if (column >= first_user_column) edit.set(column, std::move(value));
    // What was given is checked already; a default may violate the constraints too.
    for (const ColumnSchema& column : t->columns)
        if (column.index >= first_user_column && column.has_bad_default)
            TRY(column.type.check(edit.row()[column.index]));
    RowPtr made = std::move(edit).take();
    TRY(access_.insert(*t, made));
    if (uuid)
        work_.insert(t->index, std::move(made));
    else
        work_.insert_new(t->index, std::move(made));
    results += "{\"uuid\":";
    Atom(id).append_json(results);
    results += '}';
    return {};
}

OpResult<> Operations::select(Members& m, std::string& results) {
    const TableSchema* t = table(m);
    const Json* clauses = m.required("where", Kind::array);
    const Json* names = m.optional("columns", Kind::array);
    m.optional("sort", Kind::array);  // Open vSwitch accepts it too; the order of rows means nothing
    TRY(m.finish());
    const Condition condition = TRY(where(*t, *clauses));
    const ColumnSet columns = TRY(parse_columns(names, *t));
    // Rows that look the same in the chosen columns count once.
    std::set<std::string> seen;
    const bool distinct = std::ranges::find(columns, uuid_column) == columns.end();
    results += "{\"rows\":[";
    std::string text;
    for (const RowPtr& r : work_.select(*t, condition)) {
        text.clear();
        append_row(text, *r, *t, columns);
        if (distinct && !seen.insert(text).second) continue;
        if (results.back() != '[') results += ',';
        results += text;
    }
    results += "]}";
    return {};
}

OpResult<> Operations::update(const Json& json, Members& m, std::string& results) {
    const TableSchema* t = table(m);
    const Json* clauses = m.required("where", Kind::array);
    const Json* values = m.required("row", Kind::object);
    TRY(m.finish());
    const auto given = TRY(row(*t, *values));
    for (const auto& [column, value] : given)
        if (!t->columns[column].is_mutable)
            return syntax_error(
                json, "constraint violation",
                "Cannot update immutable column " + t->columns[column].name + " in table " + t->name + ".");
    const Condition condition = TRY(where(*t, *clauses));
    auto rows = work_.select(*t, condition);
    TRY(access_.update(*t, rows, columns_of(given, [](const auto& one) { return one.first; })));
    for (RowPtr& r : rows) {
        const Uuid id = r->uuid();
        r = nullptr;  // so that the edit may be in place
        RowEdit edit = work_.edit(t->index, id);
        for (const auto& [column, value] : given)
            if (edit.row()[column] != value) edit.set(column, value);
        work_.replace(t->index, std::move(edit).take());
    }
    append_count(results, rows.size());
    return {};
}

OpResult<> Operations::mutate(Members& m, std::string& results) {
    const TableSchema* t = table(m);
    const Json* clauses = m.required("where", Kind::array);
    const Json* list = m.required("mutations", Kind::array);
    TRY(m.finish());
    std::vector<Mutation> mutations;
    for (const Json& one : *list->array()) mutations.push_back(TRY(Mutation::parse(one, *t, this)));
    const Condition condition = TRY(where(*t, *clauses));
    auto rows = work_.select(*t, condition);
    TRY(access_.mutate(*t, rows, columns_of(mutations, [](const Mutation& one) { return one.column(); })));
    for (RowPtr& r : rows) {
        const Uuid id = r->uuid();
        r = nullptr;
        RowEdit edit = work_.edit(t->index, id);
        for (const Mutation& mutation : mutations) {
            Datum value = TRY(mutation.apply(edit.row()[mutation.column()]));
            edit.set(mutation.column(), std::move(value));
        }
        work_.replace(t->index, std::move(edit).take());
    }
    append_count(results, rows.size());
    return {};
}

OpResult<> Operations::erase(Members& m, std::string& results) {
    const TableSchema* t = table(m);
    const Json* clauses = m.required("where", Kind::array);
    TRY(m.finish());
    const Condition condition = TRY(where(*t, *clauses));
    const auto rows = work_.select(*t, condition);
    TRY(access_.erase(*t, rows));
    for (const RowPtr& r : rows) work_.erase(t->index, r->uuid());
    append_count(results, rows.size());
    return {};
}

OpResult<> Operations::commit(Members& m, std::string& results) {
    const Json* durable = m.required("durable", Kind::boolean);
    TRY(m.finish());
    durable_ |= *durable->boolean();
    results += "{}";
    return {};
}

OpResult<> Operations::abort(Members& m) {
    TRY(m.finish());
    return op_error("aborted", "aborted by request");
}

OpResult<> Operations::comment(Members& m, std::string& results) {
    const Json* text = m.required("comment", Kind::string);
    TRY(m.finish());
    if (!comment_.empty()) comment_ += '\n';
    comment_ += *text->string();
    results += "{}";
    return {};
}

OpResult<> Operations::assert_lock(Members& m, std::string& results) {
    const Json* lock = m.required("lock", Kind::id);
    TRY(m.finish());
    if (!options_.owns_lock(*lock->string()))
        return op_error("not owner", "Asserted lock " + *lock->string() + " not held.");
    results += "{}";
    return {};
}

}  // namespace weft::ovsdb
