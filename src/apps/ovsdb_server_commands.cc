// SPDX-License-Identifier: Apache-2.0
// The commands of ovsdb-server's control socket (ovsdb-server(1), "Runtime management commands").
#include <strings.h>

#include <ranges>

#include "apps/ovsdb_server_app.h"

namespace weft::apps {

namespace {

/// Names, one a line or as an array.
template <class Names>
obs::Shown show(Names&& names, bool json) {
    if (json) return codec::Json(codec::JsonArray(names.begin(), names.end()));
    std::string out;
    for (const std::string& name : names) out += name + "\n";
    return out;
}

Result<> set_table_logged(ovsdb::Server& server, const std::string& name, const std::string& how) {
    const size_t colon = name.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == name.size() ||
        name.find(':', colon + 1) != std::string::npos)
        return fail("invalid DB:TABLE argument");
    const bool on = ::strcasecmp(how.c_str(), "on") == 0;
    if (!on && ::strcasecmp(how.c_str(), "off") != 0) return fail("invalid command argument");
    return server.set_table_logged(name.substr(0, colon), name.substr(colon + 1), on);
}

/// The table that ovsdb-server(1) has no word about: databases, their tables, ON or OFF.
obs::Shown show_table_log(const ovsdb::Server& server, bool json) {
    std::string text = fmt::format("{:<16}{:<28}{}\n{:<16}{:<28}{}\n", "database", "table", "logging",
                                   "--------", "-----", "-------");
    codec::Json all = codec::Json::object({});
    for (const std::string& database : server.databases()) {
        text += fmt::format("{:<16} \n", database);
        codec::Json tables = codec::Json::object({});
        for (const auto& table : server.database(database)->schema().tables) {
            const bool logged = server.is_table_logged(database, table.name);
            text += fmt::format("{:<16}{:<28}{}\n", "", table.name, logged ? "ON" : "OFF");
            tables.object()->set(table.name, logged);
        }
        all.object()->set(database, std::move(tables));
    }
    if (json) return all;
    return text;
}

}  // namespace

void OvsdbServer::add_commands() {
    add_remote_commands();
    add_database_commands();
    add_config_commands();
    auto& commands = daemon_.commands();
    commands.add("ovsdb-server/memory-trim-on-compaction", "on|off", 1, 1,
                 [this](obs::CommandArgs args) -> Result<std::string> {
                     if (args[0] != "on" && args[0] != "off") return fail("invalid argument");
                     always_trims_ = args[0] == "on";
                     return "";
                 });
    commands.add("ovsdb-server/disable-monitor-cond", "", 0, 0,
                 [this](obs::CommandArgs) -> Result<std::string> {
                     server_.disable_conditional_monitors();
                     sessions_.pump();
                     return "";
                 });
    commands.add("ovsdb-server/tlog-set", "DB:TABLE on|off", 2, 2,
                 [this](obs::CommandArgs args) -> Result<std::string> {
                     TRY(set_table_logged(server_, args[0], args[1]));
                     return "";
                 });
    commands.add_show("ovsdb-server/tlog-list", "", 0, 0,
                      [this](obs::CommandArgs, bool json) { return show_table_log(server_, json); });
    commands.add_show("ovsdb-server/perf-counters-show", "", 0, 0, [](obs::CommandArgs, bool json) {
        return obs::Shown(json ? "{}\n" : "performance counter is not supported on this platform\n");
    });
    commands.add("ovsdb-server/perf-counters-clear", "", 0, 0,
                 [](obs::CommandArgs) -> Result<std::string> { return ""; });
}

void OvsdbServer::add_remote_commands() {
    auto& commands = daemon_.commands();
    commands.add_show("ovsdb-server/list-remotes", "", 0, 0, [this](obs::CommandArgs, bool json) {
        return show(std::views::keys(remotes_.all()), json);
    });
    commands.add("ovsdb-server/add-remote", "REMOTE", 1, 1,
                 [this](obs::CommandArgs args) -> Result<std::string> {
                     TRY(may_be_changed_by_command(options_.config_file));
                     TRY(remotes_.add(args[0]));
                     refresh();
                     return "";
                 });
    commands.add("ovsdb-server/remove-remote", "REMOTE", 1, 1,
                 [this](obs::CommandArgs args) -> Result<std::string> {
                     TRY(may_be_changed_by_command(options_.config_file));
                     if (!remotes_.remove(args[0])) return fail("no such remote");
                     refresh();
                     return "";
                 });
    commands.add("ovsdb-server/reconnect", "", 0, 0, [this](obs::CommandArgs) -> Result<std::string> {
        sessions_.reconnect();
        return "";
    });
}

void OvsdbServer::add_database_commands() {
    auto& commands = daemon_.commands();
    commands.add_show("ovsdb-server/list-dbs", "", 0, 0,
                      [this](obs::CommandArgs, bool json) { return show(server_.databases(), json); });
    commands.add_late("ovsdb-server/add-db", "DB", 1, 1,
                      [this](obs::CommandArgs args, obs::CommandReply reply) {
                          if (const auto allowed = may_be_changed_by_command(options_.config_file); !allowed)
                              return reply(std::unexpected(allowed.error()));
                          add_database(args[0], [reply = std::move(reply)](Result<> added) mutable {
                              reply(added ? Result<std::string>("") : std::unexpected(added.error()));
                          });
                      });
    commands.add("ovsdb-server/remove-db", "DB", 1, 1, [this](obs::CommandArgs args) -> Result<std::string> {
        TRY(may_be_changed_by_command(options_.config_file));
        return remove_database(args[0]);
    });
    commands.add_show("ovsdb-server/get-db-storage-status", "DB", 1, 1,
                      [this](obs::CommandArgs args, bool json) -> Result<obs::Shown> {
                          if (!server_.database(args[0])) return fail("no database by that name");
                          const auto* etcd = etcd_.find(args[0]);
                          const std::string status = etcd ? etcd->storage_status() : "ok";
                          if (json) return codec::Json::object({{"status", status}});
                          return "status: " + status + "\n";
                      });
    commands.add_late("ovsdb-server/compact", "", 0, 1,
                      [this](obs::CommandArgs args, obs::CommandReply reply) {
                          std::vector<std::string> wanted;
                          for (const std::string& name : server_.databases())
                              if ((storage(name) || etcd_.find(name)) && (args.empty() || args[0] == name))
                                  wanted.push_back(name);
                          if (wanted.empty() && !args.empty()) return reply(fail("no database by that name"));
                          // Answers when the last one is done.
                          auto answer = std::make_shared<obs::CommandReply>(std::move(reply));
                          auto left = std::make_shared<size_t>(wanted.size());
                          auto errors = std::make_shared<std::string>();
                          if (wanted.empty()) return (*answer)("");
                          for (const std::string& name : wanted) {
                              LOG(log_, info, "compacting {} database by user request", name);
                              compact(name, [answer, left, errors](Result<> result) {
                                  if (!result) *errors += result.error().message + "\n";
                                  if (--*left > 0) return;
                                  (*answer)(errors->empty() ? Result<std::string>("") : fail(*errors));
                              });
                          }
                      });
}

}  // namespace weft::apps
