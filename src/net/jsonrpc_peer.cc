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
    const auto alive = alive_;
    const Time end = loop_.now() + time_per_turn;
    int left = messages_per_turn;
    while (!held_) {
        auto message = connection_.next(left);
        if (!message) break;
        LOG(log_, dbg, "{}: received {}", name(), message->describe());
        events_.received(std::move(*message));
        if (!*alive) return;
        if (loop_.now() >= end) left = 0;
    }
    flush();  // the peer can go on while the rest is worked on
    timer_.at(connection_.deadline());
    if (connection_.failure()) return close(Error{*connection_.failure(), EPROTO});
    go_on();
}

/// Reads on, or hands over the rest of what was read when others had their turn.
void JsonrpcPeer::go_on() {
    const bool has_more = connection_.unparsed() > 0;
    const bool reads = !held_ && !has_more;
    if (reads != is_reading_) stream_->hold(!reads);
    is_reading_ = reads;
    if (held_ || !has_more || std::exchange(has_turn_, true)) return;
    loop_.post([this, alive = alive_] {
        if (!*alive) return;
        has_turn_ = false;
        connection_.receive({}, loop_.now());  // a peer is not silent because its requests take long
        hand_over();
    });
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
    go_on();
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
    std::exchange(events_.closed, nullptr)(Error(error));  // the callback may destroy what holds it
}

}  // namespace weft::net
