// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <limits>

#include "cli/ovsdb_client/tool.h"

namespace weft::cli::ovsdb_client {
namespace {

constexpr size_t any = std::numeric_limits<size_t>::max();

Result<> help(Tool& tool) {
    tool.print(usage(tool.daemon.paths()));
    return {};
}

constexpr Command commands[] = {
    {"list-dbs", Needs::server, 0, 0, list_dbs},
    {"get-schema", Needs::database, 0, 0, get_schema},
    {"get-schema-version", Needs::database, 0, 0, get_schema_version},
    {"get-schema-cksum", Needs::database, 0, 0, get_schema_cksum},
    {"list-tables", Needs::database, 0, 0, list_tables},
    {"list-columns", Needs::database, 0, 1, list_columns},
    {"transact", Needs::server, 1, 1, transact},
    {"query", Needs::server, 1, 1, query},
    {"dump", Needs::database, 0, any, dump},
    {"backup", Needs::database, 0, 0, backup},
    {"restore", Needs::database, 0, 0, restore},
    {"convert", Needs::server, 1, 1, convert},
    {"needs-conversion", Needs::server, 1, 1, needs_conversion},
    {"monitor", Needs::database, 1, any, monitor, true},
    {"monitor-cond", Needs::database, 2, any, monitor_cond, true},
    {"monitor-cond-since", Needs::database, 2, any, monitor_cond_since, true},
    {"wait", Needs::nothing, 2, 3, wait},
    {"lock", Needs::server, 1, 1, lock, true},
    {"steal", Needs::server, 1, 1, lock, true},
    {"unlock", Needs::server, 1, 1, lock, true},
    {"help", Needs::nothing, 0, any, help},
};

Completion completion(const Options& options) {
    Completion out{.program = "ovsdb-client", .options = options.names()};
    for (const Command& command : commands) {
        auto& one = out.commands.emplace_back();
        one.name = command.name;
        if (command.needs == Needs::database) one.arguments = {"NAME"};
    }
    out.sources = {{"NAME",
                    "{ ovsdb-client -t 2 list-dbs; ovsdb-client -t 2 --no-headings -f csv list-tables; } "
                    "2>/dev/null | sort -u"}};
    return out;
}

/// Takes the server's name off the arguments, if they have one more than the command itself must have.
void choose_server(Tool& tool, const Command& command) {
    tool.server = tool.daemon.paths().default_database();
    if (tool.args.size() <= command.args_min) return;
    const std::string& first = tool.args.front();
    if (!std::isalpha(static_cast<unsigned char>(first[0])) || first.find(':') == first.npos) return;
    tool.server = first;
    tool.args.erase(tool.args.begin());
}

Result<std::vector<std::string>> fetch_databases(OvsdbRpc& rpc) {
    const auto reply = TRY(rpc.ask("list_dbs", {}));
    if (!reply.array()) return fail("list_dbs response is not array");
    std::vector<std::string> names;
    for (const auto& name : *reply.array()) {
        if (!name.string()) return fail("list_dbs response is not array of strings");
        names.push_back(*name.string());
    }
    std::ranges::sort(names);
    return names;
}

/// Takes the database's name off the arguments, or chooses the one that is meant without saying.
Result<> choose_database(Tool& tool, const Command& command) {
    constexpr std::string_view usual = "Open_vSwitch";
    const auto names = TRY(fetch_databases(*tool.rpc));
    if (tool.args.size() > command.args_min && std::ranges::count(names, tool.args.front()) > 0) {
        tool.database = tool.args.front();
        tool.args.erase(tool.args.begin());
        return {};
    }
    std::vector<std::string> own;
    std::ranges::copy_if(names, std::back_inserter(own),
                         [](const std::string& name) { return !name.starts_with('_'); });
    if (own.size() == 1)
        tool.database = own.front();
    else if (std::ranges::count(own, usual) > 0)
        tool.database = usual;
    else
        return fail("no default database for '" + tool.command + "' command, please specify a database name");
    return {};
}

Result<> prepare(Tool& tool, const Command& command) {
    if (command.needs != Needs::nothing) {
        choose_server(tool, command);
        tool.rpc =
            TRY(OvsdbRpc::connect(tool.daemon.loop(), tool.daemon.transport(), tool.server,
                                  {.log = tool.daemon.log("ovsdb_cs"),
                                   .leader_of = tool.leader_only ? "Open_vSwitch" : "",
                                   .seed = static_cast<uint64_t>(tool.daemon.clock().since_1970().count())}));
    }
    if (command.needs == Needs::database) TRY(choose_database(tool, command));
    if (tool.args.size() < command.args_min || tool.args.size() > command.args_max)
        return fail("invalid syntax for '" + tool.command + "' (use --help for help)");
    return {};
}

void add_options(Tool& tool) {
    auto& options = tool.daemon.options();
    add_table_options(options, tool.style);
    add_tls_options(options, tool.tls);
    options.flag("timestamp", tool.timestamp);
    options.flag("force", tool.force);
    options.flag("no-leader-only", tool.leader_only, false);
    options.flag("leader-only", tool.leader_only);
    add_timeout_option(options, 't');
    add_completion_option(options, [&options] { return completion(options); });
}

}  // namespace

void Tool::print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

void Tool::print_table(Table table) {
    if (printed_table) print(std::string(Table::separator(style)));
    printed_table = true;
    print(table.to_string(style));
}

Result<ovsdb::SchemaPtr> Tool::fetch_schema() {
    auto schema = ovsdb::parse_schema(TRY(rpc->ask("get_schema", {database})));
    if (!schema) return fail(schema.error().to_string());
    return std::move(*schema);
}

int run(int argc, char** argv) {
    const Paths paths = Paths::from_environment();
    Daemon daemon(
        {.program = "ovsdb-client", .usage = {}, .keep_stdout = true, .help = [&] { return usage(paths); }},
        argc, argv);
    Tool tool{.daemon = daemon};
    add_options(tool);
    tool.args = daemon.parse(Options::Order::options_first);
    if (tool.args.empty()) daemon.fatal("missing command name; use --help for help");
    tool.command = tool.args.front();
    tool.args.erase(tool.args.begin());
    const auto command = std::ranges::find(commands, tool.command, &Command::name);
    if (command == std::end(commands))
        daemon.fatal("unknown command '" + tool.command + "'; use --help for help");

    command->is_daemon ? daemon.start() : daemon.start_tool();
    daemon.use_tls(tool.tls);
    auto done = prepare(tool, *command);
    if (done) done = command->run(tool);
    if (!done) daemon.fatal(done.error().message);
    return EXIT_SUCCESS;
}

}  // namespace weft::cli::ovsdb_client
