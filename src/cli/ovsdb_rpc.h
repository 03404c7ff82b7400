// SPDX-License-Identifier: Apache-2.0
// Talking to a database server one request at a time, for tools: each call runs the loop until it is
// answered.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jsonrpc/message.h"
#include "loop/loop.h"
#include "net/jsonrpc_peer.h"
#include "net/stream.h"
#include "obs/log.h"

namespace weft::cli {

/// Resource type.
class OvsdbRpc {
  public:
    struct Options {
        obs::LogModule log = {};
        /// Tell the log of the attempts; always done if there are several servers.
        bool log_attempts = false;
        /// Of several servers, one that leads the cluster of this database will do; empty: any.
        std::string leader_of = {};
        uint64_t seed = 0;  ///< of the order in which several servers are tried
    };
    /// `servers`: one name of a connection, or several separated by commas. Passive ones wait for a
    /// connection.
    static Result<std::unique_ptr<OvsdbRpc>> connect(loop::Loop& loop, net::Transport& transport,
                                                     const std::string& servers, Options options);

    /// The server as it was named.
    const std::string& server() const { return server_; }

    /// The reply, of either kind. Notifications that come meanwhile are kept for next(). The error is that of
    /// a lost connection.
    Result<jsonrpc::Message> call(std::string method, codec::JsonArray params);
    /// As call(), for a method that must not fail: an error reply is an error.
    Result<codec::Json> ask(std::string method, codec::JsonArray params);

    /// Sends without waiting for the reply, which comes by next(); the request's id.
    codec::Json send(std::string method, codec::JsonArray params);
    /// Runs the loop until a message comes; nullopt when something stopped the loop.
    Result<std::optional<jsonrpc::Message>> next();
    /// While held, messages stay with the server.
    void hold(bool held) { peer_->hold(held); }

  private:
    OvsdbRpc(loop::Loop& loop, std::string server) : loop_(loop), server_(std::move(server)) {}
    static Result<std::unique_ptr<OvsdbRpc>> connect_one(loop::Loop& loop, net::Transport& transport,
                                                         const std::string& server, const Options& options);
    static Result<std::unique_ptr<OvsdbRpc>> connect_any(loop::Loop& loop, net::Transport& transport,
                                                         std::vector<std::string> servers,
                                                         const Options& options);
    void use(std::unique_ptr<net::Stream> stream, obs::LogModule log);
    bool leads(const std::string& database);

    loop::Loop& loop_;
    std::string server_;
    std::unique_ptr<net::Listener> listener_;
    std::unique_ptr<net::JsonrpcPeer> peer_;
    bool connected_ = false;
    std::vector<jsonrpc::Message> received_;
    std::optional<Error> closed_;
    int64_t next_id_ = 0;
};

/// "connection refused" and the like: the reason alone of an error that has a code.
std::string reason_of(const Error& error);

}  // namespace weft::cli
