// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/client/view.h"

#include <charconv>

namespace weft::ovsdb::client {
namespace {

const Datum no_datum;
const RowMap no_rows;

/// The only atom of a scalar or optional scalar of this type, or null.
const Atom* only_atom(const Datum& d, AtomType type) {
    return d.size() == 1 && !d.is_map() && d.keys()[0].type() == type ? &d.keys()[0] : nullptr;
}

}  // namespace

const Datum& RowView::datum(std::string_view column) const {
    const auto* schema = row_ ? table_->find(column) : nullptr;
    return schema && schema->index >= first_user_column ? (*row_)[schema->index] : no_datum;
}

std::string_view RowView::str(std::string_view column) const {
    const auto* atom = only_atom(datum(column), AtomType::string);
    return atom ? atom->string() : std::string_view{};
}

std::optional<int64_t> RowView::integer(std::string_view column) const {
    const auto* atom = only_atom(datum(column), AtomType::integer);
    return atom ? std::optional(atom->integer()) : std::nullopt;
}

std::optional<double> RowView::real(std::string_view column) const {
    const auto* atom = only_atom(datum(column), AtomType::real);
    return atom ? std::optional(atom->real()) : std::nullopt;
}

std::optional<bool> RowView::boolean(std::string_view column) const {
    const auto* atom = only_atom(datum(column), AtomType::boolean);
    return atom ? std::optional(atom->boolean()) : std::nullopt;
}

std::vector<std::string_view> RowView::strings(std::string_view column) const {
    std::vector<std::string_view> out;
    for (const auto& key : datum(column).keys())
        if (key.type() == AtomType::string) out.push_back(key.string());
    return out;
}

std::vector<int64_t> RowView::integers(std::string_view column) const {
    std::vector<int64_t> out;
    for (const auto& key : datum(column).keys())
        if (key.type() == AtomType::integer) out.push_back(key.integer());
    return out;
}

std::optional<std::string_view> RowView::get(std::string_view column, std::string_view key) const {
    const Datum& d = datum(column);
    if (!d.is_map() || d.keys()[0].type() != AtomType::string || d.values()[0].type() != AtomType::string)
        return std::nullopt;
    const Atom* value = d.find(Atom(key));
    return value ? std::optional(value->string()) : std::nullopt;
}

bool RowView::boolean(std::string_view column, std::string_view key, bool otherwise) const {
    const auto value = get(column, key);
    return value == "true" ? true : value == "false" ? false : otherwise;
}

int64_t RowView::integer(std::string_view column, std::string_view key, int64_t otherwise, int64_t min,
                         int64_t max) const {
    const auto text = str(column, key);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && value >= min && value <= max ? value : otherwise;
}

std::map<std::string, std::string> RowView::string_map(std::string_view column) const {
    std::map<std::string, std::string> out;
    const Datum& d = datum(column);
    d.visit([&](const Atom& key, const Atom* value) {
        if (value && key.type() == AtomType::string && value->type() == AtomType::string)
            out.emplace(key.string(), value->string());
    });
    return out;
}

RowView RowView::ref(std::string_view column) const {
    const auto rows = refs(column);
    return rows.empty() ? RowView{} : rows.front();
}

std::vector<RowView> RowView::refs(std::string_view column) const {
    std::vector<RowView> out;
    const auto* schema = row_ ? table_->find(column) : nullptr;
    if (!schema || schema->key_table == no_table) return out;
    for (const auto& key : datum(column).keys())
        if (auto row = view_->find(schema->key_table, key.uuid())) out.push_back(std::move(row));
    return out;
}

std::vector<std::pair<Atom, RowView>> RowView::ref_map(std::string_view column) const {
    std::vector<std::pair<Atom, RowView>> out;
    const auto* schema = row_ ? table_->find(column) : nullptr;
    if (!schema || schema->value_table == no_table) return out;
    const Datum& d = datum(column);
    for (size_t i = 0; i < d.size(); ++i)
        if (auto row = view_->find(schema->value_table, d.values()[i].uuid()))
            out.emplace_back(d.keys()[i], std::move(row));
    return out;
}

const RowMap& TableView::map() const { return table_ ? view_->snapshot()[*table_] : no_rows; }
size_t TableView::size() const { return map().size(); }
TableView::const_iterator TableView::begin() const { return {this, map().begin()}; }
TableView::const_iterator TableView::end() const { return {this, map().end()}; }

RowView TableView::find(const Uuid& uuid) const {
    return table_ ? view_->find(table_->index, uuid) : RowView{};
}

RowView TableView::find(std::string_view column, std::string_view value) const {
    for (const auto& row : *this)
        if (row.str(column) == value && !row.datum(column).empty()) return row;
    return {};
}

std::vector<RowView> TableView::rows() const {
    std::vector<RowView> out;
    out.reserve(size());
    for (auto row : *this) out.push_back(std::move(row));
    return out;
}

RowView TableView::only() const { return empty() ? RowView{} : *begin(); }

RowView View::find(TableIndex table, const Uuid& uuid) const {
    const Row* row = snapshot_.tables[table].find(uuid);
    return row ? RowView(*this, snapshot_.schema->tables[table], RowPtr::share(row)) : RowView{};
}

Changes View::changes_since(const View& before) const {
    if (schema() == before.schema())
        return schema() ? Changes::between(before.snapshot_, snapshot_) : Changes{};
    return schema() ? Changes::between(Snapshot(schema()), snapshot_) : Changes{};
}

std::vector<RowDelta> deltas(const View& before, const View& after, std::string_view table) {
    std::vector<RowDelta> out;
    const auto* schema = after.schema() ? after.schema()->find(table) : nullptr;
    if (!schema) return out;
    const bool same_schema = before.schema() == after.schema();
    RowMap::compare(same_schema ? before.snapshot()[*schema] : no_rows, after.snapshot()[*schema],
                    [&](const Row* old_row, const Row* new_row) {
                        RowDelta delta;
                        if (old_row) delta.before = RowView(before, *schema, RowPtr::share(old_row));
                        if (new_row) delta.after = RowView(after, *schema, RowPtr::share(new_row));
                        out.push_back(std::move(delta));
                    });
    return out;
}

}  // namespace weft::ovsdb::client
