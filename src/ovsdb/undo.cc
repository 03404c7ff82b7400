// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/undo.h"

#include <algorithm>
#include <set>

#include "ovsdb/change_json.h"
#include "ovsdb/commit_check.h"

namespace weft::ovsdb {
namespace {

using RowKey = std::pair<TableIndex, Uuid>;

bool equal(const Atom* a, const Atom* b) { return a && b ? *a == *b : a == b; }

class Undoing {
  public:
    Undoing(const Database& db, const Changes& done, bool erase_roots)
        : db_(db), schema_(db.schema()), done_(done), work_(db), erase_roots_(erase_roots) {}

    OpResult<Undo> run(Prng& prng) {
        find_kept_rows();
        find_returning_rows();
        for (const RowChange& change : done_.rows)
            if (returning_.contains(key_of(change))) work_.insert(change.table, configured(change));
        for (const RowChange& change : done_.rows)
            if (change.before && change.after) take_back(change);
        erase_inserted_roots();
        Undo out;
        out.changes = TRY(check_and_complete(work_, prng));
        out.conflicts = std::move(conflicts_);
        return out;
    }

  private:
    static RowKey key_of(const RowChange& change) { return {change.table, change.uuid}; }
    const TableSchema& table_of(const RowChange& change) const { return schema_.tables[change.table]; }

    template <class F>
    void for_each_column(const TableSchema& table, F f) const {
        for (const ColumnSchema& column : table.columns)
            if (column.index >= first_user_column && !is_state(schema_, table, column)) f(column);
    }

    void conflict(const RowChange& change, const Row& named, const std::string& what) {
        const TableSchema& table = table_of(change);
        const Row* here = db_.find(change.table, change.uuid);  // knows more than a difference does
        const std::string name = row_name(table, here ? *here : named);
        conflicts_.push_back(
            {table.name, change.uuid, table.name + (name.empty() ? "" : " ") + name + ": " + what});
    }

    /// Of an inserted row: the first column that was edited since.
    const ColumnSchema* edited_column(const RowChange& change, const Row& now) const {
        const ColumnSchema* out = nullptr;
        for_each_column(table_of(change), [&](const ColumnSchema& column) {
            if (!out && now[column.index] != (*change.after)[column.index]) out = &column;
        });
        return out;
    }

    bool refers_to(const TableSchema& table, const Row& row, const std::set<RowKey>& rows) const {
        bool found = false;
        for (const ColumnSchema& column : table.columns)
            if (column.index >= first_user_column && column.type.has_strong_ref())
                for_each_reference(
                    column, RefType::strong, row[column.index],
                    [&](TableIndex t, const Uuid& u) { found = found || rows.contains({t, u}); });
        return found;
    }

    /// Inserted rows that somebody edited stay, and with them the inserted ones that own them.
    void find_kept_rows() {
        for (const RowChange& change : done_.rows) {
            const Row* now = change.before ? nullptr : db_.find(change.table, change.uuid);
            const ColumnSchema* edited = now ? edited_column(change, *now) : nullptr;
            if (!edited) continue;
            kept_.insert(key_of(change));
            conflict(change, *now, edited->name + " was changed since; the row stays");
        }
        for (bool more = true; more;) {
            more = false;
            for (const RowChange& change : done_.rows)
                if (!change.before && !kept_.contains(key_of(change)) &&
                    refers_to(table_of(change), *change.after, kept_))
                    more = kept_.insert(key_of(change)).second || more;
        }
    }

    /// Another row, which stays, has the values of one of the table's indexes.
    const Row* namesake(const RowChange& change) const {
        const TableSchema& table = table_of(change);
        const Row* out = nullptr;
        for (size_t i = 0; i < table.indexes.size(); ++i) {
            const auto& columns = table.indexes[i];
            db_.for_each_indexed(change.table, i, index_hash(*change.before, columns), [&](const Uuid& uuid) {
                const Row& other = *db_.find(change.table, uuid);
                const bool same = std::ranges::all_of(
                    columns, [&](ColumnIndex c) { return other.get(c) == change.before->get(c); });
                if (same && uuid != change.uuid && !goes(change.table, uuid)) out = &other;
            });
        }
        return out;
    }

