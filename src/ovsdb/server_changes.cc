// SPDX-License-Identifier: Apache-2.0
// Methods beyond RFC 7047, for "weft db": transactions that are taken back unless they are confirmed, and the
// history of a database (doc/how-to/change-a-database-safely.md).
//
//   weft_apply    [DB, {"confirm_within": MS, "since": TXN-ID}, OPERATION...]
//                 [{"id", "deadline", "changes"}, RESULT...]
//   weft_confirm  [DB, ID]              {"id"}
//   weft_revert   [DB, ID, {"dry_run", "partial", "confirm_within"}]
//                 [{"id", "deadline", "changes", "conflicts"}]
//   weft_history  [DB, {"count": N}]    [{"id", "date", "comment", "changes", "state", "deadline", "ended",
//   "details"}...]
#include <algorithm>
#include <tuple>

#include "codec/json_text.h"
#include "ovsdb/change_json.h"
#include "ovsdb/members.h"
#include "ovsdb/server_state.h"
#include "ovsdb/undo.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using jsonrpc::Message;

std::unexpected<Json> refused(std::string error, std::string details) {
    return std::unexpected(OpError{std::move(error), std::move(details), {}}.to_json());
}

JsonArray texts(const std::vector<std::string>& from) { return {from.begin(), from.end()}; }

std::vector<std::string> texts(const std::vector<Conflict>& conflicts) {
    std::vector<std::string> out;
    out.reserve(conflicts.size());
    for (const Conflict& c : conflicts) out.push_back(c.what);
    return out;
}

/// What a request may say beside its operands.
struct Wishes {
    std::optional<int64_t> within_ms, count;
    std::string since;
    bool dry_run = false, partial = false;
};

std::expected<Wishes, Json> parse_wishes(const Json& json) {
    Members m(json, "options");
    const Json *within = m.optional("confirm_within", Kind::integer),
               *count = m.optional("count", Kind::integer), *since = m.optional("since", Kind::string),
               *dry_run = m.optional("dry_run", Kind::boolean),
               *partial = m.optional("partial", Kind::boolean);
    if (const auto done = m.finish(); !done) return std::unexpected(done.error().to_json());
    Wishes out;
    if (within) out.within_ms = *within->integer();
    if (count) out.count = *count->integer();
    if (since) out.since = *since->string();
    out.dry_run = dry_run && *dry_run->boolean();
    out.partial = partial && *partial->boolean();
    if (out.within_ms && (*out.within_ms < 1 || *out.within_ms > ChangeLog::max_within_ms))
        return refused("syntax error", "\"confirm_within\" must be from 1 ms to 7 days");
    return out;
}

}  // namespace

Result<> Server::keep_changes(const std::string& name, ChangeLog::Options options, Time now) {
    const auto it = databases_.find(name);
    if (it == databases_.end()) return fail("no database named " + name);
    it->second->changes = std::make_unique<ChangeLog>(std::move(options), now);
    return {};
}

std::vector<Json> Server::change_records(const std::string& name) const {
    return databases_.at(name)->changes->records();
}

void Server::changes_request(Session& session, const Message& request, Time now) {
    const std::string id = codec::format_json(request.id);
    const auto answer = [&](Reply text) { reply(session, id, text); };
    const auto found = database_of(request);
    if (!found) return answer(std::unexpected(found.error()));
    Served& served = **found;
    if (!served.changes)
        return answer(
            refused("not supported", served.source
                                         ? "a relay keeps no changes of " + served.name() + ": ask its source"
                                         : "no changes of " + served.name() + " are kept"));
    if (request.method != "weft_history") {
        // They take back what others did, which no rule speaks of.
        if (const Identity& who = session.options.identity; is_restricted(served.db->schema(), who))
            return answer(std::unexpected(prohibited(who, "\"" + request.method + "\" of database " +
                                                              served.name() + ": use \"transact\"")
                                              .to_json()));
        if (is_read_only(session, served))
            return answer(
                refused("not allowed",
                        request.method + " is not allowed when the database server is in read only mode"));
    }
    Blocked step{
        .session = session.id, .id = id, .params = request.params, .received = now, .method = request.method};
    if (served.clustered) return enqueue(served, std::move(step), now);
    auto planned = plan(served, step, now, nullptr);
    if (!planned) return answer(std::unexpected(planned.error()));
    const bool is_made = !planned->changes.empty();
    Reply text = carry_out(served, std::move(*planned), now);
    if (session.congested) catch_up(session);
    if (served.storage && is_made && text)
        reply_when_durable(session, served, id, std::move(text));
    else
        answer(std::move(text));
}

