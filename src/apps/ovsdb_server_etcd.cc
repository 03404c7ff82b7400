// SPDX-License-Identifier: Apache-2.0
#include "apps/ovsdb_server_etcd.h"

#include <algorithm>

#include "sys/process.h"

namespace weft::apps {
namespace {

constexpr Duration start_patience = 10s;  ///< for an etcd that cannot be reached

}  // namespace

EtcdDatabases::EtcdDatabases(cli::Daemon& daemon, ovsdb::Server& server, net::OvsdbSessions& sessions,
                             store::RunAside aside, cli::EtcdOptions options)
    : daemon_(daemon),
      server_(server),
      sessions_(sessions),
      aside_(std::move(aside)),
      options_(std::move(options)),
      log_(daemon.log("raft")) {
    add_commands();
}

void EtcdDatabases::add(const std::string& address, Added done) {
    const auto parsed = store::etcd::parse_address(address);
    if (!parsed) return done(std::unexpected(parsed.error()));
    auto client = cli::etcd_client(options_, *parsed, daemon_.loop());
    if (!client) return done(fail(address + ": " + client.error().message));
    store::etcd::DatabaseOptions options{
        .prefix = parsed->prefix,
        .about = sys::host_name() + ", pid " + std::to_string(sys::process_id()),
        .lease = options_.lease,
        .aside = aside_,
        .pump = [this] { sessions_.pump(); },
        .seed = daemon_.new_seed(),
        .log = log_};
    auto number = std::make_shared<const store::etcd::EtcdDatabase*>();
    auto database = std::make_unique<store::etcd::EtcdDatabase>(
        daemon_.loop(), server_, std::move(*client), std::move(options), start_patience,
        [this, alive = alive_, number, address, done = std::move(done)](const Result<>& opened) mutable {
            if (!*alive) return;
            const auto it = std::ranges::find(databases_, *number, [](const auto& one) { return one.get(); });
            if (it == databases_.end()) return done(fail(address + ": removed before it was served"));
            if (opened) return done((*it)->name());
            databases_.erase(it);
            done(fail(address + ": " + opened.error().message));
        });
    *number = database.get();
    databases_.push_back(std::move(database));
}

store::etcd::EtcdDatabase* EtcdDatabases::find(const std::string& name) const {
    const auto it = std::ranges::find(databases_, name, [](const auto& one) { return one->name(); });
    return name.empty() || it == databases_.end() ? nullptr : it->get();
}

void EtcdDatabases::remove(const std::string& name) {
    std::erase_if(databases_, [&](const auto& one) { return one->name() == name; });
}

void EtcdDatabases::remove_all() {
    *alive_ = false;
    for (const auto& one : databases_)
        if (!one->name().empty()) std::ignore = server_.remove_database(one->name());
    databases_.clear();
}

void EtcdDatabases::add_commands() {
    auto& commands = daemon_.commands();
    const auto clustered = [this](const std::string& name) -> Result<store::etcd::EtcdDatabase*> {
        if (auto* found = find(name)) return found;
        return fail(server_.database(name) ? name + " is not a clustered database"
                                           : "unknown database " + name);
    };
    commands.add_show("cluster/status", "DB", 1, 1,
                      [=](obs::CommandArgs args, bool json) -> Result<obs::Shown> {
                          const auto* database = TRY(clustered(args[0]));
                          return json ? obs::Shown(database->status_json()) : obs::Shown(database->status());
                      });
    commands.add("cluster/cid", "DB", 1, 1, [=](obs::CommandArgs args) -> Result<std::string> {
        return TRY(clustered(args[0]))->state().cid.to_string() + "\n";
    });
    commands.add("cluster/sid", "DB", 1, 1, [=](obs::CommandArgs args) -> Result<std::string> {
        return TRY(clustered(args[0]))->state().sid.to_string() + "\n";
    });
    struct Absent {
        const char *name, *args, *instead;
        int args_min, args_max;
    };
    static constexpr Absent absent[] = {
        {"cluster/leave", "DB", "stop this ovsdb-server, or use ovsdb-server/remove-db", 1, 1},
        {"cluster/kick", "DB SERVER", "a server that is gone leaves by itself when its lease ends", 2, 2},
        {"cluster/change-election-timer", "DB MSEC", "start ovsdb-server with --etcd-lease=SECONDS", 2, 2},
        {"cluster/set-backlog-threshold", "DB N_MSGS N_BYTES",
         "nothing waits between servers, and what clients do not read is bounded", 3, 3},
    };
    for (const Absent& one : absent)
        commands.add(
            one.name, one.args, static_cast<size_t>(one.args_min), static_cast<size_t>(one.args_max),
            [=](obs::CommandArgs args) -> Result<std::string> {
                TRY(clustered(args[0]));
                return fail(std::string("the members of the cluster are those of etcd: ") + one.instead);
            });
}

}  // namespace weft::apps
