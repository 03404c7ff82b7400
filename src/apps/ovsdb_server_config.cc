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

void OvsdbServer::reload(Done done) {
    const std::string& path = options_.config_file;
    if (is_reloading_) return done(fail(path + ": is being reloaded: try again when that is done"));
    const auto text = disk_.read(path);
    if (!text) return done(fail(path + ": " + net::reason_of(text.error()), text.error().code));
    auto wanted = net::parse_ovsdb_config(*text, path);
    if (!wanted) return done(std::unexpected(wanted.error()));
    is_reloading_ = true;
    configure(std::move(*wanted),
              [this, before = config_, done = std::move(done)](Result<> configured) mutable {
                  if (!configured) return go_back(std::move(before), configured.error(), std::move(done));
                  is_reloading_ = false;
                  done({});
              });
}

void OvsdbServer::go_back(net::OvsdbConfig before, Error why, Done done) {
    configure(std::move(before), [this, why = std::move(why), done = std::move(done)](Result<> back) mutable {
        const std::string& path = options_.config_file;
        is_reloading_ = false;
        if (!back) LOG(log_, err, "{}: cannot go back to what was before: {}", path, back.error().message);
        done(fail(path + ": " + why.message));
    });
}

void OvsdbServer::configure(net::OvsdbConfig wanted, Done done) {
    if (auto removed = remove_unwanted(wanted); !removed) return done(std::move(removed));
    config_.databases = wanted.databases;
    open_clusters([this, wanted = std::move(wanted), done = std::move(done)](Result<> opened) mutable {
        done(opened ? configure_rest(wanted) : std::move(opened));
    });
}

Result<> OvsdbServer::remove_unwanted(const net::OvsdbConfig& wanted) {
    for (const auto& [what, name] : std::map(names_)) {
        const auto it = wanted.databases.find(what);
        if (it != wanted.databases.end() && stays_open(config_.databases.at(what), it->second)) continue;
        TRY(remove_database(name));
        names_.erase(what);
    }
    return {};
}

void OvsdbServer::open_clusters(Done done) {
    const auto is_to_be_opened = [this](const std::string& what) {
        return store::etcd::is_address(what) && !names_.contains(what);
    };
    const auto all = std::views::keys(config_.databases);
    const auto next = std::ranges::find_if(all, is_to_be_opened);
    if (next == all.end()) return done({});
    etcd_.add(*next, [this, what = *next, done = std::move(done)](Result<std::string> name) mutable {
        if (!name) return done(std::unexpected(name.error()));
        names_[what] = std::move(*name);
        open_clusters(std::move(done));
    });
}

Result<> OvsdbServer::configure_rest(const net::OvsdbConfig& wanted) {
    for (const auto& [what, database] : wanted.databases)
        if (!store::etcd::is_address(what)) TRY(configure_database(what, database));
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
    if (!names_.contains(what)) names_[what] = TRY(open_file((options_.folder / what).string()));
    const std::string& name = names_.at(what);
    TRY(check_tables(*server_.database(name), wanted.excluded));
    backup_.configure(name, wanted);
    return {};
}

void OvsdbServer::add_config_commands() {
    daemon_.commands().add_late(
        "ovsdb-server/reload", "", 0, 0, [this](obs::CommandArgs, obs::CommandReply reply) {
            if (options_.config_file.empty())
                return reply(
                    fail("there is nothing to reload: ovsdb-server was started without --config-file"));
            reload([this, reply = std::move(reply)](Result<> done) mutable {
                if (done) return reply("");
                LOG(log_, warn, "not reloaded: {}", done.error().message);
                reply(std::unexpected(done.error()));
            });
        });
}

}  // namespace weft::apps
