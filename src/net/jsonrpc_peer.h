// SPDX-License-Identifier: Apache-2.0
// JSON-RPC spoken on a stream: jsonrpc::Connection with a socket and a timer.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "jsonrpc/connection.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "obs/log.h"

namespace weft::net {

using SharedText = std::shared_ptr<const std::string>;

/// One connection, either side. Resource type; belongs to the loop's thread; its callbacks may destroy it.
/// What a peer sends without waiting is worked on in turns: it delays others by a turn, however much it is.
class JsonrpcPeer {
  public:
    static constexpr int messages_per_turn = 8;
    static constexpr Duration time_per_turn = 1ms;  ///< then no further message is begun

    struct Options {
        jsonrpc::Connection::Options connection = {};
        obs::LogModule log = {};
    };
    struct Events {
        std::move_only_function<void()> connected = {};  ///< for streams that are still under way
        std::move_only_function<void(jsonrpc::Message)> received = {};
        std::move_only_function<void()> drained = {};  ///< backlog() fell to zero
        std::move_only_function<void(const Error&)> closed =
            {};  ///< the last event; the message is fit for a log
    };
    JsonrpcPeer(loop::Loop& loop, std::unique_ptr<Stream> stream, Options options, Events events);
    ~JsonrpcPeer();
    JsonrpcPeer(const JsonrpcPeer&) = delete;
    JsonrpcPeer& operator=(const JsonrpcPeer&) = delete;

    void send(const jsonrpc::Message& message);
    /// A part of the text of a message that is formatted already; it leaves with flush(), or when all that
    /// was received is handed over.
    void send_text(std::string_view part) { connection_.output() += part; }
    /// The same of a part that may be long: then it is neither copied nor written in one go.
    void send_shared(SharedText part);
    void flush();
    size_t backlog() const { return stream_->backlog() + parts_bytes_; }
    /// While held no message is received, and reading stops.
    void hold(bool held);
    void set_probe_interval(Duration interval);
    const std::string& name() const { return stream_->name(); }
    std::optional<std::string> peer_id() const { return stream_->peer_id(); }

  private:
    void hand_over();
    void queue_output();
    void queue(SharedText part);
    bool feed();
    void on_drained();
    void go_on();
    void on_timer();
    void close(const Error& error);

    loop::Loop& loop_;
    std::unique_ptr<Stream> stream_;
    jsonrpc::Connection connection_;
    obs::LogModule log_;
    Events events_;
    loop::Timer timer_;
    std::deque<SharedText> parts_;  ///< to be written before what is in the connection's output
    size_t parts_bytes_ = 0;        ///< of them that are not written yet
    size_t fed_ = 0;                ///< bytes of the first that are written
    bool will_feed_ = false;
    bool held_ = false;       ///< by the owner
    bool is_reading_ = true;  ///< the stream is not held
    bool has_turn_ = false;   ///< hand_over() will be called
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::net
