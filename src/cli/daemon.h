// SPDX-License-Identifier: Apache-2.0
// What every long-running program has: options, log, counters, loop, control socket, pid file, background.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/daemon_options.h"
#include "cli/log_options.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/system_transport.h"
#include "net/tls.h"
#include "net/unixctl.h"
#include "obs/commands.h"
#include "obs/coverage.h"
#include "obs/logging.h"
#include "obs/memory.h"
#include "sys/background.h"
#include "sys/pidfile.h"
#include "sys/user.h"

namespace weft::cli {

/// The frame of a program's main(). Resource type; what main() builds upon it must end before it does.
///
///     cli::Daemon daemon({.program = "ovsdb-server", .usage = usage}, argc, argv);
///     daemon.options().flag("no-dbs", no_dbs);
///     const auto args = daemon.parse();     // --help, --version and errors end the program here
///     daemon.start();                       // forks; loop(), transport() are there from now on
///     Server server(daemon.loop(), ...);
///     server.add_commands(daemon.commands());
///     daemon.ready();                       // --detach returns to its caller
///     return daemon.run();                  // until `exit` or a signal
class Daemon {
  public:
    struct About {
        std::string program;
        std::function<std::string()> usage;                  ///< text of --help before the common options
        sys::Privilege privilege = sys::Privilege::service;  ///< kept with --user
        bool exit_can_clean_up = false;                      ///< `exit --cleanup` is known
        bool keep_stdout = false;                            ///< also in the background
        std::function<std::string()> help = {};              ///< the whole text of --help, instead of `usage`
        bool is_tool = false;                                ///< never a daemon: has none of their options
        std::string version_note = {};                       ///< printed below the version
        std::string console_level = {};                      ///< what is logged there; empty: as daemons do
    };
    /// Of a tool that runs one command.
    static About tool(std::string program, std::function<std::string(const Paths&)> help,
                      std::string console_level);
    Daemon(About about, int argc, char** argv);
    /// Removes pid file and control socket, then answers the `exit` command that ended run().
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    Options& options() { return options_; }
    const Paths& paths() const { return paths_; }
    const std::string& program() const { return about_.program; }
    /// The arguments that are no options.
    std::vector<std::string> parse(Options::Order order = Options::Order::mixed);

    void start();
    /// Instead of start(), for a tool that runs one command: stays in the foreground, without control socket.
    void start_tool();
    void ready();
    int run();
    /// What `exit --cleanup` asked for; to be read after run().
    bool cleanup() const { return cleanup_; }
    /// Ends run().
    void stop() { loop_->stop(); }

    loop::Clock& clock() { return clock_; }
    /// For random numbers that need not be secret; differs between any two runs.
    uint64_t new_seed();
    obs::Logging& logging() { return logging_; }
    obs::LogModule log(std::string_view module) { return logging_.module(module); }
    obs::Coverage& coverage() { return coverage_; }
    obs::MemoryReport& memory() { return memory_; }
    obs::CommandTable& commands() { return commands_; }
    loop::Loop& loop() { return *loop_; }
    /// Of ssl: and pssl:, too, once use_tls() has told the keys.
    net::Transport& transport() { return *transport_; }
    void use_tls(net::TlsFiles files) { transport_->configure(std::move(files)); }

    /// Prints "PROGRAM: message" and ends the program; for errors before ready().
    [[noreturn]] void fatal(const std::string& message);

  private:
    void open_log();
    void make_loop();
    std::string help() const;
    void add_common_options();
    void add_common_commands();
    void become_user();
    void listen_for_commands();
    void catch_signals(std::move_only_function<void(int)> caught);
    void sample();
    std::string control_socket() const;

    About about_;
    int argc_;
    char** argv_;
    Paths paths_ = Paths::from_environment();
    loop::Clock clock_;
    obs::Logging logging_;
    obs::Coverage coverage_;
    obs::MemoryReport memory_;
    obs::CommandTable commands_;
    Options options_;
    LogOptions log_options_;
    DaemonOptions daemon_options_;

    std::unique_ptr<sys::Background> background_;
    std::unique_ptr<sys::Pidfile> pidfile_;
    std::unique_ptr<loop::Loop> loop_;
    std::unique_ptr<net::SystemTransport> sockets_;
    std::unique_ptr<net::TlsTransport> transport_;
    std::unique_ptr<net::Unixctl> unixctl_;
    std::unique_ptr<loop::SignalWatch> signals_;
    std::unique_ptr<loop::Timer> sampler_;
    Time started_{};
    uint64_t seeds_given_ = 0;
    bool memory_told_ = false;
    bool cleanup_ = false;
    int signal_ = 0;
    std::vector<obs::CommandReply> exit_replies_;
};

}  // namespace weft::cli
