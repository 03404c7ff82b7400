// SPDX-License-Identifier: Apache-2.0
// ovsdb-tool: works on database files without a server.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "apps/ovsdb_tool_commands.h"
#include "base/version.h"
#include "cli/completion.h"
#include "cli/log_options.h"
#include "cli/options.h"
#include "loop/clock.h"
#include "obs/log_modules.h"
#include "sys/process.h"

namespace weft::apps::ovsdb_tool {
namespace {

constexpr const char* program = "ovsdb-tool";

[[noreturn]] void fatal(const std::string& message) {
    std::fprintf(stderr, "%s: %s\n", program, message.c_str());
    std::exit(EXIT_FAILURE);
}

std::string usage(const cli::Paths& paths, const Context& context) {
    std::string out =
        "ovsdb-tool: Open vSwitch database management utility\nusage: ovsdb-tool [OPTIONS] COMMAND "
        "[ARG...]\n";
    for (const Command& command : commands()) out += std::string("  ") + command.usage + "\n";
    out += "The default DB is " + context.default_database + ".\nThe default SCHEMA is " +
           context.default_schema + ".\n";
    return out + cli::log_usage(paths, program) +
           "\nOptions for a DB in etcd (create etcd://HOST:PORT[,HOST:PORT...]/PREFIX SCHEMA):\n" +
           cli::etcd_usage() +
           "\nOther options:\n"
           "  -m, --more                  increase show-log verbosity\n"
           "  --rbac-role=ROLE            RBAC role for transact and query commands\n"
           "  -h, --help                  display this help message\n"
           "  -V, --version               display version information\n";
}

std::string list_commands() {
    std::string out = "The available commands are:\n";
    for (const Command& command : commands()) out += fmt::format("  {:<23} {}\n", command.name, command.args);
    for (const char* name : {"help", "list-commands"}) out += fmt::format("  {:<23} \n", name);
    return out;
}

cli::Completion completion(const cli::Options& options) {
    cli::Completion out{.program = program, .options = options.names()};
    for (const Command& command : commands()) out.commands.emplace_back().name = command.name;
    for (const char* name : {"help", "list-commands"}) out.commands.emplace_back().name = name;
    return out;
}

void add_options(cli::Options& options, const cli::Paths& paths, Context& context) {
    using Value = cli::Options::Value;
    using Argument = cli::Options::Argument;
    options.add({"more", 'm', Argument::none, [&context](Value) -> Result<> {
                     ++context.more;
                     return {};
                 }});
    options.text("rbac-role", context.rbac_role);
    cli::add_etcd_options(options, context.etcd);
    options.ignore("cid", Argument::required);
    options.ignore("election-timer", Argument::required);
    cli::add_completion_option(options, [&options] { return completion(options); });
    options.add({"help", 'h', Argument::none, [&](Value) -> Result<> {
                     std::fputs(usage(paths, context).c_str(), stdout);
                     std::exit(EXIT_SUCCESS);
                 }});
    options.add({"version", 'V', Argument::none, [](Value) -> Result<> {
                     std::fputs(version_text(program).c_str(), stdout);
                     std::exit(EXIT_SUCCESS);
                 }});
}

int run(Context& context, const std::vector<std::string>& words, const std::string& help) {
    if (words.empty()) fatal("missing command name; use --help for help");
    const std::string& name = words[0];
    if (name == "help" || name == "list-commands") {
        std::fputs(name == "help" ? help.c_str() : list_commands().c_str(), stdout);
        return EXIT_SUCCESS;
    }
    const auto all = commands();
    const auto command = std::ranges::find(all, std::string_view(name),
                                           [](const Command& c) { return std::string_view(c.name); });
    if (command == all.end()) fatal("unknown command '" + name + "'; use --help for help");
    const size_t count = words.size() - 1;
    if (count < command->args_min)
        fatal("'" + name + "' command requires at least " + std::to_string(command->args_min) + " arguments");
    if (count > command->args_max)
        fatal("'" + name + "' command takes at most " + std::to_string(command->args_max) + " arguments");
    const auto done = command->run(context, Args(words).subspan(1));
    if (!done) fatal(done.error().message);
    std::fputs(done->text.c_str(), stdout);
    return done->status;
}

}  // namespace
}  // namespace weft::apps::ovsdb_tool

int main(int argc, char** argv) {
    using namespace weft;
    using namespace weft::apps::ovsdb_tool;
    const cli::Paths paths = cli::Paths::from_environment();
    loop::Clock clock;
    obs::Logging logging({.program = program,
                          .host = sys::host_name(),
                          .pid = sys::process_id(),
                          .clock = [&] { return clock.stamp(); },
                          .modules = obs::log_modules});
    cli::LogOptions log_options;
    Context context;
    context.default_database = paths.dbdir + "/conf.db";
    context.default_schema = paths.pkgdatadir + "/vswitch.ovsschema";
    context.date_ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock.since_1970()).count();
    cli::Options options;
    add_options(options, paths, context);
    cli::add_log_options(options, log_options, logging);
    const std::vector<std::string> args(argv + 1, argv + argc);
    const auto words = options.parse(args, cli::Options::Order::mixed);
    if (!words) fatal(words.error().message);
    if (const auto started = cli::start_logging(log_options, logging, paths, program); !started)
        fatal(started.error().message);
    return run(context, *words, usage(paths, context));
}
