// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/records.h"

#include <algorithm>
#include <cctype>

namespace weft::cli::dbctl {
namespace {

std::unexpected<Error> ambiguous(const ovsdb::TableSchema& table, std::string_view record) {
    return fail("multiple rows in " + table.name + " match \"" + std::string(record) + "\"");
}

/// The row's column is just this text or number.
bool is_called(const RowView& row, std::string_view column, std::string_view text) {
    const auto& value = row.datum(column);
    return value.size() == 1 && !value.is_map() && value.keys()[0].to_bare() == text;
}

/// The only row that the record's name means in this way.
Result<RowView> find_by(const ovsdb::client::View& view, const RecordName& name,
                        const ovsdb::TableSchema& table, std::string_view record) {
    if (name.name_column.empty())
        return record == "." && view.table(name.table).size() == 1 ? view.table(name.table).only()
                                                                   : RowView{};
    RowView found;
    for (const auto& row : view.table(name.name_table)) {
        if (!is_called(row, name.name_column, record)) continue;
        if (found) return ambiguous(table, record);
        found = row;
    }
    if (!found || name.reference.empty()) return found;
    const auto rows = found.refs(name.reference);
    return rows.size() == 1 ? rows.front() : RowView{};
}

Result<RowView> find_by_start_of_uuid(const ovsdb::client::View& view, const ovsdb::TableSchema& table,
                                      std::string_view record) {
    constexpr size_t digits_min = 4;
    const auto is_digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) || c == '-'; };
    if (record.size() < digits_min || !std::ranges::all_of(record, is_digit)) return RowView{};
    RowView found;
    for (const auto& row : view.table(table.name)) {
        if (!row.uuid().to_string().starts_with(record)) continue;
        if (found) return ambiguous(table, record);
        found = row;
    }
    return found;
}

}  // namespace

Result<RowView> find_record(const ovsdb::client::View& view, std::span<const RecordName> names,
                            const ovsdb::TableSchema& table, std::string_view record) {
    if (const auto uuid = Uuid::parse(record)) return view.find(table.index, *uuid);
    for (const auto& name : names) {
        if (name.table != table.name) continue;
        if (auto row = TRY(find_by(view, name, table, record))) return row;
    }
    return find_by_start_of_uuid(view, table, record);
}

Result<RowView> get_record(const ovsdb::client::View& view, std::span<const RecordName> names,
                           const ovsdb::TableSchema& table, std::string_view record) {
    auto row = TRY(find_record(view, names, table, record));
    if (!row) return fail("no row \"" + std::string(record) + "\" in table " + table.name);
    return row;
}

}  // namespace weft::cli::dbctl
