// SPDX-License-Identifier: Apache-2.0
#include "cli/connection_usage.h"
#include "cli/dbctl/program.h"
#include "cli/log_options.h"

namespace weft::cli::dbctl {
namespace {

constexpr size_t help_column = 30;

std::string entry(std::string syntax, std::string_view help) {
    std::string out = "  " + std::move(syntax);
    out += out.size() + 2 <= help_column ? std::string(help_column - out.size(), ' ') : "  ";
    return out + std::string(help) + "\n";
}

std::string option_words(const Command& command) {
    std::string out;
    for (const auto option : words_of(command.options)) {
        out += "[" + std::string(option);
        if (option.ends_with('=')) out += "...";
        out += "] ";
    }
    return out;
}

std::string record_names(const Program& program) {
    const auto schema = ovsdb::parse_schema_text(program.schema_text, program.name);
    std::string out = "Records are named in commands by uuid (four or more digits of it), and:\n";
    for (const auto& table : (*schema)->tables) {
        std::string ways;
        for (const auto& name : program.records) {
            if (name.table != table.name) continue;
            ways += ways.empty() ? "" : ", or ";
            if (name.name_column.empty())
                ways += "\".\", the only one";
            else if (name.reference.empty())
                ways += std::string(name.name_column);
            else
                ways += std::string(name.name_column) + " of the " + std::string(name.name_table) +
                        " whose " + std::string(name.reference) + " it is";
        }
        if (!ways.empty()) out += entry(table.name, "by " + ways);
    }
    return out;
}

}  // namespace

std::string usage(const Program& program, const Paths& paths) {
    std::string out = program.name + ": " + program.description + "\nusage: " + program.name +
                      " [OPTIONS] COMMAND [ARG...] [-- COMMAND [ARG...]]...\n";
    std::string_view group;
    for (const auto& command : program.commands) {
        if (command.group != group) out += "\n" + std::string(group = command.group) + ":\n";
        const auto arguments = readable_arguments(command.arguments);
        out += entry(
            option_words(command) + std::string(command.name) + (arguments.empty() ? "" : " ") + arguments,
            command.help);
    }
    out += "\n" + record_names(program) + "\nOptions:\n" + entry("--db=DATABASE", "connect to DATABASE") +
           entry("", "(default: " + paths.default_database() + ")");
    if (!program.no_wait_help.empty()) out += entry("--no-wait", program.no_wait_help);
    out += entry("--retry", "keep trying to connect to server forever") +
           entry("-t, --timeout=SECS", "give up after SECS seconds") +
           entry("--dry-run", "do not commit changes to database") +
           entry("--oneline", "print exactly one line of output per command") +
           entry("--no-leader-only", "accept any server of a cluster") +
           entry("--shuffle-remotes", "try the servers of a cluster in any order") +
           entry("--commands, --options", "list commands or options, for scripts") +
           entry("--completion=SHELL", "print a completion script for \"bash\" or \"zsh\"");
    return out + table_usage() + log_usage(paths, program.name) +
           entry("--no-syslog", "equivalent to --verbose=" + program.log_module + ":syslog:warn") + "\n" +
           connection_usage("database") + "\nOther options:\n" +
           entry("-h, --help", "display this help message") +
           entry("-V, --version", "display version information");
}

std::string list_commands(const Program& program) {
    std::string out;
    for (const auto& command : program.commands) {
        for (const auto option : words_of(command.options)) out += "[" + std::string(option) + "] ";
        out += "," + std::string(command.name) + "," + std::string(command.arguments) + "\n";
    }
    return out;
}

}  // namespace weft::cli::dbctl
