// SPDX-License-Identifier: Apache-2.0
#include "bridge/openflow_remote.h"

#include <algorithm>

namespace weft::bridge {
namespace {

using State = Reconnect::State;

constexpr Duration listen_interval = 1s;  // a port that is taken or keys that lack may be there later

std::string seconds(Duration d) { return std::to_string(std::max<int64_t>(to_ms(d), 0) / 1000); }

std::string_view state_name(State state) {
    switch (state) {
        case State::stopped:
            return "VOID";
        case State::waiting:
            return "BACKOFF";
        case State::connecting:
            return "CONNECTING";
        case State::connected:
            return "ACTIVE";
    }
    return "VOID";
}

std::string role_name(openflow::Role role) {
    switch (role) {
        case openflow::Role::primary:
            return "master";
        case openflow::Role::secondary:
            return "slave";
        default:
            return "other";
    }
}

void add_counters(StringMap& status, const std::string& kind, const openflow::PacketInQueue::Counters& c) {
    status["packet-in-" + kind + "-backlog"] = std::to_string(c.backlog);
    status["packet-in-" + kind + "-bypassed"] = std::to_string(c.bypassed);
    status["packet-in-" + kind + "-queued"] = std::to_string(c.queued);
    status["packet-in-" + kind + "-dropped"] = std::to_string(c.dropped);
}

}  // namespace

OpenflowRemote::OpenflowRemote(OpenflowContext& context, Settings settings)
    : context_(context),
      settings_(std::move(settings)),
      reconnect_({.backoff_max = settings_.backoff_max}),
      timer_(context.loop, [this] { try_connect(); }),
      last_connected_(context.loop.now()) {
    if (!settings_.refused.empty()) {
        last_error_ = settings_.refused;
        LOG(context_.log, err, "{}: {}: {}", context_.bridge, settings_.target, last_error_);
        return;
    }
    auto name = net::ConnectionName::parse(settings_.target, net::openflow_port);
    if (!name) {
        last_error_ = name.error().message;
        LOG(context_.log, warn, "{}: {}: {}", context_.bridge, settings_.target, last_error_);
        return;
    }
    name_ = std::move(*name);
    if (name_->passive) {
        listen();
        return;
    }
    reconnect_.start(context_.loop.now());
    timer_.at(reconnect_.deadline());
}

openflow::Connection::Options OpenflowRemote::options(std::string name) const {
    auto o = settings_.connection;
    o.id = context_.manager.next_id();
    o.name = std::move(name);
    o.service = !is_active();
    return o;
}

bool OpenflowRemote::is_connected() const {
    return reconnect_.state() == State::connected || !accepted_.empty();
}

void OpenflowRemote::listen() {
    auto listener = context_.transport.listen(*name_, [this](auto stream) { accept(std::move(stream)); });
    if (!listener) {
        const std::string& reason = listener.error().message;
        if (std::exchange(last_error_, reason) != reason)
            LOG(context_.log, err, "{}: cannot listen on {}: {}", context_.bridge, settings_.target, reason);
        return timer_.after(listen_interval);
    }
    last_error_.clear();
    listener_ = std::move(*listener);
}

void OpenflowRemote::accept(std::unique_ptr<net::Stream> stream) {
    auto o = options(context_.bridge + "<->" + stream->name());
    o.probe = 0s;
    const auto it = accepted_.emplace(accepted_.end());
    *it = std::make_unique<OpenflowSession>(
        context_.loop, std::move(stream), std::move(o), context_.manager, context_.of_switch,
        OpenflowSession::Events{.closed = [this, it](const std::string&) { accepted_.erase(it); },
                                .worked = context_.worked});
}

void OpenflowRemote::try_connect() {
    if (name_->passive) return listen();
    const Time now = context_.loop.now();
    if (reconnect_.state() == State::connecting) return lost("Connection timed out");
    if (!reconnect_.due(now)) return timer_.at(reconnect_.deadline());
    LOG(context_.log, info, "{}<->{}: connecting...", context_.bridge, settings_.target);
    reconnect_.connecting(now);
    auto stream = context_.transport.connect(*name_);
    if (!stream) return lost(net::reason_of(stream.error()));
    timer_.at(reconnect_.deadline());
    session_ = std::make_unique<OpenflowSession>(
        context_.loop, std::move(*stream), options(context_.bridge + "<->" + settings_.target),
        context_.manager, context_.of_switch,
        OpenflowSession::Events{.connected =
                                    [this] {
                                        LOG(context_.log, info, "{}<->{}: connected", context_.bridge,
                                            settings_.target);
                                        reconnect_.connected(context_.loop.now());
                                        timer_.cancel();
                                        last_error_.clear();
                                        connected_at_ = context_.loop.now();
                                    },
                                .closed = [this](const std::string& reason) { lost(reason); },
                                .worked = context_.worked});
}

void OpenflowRemote::lost(const std::string& reason) {
    const Time now = context_.loop.now();
    if (reconnect_.state() == State::connected) {
        last_connected_ = now;
        disconnected_at_ = now;
        LOG(context_.log, info, "{}<->{}: connection dropped ({})", context_.bridge, settings_.target,
            reason);
    } else {
        LOG(context_.log, info, "{}<->{}: connection attempt failed ({})", context_.bridge, settings_.target,
            reason);
    }
    last_error_ = reason;
    reconnect_.failed(now);
    timer_.at(reconnect_.deadline());
    if (context_.worked) context_.worked();
    session_.reset();  // its call that led here is over with this
}

void OpenflowRemote::reconfigure(Settings settings) {
    settings_ = std::move(settings);
    reconnect_.set_backoff_max(settings_.backoff_max);
    if (session_) session_->reconfigure(settings_.connection);
}

void OpenflowRemote::reconnect() {
    if (name_ && is_active() && reconnect_.state() == State::connected) lost("reconnect was asked for");
}

void OpenflowRemote::flush() {
    if (session_) session_->flush();
    for (auto& s : accepted_) s->flush();
}

void OpenflowRemote::forward(ByteSpan message) {
    for (auto& s : accepted_) s->forward(message);
}

ControllerStatus OpenflowRemote::status(Time now) const {
    ControllerStatus s;
    s.is_connected = is_connected();
    const OpenflowSession* one = session_            ? session_.get()
                                 : accepted_.empty() ? nullptr
                                                     : accepted_.front().get();
    if (s.is_connected && one) s.role = role_name(one->connection().role());
    if (!last_error_.empty()) s.status["last_error"] = last_error_;
    if (!is_active() || !name_) return s;
    const bool idle = s.is_connected && one && one->connection().is_probing();
    s.status["state"] = idle ? "IDLE" : state_name(reconnect_.state());
    if (connected_at_) s.status["sec_since_connect"] = seconds(now - *connected_at_);
    if (disconnected_at_) s.status["sec_since_disconnect"] = seconds(now - *disconnected_at_);
    if (one && one->connection().packet_ins().limited()) {
        const auto& queue = one->connection().packet_ins();
        add_counters(s.status, "miss", queue.counters(openflow::PacketInQueue::Kind::miss));
        add_counters(s.status, "action", queue.counters(openflow::PacketInQueue::Kind::action));
    }
    return s;
}

}  // namespace weft::bridge
