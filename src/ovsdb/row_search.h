// SPDX-License-Identifier: Apache-2.0
// The rows that conditions without an index are about: found once, by looking at all rows, and from then on
// kept true at the cost of what changes.
#pragma once

#include <set>
#include <vector>

#include "ovsdb/condition.h"
#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

/// Value type; may go to other threads.
class RowSearch {
  public:
    RowSearch() = default;
    /// For what a transact request of those params looks for in tables of `min_rows` and more. Operations
    /// with mistakes, or about rows that the transaction names itself, are left out.
    RowSearch(const Snapshot& db, const codec::JsonArray& params, size_t min_rows);

    bool empty() const { return wanted_.empty(); }
    /// Makes what is found that of `now`, of the same schema.
    void advance(const Snapshot& now);
    /// Null if it is not searched for.
    const std::set<Uuid>* find(const TableSchema& table, const Condition& where) const;

  private:
    struct Wanted {
        TableIndex table;
        Condition where;
        std::set<Uuid> found = {};
    };
    std::vector<Wanted> wanted_;
    Snapshot at_;  ///< no tables: before the first advance()
};

}  // namespace weft::ovsdb
