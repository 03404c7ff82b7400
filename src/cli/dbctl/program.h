// SPDX-License-Identifier: Apache-2.0
// A tool that reads and changes one database by commands: ovs-vsctl and its like.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/completion.h"
#include "cli/dbctl/command.h"
#include "cli/dbctl/show.h"
#include "cli/paths.h"

namespace weft::cli::dbctl {

/// Exit status: the database was changed, but the daemon that acts on it could not do what it says.
inline constexpr int not_applied = 65;

/// What a tool does around its commands. Resource type; the default does nothing.
class Custom {
  public:
    virtual ~Custom() = default;
    /// What is read in every run.
    virtual void need(Needs&) {}
    /// Before the commands.
    virtual void begin(Workspace&) {}
    /// Adds to a transaction that changes something.
    virtual void before_commit(const Workspace&, ovsdb::client::Txn&) {}
    /// After it: true once nothing is to be waited for, asked with every change of the database.
    virtual bool finished(const ovsdb::client::View&, const ovsdb::client::Outcome&) { return true; }
    /// What to tell on stderr in the end, line by line; if there is any, the exit status is `not_applied`.
    virtual std::vector<std::string> complaints(const ovsdb::client::View&, const ovsdb::client::Outcome&) {
        return {};
    }
};

/// Value type: all that makes one tool differ from another.
struct Program {
    std::string name;         ///< "ovs-vsctl"
    std::string description;  ///< after the name in --help
    std::string log_module;   ///< "vsctl"
    std::string schema_text;  ///< names are checked against it before the server is asked
    std::vector<Command> commands;
    std::span<const RecordName> records;
    std::span<const ShowTable> show;              ///< the first is the tree's root
    std::string no_wait_help;                     ///< empty: there is nothing to wait for and no --no-wait
    std::vector<Completion::Source> completions;  ///< of arguments other than tables
};

/// The whole of main(): parses the command line, runs the commands; the exit code. `make_custom` is told
/// whether to wait for the daemon that acts on the database.
int run(const Program& program,
        const std::function<std::unique_ptr<Custom>(const Paths&, bool wait)>& make_custom, int argc,
        char** argv);

/// The table of commands as --help prints it, with the names that records go by.
std::string usage(const Program& program, const Paths& paths);
/// A line for each command: options and arguments, for scripts that complete command lines.
std::string list_commands(const Program& program);

}  // namespace weft::cli::dbctl
