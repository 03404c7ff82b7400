// SPDX-License-Identifier: Apache-2.0
// A replica of a database, kept up to date over a connection that is kept up: ovsdb::client::Session on a
// loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/reconnect.h"
#include "loop/loop.h"
#include "net/jsonrpc_peer.h"
#include "net/stream.h"
#include "obs/log.h"
#include "ovsdb/client/session.h"
#include "ovsdb/client/txn.h"

namespace weft::net {

/// Resource type; belongs to the loop's thread.
class OvsdbClient {
  public:
    struct Options {
        std::string remotes;                    ///< "unix:db.sock", or several, separated by commas
        ovsdb::client::Interest interest = {};  ///< database, tables, columns, lock
        Duration probe_interval = 5s;           ///< not for Unix sockets; zero: never
        Duration backoff_max = 8s;
        std::optional<uint8_t> dscp = {};  ///< unset: the system's
        obs::LogModule log = {};           ///< of any name; logs as reconnect, ovsdb_cs, jsonrpc
    };
    /// Connects from the loop's next turn on. Fails only if `remotes` makes no sense.
    static Result<std::unique_ptr<OvsdbClient>> open(loop::Loop& loop, Transport& transport, Options options);
    ~OvsdbClient();
    OvsdbClient(const OvsdbClient&) = delete;
    OvsdbClient& operator=(const OvsdbClient&) = delete;

    /// The contents as of the last update; keeps what it has while the connection is down. Empty, without a
    /// schema, until has_contents().
    const ovsdb::client::View& view() const { return session_.view(); }
    bool has_contents() const { return session_.has_contents(); }
    /// Connected, and the contents are the server's.
    bool is_synchronized() const { return session_.is_synchronized(); }
    /// Synchronized, by the conditions that were set last.
    bool is_current() const { return session_.is_current(); }
    /// Of the interest's lock; true if that is empty.
    bool has_lock() const { return session_.has_lock(); }
    /// Another client holds it.
    bool lock_is_contended() const { return session_.lock_is_contended(); }

    /// `changed` is called from the loop, once for all that came in one go, when the contents, the lock or
    /// the state of the connection changed. Keep a View of your own to find out what:
    /// view().changes_since(mine), deltas().
    void on_change(std::move_only_function<void()> changed) { changed_ = std::move(changed); }

    /// Called with every attempt to connect that failed and every connection that was lost; a new attempt is
    /// due by then.
    void on_lost(std::move_only_function<void(const Error&)> lost) { on_lost_ = std::move(lost); }

    /// Called with what keeps the replica from being synchronized, in words: an attempt that failed, a
    /// connection that was lost or given up, something that the server lacks.
    void on_trouble(std::move_only_function<void(const std::string&)> trouble) {
        on_trouble_ = std::move(trouble);
    }

    /// `done` is called from the loop, once, unless this object ends before. Without a connection the outcome
    /// is try_again.
    void commit(ovsdb::client::Txn txn, std::move_only_function<void(const ovsdb::client::Outcome&)> done);

    /// From now on only rows of `table` that match (RFC 7047 5.1, any of them; [true]: all, [false]: none).
    void set_condition(const std::string& table, codec::JsonArray where);
    /// Holds this lock in place of the interest's from now on; empty: none.
    void set_lock(std::string name);
    /// Has the server carry out somebody else's transact request; `done` is called as by commit(), after
    /// on_change() for what the transaction changed. An error if there is no connection or it is lost.
    void forward(codec::JsonArray params, std::move_only_function<void(const jsonrpc::Message&)> done);
    void set_probe_interval(Duration interval);
    /// Drops the connection, if any, and connects again.
    void force_reconnect();

  private:
    OvsdbClient(loop::Loop& loop, Transport& transport, Options options, std::vector<ConnectionName> remotes);
    void on_timer();
    void connect();
    void start_session(std::unique_ptr<Stream> stream);
    void lost(const Error& error);
    void exchange();
    void announce();
    void tell_trouble(const std::string& what);
    const ConnectionName& remote() const { return remotes_[reconnect_.remote()]; }

    loop::Loop& loop_;
    Transport& transport_;
    Options options_;
    std::vector<ConnectionName> remotes_;
    obs::LogModule reconnect_log_, session_log_;
    Reconnect reconnect_;
    ovsdb::client::Session session_;
    loop::Timer timer_;
    std::unique_ptr<Listener> listener_;  ///< for a passive remote
    std::unique_ptr<JsonrpcPeer> peer_;
    std::move_only_function<void()> changed_;
    std::move_only_function<void(const Error&)> on_lost_;
    std::move_only_function<void(const std::string&)> on_trouble_;
    uint64_t announced_ = 0;
    bool announcing_ = false, logs_attempts_ = true;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::net
