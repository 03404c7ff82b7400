// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/working_set.h"

#include <algorithm>

namespace weft::ovsdb {

const Row* WorkingSet::find(TableIndex table, const Uuid& uuid) const {
    if (const auto entries = tables_.find(table); entries != tables_.end())
        if (const auto it = entries->second.find(uuid); it != entries->second.end())
            return it->second.after.get();
    return db_.find(table, uuid);
}

bool WorkingSet::is_taken(TableIndex table, const Uuid& uuid) const {
    return find(table, uuid) || db_.find(table, uuid);
}

WorkingSet::Entry& WorkingSet::entry(TableIndex table, const Uuid& uuid) {
    const auto [it, added] = tables_[table].try_emplace(uuid);
    if (added) it->second.before = it->second.after = RowPtr::share(db_.find(table, uuid));
    return it->second;
}

void WorkingSet::insert(TableIndex table, RowPtr row) {
    Entry& e = entry(table, row->uuid());
    CHECK(!e.after);
    e.after = std::move(row);
}

void WorkingSet::insert_new(TableIndex table, RowPtr row) {
    const auto [it, added] = tables_[table].try_emplace(row->uuid());
    CHECK(added);
    it->second.after = std::move(row);
}

void WorkingSet::erase(TableIndex table, const Uuid& uuid) { entry(table, uuid).after = nullptr; }

RowEdit WorkingSet::edit(TableIndex table, const Uuid& uuid) {
    Entry& e = entry(table, uuid);
    CHECK(e.after);
    return RowEdit(std::move(e.after));
}

void WorkingSet::replace(TableIndex table, RowPtr row) {
    Entry& e = entry(table, row->uuid());
    e.after = std::move(row);
}

namespace {

/// An index of `table` by which to find the rows; nullopt if none helps.
std::optional<size_t> index_for(const TableSchema& table, const Condition& where) {
    for (size_t i = 0; i < table.indexes.size(); ++i)
        if (table.indexes[i].size() == 1 && where.equals(table.indexes[i][0])) return i;
    return std::nullopt;
}

}  // namespace

bool WorkingSet::scans(const TableSchema& table, const Condition& where) {
    return !where.only_uuid() && !index_for(table, where);
}

std::vector<RowPtr> WorkingSet::candidates(const TableSchema& table, const Condition& where) const {
    std::vector<RowPtr> out;
    if (const auto uuid = where.only_uuid()) {
        if (const Row* row = find(table.index, *uuid)) out.push_back(RowPtr::share(row));
        return out;
    }
    static const TableEntries none;
    const auto touched = tables_.find(table.index);
    const TableEntries& mine = touched == tables_.end() ? none : touched->second;
    for (const auto& [uuid, e] : mine)
        if (e.after) out.push_back(e.after);
    const auto add_if_untouched = [&](const Row& row) {
        if (mine.empty() || !mine.contains(row.uuid())) out.push_back(RowPtr::share(&row));
    };
    if (const auto i = index_for(table, where); i && db_.has_indexes()) {
        const Datum* wanted = where.equals(table.indexes[*i][0]);
        db_.for_each_indexed(table.index, *i, index_hash({wanted, 1}),
                             [&](const Uuid& uuid) { add_if_untouched(*db_.find(table.index, uuid)); });
        return out;
    }
    if (const auto* found = found_ ? found_->find(table, where) : nullptr) {
        for (const Uuid& uuid : *found) add_if_untouched(*db_.find(table.index, uuid));
        return out;
    }
    for (const Row& row : db_.snapshot()[table])
        if (where.matches_all(row)) add_if_untouched(row);
    return out;
}

std::vector<RowPtr> WorkingSet::select(const TableSchema& table, const Condition& where) const {
    std::vector<RowPtr> rows = candidates(table, where);
    std::erase_if(rows, [&](const RowPtr& row) { return !where.matches_all(*row); });
    return rows;
}

void WorkingSet::drop_unchanged() {
    for (auto& [table, entries] : tables_)
        std::erase_if(entries, [](const auto& item) {
            const auto& [before, after] = item.second;
            return before == after || (before && after && same_data(*before, *after));
        });
}

void WorkingSet::set_versions(Prng& prng) {
    for (auto& [table, entries] : tables_)
        for (auto& [uuid, e] : entries) {
            if (!e.after) continue;
            RowEdit edit(std::move(e.after));
            edit.set_version(Uuid::random(prng));
            e.after = std::move(edit).take();
        }
}

size_t WorkingSet::row_count(TableIndex table) const {
    size_t n = db_.snapshot().tables[table].size();
    for (const auto& [uuid, e] : entries(table)) {
        if (!e.before && e.after) ++n;
        if (e.before && !e.after) --n;
    }
    return n;
}

}  // namespace weft::ovsdb
