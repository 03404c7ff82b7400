// SPDX-License-Identifier: Apache-2.0
// Ethernet frames over byte streams, each behind its length in two bytes: how dummy ports of two switches are
// joined (Interface options stream and pstream).
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace weft::net {

/// Resource type; belongs to the thread of its loop. Every frame received goes to `received`, every frame
/// sent to all who are connected; one who does not read loses frames.
class FrameStream {
  public:
    /// The options that concern this; others are ignored.
    using Options = std::map<std::string, std::string>;
    using Received = std::function<void(ByteSpan frame)>;

    FrameStream(loop::Loop& loop, Transport& transport, Received received);
    ~FrameStream();
    FrameStream(const FrameStream&) = delete;
    FrameStream& operator=(const FrameStream&) = delete;

    /// Connects (stream=tcp:.. or unix:..) and goes on trying, or listens (pstream=ptcp:.. or punix:..), or
    /// with neither lets go of all. The same options as before change nothing.
    Result<> configure(const Options& options);
    void send(ByteSpan frame);

    /// What netdev-dummy/conn-state says: "connected" or "disconnected" with the option stream, else
    /// "unknown".
    std::string_view state() const;

  private:
    struct Peer {
        std::unique_ptr<Stream> stream;
        std::string partial;  ///< received, not yet a whole frame
    };
    void adopt(std::unique_ptr<Stream> stream);
    void connect();
    void take_frames(Peer& peer, std::string_view bytes);
    void remove(Peer& peer);

    static constexpr Duration retry_after = 1s;
    static constexpr size_t backlog_max = 1 << 20;

    Transport& transport_;
    Received received_;
    std::string stream_, pstream_;  ///< as configured
    std::optional<ConnectionName> target_;
    bool connected_ = false;
    loop::Timer retry_;
    std::unique_ptr<Listener> listener_;
    std::list<Peer> peers_;
};

}  // namespace weft::net