    bool goes(TableIndex table, const Uuid& uuid) const {
        return !kept_.contains({table, uuid}) &&
               std::ranges::any_of(done_.rows, [&](const RowChange& change) {
                   return !change.before && change.table == table && change.uuid == uuid;
               });
    }

    void find_returning_rows() {
        for (const RowChange& change : done_.rows) {
            if (change.after) continue;
            if (const Row* now = db_.find(change.table, change.uuid)) {
                bool same = true;
                for_each_column(table_of(change), [&](const ColumnSchema& column) {
                    same = same && (*now)[column.index] == (*change.before)[column.index];
                });
                if (!same) conflict(change, *now, "is there again and was changed since");
            } else if (namesake(change)) {
                conflict(change, *change.before, "another row has its name by now");
            } else {
                returning_.insert(key_of(change));
            }
        }
        for (bool more = true; more;) {
            more = false;
            for (const RowChange& change : done_.rows) {
                if (!returning_.contains(key_of(change)) || !lost_reference(change)) continue;
                conflict(change, *change.before, "cannot come back: a row it refers to is gone");
                returning_.erase(key_of(change));
                more = true;
            }
        }
    }

    bool exists(TableIndex table, const Uuid& uuid) const {
        return returning_.contains({table, uuid}) || db_.find(table, uuid);
    }

    bool lost_reference(const RowChange& change) const {
        bool lost = false;
        for_each_column(table_of(change), [&](const ColumnSchema& column) {
            for_each_reference(column, RefType::strong, (*change.before)[column.index],
                               [&](TableIndex t, const Uuid& u) { lost = lost || !exists(t, u); });
        });
        return lost;
    }

    /// The row as it was, but for columns of state.
    RowPtr configured(const RowChange& change) const {
        RowEdit edit(table_of(change), change.uuid);
        for_each_column(table_of(change), [&](const ColumnSchema& column) {
            edit.set(column.index, (*change.before)[column.index]);
        });
        return std::move(edit).take();
    }

    void take_back(const RowChange& change) {
        const Row* now = db_.find(change.table, change.uuid);
        if (!now) {
            if (changes_configuration(change, schema_))
                conflict(change, *change.before, "was deleted since; it is not made anew");
            return;
        }
        RowEdit edit = work_.edit(change.table, change.uuid);
        for_each_column(table_of(change), [&](const ColumnSchema& column) {
            const Datum &before = (*change.before)[column.index], &after = (*change.after)[column.index];
            if (before == after) return;
            const Datum current = edit.row()[column.index];
            Datum value = column.type.is_map()   ? map_before(change, column, current)
                          : column.type.max == 1 ? scalar_before(change, column, current)
                                                 : set_before(change, column, current);
            if (value == current) return;
            if (column.type.check(value))
                edit.set(column.index, std::move(value));
            else
                conflict(change, *now,
                         column.name + " cannot hold what it held before together with what came since");
        });
        work_.replace(change.table, std::move(edit).take());
    }

    Datum scalar_before(const RowChange& change, const ColumnSchema& column, const Datum& current) {
        const Datum &before = (*change.before)[column.index], &after = (*change.after)[column.index];
        if (current == before) return current;
        if (current != after) {
            conflict(change, *change.before,
                     column.name + " is " + current.to_text(column.type) + " by now, not " +
                         after.to_text(column.type));
            return current;
        }
        const bool leads_to_kept =
            std::ranges::any_of(after.keys(), [&](const Atom& a) { return is_kept(column, a); });
        if (leads_to_kept || !can_refer(change, column, before)) return current;
        return before;
    }

