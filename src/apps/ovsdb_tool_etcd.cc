// SPDX-License-Identifier: Apache-2.0
// ovsdb-tool create etcd://...: the beginning of a cluster.
#include <random>

#include "apps/ovsdb_tool_commands.h"
#include "loop/clock.h"
#include "store/etcd_database.h"

namespace weft::apps::ovsdb_tool {

Result<> create_in_etcd(Context& c, const std::string& address, const ovsdb::Snapshot& contents) {
    const store::etcd::Address parsed = TRY(store::etcd::parse_address(address));
    loop::Clock clock;
    loop::Loop loop(clock);
    const auto client = cli::etcd_client(c.etcd, parsed, loop);
    if (!client) return fail(address + ": " + client.error().message);
    store::etcd::Outcome<> outcome;
    store::etcd::create(**client, parsed.prefix, contents, std::random_device{}(),
                        [&](store::etcd::Outcome<> done) {
                            outcome = std::move(done);
                            loop.stop();
                        });
    loop.run();
    if (!outcome) return fail(address + ": " + outcome.error().message);
    return {};
}

}  // namespace weft::apps::ovsdb_tool
