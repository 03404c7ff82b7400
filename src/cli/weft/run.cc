// SPDX-License-Identifier: Apache-2.0
#include "cli/weft/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "base/spelling.h"
#include "cli/completion.h"
#include "cli/control.h"
#include "cli/log_options.h"
#include "cli/tls_options.h"
#include "cli/weft/cleanup.h"
#include "cli/weft/commands.h"
#include "cli/weft/doctor_run.h"

namespace weft::cli::weft_tool {
namespace {

std::string usage(const Paths& paths) {
    std::string out =
        "weft: asks a running switch why it does what it does\n"
        "usage: weft [OPTIONS] COMMAND [ARG...]\n";
    for (const auto& c : commands) {
        const std::string line = fmt::format("  {} {}", c.name, c.usage);
        out += fmt::format("{}\n      {}\n", line, c.help);
    }
    out += "  " + std::string(cleanup_usage);
    return out +
           "Options:\n"
           "  -t, --target=TARGET  name of a daemon (default: ovs-vswitchd), or its socket\n"
           "  -f, --format=FORMAT  \"text\" (default) or \"json\"\n"
           "      --pretty         spread JSON over lines\n"
           "      --db=SERVER      the database server, for db ... (default: " +
           paths.default_database() +
           ")\n"
           "  -p, -c, -C FILE      private key, certificate, CA certificate, for ssl:\n"
           "  -T, --timeout=SECS   wait at most SECS seconds for a response\n"
           "  --completion=SHELL   print a completion script for \"bash\" or \"zsh\"\n"
           "  -h, --help           print this helpful information\n"
           "  -V, --version        display version information\n" +
           log_usage(paths, "weft");
}

/// "--flag" and "--with-value=", wherever the usage has them.
std::vector<std::string> options_in(std::string_view usage) {
    std::vector<std::string> out;
    for (size_t at = usage.find("--"); at != usage.npos; at = usage.find("--", at)) {
        const size_t end = std::min(usage.find_first_of(" ]|}=", at), usage.size());
        const bool has_value = end < usage.size() && usage[end] == '=';
        out.emplace_back(usage.substr(at, end - at + (has_value ? 1 : 0)));
        at = end;
    }
    return out;
}

Completion completion(const Options& options) {
    Completion out{.program = "weft", .options = options.names()};
    for (const auto& c : commands) {
        auto& one = out.commands.emplace_back();
        one.name = c.name;
        one.help = c.help;
        one.options = options_in(c.usage);
        if (c.usage.find("BRIDGE") != std::string_view::npos) one.arguments.emplace_back("BRIDGE");
        if (c.usage.find("TRANSACTION") != std::string_view::npos) one.arguments.emplace_back("TRANSACTION");
    }
    out.sources.push_back({"BRIDGE", "ovs-appctl --timeout=2 ofproto/list"});
    out.sources.push_back(
        {"TRANSACTION", "weft --timeout=2 db history | sed -n 's/^\\([0-9a-f]\\{12\\}\\) .*/\\1/p'"});
    auto& cleanup = out.commands.emplace_back();
    cleanup.name = "cleanup";
    cleanup.help = "remove what switches that are gone left in the kernel";
    cleanup.options = {"--dry-run", "--bpf-folder"};
    return out;
}

/// The command that the words begin with, taken off; the longest name counts.
Result<const Command*> take_command(std::vector<std::string>& words) {
    for (const size_t n : {size_t{2}, size_t{1}}) {
        if (words.size() < n) continue;
        const std::string whole = n == 2 ? words[0] + " " + words[1] : words[0];
        const auto found = std::ranges::find(commands, whole, &Command::name);
        if (found == std::end(commands)) continue;
        words.erase(words.begin(), words.begin() + static_cast<ptrdiff_t>(n));
        return &*found;
    }
    // Of a family, "db" say, its member is what was written.
    const bool is_family =
        std::ranges::any_of(commands, [&](const Command& c) { return c.name.starts_with(words[0] + " "); });
    const std::string name = is_family && words.size() > 1 ? words[0] + " " + words[1] : words[0];
    if (is_family && words.size() == 1) {
        std::string members;
        for (const auto& c : commands)
            if (c.name.starts_with(name + " "))
                members += (members.empty() ? "" : ", ") + std::string(c.name);
        return fail("'" + name + "' is not a whole command; there are " + members);
    }
    std::vector<std::string_view> names;
    for (const auto& c : commands) names.push_back(c.name);
    return fail("unknown command '" + name + "'; use --help for help" + hint(name, names));
}

/// The daemon's error, which may be about how its own command is called.
std::string own_words(std::string text, const Command& command) {
    if (!text.starts_with(fmt::format("\"{}\" command ", command.asks))) return text;
    return fmt::format("{}: expected {}\n", command.name, command.usage);
}

}  // namespace

int run(int argc, char** argv) {
    Daemon daemon(Daemon::tool("weft", usage, "err"), argc, argv);
    std::string target = "ovs-vswitchd", server = daemon.paths().default_database();
    bool json = false;
    codec::JsonStyle style;
    net::TlsFiles tls;
    auto& options = daemon.options();
    options.text("target", target, 't');
    add_format_option(options, json, style);
    options.text("db", server);
    add_tls_options(options, tls);
    add_timeout_option(options, 'T');
    add_completion_option(options, [&] { return completion(options); });
    auto args = daemon.parse(Options::Order::options_first);
    if (args.empty()) daemon.fatal("missing command name; use --help for help");
    if (args[0] == "cleanup") {
        const auto done = run_cleanup({args.begin() + 1, args.end()});
        if (!done) daemon.fatal(done.error().message);
        return EXIT_SUCCESS;
    }
    const auto command = take_command(args);
    if (!command) daemon.fatal(command.error().message);
    if (json && (*command)->formats && !(*command)->asks.empty()) args.emplace_back("--format=json");
    if ((*command)->run) {
        daemon.start_tool();
        daemon.use_tls(tls);
        int status = EXIT_SUCCESS;
        const auto done = (*command)->run({daemon, args, json, server, status, style});
        std::fflush(stdout);
        if (!done) daemon.fatal(done.error().message);
        return status;
    }

    daemon.start_tool();
    if ((*command)->asks.empty()) return run_doctor(daemon, {target, args, json});
    const auto socket = control_socket_of(daemon, target);
    if (!socket) daemon.fatal(socket.error().message + "; is ovs-vswitchd running?");
    const auto reply = ask_daemon(daemon, *socket, std::string((*command)->asks), args);
    if (!reply) daemon.fatal(reply.error().message);
    if (!reply->is_error) {
        std::fputs(styled(reply->text, style).c_str(), stdout);
        return EXIT_SUCCESS;
    }
    const std::string error = own_words(reply->text, **command);
    std::fprintf(stderr, "weft: %s", error.c_str());
    return refused;
}

}  // namespace weft::cli::weft_tool
