// SPDX-License-Identifier: Apache-2.0
// The control socket: serves a table of commands to ovs-appctl.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "loop/loop.h"
#include "net/jsonrpc_peer.h"
#include "net/stream.h"
#include "obs/commands.h"
#include "obs/coverage.h"
#include "obs/log.h"

namespace weft::net {

/// Resource type; belongs to the loop's thread. One connection's commands are answered in order.
class Unixctl {
  public:
    struct Options {
        obs::LogModule log = {};  ///< of any name; logs as unixctl and jsonrpc
        obs::Counter* received = nullptr;
        obs::Counter* replied = nullptr;
    };
    Unixctl(loop::Loop& loop, obs::CommandTable& commands, Options options);
    ~Unixctl();
    Unixctl(const Unixctl&) = delete;
    Unixctl& operator=(const Unixctl&) = delete;

    Result<> listen(Transport& transport, const ConnectionName& at);
    /// Stops accepting and forgets the socket's file; connections stay for answers still to come.
    void stop_listening() { listener_.reset(); }
    /// All answers given so far have left.
    bool drained() const;

  private:
    struct Client;
    void accept(std::unique_ptr<Stream> stream);
    void serve(Client& client, jsonrpc::Message message);
    void answer(Client& client, const codec::Json& id, Result<std::string> text);

    loop::Loop& loop_;
    obs::CommandTable& commands_;
    Options options_;
    obs::LogModule log_;
    std::list<std::shared_ptr<Client>> clients_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace weft::net
