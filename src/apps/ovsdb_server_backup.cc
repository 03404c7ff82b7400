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

Result<> check_tables(const ovsdb::Database& db, const std::set<std::string>& tables) {
    for (const std::string& table : tables)
        if (!db.schema().find(table))
            return fail(fmt::format("database {} has no table {}", db.schema().name, table));
    return {};
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

Result<> may_be_changed_by_command(const std::string& config_file) {
    if (config_file.empty()) return {};
    return fail("remotes and databases are those of " + config_file +
                " (--config-file): change that file, then call ovsdb-server/reload");
}

net::OvsdbDatabaseConfig Backup::of_server(const std::string& database) const {
    net::OvsdbDatabaseConfig out{.is_backup = is_backup_};
    if (is_backup_)
        out.source =
            net::OvsdbSourceConfig{.remotes = options_.active_server, .probe_interval = probe_interval_};
    if (const auto tables = excluded_.find(database); tables != excluded_.end())
        out.excluded = tables->second;
    return out;
}

void Backup::database_added(const std::string& name) {
    databases_[name].is_backup = is_backup_;
    configure(name, of_server(name));
}

void Backup::database_removed(const std::string& name) {
    followers_.erase(name);
    databases_.erase(name);
}

void Backup::configure(const std::string& name, const net::OvsdbDatabaseConfig& wanted) {
    net::OvsdbDatabaseConfig& database = databases_.at(name);
    if (database == wanted) return;
    const bool was_backup = database.is_backup;
    database = wanted;
    followers_.erase(name);
    server_.set_backup(name, wanted.is_backup);
    if (wanted.is_backup) follow(name);
    if (wanted.is_backup != was_backup) sessions_.reconnect();
}

void Backup::configure_all() {
    for (const auto& [name, database] : databases_) configure(name, of_server(name));
}

void Backup::follow(const std::string& database) {
    const net::OvsdbDatabaseConfig& config = databases_.at(database);
    auto follower = net::OvsdbFollower::open(daemon_.loop(), daemon_.transport(), server_, sessions_,
                                             {.kind = net::OvsdbFollower::Kind::backup,
                                              .database = database,
                                              .remotes = config.source->remotes,
                                              .own = config.excluded,
                                              .probe_interval = config.source->probe_interval,
                                              .max_backoff = config.source->max_backoff,
                                              .dscp = config.source->dscp,
                                              .log = log_});
    if (follower)
        followers_[database] = std::move(*follower);
    else
        LOG(log_, err, "{}: {}", database, follower.error().message);
}

Result<> Backup::become_backup() {
    if (options_.active_server.empty()) return fail("Unable to connect: active server is not specified.");
    TRY(net::ConnectionName::parse_list(options_.active_server, net::ovsdb_port));
    is_backup_ = true;
    configure_all();
    return {};
}

void Backup::become_active() {
    is_backup_ = false;
    configure_all();
}

std::string Backup::status() const {
    if (!options_.config_file.empty()) {
        std::string out;
        for (const auto& [name, database] : databases_)
            if (database.model == net::OvsdbDatabaseConfig::Model::active_backup)
                out += (out.empty() ? "" : "\n") + status_of(name);
        return out;
    }
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

std::string Backup::status_of(const std::string& name) const {
    const net::OvsdbDatabaseConfig& database = databases_.at(name);
    std::string out = "database: " + name + "\nstate: " + (database.is_backup ? "backup\n" : "active\n");
    const auto follower = followers_.find(name);
    if (follower == followers_.end()) return out;
    out += (follower->second->is_connected() ? "replicating: " : "connecting: ") + database.source->remotes +
           "\n";
    if (!database.excluded.empty()) out += fmt::format("exclude: {}\n", fmt::join(database.excluded, ","));
    if (!follower->second->complaint().empty()) out += "error: " + follower->second->complaint() + "\n";
    return out;
}

codec::Json Backup::status_json() const {
    using codec::Json;
    codec::JsonArray databases;
    for (const auto& [name, follower] : followers_) {
        const net::OvsdbDatabaseConfig& database = databases_.at(name);
        databases.push_back(Json::object(
            {{"active_server", database.source->remotes},
             {"connected", follower->is_connected()},
             {"database", name},
             {"error", follower->complaint()},
             {"excluded", codec::JsonArray(database.excluded.begin(), database.excluded.end())}}));
    }
    Json out = Json::object({{"state", followers_.empty() ? "active" : "backup"}});
    if (!followers_.empty()) out.object()->set("databases", Json(std::move(databases)));
    return out;
}

void Backup::add_commands() {
    auto& commands = daemon_.commands();
    const auto show = [](const std::string& text, bool json) -> obs::Shown {
        if (json) return codec::Json(text);
        return text.empty() ? text : text + "\n";
    };
    commands.add_show("ovsdb-server/sync-status", "", 0, 0, [this](obs::CommandArgs, bool json) {
        return json ? obs::Shown(status_json()) : status();
    });
    commands.add_show("ovsdb-server/get-active-ovsdb-server", "", 0, 0,
                      [=, this](obs::CommandArgs, bool json) { return show(options_.active_server, json); });
    commands.add_show("ovsdb-server/get-sync-exclude-tables", "", 0, 0,
                      [=, this](obs::CommandArgs, bool json) { return show(options_.excluded, json); });
    const auto add = [&](const std::string& name, const std::string& usage, auto carry_out) {
        const size_t args = usage.empty() ? 0 : 1;
        commands.add("ovsdb-server/" + name, usage, args, args,
                     [this, carry_out](obs::CommandArgs given) -> Result<std::string> {
                         TRY(may_be_changed_by_command(options_.config_file));
                         TRY(carry_out(given));
                         return "";
                     });
    };
    add("set-active-ovsdb-server", "SERVER", [this](obs::CommandArgs args) -> Result<> {
        TRY(net::ConnectionName::parse_list(args[0], net::ovsdb_port));
        options_.active_server = args[0];
        configure_all();
        return {};
    });
    add("connect-active-ovsdb-server", "", [this](obs::CommandArgs) { return become_backup(); });
    add("disconnect-active-ovsdb-server", "", [this](obs::CommandArgs) -> Result<> {
        if (is_backup_) become_active();
        return {};
    });
    add("set-active-ovsdb-server-probe-interval", "MSEC",
        [this](obs::CommandArgs args) { return set_probe_interval(args[0]); });
    add("set-sync-exclude-tables", "DB:TABLE[,DB:TABLE]...",
        [this](obs::CommandArgs args) { return exclude(args[0]); });
}

Result<> Backup::set_probe_interval(const std::string& text) {
    int64_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error != std::errc() || *end != '\0' || ms < 0)
        return fail("Invalid probe interval, integer value expected");
    probe_interval_ = std::chrono::milliseconds(ms);
    for (auto& [name, follower] : followers_) {
        databases_.at(name).source->probe_interval = probe_interval_;
        follower->set_probe_interval(probe_interval_);
    }
    return {};
}

Result<> Backup::exclude(const std::string& text) {
    auto excluded = TRY(parse_tables(text));
    for (const auto& [database, tables] : excluded) {
        const ovsdb::Database* db = server_.database(database);
        if (!db) return fail("there is no database " + database);
        TRY(check_tables(*db, tables));
    }
    excluded_ = std::move(excluded);
    options_.excluded = text;
    configure_all();
    return {};
}

}  // namespace weft::apps
