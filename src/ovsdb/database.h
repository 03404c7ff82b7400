// SPDX-License-Identifier: Apache-2.0
// The newest version of a database with what is needed to check the next: reference counts, indexes.
#pragma once

#include <functional>
#include <memory>

#include "ovsdb/snapshot.h"

namespace weft::ovsdb {

/// Calls with the table and uuid of each row that `value` refers to by columns of the given strength; a
/// reference in a map counts once for each place.
using OnReference = std::function<void(TableIndex, const Uuid&)>;
void for_each_reference(const ColumnSchema& column, RefType strength, const Datum& value,
                        const OnReference& on_reference);

/// Resource type, one thread. Invariants after each commit(): the counts and indexes agree with the rows.
class Database {
  public:
    explicit Database(SchemaPtr schema);
    /// The rows alone, to be read: without counts and indexes, so nothing can be checked or committed.
    explicit Database(Snapshot rows);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    bool has_indexes() const { return references_ != nullptr; }
    const Schema& schema() const { return *snapshot_.schema; }
    const Snapshot& snapshot() const { return snapshot_; }
    const Row* find(TableIndex table, const Uuid& uuid) const { return snapshot_.tables[table].find(uuid); }

    /// Strong references to the row from other rows.
    size_t strong_references(TableIndex table, const Uuid& uuid) const;
    /// Rows that refer weakly to the row; each at least once.
    using OnRow = std::function<void(TableIndex, const Uuid&)>;
    void for_each_weak_referrer(TableIndex table, const Uuid& uuid, const OnRow& on_row) const;
    /// Calls with the rows whose columns of that index have the same hash (see index_hash()).
    void for_each_indexed(TableIndex table, size_t index, uint64_t hash,
                          const std::function<void(const Uuid&)>& on_row) const;

    /// Columns of all rows, _uuid and _version among them, and the atoms in them.
    size_t cells() const { return snapshot_.cell_count() + first_user_column * snapshot_.row_count(); }
    size_t atoms() const { return atoms_ + first_user_column * snapshot_.row_count(); }
    size_t weak_references() const { return weak_references_; }

    /// The changes must have been made for this version, and be checked.
    void commit(const Changes& changes);

  private:
    struct References;
    void update_references(const RowChange& change);
    void update_indexes(const RowChange& change);
    void update_counts(const RowChange& change);

    Snapshot snapshot_;
    std::unique_ptr<References> references_;
    size_t atoms_ = 0;  ///< in user columns
    size_t weak_references_ = 0;
};

uint64_t index_hash(const Row& row, const std::vector<ColumnIndex>& columns);
uint64_t index_hash(std::span<const Datum> values);

}  // namespace weft::ovsdb
