// SPDX-License-Identifier: Apache-2.0
// Byte streams to other programs and listeners for them, whatever carries them.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "net/connection_name.h"

namespace weft::net {

/// Why a connection failed as logs and status columns word it: the system's reason alone, without what our
/// own message adds to it.
inline std::string reason_of(const Error& error) {
    return error.code ? std::strerror(error.code) : error.message;
}

/// One connection. Resource type; belongs to the thread of its loop. Destroying it closes it; its callbacks
/// may destroy it.
class Stream {
  public:
    struct Events {
        std::move_only_function<void()> connected = {};                 ///< not for accepted streams
        std::move_only_function<void(std::string_view)> received = {};  ///< bytes, valid during the call
        std::move_only_function<void()> drained = {};                   ///< a backlog() there was has gone
        /// The last event. Without a code: the peer has closed.
        std::move_only_function<void(const Error&)> closed = {};
    };

    explicit Stream(std::string name) : name_(std::move(name)) {}
    virtual ~Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// To be called once; events come from the loop, never from within a call.
    virtual void start(Events events) = 0;
    /// Queues bytes, before it is connected as well. The sender watches backlog().
    virtual void send(std::string_view bytes) = 0;
    /// Bytes queued here.
    virtual size_t backlog() const = 0;
    /// While held nothing is received, and the peer finds out by its own backlog.
    virtual void hold(bool held) = 0;
    /// Who the peer has proved to be: the (first) common name of its certificate, once it is connected.
    virtual std::optional<std::string> peer_id() const { return {}; }

    /// For logs: "unix#3" or "tcp:10.0.0.1:4711" if accepted, else as it was asked for.
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

/// Accepts streams until it is destroyed. Resource type.
class Listener {
  public:
    virtual ~Listener() = default;
    /// TCP: where it listens, for "any free port".
    virtual uint16_t port() const { return 0; }
};

/// Makes streams and listeners: of the system (system_transport.h) or within a process (memory_transport.h).
class Transport {
  public:
    virtual ~Transport() = default;

    /// The stream is on its way; whether it arrives its events tell. An error here is one that trying again
    /// will not cure, or an immediate refusal.
    virtual Result<std::unique_ptr<Stream>> connect(const ConnectionName& to) = 0;

    using Accept = std::move_only_function<void(std::unique_ptr<Stream>)>;
    virtual Result<std::unique_ptr<Listener>> listen(const ConnectionName& at, Accept accept) = 0;
};

}  // namespace weft::net
