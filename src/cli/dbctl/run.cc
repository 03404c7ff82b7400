// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "cli/dbctl/engine.h"
#include "cli/tls_options.h"
#include "sys/process.h"

namespace weft::cli::dbctl {
namespace {

/// What the command line said before the commands.
struct CommandLine {
    RunOptions run;
    net::TlsFiles tls;
    bool wait = true, syslog = true, shuffle = false;
    CommandOptions first;  ///< options of the first command
};

/// Options of commands may stand among the program's own, before the first command.
void add_command_options(Options& options, const Program& program, CommandLine& line) {
    std::vector<std::string_view> all;
    for (const auto& command : program.commands)
        for (const auto option : words_of(command.options)) all.push_back(option);
    std::ranges::sort(all);
    all.erase(std::ranges::unique(all).begin(), all.end());
    for (auto option : all) {
        const bool has_value = option.ends_with('=');
        if (has_value) option.remove_suffix(1);
        options.add({std::string(option.substr(2)), 0,
                     has_value ? Options::Argument::required : Options::Argument::none,
                     [&line, name = std::string(option)](Options::Value value) -> Result<> {
                         line.first.insert_or_assign(name, std::move(value));
                         return {};
                     }});
    }
}

/// An option that prints something and ends the program.
void add_printing(Options& options, std::string name, std::function<std::string()> text) {
    options.add(
        {std::move(name), 0, Options::Argument::none, [text = std::move(text)](Options::Value) -> Result<> {
             std::fputs(text().c_str(), stdout);
             std::exit(EXIT_SUCCESS);
         }});
}

Completion completion_of(const Program& program, const Options& options) {
    Completion out{.program = program.name, .options = options.names(), .sources = program.completions};
    std::string tables = "echo";
    const auto schema = ovsdb::parse_schema_text(program.schema_text, program.name);
    for (const auto& table : (*schema)->tables) tables += " " + table.name;
    out.sources.push_back({"TABLE", std::move(tables)});
    for (const auto& command : program.commands) {
        auto& one = out.commands.emplace_back();
        one.name = command.name;
        one.help = command.help;
        for (const auto option : words_of(command.options)) one.options.emplace_back(option);
        for (const auto word : words_of(command.arguments)) one.arguments.emplace_back(word.substr(1));
    }
    return out;
}

void add_options(Options& options, const Program& program, CommandLine& line) {
    options.text("db", line.run.server);
    if (!program.no_wait_help.empty()) options.flag("no-wait", line.wait, false);
    options.flag("no-syslog", line.syslog, false);
    options.flag("dry-run", line.run.dry_run);
    options.flag("oneline", line.run.oneline);
    options.flag("retry", line.run.retry);
    options.flag("leader-only", line.run.leader_only);
    options.flag("no-leader-only", line.run.leader_only, false);
    options.flag("shuffle-remotes", line.shuffle);
    options.flag("no-shuffle-remotes", line.shuffle, false);
    add_timeout_option(options, 't');
    add_table_options(options, line.run.style);
    add_tls_options(options, line.tls);
    add_command_options(options, program, line);
    add_printing(options, "commands", [&] { return list_commands(program); });
    add_printing(options, "options", [&] { return options.list(); });
    add_completion_option(options, [&] { return completion_of(program, options); });
}

/// The command line as a shell would read it.
std::string joined(std::span<char* const> words) {
    std::string out;
    for (const std::string_view word : words) {
        const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) ||
                   std::string_view("-_=:./@%+,").find(c) != std::string_view::npos;
        });
        out += out.empty() ? "" : " ";
        if (plain)
            out += word;
        else
            codec::append_json_string(out, word);
    }
    return out;
}

/// Standard output is one, and the user has not said that colours are unwanted (no-color.org).
bool is_colourful_terminal() {
    const char *terminal = std::getenv("TERM"), *unwanted = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) && terminal && std::string_view(terminal) != "dumb" &&
           (!unwanted || !*unwanted);
}

/// What can be checked without a server.
Result<std::vector<Invocation>> prepare(const Program& program, CommandLine& line,
                                        std::span<const std::string> words, Needs& needs) {
    auto calls = TRY(parse_commands(program.commands, std::move(line.first), words));
    for (const auto& call : calls)
        if (call.command->need) TRY(call.command->need(call, needs));
    return calls;
}

}  // namespace

int run(const Program& program,
        const std::function<std::unique_ptr<Custom>(const Paths&, bool wait)>& make_custom, int argc,
        char** argv) {
    const auto schema = ovsdb::parse_schema_text(program.schema_text, program.name);
    CHECK(schema);
    auto about =
        Daemon::tool(program.name, [&](const Paths& paths) { return usage(program, paths); }, "warn");
    about.version_note = "DB Schema " + (*schema)->version + "\n";
    Daemon daemon(std::move(about), argc, argv);
    const Paths& paths = daemon.paths();
    CHECK(daemon.logging().set("reconnect:warn"));
    const auto log = daemon.log(program.log_module);  // known to -v from now on
    CommandLine line;
    line.run.server = paths.default_database();
    add_options(daemon.options(), program, line);
    const auto words = daemon.parse(Options::Order::options_first);
    if (!line.syslog) CHECK(daemon.logging().set(program.log_module + ":syslog:warn"));

    const std::string called = joined(std::span(argv, static_cast<size_t>(argc)));
    Needs needs(**schema, program.records);
    auto calls = prepare(program, line, words, needs);
    if (!calls) daemon.fatal(calls.error().message);
    daemon.start_tool();
    daemon.use_tls(line.tls);
    const bool changes = std::ranges::any_of(*calls, [](const auto& call) { return call.command->changes; });
    if (changes)
        LOG(log, info, "Called as {}", called);
    else
        LOG(log, dbg, "Called as {}", called);

    line.run.colours = is_colourful_terminal();
    line.run.comment = program.name + " (invoked by " + sys::parent_name() + "): " + called;
    const auto custom = make_custom(paths, line.wait);
    const auto code = Engine(daemon, program, *custom, std::move(line.run), std::move(*calls), needs).run();
    if (!code) daemon.fatal(code.error().message);
    return *code;
}

}  // namespace weft::cli::dbctl
