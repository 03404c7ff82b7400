// SPDX-License-Identifier: Apache-2.0
// weft db watch: changes as they come, over lost connections too.
#include <fmt/core.h>

#include <csignal>
#include <cstdio>

#include "cli/db/arguments.h"
#include "cli/db/change_text.h"
#include "cli/db/commands.h"
#include "cli/db/remote.h"
#include "cli/dbctl/names.h"
#include "codec/json_text.h"
#include "net/ovsdb_client.h"
#include "obs/log_pattern.h"
#include "ovsdb/change_json.h"

namespace weft::cli::db {
namespace {

using codec::Json;

class Watcher {
  public:
    Watcher(const LocalCall& call, bool with_state) : call_(call), with_state_(with_state) {}

    /// What differs between two versions of the database.
    void tell(const ovsdb::client::View& before, const ovsdb::client::View& now) const {
        const auto changes = now.changes_since(before);
        const auto& schema = *now.schema();
        const auto since_1970 = call_.daemon.clock().since_1970();
        if (call_.json) {
            Json json = change_json(changes, schema, {.with_state = with_state_});
            if (json.object()->empty()) return;
            const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
            call_.show(Json::object({{"changes", std::move(json)}, {"date", ms}}));
        } else {
            const std::string text = change_text(changes, schema,
                                                 {.names = {&now.snapshot(), &before.snapshot()},
                                                  .with_state = with_state_,
                                                  .indent = "    "});
            if (text.empty()) return;
            fmt::print("{}\n{}", obs::format_calendar("%Y-%m-%d %H:%M:%S.###", since_1970, false), text);
        }
        std::fflush(stdout);
    }

  private:
    const LocalCall& call_;
    bool with_state_;
};

}  // namespace

Result<> watch(const LocalCall& call) {
    const Arguments args = TRY(Arguments::parse("db watch", call.args, "--database= --all"));
    auto remote = TRY(Remote::open(call, args.value("--database").value_or("")));
    const std::string database = remote->database();
    ovsdb::client::Interest interest{.database = database, .leader_only = false};
    for (const auto& name : args.operands())
        interest.tables.push_back({.table = TRY(dbctl::find_table(*remote->schema(), name))->name});
    remote.reset();  // its end would be ours
    const auto client = TRY(net::OvsdbClient::open(
        call.daemon.loop(), call.daemon.transport(),
        {.remotes = call.server, .interest = std::move(interest), .log = call.daemon.log("ovsdb_idl")}));
    const Watcher watcher(call, args.has("--all"));
    ovsdb::client::View shown;
    client->on_change([&] {
        if (!client->is_synchronized()) return;
        if (!shown.schema())
            std::fprintf(stderr, "weft: watching %s\n", database.c_str());
        else if (shown.schema() == client->view().schema())
            watcher.tell(shown, client->view());
        shown = client->view();
    });
    loop::SignalWatch signals(call.daemon.loop(), {SIGINT, SIGTERM, SIGHUP},
                              [&](int) { call.daemon.loop().stop(); });
    call.daemon.loop().run();
    return {};
}

}  // namespace weft::cli::db
