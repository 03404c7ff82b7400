// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/convert.h"

#include <map>

#include "ovsdb/commit_check.h"

namespace weft::ovsdb {
namespace {

OpResult<RowPtr> convert_row(const Row& row, const TableSchema& from, const TableSchema& to) {
    RowEdit edit(to, row.uuid());
    for (const ColumnSchema& column : to.columns) {
        if (column.index < first_user_column) continue;
        const ColumnSchema* old_column = from.find(column.name);
        if (old_column) {
            const Datum& value = row[old_column->index];
            edit.set(column.index, TRY(parse_datum(value.to_json(old_column->type), column.type)));
        } else {
            TRY(column.type.check(column.default_value));
        }
    }
    return std::move(edit).take();
}

}  // namespace

OpResult<> Conversion::begin(const Snapshot& now) {
    db_ = std::make_unique<Database>(to_);
    WorkingSet work(*db_);
    size_t rows = 0, atoms = 0;
    for (const TableSchema& table : to_->tables) {
        const TableSchema* old_table = now.schema->find(table.name);
        if (!old_table) continue;
        for (const Row& row : now[*old_table]) {
            RowPtr made = TRY(convert_row(row, *old_table, table));
            ++rows;
            atoms += first_user_column;
            for (const Datum& value : made->datums())
                atoms += value.is_map() ? 2 * value.size() : value.size();
            work.insert(table.index, std::move(made));
        }
    }
    db_->commit(TRY(check_and_complete(work, prng_)));
    can_follow_ = db_->snapshot().row_count() == rows && db_->atoms() == atoms;
    return {};
}

OpResult<Changes> Conversion::follow(const Snapshot& now) {
    WorkingSet work(*db_);
    std::map<std::pair<TableIndex, Uuid>, RowPtr> meant;
    for (const RowChange& change : Changes::between(at_, now).rows) {
        const TableSchema& old_table = now.schema->tables[change.table];
        const TableSchema* table = to_->find(old_table.name);
        if (!table) continue;
        RowPtr row = change.after ? TRY(convert_row(*change.after, old_table, *table)) : nullptr;
        meant[{table->index, change.uuid}] = row;
        if (!row)
            work.erase(table->index, change.uuid);
        else if (change.before)
            work.replace(table->index, std::move(row));
        else
            work.insert(table->index, std::move(row));
    }
    Changes changes = TRY(check_and_complete(work, prng_));
    for (const RowChange& change : changes.rows) can_follow_ &= meant.contains({change.table, change.uuid});
    db_->commit(changes);
    for (const auto& [id, row] : meant) {
        const Row* made = db_->find(id.first, id.second);
        can_follow_ &= row ? made && same_data(*row, *made) : !made;
    }
    return changes;
}

OpResult<std::optional<Changes>> Conversion::advance(const Snapshot& now) {
    std::optional<Changes> changes;
    if (can_follow_)
        changes = TRY(follow(now));
    else
        TRY(begin(now));
    at_ = now;
    return changes;
}

OpResult<std::unique_ptr<Database>> convert(const Snapshot& from, SchemaPtr to, Prng& prng) {
    Conversion conversion(std::move(to), prng);
    TRY(conversion.advance(from));
    return conversion.take();
}

}  // namespace weft::ovsdb
