// SPDX-License-Identifier: Apache-2.0
// The backup's side of ovsdb(7)'s "Active-Backup Database Service Model".
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/daemon.h"
#include "net/ovsdb_config_file.h"
#include "net/ovsdb_follower.h"

namespace weft::apps {

/// Tables of databases, "DB:TABLE[,DB:TABLE]...".
using TablesOfDatabases = std::map<std::string, std::set<std::string>>;
Result<TablesOfDatabases> parse_tables(const std::string& text);
/// Fails if one of them is not there.
Result<> check_tables(const ovsdb::Database& db, const std::set<std::string>& tables);

/// Fails if `config_file` (--config-file) is not empty: it alone says what there is.
Result<> may_be_changed_by_command(const std::string& config_file);

/// Resource type; belongs to the daemon's loop. While active it does nothing; as a backup it keeps all
/// databases of the server but relays the same as the active server's, and nobody may write. With a
/// configuration file each database is active or a backup by itself.
class Backup {
  public:
    struct Options {
        std::string active_server;  ///< --sync-from
        std::string excluded;       ///< --sync-exclude-tables
        bool starts_active = false;
        std::string config_file = {};  ///< empty: the role is that of the whole server
    };
    Backup(cli::Daemon& daemon, ovsdb::Server& server, net::OvsdbSessions& sessions, Options options);

    /// Begins in the role that the options ask for.
    Result<> start();
    void database_added(const std::string& name);
    void database_removed(const std::string& name);
    /// What the configuration file says of a database that was added.
    void configure(const std::string& name, const net::OvsdbDatabaseConfig& wanted);

  private:
    Result<> become_backup();
    void become_active();
    /// Of a database that no file speaks of.
    net::OvsdbDatabaseConfig of_server(const std::string& database) const;
    void configure_all();
    void follow(const std::string& database);
    std::string status() const;
    std::string status_of(const std::string& database) const;
    codec::Json status_json() const;
    void add_commands();
    Result<> set_probe_interval(const std::string& text);
    Result<> exclude(const std::string& text);

    cli::Daemon& daemon_;
    ovsdb::Server& server_;
    net::OvsdbSessions& sessions_;
    Options options_;
    obs::LogModule log_;
    Duration probe_interval_ = 60s;
    TablesOfDatabases excluded_;
    bool is_backup_ = false;
    std::map<std::string, net::OvsdbDatabaseConfig> databases_;
    std::map<std::string, std::unique_ptr<net::OvsdbFollower>> followers_;  ///< of a backup, by database
};

}  // namespace weft::apps
