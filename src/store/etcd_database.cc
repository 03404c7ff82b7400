// SPDX-License-Identifier: Apache-2.0
#include "store/etcd_database.h"

#include <fmt/format.h>

#include "codec/json_text.h"
#include "store/etcd_state.h"

namespace weft::store::etcd {

EtcdDatabase::EtcdDatabase(loop::Loop& loop, ovsdb::Server& server, std::unique_ptr<Client> client,
                           DatabaseOptions options, Duration patience, Opened opened)
    : loop_(loop),
      server_(server),
      client_(std::move(client)),
      options_(std::move(options)),
      prng_(options_.seed),
      sid_(Uuid::random(prng_)),
      opened_(std::move(opened)),
      open_until_(loop.now() + patience),
      retry_load_(loop, [this] { load(); }),
      retry_watch_(loop, [this] { watch(); }),
      retry_send_(loop, [this] { send(); }),
      retry_head_(loop, [this] { read_head(); }),
      lease_timer_(loop, [this] { keep_lease(); }),
      expiry_timer_(loop, [this] { changed(); }) {
    load();
}

EtcdDatabase::~EtcdDatabase() { *alive_ = false; }

ovsdb::Cluster::State EtcdDatabase::state() const {
    const bool connected = is_lease_valid() && !loading_ && complaint_.empty();
    return {.connected = connected,
            .leader = connected && holds_key("leader"),
            .cid = keys_.base.cid,
            .sid = sid_,
            .index = index_};
}

int64_t EtcdDatabase::date_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(loop_.clock().since_1970()).count();
}

std::string EtcdDatabase::complaint() const {
    if (!complaint_.empty() || is_lease_valid()) return complaint_;
    return client_->endpoint() + ": etcd has not answered for " + std::to_string(options_.lease.count()) +
           " s";
}

std::string EtcdDatabase::storage_status() const {
    const std::string why = complaint();
    return !why.empty() ? why : !refusal_.empty() ? refusal_ : "ok";
}

void EtcdDatabase::complain(std::string why) {
    if (why == complaint_) return;
    if (!why.empty()) LOG(options_.log, err, "{}: {}", name_.empty() ? options_.prefix : name_, why);
    complaint_ = std::move(why);
}

void EtcdDatabase::changed() {
    const bool connected = state().connected;
    if (connected != was_connected_)
        LOG(options_.log, info, "{}: {}", name_,
            connected ? "connected to etcd at " + client_->endpoint()
                      : "disconnected from etcd (" + complaint() + ")");
    was_connected_ = connected;
    if (!connected) pending_.reset();
    if (!name_.empty()) server_.cluster_changed(name_, loop_.now());
    if (connected && !pending_ && holds_key("writer")) give_key("writer");
    send();
    read_head();
    if (connected) opened({});
    options_.pump();
}

void EtcdDatabase::opened(Result<> result) {
    if (!opened_) return;
    loop_.post([tell = std::exchange(opened_, nullptr), result = std::move(result)]() mutable {
        tell(std::move(result));
    });
}

std::string EtcdDatabase::status() const {
    const State now = state();
    const auto leader = keys_.holders.find("leader");
    const std::string leader_sid =
        leader == keys_.holders.end() ? "unknown" : leader->second.value.substr(0, 36);
    std::string out = fmt::format(
        "{}\nName: {}\nCluster ID: {}\nServer ID: {}\nAddress: etcd://{}{}\nStatus: {}\nRole: {}\nLeader: "
        "{}\n",
        now.sid.to_string().substr(0, 4), name_, now.cid.to_string(), now.sid.to_string(),
        client_->endpoint(), options_.prefix.substr(0, options_.prefix.size() - 1),
        now.connected ? "cluster member" : "disconnected from etcd", now.leader ? "leader" : "follower",
        now.leader ? "self" : leader_sid);
    out += fmt::format("Log: [{}, {}]\nEntries not yet committed: {}\n", keys_.base.index, now.index,
                       pending_ ? 1 : 0);
    out += "Servers:\n";
    for (const auto& [sid, about] : keys_.servers)
        out += fmt::format("    {} ({}){}\n", sid, about, sid == now.sid.to_string() ? " (self)" : "");
    if (!now.connected) out += "Error: " + complaint() + "\n";
    if (!refusal_.empty()) out += "Last refusal: " + refusal_ + "\n";
    return out;
}

codec::Json EtcdDatabase::status_json() const {
    const State now = state();
    codec::JsonArray servers;
    for (const auto& [sid, about] : keys_.servers)
        servers.push_back(codec::Json::object({{"about", about}, {"sid", sid}}));
    return codec::Json::object({{"cid", now.cid.to_string()},
                                {"connected", now.connected},
                                {"error", complaint()},
                                {"index", static_cast<int64_t>(now.index)},
                                {"leader", now.leader},
                                {"name", name_},
                                {"refusal", refusal_},
                                {"servers", std::move(servers)},
                                {"sid", now.sid.to_string()},
                                {"snapshot", static_cast<int64_t>(keys_.base.index)}});
}

}  // namespace weft::store::etcd
