// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/commit_check.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <map>
#include <set>

namespace weft::ovsdb {
namespace {

struct RowId {
    TableIndex table;
    Uuid uuid;
    auto operator<=>(const RowId&) const = default;
};

Datum value_of(const RowPtr& row, ColumnIndex column) { return row ? row->get(column) : Datum(); }

class Checker {
  public:
    explicit Checker(WorkingSet& work) : work_(work), schema_(work.database().schema()) {}

    OpResult<> run() {
        work_.drop_unchanged();
        count_references();
        TRY(check_new_references());
        TRY(check_deleted_rows());
        collect_garbage();
        TRY(check_row_limits());
        TRY(remove_dead_weak_references());
        if (is_changed_) work_.drop_unchanged();
        return check_indexes();
    }

  private:
    using Entry = WorkingSet::Entry;

    template <class F>
    void for_each_entry(F f) {
        for (const auto& [table, entries] : work_.touched())
            for (const auto& [uuid, entry] : entries) f(schema_.tables[table], uuid, entry);
    }

    /// Adds what `entry` does to the counts of strong references.
    void count_references(const TableSchema& table, const Uuid& uuid, const RowPtr& before,
                          const RowPtr& after) {
        if (!table.has_strong_ref) return;
        for (const ColumnSchema& column : table.columns) {
            if (!column.type.has_strong_ref()) continue;
            const Datum old_value = value_of(before, column.index), new_value = value_of(after, column.index);
            if (old_value.same(new_value)) continue;
            const auto count = [&](int by) {
                return [&, by](TableIndex t, const Uuid& to) {
                    if (t == table.index && to == uuid) return;  // a row does not keep itself alive
                    delta_[{t, to}] += by;
                    if (by < 0) candidates_.push_back({t, to});
                };
            };
            for_each_reference(column, RefType::strong, set_minus(old_value, new_value), count(-1));
            for_each_reference(column, RefType::strong, set_minus(new_value, old_value), count(1));
        }
    }
    void count_references() {
        for_each_entry([&](const TableSchema& table, const Uuid& uuid, const Entry& e) {
            count_references(table, uuid, e.before, e.after);
            if (e.after && !e.before && !schema_.is_root(table)) candidates_.push_back({table.index, uuid});
        });
    }
    size_t references(const RowId& id) const {
        const auto it = delta_.find(id);
        const auto before = static_cast<int64_t>(work_.database().strong_references(id.table, id.uuid));
        return static_cast<size_t>(before + (it == delta_.end() ? 0 : it->second));
    }

    OpResult<> check_new_references() {
        std::optional<OpError> error;
        for_each_entry([&](const TableSchema& table, const Uuid& uuid, const Entry& e) {
            if (!e.after || !table.has_strong_ref) return;
            for (const ColumnSchema& column : table.columns) {
                if (!column.type.has_strong_ref()) continue;
                const Datum added = set_minus(e.after->get(column.index), value_of(e.before, column.index));
                for_each_reference(column, RefType::strong, added, [&](TableIndex t, const Uuid& to) {
                    // A row that was there and goes is reported as such, by check_deleted_rows().
                    if (error || work_.is_taken(t, to)) return;
                    error = OpError{"referential integrity violation",
                                    "Table " + table.name + " column " + column.name + " row " +
                                        uuid.to_string() + " references nonexistent row " + to.to_string() +
                                        " in table " + schema_.tables[t].name + ".",
                                    {}};
                });
            }
        });
        if (error) return std::unexpected(*error);
        return {};
    }

    OpResult<> check_deleted_rows() {
        std::optional<OpError> error;
        for_each_entry([&](const TableSchema& table, const Uuid& uuid, const Entry& e) {
            if (error || e.after) return;
            const size_t n = references({table.index, uuid});
            if (n == 0) return;
            error = OpError{"referential integrity violation",
                            "cannot delete " + table.name + " row " + uuid.to_string() + " because of " +
                                std::to_string(n) + " remaining reference(s)",
                            {}};
        });
        if (error) return std::unexpected(*error);
        return {};
    }

