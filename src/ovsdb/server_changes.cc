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

constexpr Duration retry_interval = 5s;  // of a roll-back that the disk refused

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
    if (request.method == "weft_history") return answer(history(served, request));
    // They take back what others did, which no rule speaks of.
    if (const Identity& who = session.options.identity; is_restricted(served.db->schema(), who))
        return answer(std::unexpected(
            prohibited(who, "\"" + request.method + "\" of database " + served.name() + ": use \"transact\"")
                .to_json()));
    if (is_read_only(session, served))
        return answer(refused(
            "not allowed", request.method + " is not allowed when the database server is in read only mode"));
    if (request.method == "weft_confirm") return answer(confirm(served, request));
    if (request.method == "weft_apply") return apply(session, served, request, now);
    if (request.method == "weft_revert") return revert(session, served, request, now);
    answer(std::unexpected(Json("unknown method")));
}

Server::Reply Server::history(Served& served, const Message& request) {
    const Wishes wishes =
        TRY(parse_wishes(request.params.size() > 1 ? request.params[1] : Json(JsonObject())));
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
    return codec::format_json(Json(std::move(out)));
}

Server::Reply Server::confirm(Served& served, const Message& request) {
    const std::string* id = request.params.size() == 2 ? request.params[1].string() : nullptr;
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
    if (const auto done = log.end(matching[0], "confirmed"); !done)
        return std::unexpected(io_error(done.error()).to_json());
    LOG(log_, info, "{}: transaction {} is confirmed", served.name(), matching[0]);
    return codec::format_json(Json::object({{"id", matching[0]}}));
}

/// Commits `changes`; the information about it that the client gets. With `within_ms` it is recorded as
/// pending first.
std::expected<JsonObject, Json> Server::make(Served& served, Changes changes, const Making& how) {
    ChangeLog& log = *served.changes;
    const Schema& schema = served.db->schema();
    const Json json = change_json(changes, schema);
    if (const auto* other = log.overlapping(json, how.instead_of))
        return refused("overlaps", "transaction " + other->id +
                                       " changes the same and waits for its confirmation: confirm it, or "
                                       "wait until it is rolled back");
    if (how.within_ms && !log.can_wait())
        return refused("not supported", "database " + served.name() +
                                            " has no place that keeps a roll-back over a restart: apply "
                                            "without a confirmation");
    const int64_t date_ms = log.next_date_ms();
    const std::string id = ChangeLog::id_of(changes, schema, date_ms);
    JsonObject out{{"changes", json}, {"id", id}};
    if (how.within_ms) {
        ChangeLog::Pending pending{.id = id,
                                   .comment = changes.comment,
                                   .date_ms = date_ms,
                                   .deadline_ms = date_ms + *how.within_ms,
                                   .within_ms = *how.within_ms,
                                   .changes = json,
                                   .due = how.now + std::chrono::milliseconds(*how.within_ms)};
        out.set("deadline", pending.deadline_ms);
        if (const auto begun = log.begin(std::move(pending)); !begun) {
            log.forget_date();
            return std::unexpected(io_error(begun.error()).to_json());
        }
    }
    if (const auto stored = store(served, changes); !stored) {
        if (how.within_ms) std::ignore = log.end(id, "not made");
        return std::unexpected(io_error(stored.error()).to_json());
    }
    commit(served, std::move(changes));
    return out;
}

/// Others have changed the same as `changes` since the transaction `since`, as far as is known.
bool Server::have_changed(const Served& served, const std::string& since, const Changes& changes) {
    if (since == served.last_transaction.to_string()) return false;
    const auto id = Uuid::parse(since);
    const auto missed = id ? served.history.since(*id) : std::nullopt;
    const Schema& schema = served.db->schema();
    return !missed || overlap(change_json(*missed, schema), change_json(changes, schema));
}

void Server::apply(Session& session, Served& served, const Message& request, Time now) {
    const std::string id = codec::format_json(request.id);
    const auto refuse = [&](const Json& error) { reply(session, id, std::unexpected(error)); };
    if (request.params.size() < 2)
        return refuse(refused("syntax error", "weft_apply takes a database, options and operations").error());
    const auto wishes = parse_wishes(request.params[1]);
    if (!wishes) return refuse(wishes.error());
    TransactResult result = transact(
        *served.db, request.params, 2,
        {.prng = prng_, .owns_lock = [&](const std::string& lock) { return locks_.owns(lock, session.id); }});
    if (result.status == TransactResult::Status::blocked)
        return refuse(
            refused("not allowed", "weft_apply does not wait: use \"wait\" with a timeout of 0").error());
    if (!wishes->since.empty() && have_changed(served, wishes->since, result.changes))
        return refuse(refused("changed", "what it changes has been changed since it was read").error());
    JsonObject about;
    if (!result.changes.empty()) {
        auto made = make(served, std::move(result.changes), {.now = now, .within_ms = wishes->within_ms});
        if (!made) return refuse(made.error());
        about = std::move(*made);
        retry_blocked(served, now);
    }
    std::string text = "[" + codec::format_json(Json(about)) + (result.results == "[]" ? "" : ",") +
                       result.results.substr(1);
    if (session.congested) catch_up(session);
    if (served.storage && !about.empty())
        reply_when_durable(session, served, id, std::move(text));
    else
        reply(session, id, std::move(text));
}

