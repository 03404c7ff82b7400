// SPDX-License-Identifier: Apache-2.0
#include "net/ovsdb_follower.h"

#include <utility>

namespace weft::net {

OvsdbFollower::OvsdbFollower(loop::Loop& loop, ovsdb::Server& server, OvsdbSessions& sessions,
                             Options options)
    : loop_(loop), server_(server), sessions_(sessions), options_(std::move(options)) {}

Result<std::unique_ptr<OvsdbFollower>> OvsdbFollower::open(loop::Loop& loop, Transport& transport,
                                                           ovsdb::Server& server, OvsdbSessions& sessions,
                                                           Options options) {
    const bool is_relay = options.kind == Kind::relay;
    ovsdb::client::Interest interest{.database = options.database, .leader_only = !is_relay};
    if (!options.own.empty())
        for (const auto& table : server.database(options.database)->schema().tables)
            if (!options.own.contains(table.name)) interest.tables.push_back({.table = table.name});
    std::unique_ptr<OvsdbFollower> out(new OvsdbFollower(loop, server, sessions, std::move(options)));
    out->client_ = TRY(OvsdbClient::open(loop, transport,
                                         {.remotes = out->options_.remotes,
                                          .interest = std::move(interest),
                                          .probe_interval = out->options_.probe_interval,
                                          .backoff_max = out->options_.max_backoff,
                                          .dscp = out->options_.dscp,
                                          .log = out->options_.log}));
    out->client_->on_change([follower = out.get()] { follower->follow(); });
    if (is_relay) TRY(server.add_relay(out->options_.database, *out));
    return out;
}

OvsdbFollower::~OvsdbFollower() {
    if (options_.kind == Kind::backup) server_.stop_following(options_.database);
}

void OvsdbFollower::follow() {
    std::string complaint;
    if (client_->is_synchronized()) {
        const auto done =
            server_.follow(options_.database, client_->view().snapshot(), options_.own, loop_.now());
        if (!done) complaint = done.error().message;
    }
    if (complaint != complaint_ && !complaint.empty())
        LOG(options_.log, err, "{}: {}", options_.database, complaint);
    complaint_ = std::move(complaint);
    if (options_.kind == Kind::relay) server_.source_changed(options_.database);
    sessions_.pump();
}

void OvsdbFollower::forward(codec::JsonArray params,
                            std::move_only_function<void(const jsonrpc::Message&)> done) {
    client_->forward(std::move(params),
                     [this, done = std::move(done)](const jsonrpc::Message& answer) mutable {
                         done(answer);
                         sessions_.pump();
                     });
}

}  // namespace weft::net