    void collect_garbage() {
        while (!candidates_.empty()) {
            const RowId id = candidates_.front();
            candidates_.pop_front();
            const TableSchema& table = schema_.tables[id.table];
            const Row* row = work_.find(id.table, id.uuid);
            if (!row || schema_.is_root(table) || references(id) > 0) continue;
            const RowPtr garbage = RowPtr::share(row);
            work_.erase(id.table, id.uuid);
            is_changed_ = true;
            count_references(table, id.uuid, garbage, nullptr);
        }
    }

    OpResult<> check_row_limits() {
        for (const auto& [index, entries] : work_.touched()) {
            if (entries.empty()) continue;
            const TableSchema& table = schema_.tables[index];
            const size_t n = work_.row_count(index);
            if (n > table.max_rows)
                return constraint_violation("transaction causes \"" + table.name + "\" table to contain " +
                                            std::to_string(n) +
                                            " rows, greater than the schema-defined limit of " +
                                            std::to_string(table.max_rows) + " row(s)");
        }
        return {};
    }

    OpResult<> remove_dead_weak_references() {
        std::set<RowId> rows;  // that may refer to rows that are not there
        for_each_entry([&](const TableSchema& table, const Uuid& uuid, const Entry& e) {
            if (e.after) {
                if (table.has_weak_ref) rows.insert({table.index, uuid});
                return;
            }
            work_.database().for_each_weak_referrer(
                table.index, uuid, [&](TableIndex t, const Uuid& from) { rows.insert({t, from}); });
        });
        for (const RowId& id : rows) {
            if (!work_.find(id.table, id.uuid)) continue;
            for (const ColumnSchema& column : schema_.tables[id.table].columns)
                if (column.type.has_weak_ref()) TRY(clean_column(id, column));
        }
        return {};
    }

    OpResult<> clean_column(const RowId& id, const ColumnSchema& column) {
        const Datum value = work_.find(id.table, id.uuid)->get(column.index);
        const auto is_dead = [&](const BaseType& type, TableIndex table, const Atom& atom) {
            return type.is_weak_ref() && !work_.find(table, atom.uuid());
        };
        DatumBuilder kept(column.type.is_map());
        bool zero_removed = false;
        value.visit([&](const Atom& key, const Atom* mapped) {
            const bool dead_key = is_dead(column.type.key, column.key_table, key);
            const bool dead =
                dead_key || (mapped && is_dead(*column.type.value, column.value_table, *mapped));
            if (dead) {
                zero_removed |= dead_key && key.uuid().is_zero();
            } else if (mapped) {
                kept.add(key, *mapped);
            } else {
                kept.add(key);
            }
        });
        const size_t removed = value.size() - kept.size();
        if (removed == 0) return {};
        if (kept.size() < column.type.min) return emptied(id, column, removed, zero_removed);
        RowEdit edit = work_.edit(id.table, id.uuid);
        edit.set(column.index, kept.build_sorted());
        work_.replace(id.table, std::move(edit).take());
        is_changed_ = true;
        return {};
    }

    OpResult<> emptied(const RowId& id, const ColumnSchema& column, size_t removed, bool zero_removed) {
        const std::string& table = schema_.tables[id.table].name;
        const std::string row = id.uuid.to_string();
        const bool inserted = !work_.database().find(id.table, id.uuid);
        if (inserted && zero_removed)
            return constraint_violation("Weak reference column \"" + column.name + "\" in \"" + table +
                                        "\" row " + row +
                                        " (inserted within this transaction) contained all-zeros UUID "
                                        "(probably as the default value for "
                                        "this column) but deleting this value caused a constraint volation "
                                        "because this column is not "
                                        "allowed to be empty.");
        return constraint_violation(
            "Deletion of " + std::to_string(removed) +
            " weak reference(s) to deleted (or never-existing) rows from column \"" + column.name +
            "\" in \"" + table + "\" row " + row + (inserted ? " (inserted within this transaction)" : "") +
            " caused this column to become empty, but constraints on this column disallow "
            "an empty column.");
    }

