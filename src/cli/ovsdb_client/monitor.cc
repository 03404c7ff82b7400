// SPDX-License-Identifier: Apache-2.0
// monitor, monitor-cond, monitor-cond-since: print tables of what is there and of what changes.
#include "cli/ovsdb_client/monitor.h"

#include "cli/ovsdb_client/tool.h"
#include "ovsdb/condition.h"

namespace weft::cli::ovsdb_client {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using jsonrpc::Message;
using ovsdb::client::UpdateFormat;

constexpr std::string_view monitor_id = "ovsdb-client", no_txn = "00000000-0000-0000-0000-000000000000";

/// One monitor command while it runs.
struct Monitoring {
    Tool& tool;
    std::string method;
    ovsdb::SchemaPtr schema = {};
    std::vector<MonitoredTable> tables = {};
    bool captions = false;

    UpdateFormat format() const {
        return method == "monitor" ? UpdateFormat::rows : UpdateFormat::differences;
    }
    bool since() const { return method == "monitor_cond_since"; }
    Result<> print_updates(const Json& updates, bool is_initial);
    Result<> print_reply(const Message& reply);
    Result<> print_notification(const Message& message);
    Result<> run(JsonArray params);
};

Result<> Monitoring::print_updates(const Json& updates, bool is_initial) {
    if (!updates.object()) return fail("<table-updates> is not an object: " + codec::format_json(updates));
    for (const auto& table : tables) {
        const auto* update = updates.find(table.schema->name);
        if (!update) continue;
        Table out = TRY(describe_update(table, *update, format(), is_initial));
        if (out.empty()) continue;
        if (captions) out.caption = table.schema->name;
        if (tool.timestamp)
            out.timestamp =
                obs::format_calendar("%Y-%m-%d %H:%M:%S.###", tool.daemon.clock().since_1970(), true);
        tool.print_table(std::move(out));
    }
    return {};
}

Result<> Monitoring::print_reply(const Message& reply) {
    if (reply.kind == Message::Kind::error)
        return fail("transaction returned error: " + codec::format_json(reply.result));
    if (!since()) return print_updates(reply.result, true);
    const auto* parts = reply.result.array();
    if (!parts || parts->size() != 3 || !(*parts)[1].string())
        return fail("unexpected reply: " + codec::format_json(reply.result));
    tool.print("found: " + codec::format_json((*parts)[0]) + ", last_id: " + *(*parts)[1].string() + "\n");
    return print_updates((*parts)[2], true);
}

Result<> Monitoring::print_notification(const Message& message) {
    const size_t count = since() ? 3 : 2;
    if (!message.method.starts_with("update") || message.params.size() != count ||
        message.params[0] != Json(monitor_id))
        return {};
    if (since() && message.params[1].string()) tool.print("\nlast_id: " + *message.params[1].string());
    return print_updates(message.params.back(), false);
}

void add_commands(Tool& tool) {
    auto& commands = tool.daemon.commands();
    commands.add("ovsdb-client/block", "", 0, 0, [&tool](obs::CommandArgs) -> Result<std::string> {
        tool.rpc->hold(true);
        return {};
    });
    commands.add("ovsdb-client/unblock", "", 0, 0, [&tool](obs::CommandArgs) -> Result<std::string> {
        tool.rpc->hold(false);
        return {};
    });
    commands.add("ovsdb-client/cond_change", "TABLE COND", 2, 2,
                 [&tool](obs::CommandArgs args) -> Result<std::string> {
                     auto where = codec::parse_json(args[1]);
                     if (!where) return fail("\"" + args[1] + "\": " + where.error().message);
                     const Json update = Json::array({Json::object({{"where", std::move(*where)}})});
                     tool.rpc->send("monitor_cond_change",
                                    {monitor_id, monitor_id, JsonObject{{args[0], update}}});
                     return "condition changed";
                 });
}

Result<> Monitoring::run(JsonArray params) {
    add_commands(tool);
    const Json id = tool.rpc->send(method, std::move(params));
    for (;;) {
        const auto message = tool.rpc->next();
        if (!message) return fail(tool.server + ": receive failed (" + message.error().message + ")");
        if (!*message) return {};  // told to exit
        if ((*message)->kind == Message::Kind::notification) {
            TRY(print_notification(**message));
        } else if ((*message)->id == id) {
            TRY(print_reply(**message));
            tool.daemon.ready();
        }
    }
}

/// The tables from the command line: "TABLE [COLUMN,...]...", or "ALL".
Result<> choose_tables(Monitoring& m, std::span<const std::string> args, bool all_is_allowed,
                       const std::string& blame) {
    m.schema = TRY(m.tool.fetch_schema());
    const auto blamed = [&](Result<MonitoredTable> parsed) -> Result<MonitoredTable> {
        if (!parsed) return fail(m.tool.server + ": " + parsed.error().message);
        return parsed;
    };
    if (all_is_allowed && args[0] == "ALL") {
        m.captions = true;
        for (const auto& table : m.schema->tables)
            m.tables.push_back(TRY(blamed(parse_monitored(table, args.subspan(1), m.tool.database))));
        return {};
    }
    const auto* table = m.schema->find(args[0]);
    if (!table) return fail(blame + m.tool.database + " does not have a table named \"" + args[0] + "\"");
    m.tables.push_back(TRY(blamed(parse_monitored(*table, args.subspan(1), m.tool.database))));
    return {};
}

JsonObject requests_of(const Monitoring& m, const std::optional<JsonArray>& where) {
    JsonObject out;
    for (const auto& table : m.tables) out.set(table.schema->name, table.requests(where));
    return out;
}

Result<> monitor_conditionally(Tool& tool, Monitoring m, std::span<const std::string> args,
                               const std::string& last_txn) {
    TRY(choose_tables(m, args.subspan(1), false, ""));
    auto condition = codec::parse_json(args[0]);
    if (!condition) return fail("\"" + args[0] + "\": " + condition.error().message);
    if (!condition->array()) return fail("\"" + args[0] + "\": the condition is not an array");
    if (const auto parsed = ovsdb::Condition::parse(*condition, *m.tables[0].schema); !parsed)
        return fail(parsed.error().to_string());
    JsonArray params{tool.database, monitor_id, requests_of(m, *condition->array())};
    if (m.since()) params.emplace_back(last_txn);
    return m.run(std::move(params));
}

}  // namespace

Result<> monitor(Tool& tool) {
    Monitoring m{.tool = tool, .method = "monitor"};
    TRY(choose_tables(m, tool.args, true, tool.server + ": "));
    return m.run({tool.database, monitor_id, requests_of(m, std::nullopt)});
}

Result<> monitor_cond(Tool& tool) {
    return monitor_conditionally(tool, {.tool = tool, .method = "monitor_cond"}, tool.args, "");
}

Result<> monitor_cond_since(Tool& tool) {
    std::span<const std::string> args = tool.args;
    std::string last_txn(no_txn);
    if (args.size() > 2 && Uuid::parse(args[0])) {
        last_txn = args[0];
        args = args.subspan(1);
    }
    return monitor_conditionally(tool, {.tool = tool, .method = "monitor_cond_since"}, args, last_txn);
}

}  // namespace weft::cli::ovsdb_client