Server::Planned Server::plan(Served& served, const Blocked& request, Time now, std::set<std::string>* locks) {
    if (request.method == "weft_history") return history(served, request.params);
    if (request.method == "weft_confirm") return plan_confirm(served, request.params);
    if (request.method == "weft_apply") return plan_apply(served, request, now, locks);
    if (request.method == "weft_revert") return plan_revert(served, request, now);
    return std::unexpected(Json("unknown method"));
}

Server::Planned Server::history(const Served& served, const JsonArray& params) {
    const Wishes wishes = TRY(parse_wishes(params.size() > 1 ? params[1] : Json(JsonObject())));
    const Schema& schema = served.db->schema();
    const auto& all = served.changes->transactions();
    const size_t count = wishes.count ? static_cast<size_t>(std::max<int64_t>(*wishes.count, 0)) : all.size();
    JsonArray out;
    for (size_t i = all.size() - std::min(count, all.size()); i < all.size(); ++i) {
        const std::string& id = served.changes->id_of(all[i], schema);
        JsonObject one{{"changes", change_json(all[i].changes, schema)},
                       {"comment", all[i].changes.comment},
                       {"date", all[i].date_ms},
                       {"id", id}};
        if (const auto* pending = served.changes->find_pending(id)) {
            one.set("state", "pending");
            one.set("deadline", pending->deadline_ms);
        } else if (const auto* ended = served.changes->end_of(id)) {
            one.set("state", ended->how);
            one.set("ended", ended->date_ms);
            one.set("details", texts(ended->details));
        }
        out.emplace_back(std::move(one));
    }
    return Step{.reply = codec::format_json(Json(std::move(out)))};
}

Server::Planned Server::plan_confirm(const Served& served, const JsonArray& params) {
    const std::string* id = params.size() == 2 ? params[1].string() : nullptr;
    if (!id) return refused("syntax error", "weft_confirm takes a database and the id of a transaction");
    ChangeLog& log = *served.changes;
    std::vector<std::string> matching;
    for (const auto& p : log.pending())
        if (id->size() >= 4 && p.id.starts_with(*id)) matching.push_back(p.id);
    if (matching.size() > 1) return refused("ambiguous", "several pending transactions begin with " + *id);
    if (matching.empty()) {
        for (const auto& e : log.ended())
            if (id->size() >= 4 && e.id.starts_with(*id))
                return refused("not pending",
                               "transaction " + e.id + " is not pending any more: it was " + e.how);
        return refused("not pending",
                       "no transaction \"" + *id + "\" waits for a confirmation (weft db history)");
    }
    if (log.find_pending(matching[0])->in_hand)
        return refused("not pending", "transaction " + matching[0] + " is being rolled back");
    return Step{.reply = codec::format_json(Json::object({{"id", matching[0]}})),
                .ends = log.ending(matching[0], "confirmed")};
}

/// What commits `changes`, and is recorded as pending with `within_ms`.
Server::Planned Server::prepare(Served& served, Changes changes, const Making& how) {
    ChangeLog& log = *served.changes;
    const Schema& schema = served.db->schema();
    Json json = change_json(changes, schema);
    if (const auto* other = log.overlapping(json, how.instead_of))
        return refused("overlaps", "transaction " + other->id +
                                       " changes the same and waits for its confirmation: confirm it, or "
                                       "wait until it is rolled back");
    if (how.within_ms && !served.clustered && !log.can_wait())
        return refused("not supported", "database " + served.name() +
                                            " has no place that keeps a roll-back over a restart: apply "
                                            "without a confirmation");
    const int64_t date_ms = log.next_date_ms();
    const std::string id = ChangeLog::id_of(changes, schema, date_ms);
    Step out{.about = {{"changes", json}, {"id", id}}};
    if (how.within_ms) {
        out.begins = {.id = id,
                      .comment = changes.comment,
                      .date_ms = date_ms,
                      .deadline_ms = date_ms + *how.within_ms,
                      .within_ms = *how.within_ms,
                      .changes = std::move(json),
                      .due = how.now + std::chrono::milliseconds(*how.within_ms)};
        out.about.set("deadline", out.begins->deadline_ms);
    }
    out.changes = std::move(changes);
    return out;
}

