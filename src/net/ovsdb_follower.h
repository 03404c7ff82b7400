// SPDX-License-Identifier: Apache-2.0
// A database of an ovsdb::Server that follows another server's: a relay or a backup (ovsdb(7), "Service
// Models").
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "net/ovsdb_client.h"
#include "net/ovsdb_sessions.h"
#include "ovsdb/server.h"

namespace weft::net {

/// Resource type; belongs to the loop's thread. A relay is added to the server by open() and must be removed
/// from it (Server::remove_database()) before this ends.
class OvsdbFollower final : public ovsdb::RelaySource {
  public:
    enum class Kind : uint8_t { relay, backup };
    struct Options {
        Kind kind = Kind::relay;
        std::string database;
        std::string remotes;             ///< of the other server, separated by commas
        std::set<std::string> own = {};  ///< of a backup: tables that it keeps for itself
        Duration probe_interval = 60s;   ///< not for Unix sockets
        Duration max_backoff = 8s;
        std::optional<uint8_t> dscp = {};  ///< unset: the system's
        obs::LogModule log = {};
    };
    /// Fails if `remotes` makes no sense, or the server has a database of the relay's name.
    static Result<std::unique_ptr<OvsdbFollower>> open(loop::Loop& loop, Transport& transport,
                                                       ovsdb::Server& server, OvsdbSessions& sessions,
                                                       Options options);
    ~OvsdbFollower() override;

    const std::string& database() const { return options_.database; }
    bool is_connected() const override { return client_->is_synchronized(); }
    void forward(codec::JsonArray params,
                 std::move_only_function<void(const jsonrpc::Message&)> done) override;
    void set_probe_interval(Duration interval) { client_->set_probe_interval(interval); }
    /// Why the database does not follow though the connection is there; empty: it does.
    const std::string& complaint() const { return complaint_; }

  private:
    OvsdbFollower(loop::Loop& loop, ovsdb::Server& server, OvsdbSessions& sessions, Options options);
    void follow();

    loop::Loop& loop_;
    ovsdb::Server& server_;
    OvsdbSessions& sessions_;
    Options options_;
    std::unique_ptr<OvsdbClient> client_;
    std::string complaint_;
};

}  // namespace weft::net
