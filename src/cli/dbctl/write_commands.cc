// SPDX-License-Identifier: Apache-2.0
// set, add, remove, clear, create, destroy.
#include "cli/dbctl/column_args.h"
#include "cli/dbctl/db_commands.h"

namespace weft::cli::dbctl {
namespace {

using ovsdb::ColumnSchema;
using ovsdb::Datum;
using ovsdb::TableSchema;

Result<> check_mutable(const TableSchema& table, const ColumnSchema& column) {
    if (column.is_mutable) return {};
    return fail("cannot modify read-only column " + column.name + " in table " + table.name);
}

/// What add and remove write, if the column may hold so many values.
Result<> check_size(const Context& context, const TableSchema& table, const ColumnSchema& column,
                    const Datum& result) {
    const size_t n = result.size();
    const bool too_few = n < column.type.min;
    if (!too_few && n <= column.type.max) return {};
    return fail("\"" + std::string(context.call.command->name) + "\" operation would put " +
                std::to_string(n) + (column.type.is_map() ? " pairs" : " values") + " in column " +
                column.name + " of table " + table.name + " but the " +
                (too_few ? "minimum number is " + std::to_string(column.type.min)
                         : "maximum number is " + std::to_string(column.type.max)));
}

/// Arguments of `remove`: values of a set; of a map, pairs or keys.
Result<Datum> parse_removed(const ColumnSchema& column, const std::string& arg, Symbols& symbols) {
    ovsdb::ColumnType type = column.type;
    type.min = 1, type.max = ovsdb::unlimited;
    if (type.is_map())
        if (auto pairs = ovsdb::parse_datum_text(arg, type, &symbols)) return pairs;
    type.value.reset();
    return ovsdb::parse_datum_text(arg, type, &symbols);
}

struct Target {
    const TableSchema& table;
    const ColumnSchema& column;
    RowView row;  ///< false: there is none, and that is all right
};

/// TABLE RECORD COLUMN.
Result<Target> target(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    auto row = TRY(record_arg(context, table));
    const auto& column = *TRY(find_column(table, context.arg(2)));
    if (row) TRY(check_mutable(table, column));
    return Target{table, column, std::move(row)};
}

}  // namespace

Result<> need_set(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    needs.record(table);
    return need_argument_columns(table, call.from(2), needs);
}

Result<> run_set(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    const auto row = TRY(record_arg(context, table));
    if (!row) return {};
    for (const auto& arg : context.call.from(2)) {
        const auto assignment = TRY(parse_assignment(table, arg));
        TRY(check_mutable(table, *assignment.column));
        TRY(assign(context.db, row, assignment, &context.symbols));
    }
    return {};
}

Result<> need_column(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    needs.record(table);
    needs.column(table.name, TRY(find_column(table, call.args[2]))->name);
    return {};
}

Result<> run_add(Context& context) {
    const auto [table, column, row] = TRY(target(context));
    if (!row) return {};
    ovsdb::ColumnType type = column.type;
    type.min = 1, type.max = ovsdb::unlimited;
    for (const auto& arg : context.call.from(3)) {
        const Datum added = TRY(ovsdb::parse_datum_text(arg, type, &context.symbols));
        TRY(check_size(context, table, column,
                       ovsdb::set_union(added, context.db.newest(row).datum(column.name))));
        context.db.add(row, column.name, added);
    }
    return {};
}

Result<> run_remove(Context& context) {
    const auto [table, column, row] = TRY(target(context));
    if (!row) return {};
    for (const auto& arg : context.call.from(3)) {
        const Datum removed = TRY(parse_removed(column, arg, context.symbols));
        TRY(check_size(context, table, column,
                       ovsdb::set_minus(context.db.newest(row).datum(column.name), removed)));
        context.db.remove(row, column.name, removed);
    }
    return {};
}

Result<> need_clear(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    needs.record(table);
    for (const auto& name : call.from(2)) needs.column(table.name, TRY(find_column(table, name))->name);
    return {};
}

Result<> run_clear(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    const auto row = TRY(record_arg(context, table));
    if (!row) return {};
    for (const auto& name : context.call.from(2)) {
        const auto& column = *TRY(find_column(table, name));
        TRY(check_mutable(table, column));
        if (column.type.min > 0)
            return fail("\"clear\" operation cannot be applied to column " + column.name + " of table " +
                        table.name + ", which is not allowed to be empty");
        context.db.set(row, column.name, Datum());
    }
    return {};
}

Result<> need_create(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    needs.table(table.name);
    return need_argument_columns(table, call.from(1), needs);
}

Result<> run_create(Context& context) {
    const auto& schema = context.db.schema();
    const auto& table = *TRY(table_arg(context.call, schema));
    const auto* id = context.call.value("--id");
    std::optional<Uuid> uuid;
    bool keep = false;
    if (id) {
        const auto given = Uuid::parse(*id);
        keep = given.has_value();
        uuid = given ? *given : TRY(context.symbols.define_new(*id));
    } else if (!schema.is_root(table)) {
        context.warn("db_ctl_base", "applying \"create\" command to table " + table.name +
                                        " without --id option will have no effect");
    }
    if (uuid && context.db.view().find(table.index, *uuid))
        return fail("table " + table.name + " has a row with UUID " + uuid->to_string() + " already");
    const auto row = context.db.insert(table, uuid, keep);
    for (const auto& arg : context.call.from(1)) {
        const auto assignment = TRY(parse_assignment(table, arg));
        TRY(assign(context.db, row, assignment, &context.symbols));
    }
    context.out.created = row.uuid();
    return {};
}

Result<> need_destroy(const Invocation& call, Needs& needs) {
    const auto& table = *TRY(table_arg(call, needs.schema()));
    if (call.has("--all") && call.args.size() > 1)
        return fail("--all and records argument should not be specified together");
    needs.record(table);
    return {};
}

Result<> run_destroy(Context& context) {
    const auto& table = *TRY(table_arg(context.call, context.db.schema()));
    if (context.call.has("--all"))
        for (const auto& row : context.db.table(table.name).rows()) context.db.erase(row);
    else if (context.call.args.size() == 1)
        context.warn("db_ctl_base", "either --all or records argument should be specified");
    for (const auto& record : context.call.from(1)) {
        const auto row = context.call.has("--if-exists")
                             ? TRY(find_record(context.db.view(), context.records, table, record))
                             : TRY(context.record(table, record));
        if (row) context.db.erase(row);
    }
    return {};
}

}  // namespace weft::cli::dbctl