/// In a database of this server alone. A transaction that needs a confirmation is recorded first; an end that
/// comes with changes is recorded when they are on the disk.
Server::Reply Server::carry_out(Served& served, Step step, Time now) {
    ChangeLog& log = *served.changes;
    if (step.begins)
        if (const auto begun = log.begin(*step.begins); !begun) {
            log.forget_date();
            return std::unexpected(io_error(begun.error()).to_json());
        }
    if (step.changes.empty() && step.ends) {
        if (const auto done = log.end(*step.ends); !done)
            return std::unexpected(io_error(done.error()).to_json());
        tell_end(served, *step.ends);
    }
    if (step.changes.empty()) return std::move(step.reply);
    if (const auto stored = store(served, step.changes); !stored) {
        if (step.begins) std::ignore = log.end(log.ending(step.begins->id, "not made"));
        return std::unexpected(io_error(stored.error()).to_json());
    }
    commit(served, std::move(step.changes));
    // One that was pending ends now, as if its time were over; there is nothing left to take back.
    if (auto* pending = step.ends ? log.find_pending(step.ends->id) : nullptr) pending->due = now;
    retry_blocked(served, now);
    return std::move(step.reply);
}

/// Others have changed the same as `changes` since the transaction `since`, as far as is known.
bool Server::have_changed(const Served& served, const std::string& since, const Changes& changes) {
    if (since == served.last_transaction.to_string()) return false;
    const auto id = Uuid::parse(since);
    const auto missed = id ? served.history.since(*id) : std::nullopt;
    const Schema& schema = served.db->schema();
    return !missed || overlap(change_json(missed->merged(), schema), change_json(changes, schema));
}

Server::Planned Server::plan_apply(Served& served, const Blocked& request, Time now,
                                   std::set<std::string>* locks) {
    if (request.params.size() < 2)
        return refused("syntax error", "weft_apply takes a database, options and operations");
    const Wishes wishes = TRY(parse_wishes(request.params[1]));
    TransactResult result = transact(*served.db, request.params, 2,
                                     {.prng = prng_, .owns_lock = owns_lock(request.session, locks)});
    if (result.status == TransactResult::Status::blocked)
        return refused("not allowed", "weft_apply does not wait: use \"wait\" with a timeout of 0");
    if (!wishes.since.empty() && have_changed(served, wishes.since, result.changes))
        return refused("changed", "what it changes has been changed since it was read");
    Step out;
    if (!result.changes.empty())
        out = TRY(prepare(served, std::move(result.changes), {.now = now, .within_ms = wishes.within_ms}));
    out.reply = "[" + codec::format_json(Json(out.about)) + (result.results == "[]" ? "" : ",") +
                result.results.substr(1);
    return out;
}

Server::Planned Server::plan_revert(Served& served, const Blocked& request, Time now) {
    const JsonArray& params = request.params;
    const std::string* which = params.size() == 3 ? params[1].string() : nullptr;
    if (!which)
        return refused("syntax error", "weft_revert takes a database, the id of a transaction and options");
    const Wishes wishes = TRY(parse_wishes(params[2]));
    const Schema& schema = served.db->schema();
    const auto transaction = served.changes->find(*which, schema);
    if (!transaction) return refused("unknown transaction", transaction.error().message);
    const std::string reverted = served.changes->id_of(**transaction, schema);
    const auto* pending = served.changes->find_pending(reverted);
    if (pending && pending->in_hand)
        return refused("not allowed", "transaction " + reverted + " is being rolled back");
    auto back = undo(*served.db, (*transaction)->changes, prng_);
    if (!back) return std::unexpected(back.error().to_json());
    const auto conflicts = texts(back->conflicts);
    const bool is_made = !wishes.dry_run && (wishes.partial || conflicts.empty()) && !back->changes.empty();
    Step out{.about = {{"changes", change_json(back->changes, schema)}}};
    if (is_made) {
        back->changes.comment = "weft: reverts transaction " + reverted;
        out = TRY(prepare(served, std::move(back->changes),
                          {.now = now, .within_ms = wishes.within_ms, .instead_of = reverted}));
        if (pending) out.ends = served.changes->ending(reverted, "rolled back", conflicts);
    }
    out.about.set("reverts", reverted);
    out.about.set("conflicts", texts(conflicts));
    out.about.set("made", is_made);
    out.reply = codec::format_json(Json::array({out.about}));
    return out;
}

// ---- time passes