    OpResult<> check_indexes() {
        for (const auto& [index, entries] : work_.touched()) {
            if (entries.empty()) continue;
            const TableSchema& table = schema_.tables[index];
            for (size_t i = 0; i < table.indexes.size(); ++i) TRY(check_index(table, i));
        }
        return {};
    }

    OpResult<> check_index(const TableSchema& table, size_t index) {
        const auto& columns = table.indexes[index];
        const auto same = [&](const Row& a, const Row& b) {
            for (const ColumnIndex c : columns)
                if (a.get(c) != b.get(c)) return false;
            return true;
        };
        const auto& entries = work_.entries(table.index);
        boost::unordered_flat_map<uint64_t, const Row*> mine;
        std::vector<const Row*> colliding;  // with another row of the same hash
        mine.reserve(entries.size());
        for (const auto& [uuid, e] : entries) {
            if (!e.after) continue;
            const uint64_t hash = index_hash(*e.after, columns);
            const Row* other = nullptr;
            const auto look_at = [&](const Row& row) {
                if (same(row, *e.after)) other = &row;
            };
            if (const auto [it, is_new] = mine.try_emplace(hash, e.after.get()); !is_new) {
                look_at(*it->second);
                for (const Row* row : colliding) look_at(*row);
                colliding.push_back(e.after.get());
            }
            const auto look_up = [&](const Uuid& u) {
                if (!entries.contains(u)) look_at(*work_.find(table.index, u));
            };
            work_.database().for_each_indexed(table.index, index, hash, std::ref(look_up));
            if (other) return duplicate(table, columns, *other, *e.after);
        }
        return {};
    }

    std::string index_values(const TableSchema& table, const std::vector<ColumnIndex>& columns,
                             const Row& row) {
        std::string out;
        for (const ColumnIndex c : columns) {
            if (!out.empty()) out += ", ";
            out += row.get(c).to_text(table.columns[c].type);
        }
        return out;
    }

    std::string origin(const TableSchema& table, const std::vector<ColumnIndex>& columns, const Row& row) {
        const std::string start = " row, with UUID " + row.uuid().to_string() + ", ";
        const Row* before = work_.database().find(table.index, row.uuid());
        if (!before) return start + "was inserted by this transaction.";
        if (before == &row)
            return start +
                   "existed in the database before this transaction and was not modified by the transaction.";
        const std::string values = index_values(table, columns, *before);
        if (values == index_values(table, columns, row))
            return start +
                   "existed in the database before this transaction, which modified some of the row's "
                   "columns but not any columns in this index.";
        return start + "had the following index values before the transaction: " + values + ".";
    }

    OpResult<> duplicate(const TableSchema& table, const std::vector<ColumnIndex>& columns, const Row& a,
                         const Row& b) {
        std::string names;
        for (size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) names += i + 1 < columns.size() ? ", " : columns.size() > 2 ? ", and " : " and ";
            names += "\"" + table.columns[columns[i]].name + "\"";
        }
        return constraint_violation(
            "Transaction causes multiple rows in \"" + table.name + "\" table to have identical values (" +
            index_values(table, columns, b) + ") for index on column" + (columns.size() > 1 ? "s " : " ") +
            names + ".  First" + origin(table, columns, a) + "  Second" + origin(table, columns, b));
    }

    WorkingSet& work_;
    const Schema& schema_;
    std::map<RowId, int64_t> delta_;  ///< of the counts of strong references
    std::deque<RowId> candidates_;    ///< rows that may be garbage
    bool is_changed_ = false;         ///< by what is not in the transaction itself
};

}  // namespace

OpResult<Changes> check_and_complete(WorkingSet& work, Prng& prng) {
    TRY(Checker(work).run());
    work.set_versions(prng);
    Changes out;
    for (const auto& [table, entries] : work.touched()) {
        out.rows.reserve(out.rows.size() + entries.size());
        for (const auto& [uuid, e] : entries) out.rows.push_back({table, uuid, e.before, e.after});
    }
    return out;
}

}  // namespace weft::ovsdb
