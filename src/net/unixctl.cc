// SPDX-License-Identifier: Apache-2.0
#include "net/unixctl.h"

#include <algorithm>
#include <vector>

#include "codec/json_text.h"

namespace weft::net {
namespace {

/// The parameters of a command, which must be strings.
Result<std::vector<std::string>> args_of(const jsonrpc::JsonArray& params) {
    std::vector<std::string> args;
    for (const auto& param : params) {
        const auto* text = param.string();
        if (!text) return fail("command has non-string argument");
        args.push_back(*text);
    }
    return args;
}

}  // namespace

struct Unixctl::Client : std::enable_shared_from_this<Client> {
    std::unique_ptr<JsonrpcPeer> peer;
};

Unixctl::Unixctl(loop::Loop& loop, obs::CommandTable& commands, Options options)
    : loop_(loop), commands_(commands), options_(options), log_(options.log.sibling("unixctl")) {}

Unixctl::~Unixctl() = default;

Result<> Unixctl::listen(Transport& transport, const ConnectionName& at) {
    listener_ =
        TRY(transport.listen(at, [this](std::unique_ptr<Stream> stream) { accept(std::move(stream)); }));
    return {};
}

bool Unixctl::drained() const {
    return std::ranges::all_of(clients_, [](const auto& client) { return client->peer->backlog() == 0; });
}

void Unixctl::accept(std::unique_ptr<Stream> stream) {
    clients_.push_back(std::make_shared<Client>());
    const auto place = std::prev(clients_.end());
    Client& client = **place;
    client.peer = std::make_unique<JsonrpcPeer>(
        loop_, std::move(stream),
        JsonrpcPeer::Options{.connection = {.limits = {.max_depth = 32}},
                             .log = options_.log.sibling("jsonrpc")},
        JsonrpcPeer::Events{
            .received = [this, &client](jsonrpc::Message message) { serve(client, std::move(message)); },
            .closed =
                [this, place](const Error& error) {
                    if (error.code != 0) LOG(log_, warn, "{}: {}", (*place)->peer->name(), error.message);
                    clients_.erase(place);
                }});
}

void Unixctl::serve(Client& client, jsonrpc::Message message) {
    if (message.kind != jsonrpc::Message::Kind::request) {
        LOG(log_, warn, "{}: received unexpected {}", client.peer->name(), message.describe());
        return;
    }
    if (options_.received) options_.received->add();
    LOG(log_, dbg, "received request {}{}, id={}", message.method, codec::format_json(message.params),
        codec::format_json(message.id));
    client.peer->hold(true);  // until this one is answered
    obs::CommandReply reply(
        [this, weak = client.weak_from_this(), id = message.id](Result<std::string> text) {
            if (const auto here = weak.lock()) answer(*here, id, std::move(text));
        });
    const auto args = args_of(message.params);
    if (!args) return reply(std::unexpected(args.error()));
    commands_.execute(message.method, *args, std::move(reply));
}

void Unixctl::answer(Client& client, const codec::Json& id, Result<std::string> text) {
    if (options_.replied) options_.replied->add();
    std::string body = text ? std::move(*text) : std::move(text.error().message);
    LOG(log_, dbg, "replying with {}, id={}: \"{}\"", text ? "success" : "error", codec::format_json(id),
        body);
    if (!body.empty() && !body.ends_with('\n')) body += '\n';
    client.peer->send(text ? jsonrpc::Message::reply(std::move(body), id)
                           : jsonrpc::Message::error(std::move(body), id));
    client.peer->hold(false);
}

}  // namespace weft::net
