// SPDX-License-Identifier: Apache-2.0
#include "cli/appctl/run.h"

#include <cstdio>

#include "cli/completion.h"
#include "cli/control.h"
#include "cli/log_options.h"

namespace weft::cli::appctl {
namespace {

constexpr int refused = 2;

std::string usage(const Paths& paths) {
    return "ovs-appctl, for querying and controlling Open vSwitch daemon\n"
           "usage: ovs-appctl [TARGET] COMMAND [ARG...]\n"
           "Targets:\n"
           "  -t, --target=TARGET  name of a daemon (default: ovs-vswitchd), or its socket\n"
           "Common commands:\n"
           "  list-commands      List commands supported by the target\n"
           "  version            Print version of the target\n"
           "  vlog/list          List current logging levels\n"
           "  vlog/list-pattern  List logging patterns for each destination\n"
           "  vlog/set [SPEC]    Set log levels: a module (default: all), a destination\n"
           "                     (syslog, console, file; default: all), a level\n"
           "                     (off, emer, err, warn, info, dbg; default: dbg)\n"
           "  vlog/reopen        Make the program reopen its log file\n"
           "Other options:\n"
           "  -f, --format=FORMAT \"text\" (default) or \"json\"\n"
           "  --pretty           spread JSON over lines\n"
           "  -T, --timeout=SECS wait at most SECS seconds for a response\n"
           "  --completion=SHELL print a completion script for \"bash\" or \"zsh\"\n"
           "  -h, --help         Print this helpful information\n"
           "  -V, --version      Display ovs-appctl version information\n" +
           log_usage(paths, "ovs-appctl");
}

/// The commands are the daemon's own, so it is asked.
Completion completion(const Options& options) {
    return {.program = "ovs-appctl",
            .options = options.names(),
            .commands = {},
            .command_source = "ovs-appctl --timeout=2 list-commands | awk 'NR > 1 { print $1 }'"};
}

}  // namespace

int run(int argc, char** argv) {
    Daemon daemon(Daemon::tool("ovs-appctl", usage, "warn"), argc, argv);
    std::string target = "ovs-vswitchd";
    auto& options = daemon.options();
    options.text("target", target, 't');
    options.ignore("execute", Options::Argument::none, 'e');
    bool json = false;
    codec::JsonStyle style;
    add_format_option(options, json, style);
    add_timeout_option(options, 'T');
    options.add({"option", 'o', Options::Argument::none, [&](Options::Value) -> Result<> {
                     std::fputs(options.list().c_str(), stdout);
                     std::exit(EXIT_SUCCESS);
                 }});
    add_completion_option(options, [&] { return completion(options); });
    auto args = daemon.parse(Options::Order::options_first);
    if (args.empty()) daemon.fatal("at least one non-option argument is required (use --help for help)");
    if (json) args.emplace_back("--format=json");

    daemon.start_tool();
    const auto socket = control_socket_of(daemon, target);
    if (!socket) daemon.fatal(socket.error().message);
    const auto reply = ask_daemon(daemon, *socket, args[0], std::span(args).subspan(1));
    if (!reply) daemon.fatal(reply.error().message);
    std::fputs(reply->is_error ? reply->text.c_str() : styled(reply->text, style).c_str(),
               reply->is_error ? stderr : stdout);
    if (!reply->is_error) return EXIT_SUCCESS;
    std::fprintf(stderr, "ovs-appctl: %s: server returned an error\n", target.c_str());
    return refused;
}

}  // namespace weft::cli::appctl
