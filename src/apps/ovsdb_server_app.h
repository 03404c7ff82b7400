// SPDX-License-Identifier: Apache-2.0
// ovsdb-server put together: files, the server, its sockets, its commands.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/ovsdb_server_backup.h"
#include "apps/ovsdb_server_etcd.h"
#include "cli/daemon.h"
#include "net/ovsdb_remotes.h"
#include "net/ovsdb_sessions.h"
#include "ovsdb/server.h"
#include "store/aside_thread.h"
#include "store/disk.h"
#include "store/file_storage.h"

namespace weft::apps {

/// Resource type; belongs to the daemon's loop.
class OvsdbServer {
  public:
    struct Options {
        std::vector<std::string>
            databases;  ///< absolute file names, relay:DB:REMOTE, etcd://HOST:PORT/PREFIX
        std::vector<std::string> remotes;
        std::string run;  ///< shell command; empty: none
        bool use_diff = true;
        net::TlsFiles tls;  ///< each may be "db:DB,TABLE,COLUMN"
        Backup::Options backup;
        cli::EtcdOptions etcd;
        std::string config_file;       ///< names databases and remotes instead of the above; empty: none
        std::filesystem::path folder;  ///< of the files that it names
    };
    OvsdbServer(cli::Daemon& daemon, Options options);
    ~OvsdbServer();

    /// Opens the databases and the remotes.
    Result<> start();
    /// Runs the command of --run; the daemon stops when it ends.
    Result<> run_command();
    /// Of the command of --run, else success.
    int exit_status() const { return exit_status_; }

  private:
    using Done = std::move_only_function<void(Result<>)>;  ///< called at once, or later
    /// `done` is told at once, or later of a database in etcd.
    void add_database(const std::string& what, Done done);
    /// For the time before the loop runs: runs it until what `begin` begins is done.
    Result<> wait_for(const std::string& what, std::move_only_function<void(Done)> begin);
    Result<> add_file(const std::string& path);
    /// The name of its schema.
    Result<std::string> open_file(const std::string& path);
    Result<> add_relay(std::string_view description);
    Result<> open_relay(const std::string& name, const net::OvsdbSourceConfig& source);
    Result<std::string> remove_database(const std::string& name);
    void compact(const std::string& name, Done done);
    void compact_what_is_due();
    void trim_heap() const;
    /// Takes over remotes and keys that were added, or that the databases name now.
    void refresh();
    // ovsdb_server_config.cc
    /// Reads the configuration file and does what it says; if that fails, all is as before.
    void reload(Done done);
    void configure(net::OvsdbConfig wanted, Done done);
    void go_back(net::OvsdbConfig before, Error why, Done done);
    Result<> remove_unwanted(const net::OvsdbConfig& wanted);
    /// Those of config_ that are in etcd, one after the other.
    void open_clusters(Done done);
    Result<> configure_rest(const net::OvsdbConfig& wanted);
    Result<> configure_database(const std::string& what, const net::OvsdbDatabaseConfig& wanted);
    void add_config_commands();

    void add_commands();
    void add_database_commands();
    void add_remote_commands();
    void report_memory(obs::MemoryUsage& usage) const;
    store::FileStorage* storage(const std::string& name) const;

    cli::Daemon& daemon_;
    Options options_;
    obs::LogModule log_;
    store::Disk disk_;
    store::AsideThread aside_;       ///< syncs files
    store::AsideThread long_aside_;  ///< works on whole databases, for which no sync is to wait
    ovsdb::Server server_;
    net::OvsdbSessions sessions_;
    net::OvsdbRemotes remotes_;
    Backup backup_;
    EtcdDatabases etcd_;
    std::map<std::string, std::unique_ptr<net::OvsdbFollower>> relays_;  ///< by database
    net::OvsdbConfig config_;                   ///< of the configuration file, as far as it is in force
    std::map<std::string, std::string> names_;  ///< by what it calls its databases: their schemas' names
    bool is_reloading_ = false;
    bool always_trims_ = false;  ///< the heap, after each compaction
    loop::Timer compaction_timer_;
    std::unique_ptr<loop::SignalWatch> child_;
    int child_pid_ = -1;
    int exit_status_ = 0;
};

}  // namespace weft::apps
