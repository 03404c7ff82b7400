// SPDX-License-Identifier: Apache-2.0
// openflow::Connection on a stream and a loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loop/loop.h"
#include "net/stream.h"
#include "openflow/connmgr.h"

namespace weft::bridge {

/// Resource type; belongs to the loop's thread. `closed` is the last call and may destroy it.
class OpenflowSession {
  public:
    struct Events {
        std::move_only_function<void()> connected = {};  ///< for streams that are under way
        std::move_only_function<void(const std::string& reason)> closed = {};
        std::function<void()> worked = {};  ///< requests may have changed the switch
    };
    OpenflowSession(loop::Loop& loop, std::unique_ptr<net::Stream> stream,
                    openflow::Connection::Options options, openflow::Connmgr& manager,
                    openflow::Switch& of_switch, Events events);
    ~OpenflowSession() { *alive_ = false; }
    OpenflowSession(const OpenflowSession&) = delete;
    OpenflowSession& operator=(const OpenflowSession&) = delete;

    const openflow::Connection& connection() const { return connection_; }
    void reconfigure(const openflow::Connection::Options& options);
    /// Sends what the connection has to say and looks after its timer.
    void flush();
    /// Bytes of other connections, for one that snoops.
    void forward(ByteSpan message) { stream_->send(as_chars(message)); }

  private:
    void serve();
    void close(const std::string& reason);

    loop::Loop& loop_;
    std::unique_ptr<net::Stream> stream_;
    openflow::Connection connection_;
    Events events_;
    loop::Timer timer_;
    bool has_more_ = false;  ///< requests to be worked on in the next turn
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::bridge
