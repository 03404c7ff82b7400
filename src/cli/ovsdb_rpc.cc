// SPDX-License-Identifier: Apache-2.0
#include "cli/ovsdb_rpc.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/prng.h"
#include "codec/json_text.h"
#include "net/connection_name.h"

namespace weft::cli {

using codec::Json;
using jsonrpc::Message;

std::string reason_of(const Error& error) { return error.code ? std::strerror(error.code) : error.message; }

Result<std::unique_ptr<OvsdbRpc>> OvsdbRpc::connect(loop::Loop& loop, net::Transport& transport,
                                                    const std::string& servers, Options options) {
    std::vector<std::string> names;
    for (size_t at = 0; at <= servers.size();) {
        const size_t comma = std::min(servers.find(',', at), servers.size());
        if (comma > at) names.push_back(servers.substr(at, comma - at));
        at = comma + 1;
    }
    if (names.size() != 1) return connect_any(loop, transport, std::move(names), options);
    auto rpc = connect_one(loop, transport, servers, options);
    if (rpc || options.log_attempts) return rpc;
    const bool never_tried = rpc.error().code == EAFNOSUPPORT || servers.starts_with('p');
    return fail("failed to connect " + std::string(never_tried ? "or listen " : "") + "to \"" + servers +
                    "\" (" + reason_of(rpc.error()) + ")",
                rpc.error().code);
}

Result<std::unique_ptr<OvsdbRpc>> OvsdbRpc::connect_any(loop::Loop& loop, net::Transport& transport,
                                                        std::vector<std::string> servers,
                                                        const Options& options) {
    Prng prng(options.seed);
    std::ranges::shuffle(servers, prng);
    Options each = options;
    each.log_attempts = true;
    for (const auto& server : servers) {
        auto rpc = connect_one(loop, transport, server, each);
        if (rpc && (options.leader_of.empty() || (*rpc)->leads(options.leader_of))) return rpc;
    }
    return fail("no servers were available");
}

Result<std::unique_ptr<OvsdbRpc>> OvsdbRpc::connect_one(loop::Loop& loop, net::Transport& transport,
                                                        const std::string& server, const Options& options) {
    const auto log = options.log_attempts ? options.log.sibling("reconnect") : obs::LogModule{};
    const auto failed = [&](const Error& error) {
        LOG(log, info, "{}: connection attempt failed ({})", server, reason_of(error));
        return std::unexpected(error);
    };
    LOG(log, info, "{}: connecting...", server);
    const auto name = net::ConnectionName::parse(server, net::ovsdb_port);
    if (!name) {
        LOG(options.log.sibling("stream"), err, "{}", name.error().message);
        return failed(name.error());
    }
    std::unique_ptr<OvsdbRpc> self(new OvsdbRpc(loop, server));
    if (name->passive) {
        auto listener = transport.listen(
            *name, [rpc = self.get(), log = options.log](std::unique_ptr<net::Stream> stream) {
                rpc->use(std::move(stream), log);
                rpc->connected_ = true;
                rpc->loop_.stop();
            });
        if (!listener) return failed(listener.error());
        self->listener_ = std::move(*listener);
    } else {
        auto stream = transport.connect(*name);
        if (!stream) return failed(stream.error());
        self->use(std::move(*stream), options.log);
    }
    loop.run();
    self->listener_.reset();
    if (self->closed_) return failed(*self->closed_);
    if (!self->connected_) return failed(Error{"interrupted", EINTR});
    LOG(log, info, "{}: connected", server);
    return self;
}

void OvsdbRpc::use(std::unique_ptr<net::Stream> stream, obs::LogModule log) {
    peer_ = std::make_unique<net::JsonrpcPeer>(
        loop_, std::move(stream), net::JsonrpcPeer::Options{.log = log.sibling("jsonrpc")},
        net::JsonrpcPeer::Events{.connected =
                                     [this] {
                                         connected_ = true;
                                         loop_.stop();
                                     },
                                 .received =
                                     [this](Message message) {
                                         received_.push_back(std::move(message));
                                         loop_.stop();
                                     },
                                 .closed =
                                     [this](const Error& error) {
                                         closed_ = error;
                                         loop_.stop();
                                     }});
}

Json OvsdbRpc::send(std::string method, codec::JsonArray params) {
    const Json id = next_id_++;
    peer_->send(Message::request(std::move(method), std::move(params), id));
    return id;
}

Result<std::optional<Message>> OvsdbRpc::next() {
    if (received_.empty() && !closed_) loop_.run();
    if (!received_.empty()) {
        Message out = std::move(received_.front());
        received_.erase(received_.begin());
        return out;
    }
    if (closed_) return fail(closed_->code ? reason_of(*closed_) : "End of file", closed_->code);
    return std::nullopt;
}

Result<Message> OvsdbRpc::call(std::string method, codec::JsonArray params) {
    const Json id = send(std::move(method), std::move(params));
    std::vector<Message> others;
    for (;;) {
        auto message = TRY(next());
        if (!message) return fail("interrupted", EINTR);
        const bool is_answer = message->kind == Message::Kind::reply || message->kind == Message::Kind::error;
        if (is_answer && message->id == id) {
            received_.insert(received_.begin(), others.begin(), others.end());
            return std::move(*message);
        }
        others.push_back(std::move(*message));
    }
}

Result<Json> OvsdbRpc::ask(std::string method, codec::JsonArray params) {
    auto reply = call(method, std::move(params));
    if (!reply) return fail("transaction failed (" + reply.error().message + ")", reply.error().code);
    if (reply->kind == Message::Kind::error)
        return fail("transaction returned error: " + codec::format_json(reply->result));
    return std::move(reply->result);
}

/// A server that does not tell of clusters has none.
bool OvsdbRpc::leads(const std::string& database) {
    const Json select = Json::object({{"op", "select"},
                                      {"table", "Database"},
                                      {"where", Json::array({Json::array({"name", "==", database})})},
                                      {"columns", Json::array({"leader", "connected"})}});
    const auto results = ask("transact", {"_Server", select});
    const auto* first =
        results && results->array() && !results->array()->empty() ? &results->array()->front() : nullptr;
    const auto* rows = first && first->find("rows") ? first->find("rows")->array() : nullptr;
    if (!rows || rows->empty()) return true;
    const auto* leader = rows->front().find("leader");
    return !leader || *leader != Json(false);
}

}  // namespace weft::cli
