// SPDX-License-Identifier: Apache-2.0
// Runs parsed commands against a server: connects, runs them on the newest contents, commits, tries again
// when the database had changed, waits for what follows from the change.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/daemon.h"
#include "cli/dbctl/program.h"
#include "net/ovsdb_client.h"

namespace weft::cli::dbctl {

/// What the command line asked for. Value type.
struct RunOptions {
    std::string server;
    bool retry = false, dry_run = false, oneline = false, leader_only = true;
    TableStyle style = {.format = TableStyle::Format::list};
    std::string comment = {};  ///< for the log of the database
    bool colours = false;
};

/// Resource type, used once.
class Engine {
  public:
    Engine(Daemon& daemon, const Program& program, Custom& custom, RunOptions options,
           std::vector<Invocation> calls, Needs& needs);

    /// The program's exit code; an error is to be told by the caller.
    Result<int> run();

  private:
    enum class State : uint8_t { deciding, committing, following, ended };

    void step();
    void attempt();
    Result<> run_commands(bool& must_wait, std::optional<int>& exit_code);
    void commit();
    void committed(const ovsdb::client::Outcome& outcome);
    void follow();
    void lost(const Error& error);
    void print_outputs();
    void warn(const std::vector<std::pair<std::string_view, std::string>>& warnings);
    void end(Result<int> result);
    bool database_moved() const;

    Daemon& daemon_;
    const Program& program_;
    Custom& custom_;
    RunOptions options_;
    std::vector<Invocation> calls_;
    Needs& needs_;
    std::unique_ptr<net::OvsdbClient> client_;
    std::unique_ptr<Workspace> db_;
    std::vector<Output> outputs_;
    ovsdb::client::Outcome outcome_;
    State state_ = State::deciding;
    size_t attempts_failed_ = 0, servers_;
    bool warned_ = false;
    Result<int> result_ = 0;
};

}  // namespace weft::cli::dbctl