/// Of a cluster's servers the leader does; were two to lead, the log would take the end of one.
bool Server::rolls_back(const Served& served) {
    if (!served.changes || served.is_backup || served.source) return false;
    if (!served.clustered) return true;
    const Cluster::State state = served.clustered->log.state();
    return state.connected && state.leader;
}

void Server::roll_back_due(Served& served, Time now) {
    while (rolls_back(served) && served.changes->deadline() <= now) {
        const auto& all = served.changes->pending();
        const std::string id =
            std::ranges::find_if(all, [&](const auto& p) { return !p.in_hand && p.due <= now; })->id;
        if (!served.clustered) {
            roll_back(served, id, now);
            continue;
        }
        served.changes->find_pending(id)->in_hand = true;
        enqueue(served, {.session = {}, .id = {}, .params = {}, .received = now, .roll_back = id}, now);
    }
}

void Server::tell_end(const Served& served, const ChangeLog::Ended& ended) const {
    if (ended.how == "confirmed") {
        LOG(log_, info, "{}: transaction {} is confirmed", served.name(), ended.id);
    } else if (ended.how == "failed") {
        LOG(log_, err, "{}: transaction {} was not confirmed and cannot be rolled back: {}", served.name(),
            ended.id, ended.details.front());
    } else {
        LOG(log_, warn, "{}: transaction {} was not confirmed and is rolled back", served.name(), ended.id);
        for (const std::string& conflict : ended.details)
            LOG(log_, warn, "{}: not rolled back: {}", served.name(), conflict);
    }
}

/// Nothing if the transaction is not pending any more.
Server::Step Server::plan_roll_back(const Served& served, const std::string& id) {
    const ChangeLog& log = *served.changes;
    const auto* pending = served.changes->find_pending(id);
    if (!pending) return {};
    const auto failed = [&](const OpError& why) {
        return Step{.ends = log.ending(id, "failed", {why.to_string()})};
    };
    const auto done = parse_change_json(pending->changes, served.db->schema());
    if (!done) return failed(done.error());
    auto back = undo(*served.db, *done, prng_);
    if (!back) return failed(back.error());
    back->changes.comment = "weft: rolls back transaction " + id + ", which was not confirmed within " +
                            std::to_string(pending->within_ms / 1000) + " s";
    return {.changes = std::move(back->changes),
            .ends = log.ending(id, "rolled back", texts(back->conflicts))};
}

void Server::roll_back(Served& served, const std::string& id, Time now) {
    ChangeLog::Pending& pending = *served.changes->find_pending(id);
    const auto later = [&](const std::string& why) {
        LOG(log_, err, "{}: transaction {} is not rolled back yet: {}", served.name(), id, why);
        pending.due = now + roll_back_retry_interval;
    };
    Step step = plan_roll_back(served, id);
    if (step.ends->how == "failed") {
        tell_end(served, *step.ends);
        if (const auto ended = served.changes->end(*step.ends); !ended) later(ended.error().message);
        return;
    }
    if (!step.changes.empty()) {
        if (const auto stored = store(served, step.changes); !stored) return later(stored.error().message);
        commit(served, std::move(step.changes));
    }
    tell_end(served, *step.ends);
    pending.conflicts = std::move(step.ends->details);
    pending.in_hand = true;
    // It is over once the disk has it: until then a restart rolls back once more.
    const uint64_t ticket = next_ticket_++;
    rolling_back_[ticket] = {served.name(), id};
    if (served.storage)
        served.storage->sync(ticket);
    else
        roll_back_synced(ticket, {});
    retry_blocked(served, now);
}

void Server::roll_back_synced(uint64_t ticket, const Result<>& result) {
    const auto it = rolling_back_.find(ticket);
    if (it == rolling_back_.end()) return;
    const auto [name, id] = it->second;
    rolling_back_.erase(it);
    const auto served = databases_.find(name);
    auto* log = served == databases_.end() ? nullptr : served->second->changes.get();
    auto* pending = log ? log->find_pending(id) : nullptr;
    if (!pending) return;
    auto ended = result ? log->end(log->ending(id, "rolled back", pending->conflicts)) : result;
    if (ended) return;
    LOG(log_, err, "{}: the roll-back of transaction {} is not on the disk: {}", name, id,
        ended.error().message);
    pending->in_hand = false;  // again later; that changes nothing that is back already
    pending->due += roll_back_retry_interval;
}

}  // namespace weft::ovsdb
