// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/row_search.h"

#include <algorithm>
#include <ranges>

#include "ovsdb/working_set.h"

namespace weft::ovsdb {

RowSearch::RowSearch(const Snapshot& db, const codec::JsonArray& params, size_t min_rows) {
    for (const codec::Json& operation : params | std::views::drop(1)) {
        const codec::Json *name = operation.find("table"), *where = operation.find("where");
        const TableSchema* table = name && name->string() ? db.schema->find(*name->string()) : nullptr;
        if (!table || !where || !where->is_array() || db[*table].size() < min_rows) continue;
        auto condition = Condition::parse(*where, *table);
        if (!condition || condition->is_any_true() || !WorkingSet::scans(*table, *condition)) continue;
        if (!find(*table, *condition)) wanted_.push_back({table->index, std::move(*condition)});
    }
}

void RowSearch::advance(const Snapshot& now) {
    for (Wanted& w : wanted_) {
        const RowMap none;
        RowMap::compare(at_.tables.empty() ? none : at_.tables[w.table], now.tables[w.table],
                        [&](const Row* before, const Row* after) {
                            if (after && w.where.matches_all(*after))
                                w.found.insert(after->uuid());
                            else if (before)
                                w.found.erase(before->uuid());
                        });
    }
    if (!empty()) at_ = now;
}

const std::set<Uuid>* RowSearch::find(const TableSchema& table, const Condition& where) const {
    const auto it = std::ranges::find_if(
        wanted_, [&](const Wanted& w) { return w.table == table.index && w.where == where; });
    return it == wanted_.end() ? nullptr : &it->found;
}

}  // namespace weft::ovsdb
