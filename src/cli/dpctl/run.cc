// SPDX-License-Identifier: Apache-2.0
#include "cli/dpctl/run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/spelling.h"
#include "cli/arguments.h"
#include "cli/completion.h"
#include "cli/control.h"
#include "cli/dpctl/commands.h"
#include "cli/log_options.h"
#include "sys/process.h"

namespace weft::cli::dpctl {
namespace {

constexpr std::string_view switch_name = "ovs-vswitchd";

/// Options that are handed on to the daemon's command.
struct Flags {
    bool statistics = false, more = false, names = false, no_names = false, clear = false, may_create = false;
    bool read_only = false, json = false;
    codec::JsonStyle style = {};

    std::vector<std::string> words() const {
        std::vector<std::string> out;
        const std::pair<bool, const char*> all[] = {{statistics, "-s"}, {more, "-m"},
                                                    {names, "--names"}, {no_names, "--no-names"},
                                                    {clear, "--clear"}, {may_create, "--may-create"}};
        for (const auto& [given, word] : all)
            if (given) out.emplace_back(word);
        return out;
    }
};

void add_flags(Options& options, Flags& flags) {
    options.flag("statistics", flags.statistics, true, 's');
    options.flag("more", flags.more, true, 'm');
    options.flag("names", flags.names);
    options.flag("no-names", flags.no_names);
    options.flag("clear", flags.clear);
    options.flag("may-create", flags.may_create);
    options.flag("read-only", flags.read_only);
    add_format_option(options, flags.json, flags.style);
}

std::string list_commands() {
    constexpr size_t width = 24;
    std::string out = "The available commands are:\n";
    for (const auto& command : commands) {
        std::string line = "  " + std::string(command.name);
        line += std::string(line.size() < width + 2 ? width + 2 - line.size() : 1, ' ');
        out += line + readable_arguments(command.arguments) + "\n";
    }
    return out;
}

std::string usage(const Paths& paths) {
    std::string out =
        "ovs-dpctl: Open vSwitch datapath management utility\n"
        "usage: ovs-dpctl [OPTIONS] COMMAND [ARG...]\n"
        "Datapaths are part of ovs-vswitchd, which has to run. DP may be left out if there is only one.\n";
    for (const auto& command : commands) {
        std::string line = "  " + std::string(command.name) + " " + readable_arguments(command.arguments);
        constexpr size_t help_column = 36;
        line += line.size() + 2 <= help_column ? std::string(help_column - line.size(), ' ') : "  ";
        out += line + std::string(command.help) + "\n";
    }
    return out + log_usage(paths, "ovs-dpctl") +
           "\nOptions for show, dump-flows, del-flow, mod-flow:\n"
           "  -s,  --statistics           print statistics\n"
           "  -m, --more                  increase verbosity of output\n"
           "  --names, --no-names         print names of ports, or numbers\n"
           "  --may-create                mod-flow: create flow if it does not exist\n"
           "  --clear                     mod-flow: reset existing stats to zero\n"
           "  --read-only                 do not run commands that change anything\n"
           "\nOther options:\n"
           "  -f, --format=FORMAT         \"text\" (default) or \"json\", for commands that show something\n"
           "  --pretty                    spread JSON over lines\n"
           "  -t, --timeout=SECS          give up after SECS seconds\n"
           "  --completion=SHELL          print a completion script for \"bash\" or \"zsh\"\n"
           "  -h, --help                  display this help message\n"
           "  -V, --version               display version information\n";
}

Completion completion(const Options& options) {
    Completion out{.program = "ovs-dpctl", .options = options.names()};
    for (const auto& command : commands) {
        auto& one = out.commands.emplace_back();
        one.name = command.name;
        one.help = command.help;
        for (const auto word : words_of(command.arguments)) one.arguments.emplace_back(word.substr(1));
    }
    out.sources.push_back({"DP", "ovs-dpctl --timeout=2 dump-dps"});
    return out;
}

Result<const Command*> find_command(const std::string& name) {
    const auto found = std::ranges::find(commands, name, &Command::name);
    if (found != std::end(commands)) return &*found;
    std::vector<std::string_view> names;
    for (const auto& command : commands) names.push_back(command.name);
    return fail("unknown command '" + name + "'; use --help for help" + hint(name, names));
}

/// A file as the daemon, which may run in another folder, can open it.
std::string file_for_daemon(const std::string& name) {
    if (name == "-") return "/proc/" + std::to_string(sys::process_id()) + "/fd/0";
    return std::filesystem::absolute(name);
}

Result<std::vector<std::string>> words_for_daemon(const Command& command, const Flags& flags,
                                                  std::vector<std::string> args) {
    TRY(check_arity(command.name, command.arguments, args));
    if (command.changes && flags.read_only)
        return fail("'" + std::string(command.name) + "' command does not work in read only mode");
    const bool is_file = command.names_file && !args.empty() &&
                         (args.size() > 1 || args[0] == "-" || command.name != "del-flows" ||
                          std::filesystem::exists(args[0]));
    if (is_file) args.back() = file_for_daemon(args.back());
    auto out = flags.words();
    out.insert(out.end(), args.begin(), args.end());
    if (flags.json && !command.changes) out.emplace_back("--format=json");
    return out;
}

/// The daemon's error, told as our own.
std::string own_error(std::string text) {
    const std::string prefix = std::string(switch_name) + ": ";
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

Result<> ask(Daemon& daemon, const Command& command, std::span<const std::string> words,
             codec::JsonStyle style) {
    const auto socket = control_socket_of(daemon, std::string(switch_name));
    if (!socket)
        return fail(socket.error().message +
                    "; datapaths are part of ovs-vswitchd, which does not run: start it, or set "
                    "OVS_RUNDIR to the folder of its pidfile");
    const auto reply = TRY(ask_daemon(daemon, *socket, "dpctl/" + std::string(command.name), words));
    if (reply.is_error) return fail(own_error(reply.text));
    std::fputs(styled(reply.text, style).c_str(), stdout);
    return {};
}

/// Commands that need no daemon; false if it is none of them.
bool answer_alone(const std::string& command, const Paths& paths) {
    if (command != "help" && command != "list-commands") return false;
    std::fputs((command == "help" ? usage(paths) : list_commands()).c_str(), stdout);
    return true;
}

}  // namespace

int run(int argc, char** argv) {
    Daemon daemon(Daemon::tool("ovs-dpctl", usage, "err"), argc, argv);
    Flags flags;
    auto& options = daemon.options();
    add_flags(options, flags);
    add_timeout_option(options, 't');
    add_completion_option(options, [&] { return completion(options); });
    auto args = daemon.parse(Options::Order::options_first);
    if (args.empty()) daemon.fatal("missing command name; use --help for help");
    const std::string name = args.front();
    args.erase(args.begin());
    if (answer_alone(name, daemon.paths())) return EXIT_SUCCESS;

    const auto command = find_command(name);
    if (!command) daemon.fatal(command.error().message);
    const auto words = words_for_daemon(**command, flags, std::move(args));
    if (!words) daemon.fatal(words.error().message);
    daemon.start_tool();
    if (auto done = ask(daemon, **command, *words, flags.style); !done) daemon.fatal(done.error().message);
    return EXIT_SUCCESS;
}

}  // namespace weft::cli::dpctl