void Server::revert(Session& session, Served& served, const Message& request, Time now) {
    const std::string id = codec::format_json(request.id);
    const auto refuse = [&](const Json& error) { reply(session, id, std::unexpected(error)); };
    const std::string* which = request.params.size() == 3 ? request.params[1].string() : nullptr;
    if (!which)
        return refuse(
            refused("syntax error", "weft_revert takes a database, the id of a transaction and options")
                .error());
    const auto wishes = parse_wishes(request.params[2]);
    if (!wishes) return refuse(wishes.error());
    const Schema& schema = served.db->schema();
    const auto transaction = served.changes->find(*which, schema);
    if (!transaction) return refuse(refused("unknown transaction", transaction.error().message).error());
    const std::string reverted = served.changes->id_of(**transaction, schema);
    if (const auto* pending = served.changes->find_pending(reverted); pending && pending->in_hand)
        return refuse(refused("not allowed", "transaction " + reverted + " is being rolled back").error());
    auto back = undo(*served.db, (*transaction)->changes, prng_);
    if (!back) return refuse(back.error().to_json());
    const auto conflicts = texts(back->conflicts);
    JsonObject about{{"changes", change_json(back->changes, schema)}, {"reverts", reverted}};
    const bool is_made = !wishes->dry_run && (wishes->partial || conflicts.empty()) && !back->changes.empty();
    if (is_made) {
        back->changes.comment = "weft: reverts transaction " + reverted;
        auto made = make(served, std::move(back->changes),
                         {.now = now, .within_ms = wishes->within_ms, .instead_of = reverted});
        if (!made) return refuse(made.error());
        about = std::move(*made);
        about.set("reverts", reverted);
        // One that was pending ends now, as if its time were over; there is nothing left to take back.
        if (auto* pending = served.changes->find_pending(reverted)) pending->due = now;
        retry_blocked(served, now);
    }
    about.set("conflicts", texts(conflicts));
    about.set("made", is_made);
    std::string text = codec::format_json(Json::array({std::move(about)}));
    if (session.congested) catch_up(session);
    if (served.storage && is_made)
        reply_when_durable(session, served, id, std::move(text));
    else
        reply(session, id, std::move(text));
}

// ---- time passes

void Server::roll_back_due(Served& served, Time now) {
    if (!served.changes || served.is_backup || served.source) return;
    while (served.changes->deadline() <= now) {
        for (const auto& p : served.changes->pending())
            if (!p.in_hand && p.due <= now) {
                roll_back(served, std::string(p.id), now);
                break;
            }
    }
}

void Server::roll_back(Served& served, const std::string& id, Time now) {
    ChangeLog::Pending& pending = *served.changes->find_pending(id);
    const auto later = [&](const std::string& why) {
        LOG(log_, err, "{}: transaction {} is not rolled back yet: {}", served.name(), id, why);
        pending.due = now + retry_interval;
    };
    const auto failed = [&](const std::string& why) {
        LOG(log_, err, "{}: transaction {} was not confirmed and cannot be rolled back: {}", served.name(),
            id, why);
        if (const auto ended = served.changes->end(id, "failed", {why}); !ended) later(ended.error().message);
    };
    const auto done = parse_change_json(pending.changes, served.db->schema());
    if (!done) return failed(done.error().to_string());
    auto back = undo(*served.db, *done, prng_);
    if (!back) return failed(back.error().to_string());
    pending.conflicts = texts(back->conflicts);
    if (!back->changes.empty()) {
        back->changes.comment = "weft: rolls back transaction " + id + ", which was not confirmed within " +
                                std::to_string(pending.within_ms / 1000) + " s";
        if (const auto stored = store(served, back->changes); !stored) return later(stored.error().message);
        commit(served, std::move(back->changes));
    }
    LOG(log_, warn, "{}: transaction {} was not confirmed and is rolled back", served.name(), id);
    for (const std::string& conflict : pending.conflicts)
        LOG(log_, warn, "{}: not rolled back: {}", served.name(), conflict);
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
    auto ended = result ? log->end(id, "rolled back", pending->conflicts) : result;
    if (ended) return;
    LOG(log_, err, "{}: the roll-back of transaction {} is not on the disk: {}", name, id,
        ended.error().message);
    pending->in_hand = false;  // again later; that changes nothing that is back already
    pending->due += retry_interval;
}

}  // namespace weft::ovsdb
