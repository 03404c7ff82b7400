// SPDX-License-Identifier: Apache-2.0
// wait: until a database is there, connected to its cluster, or gone.
#include "cli/ovsdb_client/tool.h"
#include "net/ovsdb_client.h"

namespace weft::cli::ovsdb_client {
namespace {

enum class Wanted : uint8_t { added, connected, removed };

Result<Wanted> parse_state(const std::string& text) {
    if (text == "added") return Wanted::added;
    if (text == "connected") return Wanted::connected;
    if (text == "removed") return Wanted::removed;
    return fail(text + ": unknown state");
}

bool holds(Wanted wanted, const ovsdb::client::RowView& row) {
    switch (wanted) {
        case Wanted::added:
            return static_cast<bool>(row);
        case Wanted::connected:
            return row && row.boolean("connected", true);
        case Wanted::removed:
            return !row;
    }
    std::unreachable();
}

}  // namespace

Result<> wait(Tool& tool) {
    const bool names_server = tool.args.size() == 3;
    const std::string server = names_server ? tool.args[0] : tool.daemon.paths().default_database();
    const std::string database = tool.args[names_server];
    const Wanted wanted = TRY(parse_state(tool.args[names_server + 1]));
    auto client = TRY(net::OvsdbClient::open(
        tool.daemon.loop(), tool.daemon.transport(),
        {.remotes = server,
         .interest = {.database = "_Server", .tables = {{.table = "Database"}}, .leader_only = false},
         .log = tool.daemon.log("ovsdb_cs")}));
    client->on_change([&] {
        if (client->is_synchronized() &&
            holds(wanted, client->view().table("Database").find("name", database)))
            tool.daemon.loop().stop();
    });
    tool.daemon.loop().run();
    return {};
}

}  // namespace weft::cli::ovsdb_client
