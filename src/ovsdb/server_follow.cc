// SPDX-License-Identifier: Apache-2.0
// Databases that follow those of another server: relays, and backups of an active server.
#include "ovsdb/server_state.h"

namespace weft::ovsdb {
namespace {

/// From what `db` says to `now`, which differs in the same places as from `before`.
Changes changes_to(const Database& db, const Snapshot& before, const Snapshot& now,
                   const std::set<std::string>& own) {
    Changes out;
    for (const TableSchema& table : now.schema->tables) {
        if (own.contains(table.name)) continue;
        RowMap::compare(
            before.tables[table.index], now.tables[table.index], [&](const Row* old_row, const Row* new_row) {
                const Uuid& uuid = new_row ? new_row->uuid() : old_row->uuid();
                const Row* ours = db.find(table.index, uuid);
                if (ours ? new_row && same_data(*ours, *new_row) : !new_row) return;
                out.rows.push_back({table.index, uuid, RowPtr::share(ours), RowPtr::share(new_row)});
            });
    }
    return out;
}

}  // namespace

Result<> Server::add_relay(const std::string& name, RelaySource& source) {
    auto schema = std::make_shared<Schema>();
    schema->name = name;
    auto served = std::make_unique<Served>();
    served->db = std::make_unique<Database>(std::move(schema));
    served->source = &source;
    return serve(std::move(served));
}

Result<> Server::follow(const std::string& name, const Snapshot& now, const std::set<std::string>& own,
                        Time time) {
    Served& served = *databases_.at(name);
    const bool is_new = !served.followed || served.followed->schema != now.schema;
    const bool takes_schema =
        served.source && (!served.followed || !same_schema(*now.schema, served.db->schema()));
    if (takes_schema) {
        replace_contents(served, std::make_unique<Database>(now.schema));
    } else if (!same_schema(*now.schema, served.db->schema())) {
        return fail("the active server's schema of " + name + " (version " + now.schema->version +
                    ") is not that of the backup (" + served.db->schema().version +
                    "): convert one of them with \"ovsdb-client convert\" or \"ovsdb-tool convert\"");
    }
    Changes changes = changes_to(*served.db, is_new ? served.db->snapshot() : *served.followed, now, own);
    if (!changes.empty()) {
        TRY(store(served, changes));
        commit(served, std::move(changes));
    }
    served.followed = now;
    if (takes_schema) {
        update_server_row(served, true);
        databases_changed("received " + name + " database from its relay source");
    }
    retry_blocked(served, time);
    return {};
}

void Server::stop_following(const std::string& name) {
    if (const auto it = databases_.find(name); it != databases_.end()) it->second->followed.reset();
}

void Server::source_changed(const std::string& name) { update_server_row(*databases_.at(name), true); }

}  // namespace weft::ovsdb
