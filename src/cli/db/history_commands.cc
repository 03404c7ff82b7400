// SPDX-License-Identifier: Apache-2.0
// weft db history, confirm, revert.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <ranges>

#include "cli/db/arguments.h"
#include "cli/db/change_text.h"
#include "cli/db/commands.h"
#include "cli/db/remote.h"
#include "cli/options.h"
#include "codec/json_members.h"
#include "codec/json_text.h"
#include "obs/log_pattern.h"
#include "ovsdb/change_json.h"

namespace weft::cli::db {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

constexpr int64_t usual_count = 20, most_count = 1'000'000;

/// As Remote::ask(), where only our server will do.
Result<Json> ask_ours(Remote& remote, std::string method, JsonArray params) {
    auto reply = remote.ask(std::move(method), std::move(params));
    if (!reply && reply.error().code == Remote::unknown_method)
        return fail(reply.error().message + ": only Weft's ovsdb-server keeps a history");
    return reply;
}

std::string time_of(const Json& json, std::string_view member, std::string_view format) {
    const Json* value = json.find(member);
    return value && value->integer()
               ? obs::format_calendar(format, std::chrono::milliseconds(*value->integer()), false)
               : "";
}
Result<std::string> text_of_changes(const Json& json, const ovsdb::Snapshot& now, const std::string& indent) {
    const Json* changes = json.find("changes");
    auto parsed = ovsdb::parse_change_json(changes ? *changes : Json(JsonObject()), *now.schema);
    if (!parsed) return fail("the server's reply is malformed: " + parsed.error().to_string());
    return change_text(*parsed, *now.schema, {.names = {&now}, .indent = indent});
}

Result<> print_transaction(const Json& one, const ovsdb::Snapshot& now) {
    std::string state = text_member(one, "state");
    if (state == "pending")
        state = "pending: is rolled back at " + time_of(one, "deadline", "%H:%M:%S") + " unless confirmed";
    fmt::print("{}  {}{}\n", text_member(one, "id"), time_of(one, "date", "%Y-%m-%d %H:%M:%S"),
               state.empty() ? "" : "  " + state);
    if (const auto comment = text_member(one, "comment"); !comment.empty()) {
        std::string line = comment;
        std::ranges::replace(line, '\n', ' ');
        fmt::print("    {}\n", line);
    }
    std::fputs(TRY(text_of_changes(one, now, "    ")).c_str(), stdout);
    for (const auto& detail : text_members(one, "details")) fmt::print("    ! {}\n", detail);
    return {};
}

}  // namespace

Result<> history(const LocalCall& call) {
    const Arguments args = TRY(Arguments::parse("db history", call.args, "--database= --count="));
    if (!args.operands().empty())
        return fail("db history: " + args.operands()[0] + ": it takes --count=N only");
    int64_t count = usual_count;
    if (const auto text = args.value("--count")) count = TRY(parse_number("--count", *text, 1, most_count));
    const auto remote = TRY(Remote::open(call, args.value("--database").value_or("")));
    const Json reply =
        TRY(ask_ours(*remote, "weft_history", {remote->database(), Json::object({{"count", count}})}));
    if (!reply.array()) return fail("the server's reply is malformed: " + codec::format_json(reply));
    JsonArray newest_first(reply.array()->rbegin(), reply.array()->rend());
    if (call.json) {
        call.show(std::move(newest_first));
        return {};
    }
    const ovsdb::Snapshot now = TRY(remote->fetch());
    for (const Json& one : newest_first) TRY(print_transaction(one, now));
    return {};
}

Result<> confirm(const LocalCall& call) {
    const Arguments args = TRY(Arguments::parse("db confirm", call.args, "--database="));
    const std::string id = TRY(args.only("the id of a transaction"));
    const auto remote = TRY(Remote::open(call, args.value("--database").value_or("")));
    const Json reply = TRY(ask_ours(*remote, "weft_confirm", {remote->database(), id}));
    if (call.json)
        call.show(reply);
    else
        fmt::print("confirmed: transaction {} stays\n", text_member(reply, "id"));
    return {};
}

Result<> revert(const LocalCall& call) {
    const Arguments args =
        TRY(Arguments::parse("db revert", call.args, "--database= --dry-run --partial --confirm-within="));
    const std::string id = TRY(args.only("the id of a transaction"));
    JsonObject options{{"dry_run", args.has("--dry-run")}, {"partial", args.has("--partial")}};
    if (const auto text = args.value("--confirm-within"))
        options.set("confirm_within", TRY(parse_interval("--confirm-within", *text)));
    const auto remote = TRY(Remote::open(call, args.value("--database").value_or("")));
    const ovsdb::Snapshot before = TRY(remote->fetch());
    const Json reply = TRY(ask_ours(*remote, "weft_revert", {remote->database(), id, options}));
    if (!reply.array() || reply.array()->empty())
        return fail("the server's reply is malformed: " + codec::format_json(reply));
    if (reply.array()->size() > 1)
        return fail("reverted, but not on the disk: " + codec::format_json(reply.array()->back()));
    const Json& about = reply.array()->front();
    const auto conflicts = text_members(about, "conflicts");
    const Json* made = about.find("made");
    const bool is_made = made && *made == Json(true);
    if (!conflicts.empty() && !is_made && !args.has("--dry-run")) call.status = refused;
    if (call.json) {
        call.show(about);
        return {};
    }
    const std::string text = TRY(text_of_changes(about, before, ""));
    std::fputs(text.empty() ? "nothing changes\n" : text.c_str(), stdout);
    for (const auto& conflict : conflicts) fmt::print("conflict: {}\n", conflict);
    if (is_made) {
        fmt::print("reverted by transaction {}", text_member(about, "id"));
        if (const auto at = time_of(about, "deadline", "%H:%M:%S"); !at.empty())
            fmt::print("; it is rolled back at {} unless you run: weft db confirm {}", at,
                       text_member(about, "id"));
        fmt::print("\n");
    } else if (!conflicts.empty() && !args.has("--dry-run")) {
        fmt::print("not reverted, for others have changed the same since; --partial reverts the rest\n");
    }
    return {};
}

}  // namespace weft::cli::db
