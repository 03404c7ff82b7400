// SPDX-License-Identifier: Apache-2.0
// The commands of ovsdb-server that change a cluster of Open vSwitch's own kind: what to do instead.
#include "apps/ovsdb_server_app.h"

namespace weft::apps {

void OvsdbServer::add_raft_commands() {
    const auto add = [this](const char* name, const char* usage, size_t args, const char* instead) {
        daemon_.commands().add(name, usage, args, args, [=](obs::CommandArgs) -> Result<std::string> {
            return fail(std::string(name) + ": clusters live in etcd, so " + instead);
        });
    };
    add("cluster/leave", "DB", 1,
        "a server leaves one when it stops or is told ovsdb-server/remove-db, and leaves nothing behind");
    add("cluster/kick", "DB SERVER", 2,
        "a server that is gone needs no removal, and members of etcd itself are removed with \"etcdctl "
        "member remove\"");
    add("cluster/change-election-timer", "DB TIME", 2,
        "the timer is etcd's own, set by its options --election-timeout and --heartbeat-interval");
}

}  // namespace weft::apps
