// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/workspace.h"

namespace weft::cli::dbctl {

using ovsdb::ColumnSchema;
using ovsdb::Datum;
using ovsdb::client::Txn;

namespace {

/// Of a map its keys, of a set itself.
Datum keys_of(const Datum& datum) { return Datum::set({datum.keys().begin(), datum.keys().end()}); }

/// The column of this name that can be written.
const ColumnSchema* writable(const RowView& row, std::string_view column) {
    const auto* schema = row ? row.table().find(column) : nullptr;
    return schema && schema->index >= ovsdb::first_user_column ? schema : nullptr;
}

}  // namespace

Workspace::Workspace(const ovsdb::client::View& base, uint64_t seed)
    : base_(base), work_(base), prng_(seed) {}

void Workspace::store(const RowView& row, const ColumnSchema& column, Datum value) {
    const auto current = newest(row);
    if (!current || (*current.row())[column.index] == value) return;
    ovsdb::RowEdit edit(current.row());
    edit.set(column.index, std::move(value));
    ovsdb::Snapshot next = work_.snapshot();
    next.tables[row.table().index].set(std::move(edit).take());
    work_ = ovsdb::client::View(std::move(next));
}

bool Workspace::set(const RowView& row, std::string_view column, Datum value) {
    const auto* schema = writable(row, column);
    if (!schema) return false;
    overwritten_.insert({row.table().index, row.uuid(), schema->index});
    store(row, *schema, std::move(value));
    return true;
}

bool Workspace::add(const RowView& row, std::string_view column, const Datum& elements) {
    const auto* schema = writable(row, column);
    if (!schema) return false;
    // The union keeps what its left side has.
    store(row, *schema, ovsdb::set_union(elements, newest(row).datum(column)));
    return true;
}

bool Workspace::remove(const RowView& row, std::string_view column, const Datum& elements) {
    const auto* schema = writable(row, column);
    if (!schema) return false;
    store(row, *schema, ovsdb::set_minus(newest(row).datum(column), elements));
    return true;
}

RowView Workspace::insert(const ovsdb::TableSchema& table, std::optional<Uuid> uuid, bool keep_uuid) {
    const Uuid id = uuid.value_or(keep_uuid ? Uuid{} : new_uuid());
    if (keep_uuid) kept_uuids_.insert(id);
    ovsdb::Snapshot next = work_.snapshot();
    next.tables[table.index].set(ovsdb::Row::make(table, id));
    work_ = ovsdb::client::View(std::move(next));
    return work_.find(table.index, id);
}

void Workspace::erase(const RowView& row) {
    ovsdb::Snapshot next = work_.snapshot();
    next.tables[row.table().index].erase(row.uuid());
    work_ = ovsdb::client::View(std::move(next));
}

void Workspace::verify(const RowView& row, std::string_view column) {
    if (const auto before = base_.find(row.table().index, row.uuid()))
        verified_.emplace_back(before, std::string(column));
}

void Workspace::append_column(Txn& txn, const RowView& before, const RowView& after,
                              const ColumnSchema& column) const {
    const Datum& old_value = (*before.row())[column.index];
    const Datum& new_value = (*after.row())[column.index];
    if (old_value == new_value) return;
    if (column.type.max <= 1 || overwritten_.contains({before.table().index, before.uuid(), column.index})) {
        txn.set(before, column.name, new_value);
        return;
    }
    // A key whose value differs is in both: it goes and comes again.
    if (const Datum gone = ovsdb::set_minus(old_value, new_value); !gone.empty())
        txn.remove(before, column.name, keys_of(gone));
    if (const Datum come = ovsdb::set_minus(new_value, old_value); !come.empty())
        txn.add(before, column.name, come);
}

void Workspace::append_changes(Txn& txn, const ovsdb::RowChange& change) const {
    const auto& table = schema().tables[change.table];
    const RowView before(base_, table, change.before), after(work_, table, change.after);
    if (!after) return txn.erase(before);
    if (!before) {
        for (size_t i = ovsdb::first_user_column; i < table.columns.size(); ++i)
            txn.set(table.name, change.uuid, table.columns[i].name, (*after.row())[static_cast<uint32_t>(i)]);
        return;
    }
    txn.verify(before, "_uuid");
    for (size_t i = ovsdb::first_user_column; i < table.columns.size(); ++i)
        append_column(txn, before, after, table.columns[i]);
}

Txn Workspace::transaction() const {
    Txn txn(base_);
    for (const auto& [row, column] : verified_) txn.verify(row, column);
    const auto changes = work_.changes_since(base_);
    // New rows first, so that references to them are known as such.
    for (const auto& change : changes.rows)
        if (!change.before)
            txn.insert_as(schema().tables[change.table].name, change.uuid, kept_uuids_.contains(change.uuid));
    for (const auto& change : changes.rows) append_changes(txn, change);
    return txn;
}

}  // namespace weft::cli::dbctl
