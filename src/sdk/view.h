// SPDX-License-Identifier: Apache-2.0
// What the C API calls a view: one version of a replica's rows and of its connection, and looking rows up in
// it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "ovsdb/client/contents.h"
#include "ovsdb/client/view.h"
#include "sdk/failure.h"
#include "sdk/values.h"

namespace weft::sdk {

/// What a row is read by, beside itself; belongs to a Layout.
struct FollowedTable {
    const ovsdb::TableSchema* schema = nullptr;
    bool followed = false;
    std::vector<bool> columns = {};  ///< by ColumnIndex: followed

    /// A column that the schema has and that is followed.
    Checked<NamedColumn> column(const char* name) const;
};

/// The rows of a table, sorted by columns (by uuids if there are none). Immutable.
struct Index {
    ovsdb::RowMap rows;
    std::vector<weft_ovsdb_row> sorted;
};
using IndexPtr = std::shared_ptr<const Index>;
using IndexKey = std::pair<const FollowedTable*, std::vector<ovsdb::ColumnIndex>>;

/// A schema, and what of it is followed. Immutable but for the indexes, which are kept for the next view;
/// thread-safe.
class Layout {
  public:
    Layout(ovsdb::SchemaPtr schema, const std::vector<ovsdb::client::TableInterest>& interest);
    Layout(const Layout&) = delete;
    Layout& operator=(const Layout&) = delete;

    const ovsdb::SchemaPtr& schema() const { return schema_; }
    const std::string& schema_text() const { return schema_text_; }
    const FollowedTable& at(const ovsdb::TableSchema& table) const { return tables_[table.index]; }
    /// A table that the schema has and that is followed.
    Checked<const FollowedTable*> table(const char* name) const;
    /// Of these rows; costs in proportion to what differs from the rows of the index asked for last, and a
    /// copy.
    IndexPtr index(const IndexKey& key, const ovsdb::RowMap& rows) const;

  private:
    ovsdb::SchemaPtr schema_;
    std::string schema_text_;
    std::vector<FollowedTable> tables_;
    mutable std::mutex mutex_;
    mutable std::map<IndexKey, IndexPtr> newest_;
};
using LayoutPtr = std::shared_ptr<const Layout>;

/// Resource type, immutable but for what it has looked up; thread-safe.
class Version {
  public:
    struct Facts {
        bool is_current = false, has_lock = false, lock_is_contended = false;
        bool operator==(const Facts&) const = default;
    };
    Version(ovsdb::client::View view, LayoutPtr layout, Facts facts, uint64_t number)
        : view_(std::move(view)), layout_(std::move(layout)), facts_(facts), number_(number) {}

    const ovsdb::client::View& view() const { return view_; }
    const LayoutPtr& layout() const { return layout_; }
    const Facts& facts() const { return facts_; }
    uint64_t number() const { return number_; }

    std::span<const weft_ovsdb_row> rows(const FollowedTable& table) const;
    /// Those whose columns have these values; as many of the one as of the other.
    std::span<const weft_ovsdb_row> find(const FollowedTable& table,
                                         const std::vector<ovsdb::ColumnIndex>& columns,
                                         const std::vector<ovsdb::Datum>& values) const;
    /// The row itself, for a transaction; false if there is none.
    ovsdb::client::RowView row(const FollowedTable& table, const Uuid& uuid) const {
        return view_.find(table.schema->index, uuid);
    }

  private:
    const Index& index(const IndexKey& key) const;

    ovsdb::client::View view_;
    LayoutPtr layout_;
    Facts facts_;
    uint64_t number_;
    mutable std::mutex mutex_;
    mutable std::map<IndexKey, IndexPtr> used_;  ///< what spans were given of
};
using VersionPtr = std::shared_ptr<const Version>;

inline const ovsdb::Row* row_of(const weft_ovsdb_row& row) {
    return static_cast<const ovsdb::Row*>(row.held);
}
inline const FollowedTable* table_of(const weft_ovsdb_row& row) {
    return static_cast<const FollowedTable*>(row.table);
}

/// Between two versions of one replica.
struct ChangeList {
    VersionPtr before, after;  ///< whose rows they are
    std::vector<weft_ovsdb_change> all;
};
/// `before` may be null; `table` null: all.
ChangeList changes_between(VersionPtr before, VersionPtr after, const FollowedTable* table);

}  // namespace weft::sdk