    bool is_kept(const ColumnSchema& column, const Atom& key) const {
        return column.type.key.is_ref() && kept_.contains({column.key_table, key.uuid()});
    }

    /// The rows that a former value refers to are there; else told as a conflict. Weak references fall away
    /// by themselves.
    bool can_refer(const RowChange& change, const ColumnSchema& column, const Datum& value) {
        bool lost = false;
        for_each_reference(column, RefType::strong, value,
                           [&](TableIndex t, const Uuid& u) { lost = lost || !exists(t, u); });
        if (lost) conflict(change, *change.before, column.name + " referred to a row that is gone");
        return !lost;
    }

    Datum set_before(const RowChange& change, const ColumnSchema& column, const Datum& current) {
        const Datum &before = (*change.before)[column.index], &after = (*change.after)[column.index];
        std::vector<Atom> keys;
        for (const Atom& key : current.keys())
            if (before.contains(key) || !after.contains(key) || is_kept(column, key)) keys.push_back(key);
        for (const Atom& key : before.keys())
            if (!after.contains(key) && !current.contains(key) && can_refer(change, column, Datum(key)))
                keys.push_back(key);
        return Datum::set(std::move(keys));
    }

    Datum map_before(const RowChange& change, const ColumnSchema& column, const Datum& current) {
        const Datum &before = (*change.before)[column.index], &after = (*change.after)[column.index];
        std::vector<std::pair<Atom, Atom>> pairs;
        const auto take = [&](const Atom& key) {
            const Atom *was = before.find(key), *made = after.find(key), *now = current.find(key);
            const Atom* value = now;
            if (!equal(was, made) && !equal(now, was)) value = pair_before(change, column, key, current);
            if (value) pairs.emplace_back(key, *value);
        };
        for (const Atom& key : current.keys()) take(key);
        for (const Atom& key : before.keys())
            if (!current.contains(key)) take(key);
        return Datum::map(std::move(pairs));
    }

    /// The value to give a key that `done_` changed and that is not back yet; null: none.
    const Atom* pair_before(const RowChange& change, const ColumnSchema& column, const Atom& key,
                            const Datum& current) {
        const Datum &before = (*change.before)[column.index], &after = (*change.after)[column.index];
        const Atom *was = before.find(key), *made = after.find(key), *now = current.find(key);
        const std::string name = column.name + ":" + key.to_bare();
        if (!equal(now, made)) {
            const auto text = [](const Atom* value) {
                return value ? value->to_text() : std::string("unset");
            };
            conflict(change, *change.before, name + " is " + text(now) + " by now, not " + text(made));
            return now;
        }
        if (now && column.type.value->is_ref() && kept_.contains({column.value_table, now->uuid()}))
            return now;
        const Datum former = was ? Datum::map({{key, *was}}) : Datum();
        return can_refer(change, column, former) ? was : now;
    }

    /// Rows of other tables go when nothing refers to them any more.
    void erase_inserted_roots() {
        for (const RowChange& change : done_.rows) {
            if (change.before || kept_.contains(key_of(change)) || !schema_.is_root(table_of(change)))
                continue;
            const Row* now = db_.find(change.table, change.uuid);
            if (!now) continue;
            if (erase_roots_)
                work_.erase(change.table, change.uuid);
            else
                conflict(change, *now, "others refer to it by now; the row stays");
        }
    }

    const Database& db_;
    const Schema& schema_;
    const Changes& done_;
    WorkingSet work_;
    const bool erase_roots_;
    std::set<RowKey> kept_, returning_;
    std::vector<Conflict> conflicts_;
};

}  // namespace

OpResult<Undo> undo(const Database& db, const Changes& done, Prng& prng) {
    auto out = Undoing(db, done, true).run(prng);
    return out ? std::move(out) : Undoing(db, done, false).run(prng);
}

}  // namespace weft::ovsdb
