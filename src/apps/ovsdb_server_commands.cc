// SPDX-License-Identifier: Apache-2.0
// The commands of ovsdb-server's control socket (ovsdb-server(1), "Runtime management commands").
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

}  // namespace

void OvsdbServer::add_commands() {
    add_remote_commands();
    add_database_commands();
    add_config_commands();
    auto& commands = daemon_.commands();
    commands.add("ovsdb-server/memory-trim-on-compaction", "on|off", 1, 1,
                 [](obs::CommandArgs args) -> Result<std::string> {
                     // Compaction builds the new file beside the database and leaves nothing behind to trim.
                     if (args[0] == "on" || args[0] == "off") return "";
                     return fail("invalid argument");
                 });
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
