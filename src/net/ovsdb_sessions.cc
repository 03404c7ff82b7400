// SPDX-License-Identifier: Apache-2.0
#include "net/ovsdb_sessions.h"

namespace weft::net {
namespace {

constexpr size_t max_backlog = 1 << 20;  // bytes that may wait for a client before it is held up
constexpr Duration default_probe_interval = 5s, listen_interval = 1s;

}  // namespace

struct OvsdbSessions::Remote {
    std::string text;
    OvsdbRemoteOptions options;
    std::optional<ConnectionName> name;  ///< unset: not a name that can be opened
    std::unique_ptr<Listener> listener;
    std::optional<Reconnect> reconnect;  ///< of an active remote
    std::unique_ptr<loop::Timer> timer;
    std::set<ovsdb::SessionId> sessions;
    std::string last_error;
    std::optional<Time> connected_at, disconnected_at;
};

struct OvsdbSessions::Session {
    ovsdb::SessionId id;
    Remote* remote;  ///< null: deconfigured meanwhile
    std::unique_ptr<JsonrpcPeer> peer;
    bool connected = false;  ///< known to the server
    bool congested = false;
    bool closing = false;  ///< goes when all has left
};

OvsdbSessions::OvsdbSessions(loop::Loop& loop, Transport& transport, ovsdb::Server& server,
                             obs::LogModule log)
    : loop_(loop),
      transport_(transport),
      server_(server),
      log_(log.sibling("ovsdb_jsonrpc_server")),
      reconnect_log_(log.sibling("reconnect")),
      deadline_(loop, [this] {
          server_.tick(loop_.now());
          pump();
      }) {}

OvsdbSessions::~OvsdbSessions() {
    for (const auto& [id, session] : sessions_)
        if (session->connected) server_.close(id);
}

Duration OvsdbSessions::probe_interval(const Remote& remote) const {
    if (remote.options.probe_interval) return *remote.options.probe_interval;
    return remote.name->kind == ConnectionName::Kind::unix_socket ? Duration{} : default_probe_interval;
}

void OvsdbSessions::configure(const Remotes& remotes) {
    std::erase_if(remotes_, [&](auto& item) {
        Remote& remote = *item.second;
        // Packets get another class only on a socket made anew.
        if (const auto it = remotes.find(remote.text);
            it != remotes.end() && it->second.dscp == remote.options.dscp)
            return false;
        LOG(log_, info, "{}: remote deconfigured", remote.text);
        for (const auto id : std::set(remote.sessions)) end_session(id, "remote deconfigured");
        return true;
    });
    for (const auto& [text, options] : remotes) {
        auto& remote = remotes_[text];
        if (!remote) {
            remote = std::make_unique<Remote>();
            remote->text = text;
            remote->options = options;
            open(*remote);
        } else if (remote->options != options) {
            remote->options = options;
            if (remote->reconnect) remote->reconnect->set_backoff_max(options.max_backoff);
            for (const auto id : remote->sessions) {
                sessions_.at(id)->peer->set_probe_interval(probe_interval(*remote));
                if (!sessions_.at(id)->connected) continue;  // open() tells the server
                server_.set_read_only(id, options.read_only);
                server_.set_role(id, options.role);
            }
        }
    }
    pump();
}

void OvsdbSessions::open(Remote& remote) {
    auto name = ConnectionName::parse(remote.text, ovsdb_port);
    if (!name) {
        remote.last_error = reason_of(name.error());
        LOG(log_, err, "{}: {}", remote.text, name.error().message);
        return;
    }
    remote.name = std::move(*name);
    remote.name->dscp = remote.options.dscp;
    if (remote.name->passive) {
        remote.timer = std::make_unique<loop::Timer>(loop_, [this, &remote] { listen(remote); });
        return listen(remote);
    }
    remote.reconnect.emplace(Reconnect::Options{.backoff_max = remote.options.max_backoff});
    remote.timer = std::make_unique<loop::Timer>(loop_, [this, &remote] { on_timer(remote); });
    remote.reconnect->start(loop_.now());
    remote.timer->at(remote.reconnect->deadline());
}

void OvsdbSessions::listen(Remote& remote) {
    auto listener = transport_.listen(
        *remote.name, [this, &remote](auto stream) { start_session(remote, std::move(stream)); });
    if (listener) {
        remote.listener = std::move(*listener);
        remote.last_error.clear();
        return;
    }
    const std::string reason = reason_of(listener.error());
    if (std::exchange(remote.last_error, reason) != reason)
        LOG(log_, err, "{}: listen failed: {}", remote.text, reason);
    remote.timer->after(listen_interval);
}

void OvsdbSessions::on_timer(Remote& remote) {
    if (remote.reconnect->state() == Reconnect::State::connecting) {
        for (const auto id : std::set(remote.sessions)) end_session(id, "connection attempt timed out");
    } else {
        connect(remote);
    }
    remote.timer->at(remote.reconnect->deadline());
}

void OvsdbSessions::connect(Remote& remote) {
    LOG(reconnect_log_, info, "{}: connecting...", remote.text);
    remote.reconnect->connecting(loop_.now());
    auto stream = transport_.connect(*remote.name);
    if (stream) return start_session(remote, std::move(*stream));
    lost(remote, reason_of(stream.error()));
}

void OvsdbSessions::lost(Remote& remote, const std::string& reason) {
    remote.last_error = reason;
    if (!remote.reconnect) return;
    const bool was_connected = remote.reconnect->state() == Reconnect::State::connected;
    LOG(reconnect_log_, info, "{}: {} ({})", remote.text,
        was_connected ? "connection dropped" : "connection attempt failed", reason);
    remote.reconnect->failed(loop_.now());
    remote.timer->at(remote.reconnect->deadline());
}

void OvsdbSessions::start_session(Remote& remote, std::unique_ptr<Stream> stream) {
    const ovsdb::SessionId id = next_session_++;
    const std::string name = stream->name();
    auto& session =
        *(sessions_[id] = std::make_unique<Session>(Session{.id = id, .remote = &remote, .peer = nullptr}));
    remote.sessions.insert(id);
    const auto connected = [this, &remote, &session, name] {
        session.connected = true;
        remote.connected_at = loop_.now();
        if (remote.reconnect) {
            LOG(reconnect_log_, info, "{}: connected", remote.text);
            remote.reconnect->connected(loop_.now());
            remote.timer->cancel();
        }
        server_.open(session.id, {.name = name,
                                  .read_only = remote.options.read_only,
                                  .identity = {remote.options.role, session.peer->peer_id()}});
    };
    session.peer = std::make_unique<JsonrpcPeer>(
        loop_, std::move(stream),
        JsonrpcPeer::Options{.connection = {.probe_interval = probe_interval(remote)}, .log = log_},
        JsonrpcPeer::Events{.connected = connected,
                            .received =
                                [this, id](jsonrpc::Message message) {
                                    receiving_ = id;
                                    server_.receive(id, std::move(message), loop_.now());
                                    pump();
                                    receiving_ = 0;
                                },
                            .drained =
                                [this, id] {
                                    Session& s = *sessions_.at(id);
                                    if (s.closing) return end_session(id, "disconnecting");
                                    if (!s.congested) return;
                                    s.congested = false;
                                    s.peer->hold(false);
                                    server_.set_congested(id, false);
                                    pump();
                                },
                            .closed = [this, id](const Error& error) { end_session(id, reason_of(error)); }});
    if (!remote.reconnect) connected();
}

void OvsdbSessions::end_session(ovsdb::SessionId id, const std::string& reason) {
    const auto it = sessions_.find(id);
    if (it == sessions_.end()) return;
    const std::unique_ptr<Session> session = std::move(it->second);
    sessions_.erase(it);
    if (session->connected) server_.close(id);
    if (Remote* remote = session->remote) {
        remote->sessions.erase(id);
        if (session->connected) remote->disconnected_at = loop_.now();
        lost(*remote, reason);
    }
    if (receiving_ == id) receiving_ = 0;
    pump();  // a lock may have a new owner
}

void OvsdbSessions::reconnect() {
    std::vector<ovsdb::SessionId> all;
    all.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) all.push_back(id);
    for (const auto id : all) end_session(id, "forced reconnection");
}

