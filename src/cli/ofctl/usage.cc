// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/usage.h"

#include "cli/arguments.h"
#include "cli/daemon_options.h"
#include "cli/log_options.h"
#include "cli/ofctl/tool.h"

namespace weft::cli::ofctl {
namespace {

constexpr size_t help_column = 34;

std::string entry(std::string syntax, std::string_view help) {
    std::string out = "  " + std::move(syntax);
    out += out.size() + 2 <= help_column ? std::string(help_column - out.size(), ' ') : "  ";
    return out + std::string(help) + "\n";
}

}  // namespace

std::string usage(const Paths& paths) {
    std::string out =
        "ovs-ofctl: OpenFlow switch management utility\n"
        "usage: ovs-ofctl [OPTIONS] COMMAND [ARG...]\n";
    std::string_view group;
    for (const Command& command : commands()) {
        if (command.group.empty()) continue;
        if (command.group != group) out += "\n" + std::string(group = command.group) + ":\n";
        out += entry(std::string(command.name) + " " + readable_arguments(command.arguments), command.help);
    }
    out += "\nSWITCH and TARGET are a bridge, or an active OpenFlow connection:\n";
    out += entry("tcp:HOST[:PORT]", "PORT (default: 6653) at remote HOST");
    out += entry("unix:FILE", "Unix domain socket named FILE");
    out += daemon_usage(paths, "ovs-ofctl") + log_usage(paths, "ovs-ofctl");
    out += "\nOther options:\n";
    out += entry("-O, --protocols=VERSIONS", "OpenFlow versions to use (default: OpenFlow10)");
    out += entry("-F, --flow-format=FORMATS", "flow formats to use");
    out += entry("-P, --packet-in-format=FORMAT", "format of packets that monitor asks for");
    out += entry("--strict", "mod-flows, del-flows: only the flow that has just this match");
    out += entry("--bundle", "change all or nothing (OpenFlow 1.4)");
    out += entry("--readd", "replace-flows: replace flows that have not changed too");
    out += entry("--may-create", "mod-group: add the group if it is not there");
    out += entry("--read-only", "do not run commands that change anything");
    out += entry("--sort[=FIELD], --rsort[=FIELD]", "dump-flows: rising or falling order");
    out += entry("--names, --no-names", "show and take names of ports, or numbers only");
    out += entry("--stats, --no-stats", "dump-flows: with statistics, or without");
    out += entry("-f, --format=FORMAT", "\"text\", or \"json\" for commands that show something");
    out += entry("--pretty", "spread JSON over lines");
    out += entry("--color[=WHEN]", "dump-flows in colours: always, never, or auto");
    out += entry("-m, --more", "print more of OpenFlow messages");
    out += entry("--timestamp", "monitor, snoop: print the time of each message");
    out += entry("-t, --timeout=SECS", "give up after SECS seconds");
    out += entry("--unixctl=SOCKET", "name of the control socket of monitor and snoop");
    out += entry("--completion=SHELL", "print a completion script for \"bash\" or \"zsh\"");
    out += entry("-h, --help", "display this help message");
    return out + entry("-V, --version", "display version information");
}

Completion completion(const Options& options) {
    Completion out{.program = "ovs-ofctl", .options = options.names()};
    for (const Command& command : commands()) {
        if (command.group.empty()) continue;
        auto& one = out.commands.emplace_back();
        one.name = command.name;
        one.help = command.help;
        for (const auto word : words_of(command.arguments)) one.arguments.emplace_back(word.substr(1));
    }
    for (const char* bridge : {"SWITCH", "TARGET", "SOURCE"})
        out.sources.push_back({bridge, "ovs-vsctl --timeout=2 list-br"});
    return out;
}

}  // namespace weft::cli::ofctl
