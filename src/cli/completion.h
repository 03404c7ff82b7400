// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, from the tables that also drive a tool's parser.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/options.h"

namespace weft::cli {

/// Value type: what a command line of a tool may hold.
struct Completion {
    struct Command {
        std::string name, help;
        std::vector<std::string> options;    ///< "--flag", "--with-value="
        std::vector<std::string> arguments;  ///< names, as "BRIDGE"
    };
    /// Arguments whose values a command lists, one a line: {"BRIDGE", "ovs-vsctl list-br"}.
    struct Source {
        std::string argument, command;
    };
    std::string program;
    std::vector<std::string> options;
    std::vector<Command> commands = {};
    std::vector<Source> sources = {};
    std::string command_source = {};  ///< lists the commands where there is no table of them
};

/// --completion=SHELL: prints the script and ends the program.
void add_completion_option(Options& options, std::function<Completion()> completion);

/// `shell`: "bash" or "zsh".
Result<std::string> completion_script(std::string_view shell, const Completion& completion);

}  // namespace weft::cli
