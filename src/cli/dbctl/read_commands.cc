// SPDX-License-Identifier: Apache-2.0
// list, find, get, wait-until.
#include "cli/dbctl/column_args.h"
#include "cli/dbctl/db_commands.h"

namespace weft::cli::dbctl {
namespace {

using ovsdb::ColumnSchema;
using ovsdb::TableSchema;

void need_columns(const TableSchema& table, const std::vector<const ColumnSchema*>& columns, Needs& needs) {
    needs.table(table.name);
    for (const auto* column : columns)
        if (column->index >= ovsdb::first_user_column) needs.column(table.name, column->name);
}

/// --columns, or all.
Result<std::vector<const ColumnSchema*>> shown_columns(const Invocation& call, const TableSchema& table) {
    return parse_columns(table, call.value("--columns"));
}

Table make_table(const std::vector<const ColumnSchema*>& columns) {
    Table out;
    for (const auto* column : columns) out.add_column(column->name);
    return out;
}

void add_row(Table& out, const RowView& row, const std::vector<const ColumnSchema*>& columns) {
    std::vector<Table::Cell> cells;
    cells.reserve(columns.size());
    for (const auto* column : columns)
        cells.emplace_back(Table::DatumCell{row.row()->get(column->index), column->type});
    out.add_row(std::move(cells));
}

/// Without --columns the server's schema, which may be a newer one, says which there are.
Result<> need_shown(const Invocation& call, const TableSchema& table, Needs& needs) {
    const auto columns = TRY(shown_columns(call, table));
    if (call.value("--columns"))
        need_columns(table, columns, needs);
    else
        needs.all_columns(table.name);
    return {};
}

Result<std::vector<ColumnArg>> parse_conditions(const TableSchema& table, std::span<const std::string> args) {
    std::vector<ColumnArg> out;
    for (const auto& arg : args) out.push_back(TRY(parse_condition(table, arg)));
    return out;
}

Result<bool> all_hold(const RowView& row, const std::vector<ColumnArg>& conditions, Symbols& symbols) {
    for (const auto& condition : conditions)
        if (!TRY(holds(row, condition, &symbols))) return false;
    return true;
}

}  // namespace

Result<> need_list(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    if (call.args.size() > 1) needs.record(table);
    return need_shown(call, table, needs);
}

Result<> run_list(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    const auto columns = TRY(shown_columns(context.call, table));
    Table out = make_table(columns);
    if (context.call.args.size() == 1)
        for (const auto& row : context.db.table(table.name)) add_row(out, row, columns);
    for (const auto& record : context.call.from(1)) {
        const auto row = context.call.has("--if-exists")
                             ? TRY(find_record(context.db.view(), context.records, table, record))
                             : TRY(context.record(table, record));
        if (row) add_row(out, row, columns);
    }
    context.out.table = std::move(out);
    return {};
}

Result<> need_find(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    TRY(need_shown(call, table, needs));
    return need_argument_columns(table, call.from(1), needs);
}

Result<> run_find(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    const auto columns = TRY(shown_columns(context.call, table));
    const auto conditions = TRY(parse_conditions(table, context.call.from(1)));
    Table out = make_table(columns);
    for (const auto& row : context.db.table(table.name))
        if (TRY(all_hold(row, conditions, context.symbols))) add_row(out, row, columns);
    context.out.table = std::move(out);
    return {};
}

Result<> need_get(const Invocation& call, Needs& needs) {
    if (call.has("--if-exists") && call.has("--id"))
        return fail("--if-exists and --id may not be specified together");
    const auto& table = *TRY(table_arg(call, needs.schema()));
    needs.record(table);
    for (const auto& arg : call.from(2)) {
        std::string_view rest = arg;
        const auto word = TRY(ovsdb::take_word(rest));
        if (word.empty()) return fail(arg + ": missing column name");
        need_columns(table, {TRY(find_column(table, word, WithUuid::yes))}, needs);
    }
    return {};
}

Result<> run_get(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    const auto row = TRY(record_arg(context, table));
    if (!row) return {};
    if (const auto* id = context.call.value("--id"))
        TRY(context.symbols.define_found(*id, row.uuid(), context.call.command->name));
    for (const auto& arg : context.call.from(2)) {
        const auto parsed = TRY(parse_column_key(table, arg));
        const auto& column = *parsed.column;
        context.db.verify(row, column.name);
        const auto value = row.row()->get(column.index);
        if (!parsed.key) {
            context.out.line(value.to_text(column.type));
            continue;
        }
        if (!column.type.is_map()) return fail("cannot specify key to get for non-map column " + column.name);
        const auto key = TRY(ovsdb::parse_atom_text(*parsed.key, column.type.key, &context.symbols));
        const auto* found = value.find(key);
        if (!found && !context.call.has("--if-exists"))
            return fail("no key \"" + *parsed.key + "\" in " + table.name + " record \"" + context.arg(1) +
                        "\" column " + column.name);
        context.out.line(found ? found->to_text() : "");
    }
    return {};
}

Result<> need_wait(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    needs.record(table);
    return need_argument_columns(table, call.from(2), needs);
}

Result<> run_wait(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    const auto row = TRY(find_record(context.db.view(), context.records, table, context.arg(1)));
    context.must_wait = !row;
    if (!row) return {};
    const auto conditions = TRY(parse_conditions(table, context.call.from(2)));
    context.must_wait = !TRY(all_hold(row, conditions, context.symbols));
    return {};
}

}  // namespace weft::cli::dbctl
