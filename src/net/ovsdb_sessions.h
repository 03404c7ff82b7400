// SPDX-License-Identifier: Apache-2.0
// The sockets of a database server: listens, connects, and carries messages between clients and
// ovsdb::Server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/reconnect.h"
#include "loop/loop.h"
#include "net/jsonrpc_peer.h"
#include "net/ovsdb_remote_options.h"
#include "net/stream.h"
#include "obs/log.h"
#include "ovsdb/server.h"

namespace weft::net {

/// What a Manager row tells of its remote.
struct OvsdbRemoteStatus {
    bool connected = false;
    std::string state;  ///< of an active remote: BACKOFF, CONNECTING, ACTIVE ...
    std::string last_error;
    size_t connections = 0;
    uint16_t bound_port = 0;  ///< of a listener; 0: none
    std::optional<Time> connected_at, disconnected_at;
    std::vector<std::string> locks_held, locks_waiting;
};

/// Resource type; belongs to the loop's thread. A client that does not take its messages is read no more, and
/// the server holds back its updates, until it has caught up.
class OvsdbSessions {
  public:
    using Remotes = std::map<std::string, OvsdbRemoteOptions>;  ///< by name, "punix:FILE" ...

    OvsdbSessions(loop::Loop& loop, Transport& transport, ovsdb::Server& server, obs::LogModule log);
    ~OvsdbSessions();
    OvsdbSessions(const OvsdbSessions&) = delete;
    OvsdbSessions& operator=(const OvsdbSessions&) = delete;

    /// Adds and drops remotes until they are these. What cannot be opened is logged, and seen in status().
    void configure(const Remotes& remotes);
    OvsdbRemoteStatus status(const std::string& remote) const;
    /// Closes all connections; clients come back.
    void reconnect();

    /// Carries out what the server has to say; to be called after the server was given something from
    /// elsewhere.
    void pump();
    void flush_touched();
    /// Called after each pump().
    void set_after_pump(std::function<void()> call) { after_pump_ = std::move(call); }

  private:
    struct Remote;
    struct Session;
    void open(Remote& remote);
    /// What cannot be opened now (a port that is taken, keys that lack) is tried again.
    void listen(Remote& remote);
    void connect(Remote& remote);
    void on_timer(Remote& remote);
    void start_session(Remote& remote, std::unique_ptr<Stream> stream);
    void end_session(ovsdb::SessionId id, const std::string& reason);
    void lost(Remote& remote, const std::string& reason);
    void close_when_drained(Session& session);
    void check_backlog(Session& session);
    Duration probe_interval(const Remote& remote) const;

    loop::Loop& loop_;
    Transport& transport_;
    ovsdb::Server& server_;
    obs::LogModule log_, reconnect_log_;
    std::map<std::string, std::unique_ptr<Remote>> remotes_;
    std::map<ovsdb::SessionId, std::unique_ptr<Session>> sessions_;
    ovsdb::SessionId next_session_ = 1;
    ovsdb::SessionId receiving_ = 0;      ///< whose message is being handled: its answers go out together
    std::set<ovsdb::SessionId> touched_;  ///< others that have something to send
    loop::Timer deadline_;
    std::function<void()> after_pump_;
};

}  // namespace weft::net
