// SPDX-License-Identifier: Apache-2.0
// The rows as a transaction sees them while it runs: the database's, overlaid with its own changes.
#pragma once

#include <map>
#include <vector>

#include "ovsdb/condition.h"
#include "ovsdb/database.h"
#include "ovsdb/row_search.h"

namespace weft::ovsdb {

/// Resource type; borrows the database, which must not change meanwhile.
class WorkingSet {
  public:
    struct Entry {
        RowPtr before, after;  ///< null where the row is not there
    };
    using TableEntries = std::map<Uuid, Entry>;

    /// `found`, if not null, is of the database's version.
    explicit WorkingSet(const Database& db, const RowSearch* found = nullptr) : db_(db), found_(found) {}

    const Database& database() const { return db_; }
    const Row* find(TableIndex table, const Uuid& uuid) const;
    /// There now, or there when the transaction began.
    bool is_taken(TableIndex table, const Uuid& uuid) const;
    void insert(TableIndex table, RowPtr row);
    /// ... of a uuid that is_taken() by nobody.
    void insert_new(TableIndex table, RowPtr row);
    void erase(TableIndex table, const Uuid& uuid);
    /// An edit of the row as it is now; give the result to replace(). The row must be there.
    RowEdit edit(TableIndex table, const Uuid& uuid);
    void replace(TableIndex table, RowPtr row);

    /// The rows for which where.matches_all(), in no particular order; a lookup where the condition allows
    /// it.
    std::vector<RowPtr> select(const TableSchema& table, const Condition& where) const;

    /// Whether select() has to look at all rows.
    static bool scans(const TableSchema& table, const Condition& where);

    /// What was touched, also if it came back to what it was.
    const std::map<TableIndex, TableEntries>& touched() const { return tables_; }
    /// Of one table; it must have been touched.
    const TableEntries& entries(TableIndex table) const { return tables_.at(table); }
    /// Forgets entries that changed nothing.
    void drop_unchanged();
    /// Gives what was touched versions of its own.
    void set_versions(Prng& prng);
    /// Number of rows as they are now.
    size_t row_count(TableIndex table) const;

  private:
    Entry& entry(TableIndex table, const Uuid& uuid);
    std::vector<RowPtr> candidates(const TableSchema& table, const Condition& where) const;

    const Database& db_;
    const RowSearch* found_;
    std::map<TableIndex, TableEntries> tables_;
};

}  // namespace weft::ovsdb
