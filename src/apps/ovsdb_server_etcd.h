// SPDX-License-Identifier: Apache-2.0
// ovsdb-server's databases in etcd, and the cluster/ commands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/daemon.h"
#include "cli/etcd_options.h"
#include "net/ovsdb_sessions.h"
#include "store/etcd_database.h"

namespace weft::apps {

/// Resource type; belongs to the daemon's loop. remove_all() must be called before the server ends.
class EtcdDatabases {
  public:
    EtcdDatabases(cli::Daemon& daemon, ovsdb::Server& server, net::OvsdbSessions& sessions,
                  store::RunAside aside, cli::EtcdOptions options);

    /// `done` is told, at once or later, the name of the database that is served now, or why none is.
    using Added = std::move_only_function<void(Result<std::string>)>;
    void add(const std::string& address, Added done);
    /// Null if there is none.
    store::etcd::EtcdDatabase* find(const std::string& name) const;
    /// To be called when it is out of the server.
    void remove(const std::string& name);
    /// Out of the server, too.
    void remove_all();

  private:
    void add_commands();

    cli::Daemon& daemon_;
    ovsdb::Server& server_;
    net::OvsdbSessions& sessions_;
    store::RunAside aside_;
    cli::EtcdOptions options_;
    obs::LogModule log_;
    std::vector<std::unique_ptr<store::etcd::EtcdDatabase>> databases_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::apps
