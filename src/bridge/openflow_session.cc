// SPDX-License-Identifier: Apache-2.0
#include "bridge/openflow_session.h"

#include <utility>

#include "obs/heap.h"

namespace weft::bridge {

OpenflowSession::OpenflowSession(loop::Loop& loop, std::unique_ptr<net::Stream> stream,
                                 openflow::Connection::Options options, openflow::Connmgr& manager,
                                 openflow::Switch& of_switch, Events events)
    : loop_(loop),
      stream_(std::move(stream)),
      connection_(std::move(options), manager, of_switch, loop.now()),
      events_(std::move(events)),
      timer_(loop, [this] { serve(); }) {
    stream_->start({.connected =
                        [this] {
                            if (events_.connected) events_.connected();
                        },
                    .received =
                        [this](std::string_view bytes) {
                            const obs::HeapScope heap(obs::HeapUse::openflow);
                            connection_.receive(as_bytes(bytes), loop_.now());
                            serve();
                        },
                    .drained = [this] { serve(); },
                    .closed = [this](const Error& error) { close(net::reason_of(error)); }});
    flush();
}

void OpenflowSession::serve() {
    const obs::HeapScope heap(obs::HeapUse::openflow);
    const auto alive = alive_;
    has_more_ = connection_.run(loop_.now(), stream_->backlog());
    if (events_.worked) events_.worked();
    if (!*alive) return;
    flush();
    if (connection_.state() == openflow::Connection::State::closed) close(connection_.close_reason());
}

void OpenflowSession::flush() {
    if (connection_.has_output()) stream_->send(as_chars(connection_.take_output()));
    connection_.set_backlog(stream_->backlog());
    stream_->hold(!connection_.wants_input());
    // The next turn: others first. Requests may have waited for room that is there now.
    const bool more = has_more_ || connection_.can_serve();
    timer_.at(more ? loop_.now() : connection_.next_deadline());
}

void OpenflowSession::close(const std::string& reason) {
    timer_.cancel();
    if (events_.closed) std::exchange(events_.closed, nullptr)(std::string(reason));
}

void OpenflowSession::reconfigure(const openflow::Connection::Options& options) {
    connection_.reconfigure(options);
    timer_.at(connection_.next_deadline());
}

}  // namespace weft::bridge
