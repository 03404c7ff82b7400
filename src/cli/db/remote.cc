// SPDX-License-Identifier: Apache-2.0
#include "cli/db/remote.h"

#include <algorithm>

#include "codec/json_members.h"
#include "codec/json_text.h"
#include "ovsdb/client/contents.h"

namespace weft::cli::db {

using codec::Json;
using codec::JsonArray;

Result<std::unique_ptr<Remote>> Remote::open(const weft_tool::LocalCall& call, std::string database) {
    constexpr std::string_view usual = "Open_vSwitch";
    auto out = std::make_unique<Remote>();
    out->rpc_ = TRY(OvsdbRpc::connect(
        call.daemon.loop(), call.daemon.transport(), call.server,
        {.log = call.daemon.log("ovsdb_cs"), .leader_of = database, .seed = call.daemon.new_seed()}));
    std::vector<std::string> names;
    const Json reply = TRY(out->ask("list_dbs", {}));
    if (reply.array())
        for (const Json& name : *reply.array())
            if (name.string() && !name.string()->starts_with('_')) names.push_back(*name.string());
    if (database.empty()) database = names.size() == 1 ? names[0] : std::string(usual);
    if (std::ranges::count(names, database) == 0) {
        std::string there;
        for (const auto& name : names) there += (there.empty() ? "" : ", ") + name;
        return fail(call.server + " has no database " + database +
                    (there.empty() ? "" : "; it has " + there) + " (--database=NAME)");
    }
    out->database_ = database;
    auto schema = ovsdb::parse_schema(TRY(out->ask("get_schema", {database})));
    if (!schema) return fail(schema.error().to_string());
    out->schema_ = std::move(*schema);
    return out;
}

Result<ovsdb::Snapshot> Remote::fetch() {
    using ovsdb::client::UpdateFormat;
    std::vector<std::string> missing;
    const Json id = "weft-db-" + std::to_string(++fetches_);
    const Json wanted = ovsdb::client::monitor_requests(*schema_, {}, false, missing);
    auto reply = ask("monitor_cond_since", {database_, id, wanted, Uuid{}.to_string()});
    ovsdb::client::Contents contents(schema_);
    ovsdb::OpResult<> done;
    if (reply) {
        const auto* parts = reply->array();
        if (!parts || parts->size() != 3 || !(*parts)[1].string())
            return fail("the server's reply to monitor_cond_since is malformed");
        state_ = *(*parts)[1].string();
        done = contents.replace((*parts)[2], UpdateFormat::differences);
    } else if (reply.error().code == unknown_method) {
        state_.clear();
        done = contents.replace(TRY(ask("monitor", {database_, id, wanted})), UpdateFormat::rows);
    } else {
        return std::unexpected(reply.error());
    }
    if (!done) return fail(done.error().to_string());
    TRY(ask("monitor_cancel", {id}));
    return contents.snapshot();
}

Result<Json> Remote::ask(std::string method, JsonArray params) {
    const std::string name = method;
    auto reply = rpc_->call(std::move(method), std::move(params));
    if (!reply) return fail(rpc_->server() + ": " + reply.error().message, reply.error().code);
    if (reply->kind != jsonrpc::Message::Kind::error) return std::move(reply->result);
    const Json& error = reply->result;
    const std::string kind = error.string() ? *error.string() : text_member(error, "error"),
                      details = text_member(error, "details");
    if (kind == "unknown method")
        return fail(rpc_->server() + " does not know \"" + name + "\"", unknown_method);
    std::string message = details.empty() ? (kind.empty() ? codec::format_json(error) : kind) : details;
    if (const auto io = text_member(error, "io-error"); !io.empty()) message += " (" + io + ")";
    return fail(std::move(message), kind == "changed" ? has_changed : 0);
}

}  // namespace weft::cli::db
