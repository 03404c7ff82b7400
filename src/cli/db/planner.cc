// SPDX-License-Identifier: Apache-2.0
#include "cli/db/planner.h"

#include <fmt/core.h>

#include "base/spelling.h"
#include "cli/db/change_text.h"
#include "cli/db/doubtful_keys.h"
#include "cli/dbctl/command.h"
#include "cli/vsctl/commands.h"
#include "cli/vsctl/reload.h"
#include "codec/json_members.h"
#include "codec/json_text.h"
#include "ovsdb/log_record.h"
#include "ovsdb/transaction.h"

namespace weft::cli::db {
namespace {

using codec::Json;
using codec::JsonArray;

constexpr std::string_view vswitch_database = "Open_vSwitch";

/// Runs commands of ovs-vsctl on a copy; the operations that ovs-vsctl would send, but for the counter that
/// it waits by.
Result<JsonArray> operations_of(const std::vector<std::string>& words, const ovsdb::Snapshot& contents,
                                const Paths& paths, uint64_t seed, Plan& out) {
    const dbctl::Program program = vsctl::program();
    const auto calls = TRY(dbctl::parse_commands(program.commands, {}, words));
    dbctl::Needs needs(*contents.schema, program.records);
    for (const auto& call : calls)
        if (call.command->need) TRY(call.command->need(call, needs));
    dbctl::Workspace db(ovsdb::client::View(contents), seed);
    vsctl::Reload(paths, false).begin(db);
    dbctl::Symbols symbols(db);
    std::vector<std::pair<std::string_view, std::string>> warnings;
    const TableStyle style{};
    bool must_wait = false;
    std::optional<int> exit_code;
    for (const auto& call : calls) {
        dbctl::Output output;
        dbctl::Context context{call,    program.records, program.show, style,     false,    db,
                               symbols, output,          warnings,     must_wait, exit_code};
        TRY(call.command->run(context));
        if (must_wait || exit_code)
            return fail("'" + std::string(call.command->name) +
                        "' waits or ends without writing: it cannot be part of a plan");
        if (output.table) output.text += output.table->to_string(style);
        out.output += output.text;
    }
    TRY(symbols.check(out.doubts));
    for (auto& [module, text] : warnings) out.doubts.push_back(std::move(text));
    return db.transaction().operations();
}

/// What the names in an operation may have meant, if one of them is unknown.
std::string hint_for(const Json& operation, const ovsdb::Schema& schema) {
    const Json* name = operation.find("table");
    if (!name || !name->string()) return {};
    const auto* table = schema.find(*name->string());
    std::vector<std::string_view> known;
    if (!table) {
        for (const auto& t : schema.tables) known.push_back(t.name);
        return hint(*name->string(), known);
    }
    for (const auto& column : table->columns) known.push_back(column.name);
    const auto unknown = [&](const Json& column) {
        return column.string() && !table->find(*column.string()) ? hint(*column.string(), known)
                                                                 : std::string();
    };
    if (const Json* row = operation.find("row"); row && row->object())
        for (const auto& member : *row->object())
            if (auto text = unknown(Json(member.key)); !text.empty()) return text;
    for (const char* clauses : {"where", "mutations"})
        if (const Json* all = operation.find(clauses); all && all->array())
            for (const Json& clause : *all->array())
                if (clause.array() && !clause.array()->empty())
                    if (auto text = unknown(clause.array()->front()); !text.empty()) return text;
    if (const Json* columns = operation.find("columns"); columns && columns->array())
        for (const Json& column : *columns->array())
            if (auto text = unknown(column); !text.empty()) return text;
    return {};
}

/// The first error in the results, told with the operation it is of.
Error error_in(const JsonArray& operations, const std::string& results, const ovsdb::Schema& schema) {
    const auto json = codec::parse_json(results);
    CHECK(json && json->array());
    for (size_t i = 0; i < json->array()->size(); ++i) {
        const Json& one = (*json->array())[i];
        if (!one.find("error")) continue;
        std::string text = text_member(one, "error");
        if (auto details = text_member(one, "details"); !details.empty()) text += ": " + details;
        if (i >= operations.size()) return {text};
        const std::string op = text_member(operations[i], "op"), table = text_member(operations[i], "table");
        const std::string what =
            op.empty() ? "" : fmt::format(" ({}{}{})", op, table.empty() ? "" : " ", table);
        return {fmt::format("operation {}{}: {}{}", i + 1, what, text, hint_for(operations[i], schema))};
    }
    return {"the transaction fails"};
}

}  // namespace

Result<Plan> make_plan(const Script& script, const ovsdb::Snapshot& contents, const Paths& paths,
                       uint64_t seed) {
    const ovsdb::Schema& schema = *contents.schema;
    Plan out;
    out.before = contents;
    if (!script.words.empty() && schema.name != vswitch_database)
        return fail("commands of ovs-vsctl change the database Open_vSwitch, not " + schema.name +
                    ": write operations in JSON");
    out.operations = script.words.empty() ? script.operations
                                          : TRY(operations_of(script.words, contents, paths, seed, out));
    ovsdb::Database copy(contents.schema);
    copy.commit(ovsdb::everything(contents));
    Prng prng(seed);
    auto result = ovsdb::transact(copy, out.operations, 0, {.prng = prng});
    if (result.status == ovsdb::TransactResult::Status::blocked)
        return fail("the transaction waits for something that is not so: a plan cannot wait");
    if (result.status == ovsdb::TransactResult::Status::failed)
        return std::unexpected(error_in(out.operations, result.results, schema));
    copy.commit(result.changes);
    out.after = copy.snapshot();
    out.changes = std::move(result.changes);
    if (schema.name == vswitch_database)
        for (auto& doubt : doubtful_keys(out.changes, schema, ovsdb::vswitch_keys()))
            out.doubts.push_back(std::move(doubt));
    out.text = change_text(out.changes, schema, {.names = {&out.after, &out.before}});
    return out;
}

}  // namespace weft::cli::db
