// SPDX-License-Identifier: Apache-2.0
#include "net/ovsdb_client.h"

#include <cerrno>
#include <cstring>

#include "obs/heap.h"

namespace weft::net {
Result<std::unique_ptr<OvsdbClient>> OvsdbClient::open(loop::Loop& loop, Transport& transport,
                                                       Options options) {
    auto remotes = TRY(ConnectionName::parse_list(options.remotes, ovsdb_port));
    for (ConnectionName& remote : remotes) remote.dscp = options.dscp;
    return std::unique_ptr<OvsdbClient>(
        new OvsdbClient(loop, transport, std::move(options), std::move(remotes)));
}

OvsdbClient::OvsdbClient(loop::Loop& loop, Transport& transport, Options options,
                         std::vector<ConnectionName> remotes)
    : loop_(loop),
      transport_(transport),
      options_(std::move(options)),
      remotes_(std::move(remotes)),
      reconnect_log_(options_.log.sibling("reconnect")),
      session_log_(options_.log.sibling("ovsdb_cs")),
      reconnect_({.backoff_max = options_.backoff_max, .remotes = remotes_.size()}),
      session_(options_.interest),
      timer_(loop, [this] { on_timer(); }) {
    reconnect_.start(loop_.now());
    timer_.at(reconnect_.deadline());
}

OvsdbClient::~OvsdbClient() { *alive_ = false; }

void OvsdbClient::on_timer() {
    if (reconnect_.state() == Reconnect::State::connecting) {
        lost(Error{"the attempt timed out", ETIMEDOUT});
    } else {
        connect();
    }
    timer_.at(reconnect_.deadline());
}

void OvsdbClient::connect() {
    if (logs_attempts_)
        LOG(reconnect_log_, info, "{}: {}...", remote().text, remote().passive ? "listening" : "connecting");
    reconnect_.connecting(loop_.now());
    if (remote().passive) {
        auto listener = transport_.listen(remote(), [this](std::unique_ptr<Stream> stream) {
            listener_.reset();
            LOG(reconnect_log_, info, "{}: connected", remote().text);
            start_session(std::move(stream));
            reconnect_.connected(loop_.now());
            timer_.cancel();
            session_.connected();
            exchange();
        });
        if (!listener) return lost(listener.error());
        listener_ = std::move(*listener);
        reconnect_.listening();
        return;
    }
    auto stream = transport_.connect(remote());
    if (!stream) return lost(stream.error());
    start_session(std::move(*stream));
}

void OvsdbClient::start_session(std::unique_ptr<Stream> stream) {
    const bool is_local = remote().kind == ConnectionName::Kind::unix_socket;
    peer_ = std::make_unique<JsonrpcPeer>(
        loop_, std::move(stream),
        JsonrpcPeer::Options{
            .connection = {.probe_interval = is_local ? Duration{} : options_.probe_interval},
            .log = options_.log.sibling("jsonrpc")},
        JsonrpcPeer::Events{.connected =
                                [this] {
                                    LOG(reconnect_log_, info, "{}: connected", remote().text);
                                    logs_attempts_ = true;
                                    reconnect_.connected(loop_.now());
                                    timer_.cancel();
                                    session_.connected();
                                    exchange();
                                },
                            .received =
                                [this](jsonrpc::Message message) {
                                    const obs::HeapScope heap(obs::HeapUse::database);
                                    session_.receive(std::move(message));
                                    exchange();
                                },
                            .closed = [this](const Error& error) { lost(error); }});
}

void OvsdbClient::lost(const Error& error) {
    using State = Reconnect::State;
    const bool was_up = reconnect_.state() == State::connected;
    if (was_up && error.code == 0)
        LOG(reconnect_log_, info, "{}: {}", remote().text, error.message);
    else if (was_up)
        LOG(reconnect_log_, info, "{}: connection dropped ({})", remote().text, reason_of(error));
    else if (logs_attempts_)
        LOG(reconnect_log_, info, "{}: connection attempt failed ({})", remote().text, reason_of(error));

    tell_trouble(was_up && session_.failure() ? *session_.failure() : error.message);
    reconnect_.failed(loop_.now());
    if (logs_attempts_ && reconnect_.backoff() >= options_.backoff_max) {
        LOG(reconnect_log_, info,
            "{}: continuing to reconnect in the background but suppressing further logging", remote().text);
        logs_attempts_ = false;
    } else if (logs_attempts_ && !was_up && reconnect_.backoff() > 1s && !reconnect_.due(loop_.now())) {
        LOG(reconnect_log_, info, "{}: waiting {} seconds before reconnect", remote().text,
            to_ms(reconnect_.backoff()) / 1000);
    }
    timer_.at(reconnect_.deadline());
    peer_.reset();
    listener_.reset();
    session_.disconnected();
    announce();
    if (on_lost_) on_lost_(error);
}

void OvsdbClient::exchange() {
    for (const auto& note : session_.take_notes()) {
        LOG(session_log_, info, "{}: {}", remote().text, note);
        tell_trouble(note);
    }
    if (peer_)
        for (const auto& message : session_.take_output()) peer_->send(message);
    announce();
    if (!session_.failure()) return;
    // Not from within the peer's own call.
    loop_.post([this, alive = alive_] {
        if (!*alive || !peer_ || !session_.failure()) return;
        LOG(session_log_, info, "{}: {}", remote().text, *session_.failure());
        lost(Error{"connection closed by client", 0});
    });
}

void OvsdbClient::tell_trouble(const std::string& what) {
    const std::string prefix = remote().text + ": ";
    if (on_trouble_) on_trouble_(what.starts_with(prefix) ? what : prefix + what);
}

void OvsdbClient::announce() {
    if (announcing_ || session_.change_count() == announced_) return;
    announcing_ = true;
    loop_.post([this, alive = alive_] {
        if (!*alive) return;
        announcing_ = false;
        announced_ = session_.change_count();
        if (changed_) changed_();
    });
}

void OvsdbClient::commit(ovsdb::client::Txn txn,
                         std::move_only_function<void(const ovsdb::client::Outcome&)> done) {
    // The session may answer at once; the caller is promised a call from the loop.
    session_.commit(std::move(txn),
                    [this, done = std::move(done)](const ovsdb::client::Outcome& outcome) mutable {
                        loop_.post([alive = alive_, done = std::move(done), outcome]() mutable {
                            if (*alive) done(outcome);
                        });
                    });
    exchange();
}

void OvsdbClient::forward(codec::JsonArray params,
                          std::move_only_function<void(const jsonrpc::Message&)> done) {
    session_.forward(std::move(params),
                     [this, done = std::move(done)](const jsonrpc::Message& answer) mutable {
                         loop_.post([alive = alive_, done = std::move(done), answer]() mutable {
                             if (*alive) done(answer);
                         });
                     });
    exchange();
}

void OvsdbClient::set_condition(const std::string& table, codec::JsonArray where) {
    session_.set_condition(table, std::move(where));
    exchange();
}

void OvsdbClient::set_lock(std::string name) {
    session_.set_lock(std::move(name));
    exchange();
}

void OvsdbClient::set_probe_interval(Duration interval) {
    options_.probe_interval = interval;
    if (peer_ && remote().kind != ConnectionName::Kind::unix_socket) peer_->set_probe_interval(interval);
}

void OvsdbClient::force_reconnect() {
    if (peer_) lost(Error{"connection closed by client", 0});
}

}  // namespace weft::net
