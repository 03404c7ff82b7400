// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/db_commands.h"

#include "cli/dbctl/names.h"
#include "cli/dbctl/show.h"

namespace weft::cli::dbctl {
namespace {

Result<> do_nothing(Context&) { return {}; }

constexpr Command commands[] = {
    {database_group, "list", "!TABLE *RECORD",
     "--if-exists --columns=", "list RECORDs (default: all) of TABLE", false, need_list, run_list},
    {database_group, "find", "!TABLE *COLUMN?:KEY=VALUE",
     "--columns=", "list records of TABLE for which all is true", false, need_find, run_find},
    {database_group, "get", "!TABLE !RECORD *COLUMN?:KEY",
     "--if-exists --id=", "print values of COLUMNs of RECORD", false, need_get, run_get},
    {database_group, "set", "!TABLE !RECORD +COLUMN?:KEY=VALUE", "--if-exists", "set COLUMNs of RECORD", true,
     need_set, run_set},
    {database_group, "add", "!TABLE !RECORD !COLUMN +?KEY=VALUE", "--if-exists",
     "add VALUEs to COLUMN of RECORD", true, need_column, run_add},
    {database_group, "remove", "!TABLE !RECORD !COLUMN +KEY|VALUE|KEY=VALUE", "--if-exists",
     "remove VALUEs from COLUMN of RECORD", true, need_column, run_remove},
    {database_group, "clear", "!TABLE !RECORD +COLUMN", "--if-exists", "empty COLUMNs of RECORD", true,
     need_clear, run_clear},
    {database_group, "create", "!TABLE +COLUMN?:KEY=VALUE", "--id=", "make a new record and print its uuid",
     true, need_create, run_create},
    {database_group, "destroy", "!TABLE *RECORD", "--if-exists --all", "delete RECORDs of TABLE", true,
     need_destroy, run_destroy},
    {database_group, "wait-until", "!TABLE !RECORD *COLUMN?:KEY=VALUE", "",
     "wait until all is true of RECORD", false, need_wait, run_wait},
    {database_group, "comment", "*ARG", "", "have no effect but to be noted in the database's log", false,
     nullptr, do_nothing},
};

}  // namespace

std::span<const Command> database_commands() { return commands; }

Result<const ovsdb::TableSchema*> table_arg(const Invocation& call, const ovsdb::Schema& schema) {
    return find_table(schema, call.args[0]);
}

Result<RowView> record_arg(Context& context, const ovsdb::TableSchema& table) {
    if (context.call.has("--if-exists"))
        return find_record(context.db.view(), context.records, table, context.arg(1));
    return context.record(table, context.arg(1));
}

Result<> run_show(Context& context) {
    if (context.style.format == TableStyle::Format::json)
        context.out.text =
            codec::format_json(show_json(context.db.view(), context.show), context.style.json) + "\n";
    else
        context.out.text = show_text(context.db.view(), context.show, context.colours);
    return {};
}

}  // namespace weft::cli::dbctl
