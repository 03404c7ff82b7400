// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/access.h"

#include <algorithm>

namespace weft::ovsdb {
namespace {

constexpr std::string_view role_table = "RBAC_Role";

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// The words of `text` between colons, empty ones left out.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(':'));
        if (!word.empty()) out.push_back(word);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return out;
}

/// The column's value if it is a set of any number of strings; Open vSwitch reads no other kind here.
std::optional<Datum> strings(const TableSchema& table, const Row& row, std::string_view name) {
    const ColumnSchema* column = table.find(name);
    if (!column || column->type.is_map() || column->type.key.type != AtomType::string ||
        column->type.max != unlimited)
        return std::nullopt;
    return row[column->index];
}

bool is_true(const TableSchema& table, const Row& row, std::string_view name) {
    const ColumnSchema* column = table.find(name);
    if (!column || column->type.is_map() || column->type.key.type != AtomType::boolean ||
        column->type.max != 1)
        return false;
    const Datum& value = row[column->index];
    return !value.empty() && value.scalar().boolean();
}

/// Whether `where` says `client` in that row: "COLUMN" that holds one string, or "COLUMN:KEY" of a map of any
/// number of strings. Open vSwitch looks at no other kinds, nor at what follows a second colon.
bool names(const TableSchema& table, const Row& row, std::string_view where, const Atom& client) {
    const bool has_key = where.contains(':');
    const auto words = words_of(where);
    if (has_key && words.size() < 2) return false;
    const ColumnSchema* column = table.find(has_key ? words[0] : where);
    if (!column || column->type.key.type != AtomType::string || column->type.is_map() != has_key)
        return false;
    const Datum& value = row[column->index];
    if (!has_key) return column->type.max == 1 && value.contains(client);
    if (column->type.value->type != AtomType::string || column->type.max != unlimited) return false;
    const Atom* found = value.find(Atom(words[1]));
    return found && *found == client;
}

}  // namespace

/// A row of the permission table; value type.
struct Access::Permission {
    bool insert_delete;
    std::optional<Datum> authorization, update;  ///< unset: there is no such column that can be read
};

bool is_restricted(const Schema& schema, const Identity& who) {
    return !who.role.empty() && schema.find(role_table);
}

OpError prohibited(const Identity& who, const std::string& what) {
    // Open vSwitch's word for a client without a name.
    return {"permission error", "RBAC rules for client " + quoted(who.client.value_or("(null)")) + " role " +
                                    quoted(who.role) + " prohibit " + what};
}

RowPtr Access::role() const {
    const TableSchema* roles = work_.database().schema().find(role_table);
    const ColumnSchema* name = roles ? roles->find("name") : nullptr;
    if (!name || name->type.is_map() || name->type.key.type != AtomType::string) return {};
    for (const RowPtr& row : work_.select(*roles, Condition::any_row()))
        if ((*row)[name->index].contains(Atom(who_.role))) return row;
    return {};
}

std::optional<Access::Permission> Access::permission(const TableSchema& table) const {
    const RowPtr role = this->role();
    if (!role || !who_.client) return std::nullopt;
    const Schema& schema = work_.database().schema();
    const ColumnSchema* column = schema.find(role_table)->find("permissions");
    if (!column || !column->type.is_map() || column->type.key.type != AtomType::string ||
        column->value_table == no_table)
        return std::nullopt;
    const Atom* to = (*role)[column->index].find(Atom(table.name));
    const Row* row = to ? work_.find(column->value_table, to->uuid()) : nullptr;
    if (!row) return std::nullopt;
    const TableSchema& permissions = schema.tables[column->value_table];
    return Permission{.insert_delete = is_true(permissions, *row, "insert_delete"),
                      .authorization = strings(permissions, *row, "authorization"),
                      .update = strings(permissions, *row, "update")};
}

bool Access::may_touch(const TableSchema& table, const Row& row, const Permission& by) const {
    return by.authorization && std::ranges::any_of(by.authorization->keys(), [&](const Atom& where) {
               return where.string().empty() || names(table, row, where.string(), Atom(*who_.client));
           });
}

bool Access::may_insert_or_erase(const TableSchema& table, Rows rows) const {
    if (!is_restricted(work_.database().schema(), who_)) return true;
    const auto by = permission(table);
    return by && std::ranges::all_of(rows, [&](const RowPtr& row) {
               return by->insert_delete && may_touch(table, *row, *by);
           });
}

bool Access::may_change(const TableSchema& table, Rows rows, std::span<const ColumnIndex> columns) const {
    if (!is_restricted(work_.database().schema(), who_)) return true;
    const auto by = permission(table);
    if (!by || !by->update) return false;
    const bool may_change_columns = std::ranges::all_of(
        columns, [&](ColumnIndex c) { return by->update->contains(Atom(table.columns[c].name)); });
    return std::ranges::all_of(
        rows, [&](const RowPtr& row) { return may_change_columns && may_touch(table, *row, *by); });
}

OpResult<> Access::insert(const TableSchema& table, const RowPtr& row) const {
    if (may_insert_or_erase(table, {&row, 1})) return {};
    return std::unexpected(prohibited(who_, "row insertion into table " + quoted(table.name) + "."));
}

OpResult<> Access::erase(const TableSchema& table, Rows rows) const {
    if (may_insert_or_erase(table, rows)) return {};
    return std::unexpected(prohibited(who_, "row deletion from table " + quoted(table.name) + "."));
}

OpResult<> Access::update(const TableSchema& table, Rows rows, std::span<const ColumnIndex> columns) const {
    if (may_change(table, rows, columns)) return {};
    return std::unexpected(prohibited(who_, "modification of table " + quoted(table.name) + "."));
}

OpResult<> Access::mutate(const TableSchema& table, Rows rows, std::span<const ColumnIndex> columns) const {
    if (may_change(table, rows, columns)) return {};
    return std::unexpected(prohibited(who_, "mutate operation on table " + quoted(table.name) + "."));
}

}  // namespace weft::ovsdb