void OvsdbSessions::close_when_drained(Session& session) {
    session.closing = true;
    session.peer->hold(true);
    session.peer->flush();
    if (session.peer->backlog() > 0) return;
    loop_.post([this, id = session.id] { end_session(id, "disconnecting"); });
}

void OvsdbSessions::check_backlog(Session& session) {
    if (session.congested || session.closing || session.peer->backlog() <= max_backlog) return;
    session.congested = true;
    session.peer->hold(true);
    server_.set_congested(session.id, true);
}

void OvsdbSessions::flush_touched() {
    for (const auto id : std::exchange(touched_, {})) {
        const auto it = sessions_.find(id);
        if (it == sessions_.end()) continue;
        it->second->peer->flush();
        check_backlog(*it->second);
    }
}

void OvsdbSessions::pump() {
    for (const ovsdb::Output& out : server_.take_output()) {
        const auto it = sessions_.find(out.session);
        if (it == sessions_.end() || it->second->closing) continue;
        Session& session = *it->second;
        if (out.close) {
            close_when_drained(session);
            continue;
        }
        session.peer->send_text(out.head);
        if (out.shared) session.peer->send_shared(out.shared);
        session.peer->send_text(out.tail);
        if (session.id == receiving_) continue;
        // Who asked gets its answer first: others that are woken earlier would take its core.
        if (touched_.empty() && receiving_) loop_.post([this] { flush_touched(); });
        touched_.insert(session.id);
    }
    if (!receiving_) flush_touched();
    if (const auto it = sessions_.find(receiving_); it != sessions_.end()) check_backlog(*it->second);
    deadline_.at(server_.deadline());
    if (after_pump_) after_pump_();
}

OvsdbRemoteStatus OvsdbSessions::status(const std::string& text) const {
    OvsdbRemoteStatus out;
    const auto it = remotes_.find(text);
    if (it == remotes_.end()) return out;
    const Remote& remote = *it->second;
    for (const auto id : remote.sessions) {
        if (!sessions_.at(id)->connected) continue;
        ++out.connections;
        for (const bool held : {true, false})
            for (std::string& lock : server_.locks_of(id, held))
                (held ? out.locks_held : out.locks_waiting).push_back(std::move(lock));
    }
    out.connected = out.connections > 0;
    if (remote.reconnect) {
        using State = Reconnect::State;
        const State state = remote.reconnect->state();
        out.state = state == State::connected    ? "ACTIVE"
                    : state == State::connecting ? "CONNECTING"
                    : state == State::waiting    ? "BACKOFF"
                                                 : "VOID";
    }
    if (remote.listener) out.bound_port = remote.listener->port();
    out.last_error = remote.last_error;
    out.connected_at = remote.connected_at;
    out.disconnected_at = remote.disconnected_at;
    return out;
}

}  // namespace weft::net
