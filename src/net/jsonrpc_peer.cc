// SPDX-License-Identifier: Apache-2.0
#include "net/jsonrpc_peer.h"

#include <cerrno>

namespace weft::net {
namespace {

constexpr size_t slice = 1 << 18;  ///< bytes of a long part that are written at a time
constexpr int slices_per_turn = 4;

}  // namespace

JsonrpcPeer::JsonrpcPeer(loop::Loop& loop, std::unique_ptr<Stream> stream, Options options, Events events)
    : loop_(loop),
      stream_(std::move(stream)),
      connection_(options.connection, loop.now()),
      log_(options.log),
      events_(std::move(events)),
      timer_(loop, [this] { on_timer(); }) {
    stream_->start({.connected =
                        [this] {
                            if (events_.connected) events_.connected();
                        },
                    .received =
                        [this](std::string_view bytes) {
                            connection_.receive(bytes, loop_.now());
                            hand_over();
                        },
                    .drained = [this] { on_drained(); },
                    .closed = [this](const Error& error) { close(error); }});
    timer_.at(connection_.deadline());
}

JsonrpcPeer::~JsonrpcPeer() { *alive_ = false; }

void JsonrpcPeer::hand_over() {
    constexpr int most_unsent = 8;  // then the peer can go on while the rest is worked on
    const auto alive = alive_;
    for (int n = 1; *alive && !held_; ++n) {
        auto message = connection_.next();
        if (!message) break;
        LOG(log_, dbg, "{}: received {}", name(), message->describe());
        events_.received(std::move(*message));
        if (*alive && n % most_unsent == 0) flush();
    }
    if (!*alive) return;
    flush();  // answers to echo requests
    timer_.at(connection_.deadline());
    if (connection_.failure()) close(Error{*connection_.failure(), EPROTO});
}

void JsonrpcPeer::send(const jsonrpc::Message& message) {
    LOG(log_, dbg, "{}: send {}", name(), message.describe());
    connection_.send(message);
    flush();
}

void JsonrpcPeer::send_shared(SharedText part) {
    if (part->size() < slice) return send_text(*part);
    queue_output();
    queue(std::move(part));
}

void JsonrpcPeer::flush() {
    if (!parts_.empty()) {
        queue_output();
        std::ignore = feed();
    } else if (!connection_.output().empty()) {
        stream_->send(connection_.output());
        connection_.output().clear();
    }
}

void JsonrpcPeer::queue_output() {
    if (connection_.output().empty()) return;
    queue(std::make_shared<const std::string>(std::exchange(connection_.output(), {})));
}

void JsonrpcPeer::queue(SharedText part) {
    parts_bytes_ += part->size();
    parts_.push_back(std::move(part));
}

/// Writes what the stream takes, but no more than others can wait for; true once nothing is left.
bool JsonrpcPeer::feed() {
    for (int n = 0; n < slices_per_turn && !parts_.empty() && stream_->backlog() == 0; ++n) {
        const std::string_view now = std::string_view(*parts_.front()).substr(fed_, slice);
        stream_->send(now);
        parts_bytes_ -= now.size();
        fed_ += now.size();
        if (fed_ < parts_.front()->size()) continue;
        parts_.pop_front();
        fed_ = 0;
    }
    if (backlog() == 0) return true;
    if (stream_->backlog() == 0 && !std::exchange(will_feed_, true))
        loop_.post([this, alive = alive_] {
            if (!*alive) return;
            will_feed_ = false;
            on_drained();
        });
    return false;
}

void JsonrpcPeer::on_drained() {
    if (feed() && events_.drained) events_.drained();  // may destroy this
}

void JsonrpcPeer::hold(bool held) {
    if (held_ == held) return;
    held_ = held;
    stream_->hold(held);
    if (!held && connection_.unparsed() > 0)
        loop_.post([this, alive = alive_] {
            if (*alive) hand_over();
        });
}

void JsonrpcPeer::set_probe_interval(Duration interval) {
    connection_.set_probe_interval(interval);
    timer_.at(connection_.deadline());
}

void JsonrpcPeer::on_timer() {
    connection_.tick(loop_.now());
    flush();
    if (connection_.failure()) return close(Error{*connection_.failure(), ETIMEDOUT});
    timer_.at(connection_.deadline());
}

void JsonrpcPeer::close(const Error& error) {
    timer_.cancel();
    if (!events_.closed) return;
    const Error reason = error;  // the callback may destroy what holds it
    std::exchange(events_.closed, nullptr)(reason);
}

}  // namespace weft::net
