// SPDX-License-Identifier: Apache-2.0
// The backup's side of ovsdb(7)'s "Active-Backup Database Service Model".
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/daemon.h"
#include "net/ovsdb_follower.h"

namespace weft::apps {

/// Tables of databases, "DB:TABLE[,DB:TABLE]...".
using TablesOfDatabases = std::map<std::string, std::set<std::string>>;
Result<TablesOfDatabases> parse_tables(const std::string& text);

/// Resource type; belongs to the daemon's loop. While active it does nothing; as a backup it keeps all
/// databases of the server but relays the same as the active server's, and nobody may write.
class Backup {
  public:
    struct Options {
        std::string active_server;  ///< --sync-from
        std::string excluded;       ///< --sync-exclude-tables
        bool starts_active = false;
    };
    Backup(cli::Daemon& daemon, ovsdb::Server& server, net::OvsdbSessions& sessions, Options options);

    /// Begins in the role that the options ask for.
    Result<> start();
    void database_added(const std::string& name);
    void database_removed(const std::string& name) { followers_.erase(name); }

  private:
    Result<> become_backup();
    void become_active();
    void follow(const std::string& database);
    void restart_followers();
    std::string status() const;
    codec::Json status_json() const;
    void add_commands();

    cli::Daemon& daemon_;
    ovsdb::Server& server_;
    net::OvsdbSessions& sessions_;
    Options options_;
    obs::LogModule log_;
    Duration probe_interval_ = 60s;
    TablesOfDatabases excluded_;
    bool is_backup_ = false;
    std::set<std::string> databases_;
    std::map<std::string, std::unique_ptr<net::OvsdbFollower>> followers_;  ///< of a backup, by database
};

}  // namespace weft::apps
