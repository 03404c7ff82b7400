// SPDX-License-Identifier: Apache-2.0
// A database while commands change it: a view that shows what was written so far, and at the end the
// transaction that makes the difference.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "ovsdb/client/txn.h"
#include "ovsdb/client/view.h"

namespace weft::cli::dbctl {

using ovsdb::client::RowView;

/// Resource type; the rows it gives out refer to it. A row is one version: after writing, find it anew to see
/// the change; the references of any version lead to the newest rows.
///
/// Sets and maps that were only added to and removed from are sent as such, so that others who add to them
/// meanwhile do not collide. The transaction fails, to be tried again, if a row it changes is gone.
class Workspace {
  public:
    Workspace(const ovsdb::client::View& base, uint64_t seed);
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    const ovsdb::client::View& view() const { return work_; }
    const ovsdb::Schema& schema() const { return *work_.schema(); }
    ovsdb::client::TableView table(std::string_view name) const { return work_.table(name); }
    /// The newest version of a row.
    RowView newest(const RowView& row) const { return work_.find(row.table().index, row.uuid()); }

    /// False, and nothing done, if the schema of the server lacks the column.
    bool set(const RowView& row, std::string_view column, ovsdb::Datum value);
    template <class T>
    bool set_value(const RowView& row, std::string_view column, const T& value) {
        return set(row, column, ovsdb::client::datum_of(value));
    }
    /// Adds to a set or map; keys that are there get the new value.
    bool add(const RowView& row, std::string_view column, const ovsdb::Datum& elements);
    /// Removes elements of a set, or pairs of a map; of a map, by a set of keys.
    bool remove(const RowView& row, std::string_view column, const ovsdb::Datum& elements);
    /// `uuid`: the one to use; `keep_uuid`: it shall be the row's also in the database.
    RowView insert(const ovsdb::TableSchema& table, std::optional<Uuid> uuid = {}, bool keep_uuid = false);
    void erase(const RowView& row);

    /// The transaction fails, to be tried again, unless the column has the value that the base shows.
    void verify(const RowView& row, std::string_view column);
    void comment(std::string text) { comments_.push_back(std::move(text)); }
    Uuid new_uuid() { return Uuid::random(prng_); }

    /// Something differs from the base.
    bool changed() const { return !work_.changes_since(base_).empty(); }
    const ovsdb::client::View& base() const { return base_; }
    const std::vector<std::string>& comments() const { return comments_; }
    ovsdb::client::Txn transaction() const;

  private:
    using ColumnKey = std::tuple<ovsdb::TableIndex, Uuid, ovsdb::ColumnIndex>;
    void store(const RowView& row, const ovsdb::ColumnSchema& column, ovsdb::Datum value);
    void append_changes(ovsdb::client::Txn& txn, const ovsdb::RowChange& change) const;
    void append_column(ovsdb::client::Txn& txn, const RowView& before, const RowView& after,
                       const ovsdb::ColumnSchema& column) const;

    ovsdb::client::View base_, work_;
    Prng prng_;
    std::set<ColumnKey> overwritten_;  ///< whole values were set
    std::set<Uuid> kept_uuids_;
    std::vector<std::pair<RowView, std::string>> verified_;
    std::vector<std::string> comments_;
};

}  // namespace weft::cli::dbctl
