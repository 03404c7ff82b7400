// SPDX-License-Identifier: Apache-2.0
// Reading a replica by the names of tables and columns. What the server's schema lacks reads as empty, so
// that a program runs with older and newer schemas.
//
//     for (const auto& iface : view.table("Interface"))
//         if (iface.str("type") == "dummy") use(iface.str("name"), iface.integer("ofport_request"));
//     const auto bond_mode = port.str("bond_mode"), lacp_time = port.str("other_config", "lacp-time");
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ovsdb/snapshot.h"

namespace weft::ovsdb::client {

class View;

/// Value type: one version of one row, or none (false). Keeps the row alive; the View must outlive it where
/// it follows references.
class RowView {
  public:
    RowView() = default;
    RowView(const View& view, const TableSchema& table, RowPtr row)
        : view_(&view), table_(&table), row_(std::move(row)) {}

    explicit operator bool() const { return static_cast<bool>(row_); }
    const Uuid& uuid() const { return row_->uuid(); }
    const TableSchema& table() const { return *table_; }
    const RowPtr& row() const { return row_; }
    /// The same version of the same row.
    bool operator==(const RowView& o) const { return row_ == o.row_; }

    /// The schema has this column.
    bool has(std::string_view column) const { return row_ && table_->find(column); }
    /// Empty for a column that the schema lacks.
    const Datum& datum(std::string_view column) const;

    // Scalars and optional scalars; a column of another type, or without a value, has none.
    std::string_view str(std::string_view column) const;  ///< "" if there is none
    std::optional<int64_t> integer(std::string_view column) const;
    std::optional<double> real(std::string_view column) const;
    std::optional<bool> boolean(std::string_view column) const;
    int64_t integer(std::string_view column, int64_t otherwise) const {
        return integer(column).value_or(otherwise);
    }
    bool boolean(std::string_view column, bool otherwise) const {
        return boolean(column).value_or(otherwise);
    }

    // Sets.
    std::vector<std::string_view> strings(std::string_view column) const;
    std::vector<int64_t> integers(std::string_view column) const;

    // Maps from strings to strings (other_config, external_ids, options).
    std::optional<std::string_view> get(std::string_view column, std::string_view key) const;
    std::string_view str(std::string_view column, std::string_view key) const {
        return get(column, key).value_or("");
    }
    /// "true" and "false" only.
    bool boolean(std::string_view column, std::string_view key, bool otherwise) const;
    /// A decimal number within the bounds, else `otherwise`.
    int64_t integer(std::string_view column, std::string_view key, int64_t otherwise, int64_t min = INT64_MIN,
                    int64_t max = INT64_MAX) const;
    std::map<std::string, std::string> string_map(std::string_view column) const;

    // References. Rows that are not in the replica are left out.
    RowView ref(std::string_view column) const;
    std::vector<RowView> refs(std::string_view column) const;
    /// Of a map from strings or integers to rows.
    std::vector<std::pair<Atom, RowView>> ref_map(std::string_view column) const;

  private:
    const View* view_ = nullptr;
    const TableSchema* table_ = nullptr;
    RowPtr row_;
};

/// Value type: the rows of a table, in the order of their uuids. Lives as long as its View.
class TableView {
  public:
    TableView(const View& view, const TableSchema* table) : view_(&view), table_(table) {}

    /// The schema has this table.
    bool exists() const { return table_ != nullptr; }
    const TableSchema* schema() const { return table_; }
    size_t size() const;
    bool empty() const { return size() == 0; }
    RowView find(const Uuid& uuid) const;
    /// The first whose string column has this value; for "name" and its like.
    RowView find(std::string_view column, std::string_view value) const;
    /// The first row, for tables that have at most one.
    RowView only() const;

    class const_iterator {
      public:
        using value_type = RowView;
        using difference_type = ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        const_iterator() = default;
        const_iterator(const TableView* table, RowMap::const_iterator at)
            : table_(table), at_(std::move(at)) {}
        RowView operator*() const { return {*table_->view_, *table_->table_, RowPtr::share(&*at_)}; }
        const_iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator==(const const_iterator& o) const { return at_ == o.at_; }

      private:
        const TableView* table_ = nullptr;
        RowMap::const_iterator at_;
    };
    const_iterator begin() const;
    const_iterator end() const;
    /// A copy, e.g. to go on while the replica changes.
    std::vector<RowView> rows() const;

  private:
    const RowMap& map() const;
    const View* view_;
    const TableSchema* table_;
};

/// Value type: one version of the replica. A copy costs nothing and keeps what it saw.
class View {
  public:
    View() = default;
    explicit View(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

    const Snapshot& snapshot() const { return snapshot_; }
    /// Null before the first contents have come.
    const SchemaPtr& schema() const { return snapshot_.schema; }
    TableView table(std::string_view name) const {
        return {*this, snapshot_.schema ? snapshot_.schema->find(name) : nullptr};
    }
    RowView find(TableIndex table, const Uuid& uuid) const;

    /// What differs, in proportion to the difference; everything if the schema is another one.
    Changes changes_since(const View& before) const;

  private:
    Snapshot snapshot_;
};

/// What a change did to one row: `before` is of the older view, `after` of the newer; one may be false.
struct RowDelta {
    RowView before, after;
};
/// The changed rows of one table between two views of one schema.
std::vector<RowDelta> deltas(const View& before, const View& after, std::string_view table);

}  // namespace weft::ovsdb::client
