// SPDX-License-Identifier: Apache-2.0
#include "apps/ovsdb_server_backup.h"

#include <fmt/format.h>

#include <charconv>

namespace weft::apps {

Result<TablesOfDatabases> parse_tables(const std::string& text) {
    TablesOfDatabases out;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find(',', begin), text.size());
        const std::string one = text.substr(begin, end - begin);
        const size_t colon = one.find(':');
        if (colon == std::string::npos || colon == 0 || colon + 1 == one.size())
            return fail("\"" + one + "\": expected DATABASE:TABLE, separated by commas");
        out[one.substr(0, colon)].insert(one.substr(colon + 1));
        begin = end + 1;
    }
    return out;
}

Backup::Backup(cli::Daemon& daemon, ovsdb::Server& server, net::OvsdbSessions& sessions, Options options)
    : daemon_(daemon),
      server_(server),
      sessions_(sessions),
      options_(std::move(options)),
      log_(daemon.log("replication")) {
    add_commands();
}

Result<> Backup::start() {
    excluded_ = TRY(parse_tables(options_.excluded));
    if (options_.active_server.empty() || options_.starts_active) return {};
    return become_backup();
}

void Backup::database_added(const std::string& name) {
    databases_.insert(name);
    if (is_backup_) follow(name);
}

void Backup::follow(const std::string& database) {
    const auto own = excluded_.find(database);
    auto follower =
        net::OvsdbFollower::open(daemon_.loop(), daemon_.transport(), server_, sessions_,
                                 {.kind = net::OvsdbFollower::Kind::backup,
                                  .database = database,
                                  .remotes = options_.active_server,
                                  .own = own == excluded_.end() ? std::set<std::string>{} : own->second,
                                  .probe_interval = probe_interval_,
                                  .log = log_});
    if (follower)
        followers_[database] = std::move(*follower);
    else
        LOG(log_, err, "{}: {}", database, follower.error().message);
}

void Backup::restart_followers() {
    followers_.clear();
    for (const std::string& name : databases_) follow(name);
}

Result<> Backup::become_backup() {
    if (options_.active_server.empty()) return fail("Unable to connect: active server is not specified.");
    if (const auto name = net::ConnectionName::parse(options_.active_server, net::ovsdb_port); !name)
        return std::unexpected(name.error());
    const bool was_backup = std::exchange(is_backup_, true);
    server_.set_backup(true);
    restart_followers();
    if (!was_backup) sessions_.reconnect();
    return {};
}

void Backup::become_active() {
    followers_.clear();
    is_backup_ = false;
    server_.set_backup(false);
    sessions_.reconnect();
}

std::string Backup::status() const {
    if (!is_backup_) return "state: active\n";
    bool connected = true;
    std::string names, complaints;
    for (const auto& [name, follower] : followers_) {
        connected = connected && follower->is_connected();
        if (!names.empty()) names += ", ";
        names += name;
        if (!follower->complaint().empty()) complaints += "error: " + follower->complaint() + "\n";
    }
    std::string out = "state: backup\n";
    out += (connected ? "replicating: " : "connecting: ") + options_.active_server + "\n";
    if (connected) out += "database: " + names + "\n";
    if (connected && !options_.excluded.empty()) out += "exclude: " + options_.excluded + "\n";
    return out + complaints;
}

codec::Json Backup::status_json() const {
    using codec::Json;
    Json out = Json::object({{"state", is_backup_ ? "backup" : "active"}});
    if (!is_backup_) return out;
    codec::JsonArray databases;
    for (const auto& [name, follower] : followers_)
        databases.push_back(Json::object(
            {{"database", name}, {"connected", follower->is_connected()}, {"error", follower->complaint()}}));
    out.object()->set("active_server", options_.active_server);
    out.object()->set("databases", Json(std::move(databases)));
    out.object()->set("excluded", options_.excluded);
    return out;
}

void Backup::add_commands() {
    auto& commands = daemon_.commands();
    using Text = Result<std::string>;
    const auto show = [](const std::string& text, bool json) -> obs::Shown {
        if (json) return codec::Json(text);
        return text.empty() ? text : text + "\n";
    };
    commands.add_show("ovsdb-server/sync-status", "", 0, 0, [this](obs::CommandArgs, bool json) {
        return json ? obs::Shown(status_json()) : status();
    });
    commands.add_show("ovsdb-server/get-active-ovsdb-server", "", 0, 0,
                      [=, this](obs::CommandArgs, bool json) { return show(options_.active_server, json); });
    commands.add("ovsdb-server/set-active-ovsdb-server", "SERVER", 1, 1,
                 [this](obs::CommandArgs args) -> Text {
                     TRY(net::ConnectionName::parse(args[0], net::ovsdb_port));
                     options_.active_server = args[0];
                     if (is_backup_) restart_followers();
                     return "";
                 });
    commands.add("ovsdb-server/connect-active-ovsdb-server", "", 0, 0, [this](obs::CommandArgs) -> Text {
        TRY(become_backup());
        return "";
    });
    commands.add("ovsdb-server/disconnect-active-ovsdb-server", "", 0, 0, [this](obs::CommandArgs) -> Text {
        if (is_backup_) become_active();
        return "";
    });
    commands.add("ovsdb-server/set-active-ovsdb-server-probe-interval", "MSEC", 1, 1,
                 [this](obs::CommandArgs args) -> Text {
                     int64_t ms = 0;
                     const auto [end, error] =
                         std::from_chars(args[0].data(), args[0].data() + args[0].size(), ms);
                     if (error != std::errc() || *end != '\0' || ms < 0)
                         return fail("Invalid probe interval, integer value expected");
                     probe_interval_ = std::chrono::milliseconds(ms);
                     for (auto& [name, follower] : followers_) follower->set_probe_interval(probe_interval_);
                     return "";
                 });
    commands.add_show("ovsdb-server/get-sync-exclude-tables", "", 0, 0,
                      [=, this](obs::CommandArgs, bool json) { return show(options_.excluded, json); });
    commands.add("ovsdb-server/set-sync-exclude-tables", "DB:TABLE[,DB:TABLE]...", 1, 1,
                 [this](obs::CommandArgs args) -> Text {
                     auto excluded = TRY(parse_tables(args[0]));
                     for (const auto& [database, tables] : excluded) {
                         const ovsdb::Database* db = server_.database(database);
                         if (!db) return fail("there is no database " + database);
                         for (const std::string& table : tables)
                             if (!db->schema().find(table))
                                 return fail(fmt::format("database {} has no table {}", database, table));
                     }
                     excluded_ = std::move(excluded);
                     options_.excluded = args[0];
                     if (is_backup_) restart_followers();
                     return "";
                 });
}

}  // namespace weft::apps
