// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/row.h"

#include <algorithm>

namespace weft::ovsdb {
namespace {

uint32_t user_columns(const TableSchema& table) {
    return static_cast<uint32_t>(table.columns.size() - first_user_column);
}

}  // namespace

Row* Row::allocate(const Uuid& uuid, const Uuid& version, uint32_t count) {
    static_assert(sizeof(Row) % alignof(Datum) == 0);
    Row* row = new (::operator new(sizeof(Row) + count * sizeof(Datum))) Row(uuid, version, count);
    std::uninitialized_default_construct_n(row->storage(), count);
    return row;
}

void Row::destroy(const Row* row) {
    auto* r = const_cast<Row*>(row);
    std::destroy_n(r->storage(), r->count_);
    r->~Row();
    ::operator delete(r);
}

RowPtr Row::make(const TableSchema& table, const Uuid& uuid) { return RowEdit(table, uuid).take(); }

Datum Row::get(ColumnIndex column) const {
    if (column == uuid_column) return Datum(uuid_);
    if (column == version_column) return Datum(version_);
    return (*this)[column];
}

RowEdit::RowEdit(RowPtr from) {
    if (from->copies_.load(std::memory_order_acquire) == 1) {
        row_.reset(const_cast<Row*>(from.release()));
        return;
    }
    row_.reset(Row::allocate(from->uuid_, from->version_, from->count_));
    std::ranges::copy(from->datums(), row_->storage());
}

RowEdit::RowEdit(const TableSchema& table, const Uuid& uuid)
    : row_(Row::allocate(uuid, Uuid(), user_columns(table))) {
    for (uint32_t i = 0; i < row_->count_; ++i)
        row_->storage()[i] = table.columns[i + first_user_column].default_value;
}

void RowEdit::set(ColumnIndex column, Datum value) {
    CHECK(column >= first_user_column && column - first_user_column < row_->count_);
    row_->storage()[column - first_user_column] = std::move(value);
}

void RowEdit::set_uuid(const Uuid& uuid) { row_->uuid_ = uuid; }
void RowEdit::set_version(const Uuid& version) { row_->version_ = version; }

bool same_data(const Row& a, const Row& b) { return std::ranges::equal(a.datums(), b.datums()); }

}  // namespace weft::ovsdb
