// SPDX-License-Identifier: Apache-2.0
// ovsdb-server --config-file, and its reloading.
#include <ranges>

#include "apps/ovsdb_server_app.h"
#include "store/etcd_format.h"

namespace weft::apps {
namespace {

using Model = net::OvsdbDatabaseConfig::Model;

/// Whether a database that was opened as `before` says can go on as `wanted`.
bool stays_open(const net::OvsdbDatabaseConfig& before, const net::OvsdbDatabaseConfig& wanted) {
    const bool is_relay = wanted.model == Model::relay || before.model == Model::relay;
    return !is_relay || before == wanted;
}

}  // namespace

Result<> OvsdbServer::reload() {
    const std::string& path = options_.config_file;
    const auto text = disk_.read(path);
    if (!text) return fail(path + ": " + net::reason_of(text.error()), text.error().code);
    const net::OvsdbConfig wanted = TRY(net::parse_ovsdb_config(*text, path)), before = config_;
    if (const auto done = configure(wanted); !done) {
        if (const auto back = configure(before); !back)
            LOG(log_, err, "{}: cannot go back to what was before: {}", path, back.error().message);
        return fail(path + ": " + done.error().message);
    }
    return {};
}

Result<> OvsdbServer::configure(const net::OvsdbConfig& wanted) {
    for (const auto& [what, name] : std::map(names_)) {
        const auto it = wanted.databases.find(what);
        if (it != wanted.databases.end() && stays_open(config_.databases.at(what), it->second)) continue;
        TRY(remove_database(name));
        names_.erase(what);
    }
    config_.databases = wanted.databases;
    for (const auto& [what, database] : wanted.databases) TRY(configure_database(what, database));
    for (const auto& [remote, options] : std::map(remotes_.all()))
        if (!wanted.remotes.contains(remote)) remotes_.remove(remote);
    for (const auto& [remote, options] : wanted.remotes) TRY(remotes_.add(remote, options));
    config_.remotes = wanted.remotes;
    refresh();
    sessions_.pump();
    return {};
}

Result<> OvsdbServer::configure_database(const std::string& what, const net::OvsdbDatabaseConfig& wanted) {
    if (wanted.model == Model::relay) {
        if (!names_.contains(what)) TRY(open_relay(what, *wanted.source));
        names_[what] = what;
        return {};
    }
    if (store::etcd::is_address(what))
        return fail(what +
                    ": databases in etcd cannot be named in a configuration file yet: put them on the "
                    "command line of "
                    "a server without one");
    if (!names_.contains(what)) names_[what] = TRY(open_file((options_.folder / what).string()));
    const std::string& name = names_.at(what);
    TRY(check_tables(*server_.database(name), wanted.excluded));
    backup_.configure(name, wanted);
    return {};
}

void OvsdbServer::add_config_commands() {
    daemon_.commands().add("ovsdb-server/reload", "", 0, 0, [this](obs::CommandArgs) -> Result<std::string> {
        if (options_.config_file.empty())
            return fail("there is nothing to reload: ovsdb-server was started without --config-file");
        const auto done = reload();
        if (!done) {
            LOG(log_, warn, "not reloaded: {}", done.error().message);
            return std::unexpected(done.error());
        }
        return "";
    });
}

}  // namespace weft::apps
