// SPDX-License-Identifier: Apache-2.0
// One end of an OpenFlow connection as clients and controllers need it: whole messages, the version agreed
// on, echoes answered.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "net/stream.h"
#include "openflow/message.h"

namespace weft::net {

/// Resource type; belongs to the loop's thread. Destroying it closes the connection; its events may destroy
/// it.
class OpenflowPeer {
  public:
    struct Options {
        openflow::VersionSet versions = openflow::VersionSet::all();
        /// Messages of other versions and echo requests are handed over too, as on a socket that shows
        /// another connection.
        bool only_listen = false;
    };
    struct Events {
        std::move_only_function<void(openflow::Version)> connected = {};  ///< both have said hello
        std::move_only_function<void(ByteSpan)> received = {};  ///< a whole message, valid during the call
        std::move_only_function<void()> drained = {};
        /// The last event. Without a code: the peer has closed.
        std::move_only_function<void(const Error&)> closed = {};
    };
    OpenflowPeer(std::unique_ptr<Stream> stream, Options options, Events events);

    void send(ByteSpan message) { stream_->send(as_chars(message)); }
    size_t backlog() const { return stream_->backlog(); }
    void hold(bool held) { stream_->hold(held); }
    const std::string& name() const { return stream_->name(); }
    std::optional<openflow::Version> version() const { return version_; }
    /// What the peer's hello offered; nothing before it.
    openflow::VersionSet offered() const { return offered_; }

  private:
    void take(std::string_view bytes);
    /// False: the connection is over.
    bool handle(ByteSpan message);
    bool negotiate(ByteSpan hello);
    void close(const Error& error);

    std::unique_ptr<Stream> stream_;
    Options options_;
    Events events_;
    Bytes in_;
    std::optional<openflow::Version> version_;
    openflow::VersionSet offered_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::net
