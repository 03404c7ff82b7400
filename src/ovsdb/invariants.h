// SPDX-License-Identifier: Apache-2.0
// For tests and fuzzers only: what holds of a database after every transaction, checked from nothing.
#pragma once

#include <map>
#include <set>
#include <string>

#include "ovsdb/database.h"

namespace weft::ovsdb::testing {

/// The first thing that is wrong, or "".
inline std::string find_violation(const Database& db) {
    std::map<std::pair<TableIndex, Uuid>, size_t> strong;
    for (const TableSchema& table : db.schema().tables) {
        const RowMap& rows = db.snapshot()[table];
        if (rows.size() > table.max_rows) return table.name + " has too many rows";
        for (const auto& index : table.indexes) {
            std::set<std::string> seen;
            for (const Row& row : rows) {
                std::string key;
                for (const ColumnIndex c : index) key += row.get(c).to_text(table.columns[c].type) + "\n";
                if (!seen.insert(key).second) return table.name + " has two rows with index values " + key;
            }
        }
        for (const Row& row : rows)
            for (const ColumnSchema& column : table.columns) {
                const std::string where = table.name + "." + column.name + " of " + row.uuid().to_string();
                if (const auto ok = column.type.check(row.get(column.index)); !ok)
                    return where + ": " + ok.error().details;
                std::string missing;
                const auto must_exist = [&](TableIndex t, const Uuid& to) {
                    if (!db.find(t, to))
                        missing = where + " refers to " + to.to_string() + ", which is not there";
                };
                for_each_reference(column, RefType::strong, row.get(column.index),
                                   [&](TableIndex t, const Uuid& to) {
                                       must_exist(t, to);
                                       if (t != table.index || to != row.uuid()) ++strong[{t, to}];
                                   });
                for_each_reference(column, RefType::weak, row.get(column.index),
                                   [&](TableIndex t, const Uuid& to) {
                                       must_exist(t, to);
                                       bool known = false;
                                       db.for_each_weak_referrer(t, to, [&](TableIndex from, const Uuid& u) {
                                           known |= from == table.index && u == row.uuid();
                                       });
                                       if (!known) missing = where + ": the weak reference is not counted";
                                   });
                if (!missing.empty()) return missing;
            }
    }
    for (const TableSchema& table : db.schema().tables)
        for (const Row& row : db.snapshot()[table]) {
            const size_t counted = db.strong_references(table.index, row.uuid());
            const auto it = strong.find({table.index, row.uuid()});
            const size_t real = it == strong.end() ? 0 : it->second;
            const std::string who = table.name + " row " + row.uuid().to_string();
            if (counted != real)
                return who + " has " + std::to_string(real) + " references, counted as " +
                       std::to_string(counted);
            if (real == 0 && !db.schema().is_root(table)) return who + " is garbage";
        }
    return "";
}

/// Whether of all columns, or of those only that a file keeps.
enum class Print : uint8_t { all, stored };

inline std::string print(const Snapshot& snapshot, Print what = Print::all) {
    std::string out;
    for (const TableSchema& t : snapshot.schema->tables)
        for (const Row& row : snapshot[t]) {
            out += t.name + " " + row.uuid().to_string();
            for (const ColumnSchema& c : t.columns)
                if (c.index >= first_user_column && !(what == Print::stored && c.is_ephemeral))
                    out += " " + row[c.index].to_text(c.type);
            out += "\n";
        }
    return out;
}

}  // namespace weft::ovsdb::testing
