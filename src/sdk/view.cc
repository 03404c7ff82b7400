// SPDX-License-Identifier: Apache-2.0
#include "sdk/view.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "codec/json_text.h"

namespace weft::sdk {
namespace {

using ovsdb::ColumnIndex;
using ovsdb::Datum;
using ovsdb::Row;
using ovsdb::RowMap;

/// Puts rows of an index in their order.
struct ByColumns {
    const std::vector<ColumnIndex>& columns;

    bool operator()(const weft_ovsdb_row& a, const weft_ovsdb_row& b) const {
        for (const auto column : columns)
            if (const int order = Datum::compare((*row_of(a))[column], (*row_of(b))[column]))
                return order < 0;
        return row_of(a)->uuid() < row_of(b)->uuid();
    }
    bool operator()(const weft_ovsdb_row& row, const std::vector<Datum>& values) const {
        return compare(row, values) < 0;
    }
    bool operator()(const std::vector<Datum>& values, const weft_ovsdb_row& row) const {
        return compare(row, values) > 0;
    }
    int compare(const weft_ovsdb_row& row, const std::vector<Datum>& values) const {
        for (size_t i = 0; i < columns.size(); ++i)
            if (const int order = Datum::compare((*row_of(row))[columns[i]], values[i])) return order;
        return 0;
    }
};

IndexPtr derive(const Index& base, const IndexKey& key, const RowMap& rows) {
    const ByColumns less{key.second};
    std::unordered_set<const Row*> gone;
    std::vector<weft_ovsdb_row> fresh;
    RowMap::compare(base.rows, rows, [&](const Row* old_row, const Row* new_row) {
        if (old_row) gone.insert(old_row);
        if (new_row) fresh.push_back({.table = key.first, .held = new_row});
    });
    std::ranges::sort(fresh, less);
    std::vector<weft_ovsdb_row> kept;
    kept.reserve(base.sorted.size());
    std::ranges::copy_if(base.sorted, std::back_inserter(kept),
                         [&](const auto& row) { return !gone.contains(row_of(row)); });
    auto out = std::make_shared<Index>(Index{.rows = rows, .sorted = {}});
    out->sorted.reserve(kept.size() + fresh.size());
    std::ranges::merge(kept, fresh, std::back_inserter(out->sorted), less);
    return out;
}

}  // namespace

Checked<NamedColumn> FollowedTable::column(const char* name) const {
    const std::string text(TRY(text_of(name, "column")));
    const auto* found = schema->find(text);
    if (!found || found->index < ovsdb::first_user_column)
        return refuse(WEFT_OVSDB_NOT_FOUND, "table " + schema->name + " has no column " + text);
    if (!columns[found->index])
        return refuse(WEFT_OVSDB_NOT_FOUND, "column " + schema->name + ":" + text +
                                                " is not followed: name it in weft_ovsdb_follow()");
    return NamedColumn{*found, schema->name + ":" + text};
}

Layout::Layout(ovsdb::SchemaPtr schema, const std::vector<ovsdb::client::TableInterest>& interest)
    : schema_(std::move(schema)), schema_text_(codec::format_json(schema_->to_json())) {
    for (const auto& table : schema_->tables) {
        const auto wanted = std::ranges::find(interest, table.name, &ovsdb::client::TableInterest::table);
        const bool followed = interest.empty() || wanted != interest.end();
        const bool all = interest.empty() || (followed && wanted->columns.empty());
        std::vector<bool> columns;
        columns.reserve(table.columns.size());
        for (const auto& column : table.columns)
            columns.push_back(all || (followed && std::ranges::find(wanted->columns, column.name) !=
                                                      wanted->columns.end()));
        tables_.push_back({&table, followed, std::move(columns)});
    }
}

Checked<const FollowedTable*> Layout::table(const char* name) const {
    const std::string text(TRY(text_of(name, "table")));
    const auto* found = schema_->find(text);
    if (!found) return refuse(WEFT_OVSDB_NOT_FOUND, "database " + schema_->name + " has no table " + text);
    if (!at(*found).followed)
        return refuse(WEFT_OVSDB_NOT_FOUND,
                      "table " + text + " is not followed: name it in weft_ovsdb_follow()");
    return &at(*found);
}

IndexPtr Layout::index(const IndexKey& key, const RowMap& rows) const {
    const std::lock_guard lock(mutex_);
    auto& newest = newest_[key];
    if (!newest) newest = std::make_shared<Index>();
    if (!newest->rows.same(rows)) newest = derive(*newest, key, rows);
    return newest;
}

const Index& Version::index(const IndexKey& key) const {
    const std::lock_guard lock(mutex_);
    auto& used = used_[key];
    if (!used) used = layout_->index(key, view_.snapshot()[*key.first->schema]);
    return *used;
}

std::span<const weft_ovsdb_row> Version::rows(const FollowedTable& table) const {
    return index({&table, {}}).sorted;
}

std::span<const weft_ovsdb_row> Version::find(const FollowedTable& table,
                                              const std::vector<ColumnIndex>& columns,
                                              const std::vector<Datum>& values) const {
    const auto& sorted = index({&table, columns}).sorted;
    const auto [begin, end] = std::equal_range(sorted.begin(), sorted.end(), values, ByColumns{columns});
    return {begin, end};
}

ChangeList changes_between(VersionPtr before, VersionPtr after, const FollowedTable* table) {
    ChangeList out{std::move(before), std::move(after), {}};
    const auto& layout = *out.after->layout();
    const bool comparable = out.before && out.before->layout() == out.after->layout();
    static const RowMap none;
    for (const auto& schema : layout.schema()->tables) {
        const auto* one = &layout.at(schema);
        if (!one->followed || (table && table != one)) continue;
        RowMap::compare(comparable ? out.before->view().snapshot()[schema] : none,
                        out.after->view().snapshot()[schema], [&](const Row* old_row, const Row* new_row) {
                            const auto side = [&](const Row* row) {
                                return row ? weft_ovsdb_row{one, row} : weft_ovsdb_row{};
                            };
                            out.all.push_back({.kind = !old_row   ? WEFT_OVSDB_INSERTED
                                                       : !new_row ? WEFT_OVSDB_DELETED
                                                                  : WEFT_OVSDB_MODIFIED,
                                               .before = side(old_row),
                                               .after = side(new_row)});
                        });
    }
    return out;
}

}  // namespace weft::sdk
