// SPDX-License-Identifier: Apache-2.0
// weft db plan, weft db apply.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "cli/db/arguments.h"
#include "cli/db/commands.h"
#include "cli/db/planner.h"
#include "cli/db/remote.h"
#include "codec/json_members.h"
#include "codec/json_text.h"
#include "obs/log_pattern.h"
#include "ovsdb/change_json.h"
#include "sys/disk_file.h"

namespace weft::cli::db {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;

constexpr int max_attempts = 20;  // of applying to a database that others change all the time

/// From a file, standard input, or the command line.
Result<Script> read_script(std::string_view command, const std::vector<std::string>& operands) {
    if (operands.empty())
        return fail(std::string(command) +
                    ": name a file of ovs-vsctl's commands or a transaction in JSON (- for standard input), "
                    "or give a command");
    const bool is_one = operands.size() == 1;
    std::string text;
    if (is_one && operands[0] == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else if (is_one && (operands[0].starts_with('[') || operands[0].starts_with('{'))) {
        text = operands[0];
    } else if (is_one && sys::file_exists(operands[0])) {
        auto contents = sys::read_file(operands[0]);
        if (!contents) return fail(operands[0] + ": " + contents.error().message, contents.error().code);
        text = std::move(*contents);
    } else {
        Script out;
        out.words.assign(operands.begin() + (operands[0] == "--" ? 1 : 0), operands.end());
        return out;
    }
    auto script = parse_script(text);
    if (!script) return fail(operands[0].substr(0, 60) + ": " + script.error().message);
    return script;
}

std::string one_line(std::string text) {
    for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n')) text.replace(at, 1, ". ");
    return text;
}

JsonArray texts(const std::vector<std::string>& from) { return {from.begin(), from.end()}; }

void print_plan(const Plan& plan) {
    std::fputs(plan.output.c_str(), stdout);
    std::fputs(plan.text.empty() ? "nothing changes\n" : plan.text.c_str(), stdout);
    for (const auto& doubt : plan.doubts) fmt::print("warning: {}\n", one_line(doubt));
}

JsonObject plan_json(const Remote& remote, const Plan& plan) {
    return {{"changes", change_json(plan.changes, *remote.schema())},
            {"database", remote.database()},
            {"operations", plan.operations},
            {"warnings", texts(plan.doubts)}};
}

Result<> save(const std::string& path, Script script, const Remote& remote, const Plan& plan) {
    script.database = remote.database();
    script.planned = plan.text;
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (!file) return fail(path + ": cannot be written", errno);
    const std::string text = codec::format_json(script.to_json(), {.pretty = true}) + "\n";
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = std::fclose(file) == 0;
    return written && closed ? Result<>() : fail(path + ": cannot be written", errno);
}

std::string database_of(const Script& script, const Arguments& args) {
    if (auto database = args.value("--database")) return *database;
    return !script.database.empty() || script.words.empty() ? script.database : "Open_vSwitch";
}

Result<Plan> plan_now(const LocalCall& call, const Script& script, Remote& remote) {
    return make_plan(script, TRY(remote.fetch()), call.daemon.paths(), call.daemon.new_seed());
}

/// The plan does what was shown when it was saved.
Result<> check_saved(const Script& script, const Plan& plan) {
    if (!script.is_saved_plan || script.planned == plan.text) return {};
    return fail(
        "the database has changed since the plan was made: it would do something else now, and is not "
        "applied; plan anew. It would do now:\n" +
        (plan.text.empty() ? "nothing\n" : plan.text));
}

/// The first error among the results of operations.
Result<> check_results(const JsonArray& results) {
    for (size_t i = 0; i < results.size(); ++i) {
        const std::string error = text_member(results[i], "error"),
                          details = text_member(results[i], "details");
        if (!error.empty())
            return fail("operation " + std::to_string(i) + ": " + error +
                        (details.empty() ? "" : ": " + details));
    }
    return {};
}

/// Sends the plan; what the server tells of it.
Result<Json> send(Remote& remote, const Script& script, const Plan& plan, std::optional<int64_t> within_ms) {
    JsonObject options;
    if (within_ms) options.set("confirm_within", *within_ms);
    if (!remote.state().empty()) options.set("since", remote.state());
    JsonArray params{remote.database(), options};
    std::ranges::copy(plan.operations, std::back_inserter(params));
    params.push_back(Json::object(
        {{"op", "comment"},
         {"comment", "weft db apply" + (script.words.empty() ? "" : ": " + quoted_words(script.words))}}));
    auto reply = remote.ask("weft_apply", params);
    if (!reply && reply.error().code == Remote::unknown_method) {
        if (within_ms)
            return fail(reply.error().message + ": it cannot roll back by itself, so nothing was applied");
        params.erase(params.begin() + 1);
        auto results = TRY(remote.ask("transact", std::move(params)));
        if (results.array()) results.array()->insert(results.array()->begin(), JsonObject());
        reply = std::move(results);
    }
    const Json results = TRY(std::move(reply));
    if (!results.array() || results.array()->empty())
        return fail("the server's reply is malformed: " + codec::format_json(results));
    TRY(check_results(*results.array()));
    return results.array()->front();
}

void tell_applied(const Json& about) {
    const std::string id = text_member(about, "id");
    const Json* deadline = about.find("deadline");
    if (id.empty()) return fmt::print("applied\n");
    fmt::print("applied as transaction {}", id);
    if (deadline && deadline->integer())
        fmt::print("; it is rolled back at {} unless you run: weft db confirm {}",
                   obs::format_calendar("%H:%M:%S", std::chrono::milliseconds(*deadline->integer()), false),
                   id);
    fmt::print("\n");
}

}  // namespace

Result<> plan(const LocalCall& call) {
    const Arguments args = TRY(Arguments::parse("db plan", call.args, "--database= --save=", true));
    const Script script = TRY(read_script("db plan", args.operands()));
    const auto remote = TRY(Remote::open(call, database_of(script, args)));
    const Plan plan = TRY(plan_now(call, script, *remote));
    if (const auto path = args.value("--save")) TRY(save(*path, script, *remote, plan));
    if (call.json)
        call.show(plan_json(*remote, plan));
    else
        print_plan(plan);
    std::fflush(stdout);
    TRY(check_saved(script, plan));
    if (!plan.doubts.empty()) call.status = refused;
    return {};
}

Result<> apply(const LocalCall& call) {
    const Arguments args =
        TRY(Arguments::parse("db apply", call.args, "--database= --confirm-within= --force", true));
    std::optional<int64_t> within_ms;
    if (const auto text = args.value("--confirm-within"))
        within_ms = TRY(parse_interval("--confirm-within", *text));
    const Script script = TRY(read_script("db apply", args.operands()));
    const auto remote = TRY(Remote::open(call, database_of(script, args)));
    for (int attempt = 1;; ++attempt) {
        const Plan plan = TRY(plan_now(call, script, *remote));
        TRY(check_saved(script, plan));
        if (!plan.doubts.empty() && !args.has("--force")) {
            if (!call.json) print_plan(plan);
            return fail("not applied: " + one_line(plan.doubts[0]) + " (--force applies it all the same)");
        }
        auto about =
            plan.changes.empty() ? Result<Json>(JsonObject()) : send(*remote, script, plan, within_ms);
        if (!about && about.error().code == Remote::has_changed && attempt < max_attempts) continue;
        if (!about) return fail("not applied: " + about.error().message, about.error().code);
        if (call.json) {
            JsonObject out = plan_json(*remote, plan);
            for (const auto& [name, value] : *about->object()) out.set(name, value);
            call.show(out);
        } else {
            print_plan(plan);
            if (!plan.changes.empty()) tell_applied(*about);
        }
        return {};
    }
}

}  // namespace weft::cli::db
