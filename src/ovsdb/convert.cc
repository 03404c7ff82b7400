// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/convert.h"

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

OpResult<std::unique_ptr<Database>> convert(const Snapshot& from, SchemaPtr to, Prng& prng) {
    auto db = std::make_unique<Database>(to);
    WorkingSet work(*db);
    for (const TableSchema& table : to->tables) {
        const TableSchema* old_table = from.schema->find(table.name);
        if (!old_table) continue;
        for (const Row& row : from[*old_table])
            work.insert(table.index, TRY(convert_row(row, *old_table, table)));
    }
    db->commit(TRY(check_and_complete(work, prng)));
    return db;
}

}  // namespace weft::ovsdb
