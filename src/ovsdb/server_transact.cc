// SPDX-License-Identifier: Apache-2.0
// Transactions of sessions: run, commit, wait, cancel; conversion to another schema.
#include <algorithm>

#include "codec/json_text.h"
#include "ovsdb/log_record.h"
#include "ovsdb/server_state.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using jsonrpc::Message;

bool writes(const Json& operation) {
    const Json* op = operation.find("op");
    const std::string name = op && op->string() ? *op->string() : "";
    return name == "insert" || name == "update" || name == "mutate" || name == "delete";
}

/// A transaction that writes to _Server is refused at its first operation that does.
std::optional<std::string> reserved_results(const codec::JsonArray& params) {
    std::string out = "[";
    for (size_t i = 1; i < params.size(); ++i) {
        if (!writes(params[i])) continue;
        for (size_t before = 1; before < i; ++before) out += "{},";
        codec::append_json(out, OpError{"not allowed",
                                        *params[i].find("op")->string() +
                                            " operation not allowed on table in reserved database _Server",
                                        {}}
                                    .to_json());
        for (size_t after = i + 1; after < params.size(); ++after) out += ",null";
        return out + "]";
    }
    return std::nullopt;
}

}  // namespace

void Server::transact_request(Session& session, Message request, Time now) {
    const std::string id = codec::format_json(request.id);
    auto served = database_of(request);
    if (!served) return reply(session, id, std::unexpected(served.error()));
    if (is_waiting(session.id, id))
        return reply(
            session, id,
            std::unexpected(
                syntax_error(Json(request.params), "transact: duplicate request ID").error().to_json()));
    if (!(*served)->clustered && is_long(*(*served)->db, request.params))
        return read_aside(session, id, nullptr,
                          [now = (*served)->db->snapshot(), params = std::move(request.params)] {
                              Prng unused(0);
                              return transact(Database(now), params, 1, {.prng = unused}).results;
                          });
    if ((*served)->is_reserved)
        if (auto refused = reserved_results(request.params)) return reply(session, id, *refused);
    if ((*served)->source && !is_read_only(session, **served) &&
        std::ranges::any_of(request.params, writes) &&
        !is_restricted((*served)->db->schema(), session.options.identity))
        return forward(session.id, **served, id, std::move(request.params));
    Blocked transaction{
        .session = session.id, .id = id, .params = std::move(request.params), .received = now};
    if (RowSearch search((*served)->db->snapshot(), transaction.params, aside_min_rows_); !search.empty()) {
        session.preparing = std::make_unique<Preparing>(std::move(transaction), *served);
        return search_aside(session, std::move(search));
    }
    start(**served, std::move(transaction), now);
}

void Server::start(Served& served, Blocked transaction, Time now) {
    if (served.clustered) return enqueue(served, std::move(transaction), now);
    const uint64_t before = served.version;
    if (!run(served, transaction, now)) {
        served.blocked.push_back(std::move(transaction));
    } else if (served.version != before) {
        retry_blocked(served, now);
    }
}

void Server::forward(SessionId session, Served& served, const std::string& id, codec::JsonArray params) {
    served.source->forward(std::move(params), [this, session, id](const Message& answer) {
        const auto it = sessions_.find(session);
        if (it == sessions_.end()) return;
        if (answer.kind == Message::Kind::error)
            reply(*it->second, id, std::unexpected(answer.result));
        else
            reply(*it->second, id, codec::format_json(answer.result));
    });
}

bool Server::is_waiting(SessionId session, const std::string& id) const {
    const auto is_it = [&](const Blocked& b) { return b.session == session && b.id == id; };
    return std::ranges::any_of(databases_, [&](const auto& item) {
        const Served& served = *item.second;
        if (std::ranges::any_of(served.blocked, is_it)) return true;
        if (!served.clustered) return false;
        return std::ranges::any_of(served.clustered->queue, is_it) ||
               (served.clustered->round &&
                std::ranges::any_of(served.clustered->round->items, is_it, &Round::Item::transaction));
    });
}

TransactResult Server::attempt(Served& served, Blocked& transaction, Time now, std::set<std::string>* owned) {
    const Session& session = *sessions_.at(transaction.session);
    transaction.search.advance(served.db->snapshot());
    return transact(*served.db, transaction.params, 1,
                    {.prng = prng_,
                     .read_only = is_read_only(session, served),
                     .identity = session.options.identity,
                     .elapsed = now - transaction.received,
                     .owns_lock = owns_lock(session.id, owned),
                     .search = &transaction.search});
}

std::function<bool(const std::string&)> Server::owns_lock(SessionId session,
                                                          std::set<std::string>* owned) const {
    return [this, session, owned](const std::string& lock) {
        const bool owns = locks_.owns(lock, session) && lock_is_ours(lock);
        if (owns && owned) owned->insert(lock);
        return owns;
    };
}

bool Server::run(Served& served, Blocked& transaction, Time now) {
    Session& session = *sessions_.at(transaction.session);
    TransactResult result = attempt(served, transaction, now);
    if (result.status == TransactResult::Status::blocked) {
        transaction.deadline = result.deadline ? transaction.received + *result.deadline : never;
        transaction.tried_at = served.version;
        return false;
    }
    if (served.source && !result.changes.empty()) {
        // A relay judges whom it knows, as its source cannot; what changes nothing here is answered here.
        forward(session.id, served, transaction.id, std::move(transaction.params));
        return true;
    }
    if (!result.changes.empty()) {
        const auto stored = store(served, result.changes);
        if (!stored) {
            result.results.back() = ',';
            codec::append_json(result.results, io_error(stored.error()).to_json());
            result.results += ']';
            result.durable = false;
        } else {
            commit(served, std::move(result.changes));
        }
    }
    if (session.congested) catch_up(session);  // what it changed comes before the result
    if (result.durable && served.storage)
        reply_when_durable(session, served, transaction.id, std::move(result.results));
    else
        reply(session, transaction.id, std::move(result.results));
    return true;
}

Result<> Server::store(Served& served, const Changes& changes) {
    if (!served.storage) return {};
    if (served.changes) served.storage->set_date(served.changes->next_date_ms());
    auto stored = served.storage->append(changes);
    if (!stored && served.changes) served.changes->forget_date();
    return stored;
}

void Server::commit(Served& served, Changes changes, std::optional<Uuid> id) {
    std::optional<Seen> before;  // needed by those only that will have to catch up
    if (congested_ > 0) before = seen_now(served);
    served.db->commit(changes);
    position_ += changes.rows.size();
    log_changes(served, changes);
    ++served.version;
    served.last_transaction = id ? *id : Uuid::random(prng_);
    served.monitors.for_each_told(served.db->schema(), changes,
                                  [&](const MonitorGroup& group, const SharedText& text) {
                                      for (Monitor* monitor : group.members) {
                                          Session& session = *sessions_.at(monitor->session);
                                          if (session.closing || monitor->behind) continue;
                                          if (session.congested)
                                              monitor->behind = before;
                                          else
                                              tell(*monitor, served.last_transaction, text);
                                      }
                                  });
    if (served.changes) served.changes->add(served.db->schema(), changes);
    served.history.add(served.last_transaction, std::move(changes), served.db->snapshot());
}

void Server::retry_blocked(Served& served, Time now) {
    for (bool progress = true; progress;) {
        progress = false;
        for (auto it = served.blocked.begin(); it != served.blocked.end();) {
            if (it->tried_at == served.version && now < it->deadline) {
                ++it;
                continue;
            }
            progress = true;
            if (served.clustered)
                served.clustered->queue.splice(served.clustered->queue.end(), served.blocked, it++);
            else
                it = run(served, *it, now) ? served.blocked.erase(it) : std::next(it);
        }
    }
    if (served.clustered) start_round(served, now);
}

void Server::tick(Time now) {
    for (auto& [name, served] : databases_) {
        roll_back_due(*served, now);
        retry_blocked(*served, now);
    }
}

Time Server::deadline() const {
    Time first = never;
    for (const auto& [name, served] : databases_) {
        for (const Blocked& b : served->blocked) first = std::min(first, b.deadline);
        if (rolls_back(*served)) first = std::min(first, served->changes->deadline());
    }
    return first;
}

void Server::cancel(Session& session, const Message& notification) {
    if (notification.params.size() != 1) return;
    const std::string id = codec::format_json(notification.params[0]);
    const auto is_it = [&](const Blocked& b) { return b.session == session.id && b.id == id; };
    size_t removed = session.deferred.remove_if([&](const auto& item) {
        return item.first.method == "transact" && codec::format_json(item.first.id) == id;
    });
    for (auto& [name, served] : databases_) {
        removed += served->blocked.remove_if(is_it);
        if (served->clustered) removed += served->clustered->queue.remove_if(is_it);
    }
    if (session.preparing && is_it(session.preparing->transaction))
        removed += !std::exchange(session.preparing->is_canceled, true);
    if (removed) reply(session, id, std::unexpected(Json("canceled")));
}

Json Server::execute(const std::string& name, codec::JsonArray operations, Time now) {
    Served& served = *databases_.at(name);
    TransactResult result = transact(*served.db, operations, 0, {.prng = prng_});
    CHECK(result.status != TransactResult::Status::blocked);
    if (!result.changes.empty()) {
        // What is on its way to the log was made for the database as it is.
        if (served.clustered &&
            (served.clustered->round || !format_record(result.changes, served.db->schema(), {}).empty()))
            return codec::JsonArray{op_error("not allowed", name + " is clustered").error().to_json()};
        const auto stored = store(served, result.changes);
        if (!stored) return codec::JsonArray{io_error(stored.error()).to_json()};
        commit(served, std::move(result.changes));
        retry_blocked(served, now);
    }
    return *codec::parse_json(result.results);
}

void Server::convert_request(Session& session, const Message& request, Time now) {
    const std::string id = codec::format_json(request.id);
    const auto served = database_of(request);
    if (!served) return reply(session, id, std::unexpected(served.error()));
    auto schema = schema_to_convert_to(session, **served, request);
    if (!schema) return reply(session, id, std::unexpected(schema.error()));
    if ((*served)->clustered)
        return enqueue(**served,
                       {.session = session.id,
                        .id = id,
                        .params = {},
                        .received = now,
                        .convert_to = std::move(*schema)},
                       now);
    Storage* storage = (*served)->storage.get();
    auto converting = std::make_shared<Converting>(Conversion(std::move(*schema), Prng(prng_.next())),
                                                   storage ? storage->replacement() : nullptr);
    if ((*served)->db->snapshot().row_count() < aside_min_rows_)
        return reply(session, id, convert(**served, *converting));
    session.preparing = std::make_unique<Preparing>(
        Blocked{.session = session.id, .id = id, .params = {}, .received = now}, *served);
    convert_aside(session, std::move(converting));
}

std::expected<SchemaPtr, Json> Server::schema_to_convert_to(const Session& session, const Served& served,
                                                            const Message& request) const {
    if (const Identity& who = session.options.identity; !who.role.empty())
        return std::unexpected(prohibited(who, "\"convert\" of database " + served.name() +
                                                   " (only the root role may convert databases)")
                                   .to_json());
    if (served.source || is_read_only(session, served)) {
        const std::string why = served.source
                                    ? "a relay takes over its source's schema: convert the database there"
                                    : "convert not allowed when database server is in read only mode";
        return std::unexpected(OpError{"not allowed", why, {}}.to_json());
    }
    if (request.params.size() != 2)
        return std::unexpected(syntax_error(Json(request.params), "array expected").error().to_json());
    const auto schema = parse_schema(request.params[1]);
    if (!schema) return std::unexpected(schema.error().to_json());
    const auto invalid = [](std::string details) {
        return std::unexpected(OpError{"invalid parameters", std::move(details), {}}.to_json());
    };
    if ((*schema)->name != served.name())
        return invalid("new schema name (" + (*schema)->name + ") does not match database name (" +
                       served.name() + ")");
    if (served.is_reserved) return invalid("the reserved database _Server cannot be converted");
    return *schema;
}

void Server::Converting::advance(const Snapshot& now) {
    auto changes = conversion.advance(now);
    if (!changes) {
        error = changes.error().to_json();
        return;
    }
    if (!file) return;
    const auto written = *changes
                             ? file->append(**changes)
                             : file->write(conversion.database().snapshot(), "converted by ovsdb-server");
    if (!written) error = io_error(written.error()).to_json();
}

void Server::convert_aside(Session& session, std::shared_ptr<Converting> what) {
    session.preparing->position = position_;
    aside_([what, now = session.preparing->served->db->snapshot()] { what->advance(now); },
           [this, alive = alive_, session = session.id, what] {
               if (*alive) have_converted(session, what);
           });
}

/// Puts what was made in the database's place, unless so much has changed meanwhile that another round aside
/// is better.
void Server::have_converted(SessionId id, const std::shared_ptr<Converting>& what) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = *found->second;
    Preparing& p = *session.preparing;
    const uint64_t changed = position_ - p.position;
    if (!p.is_canceled && !what->error && ++p.rounds <= max_rounds_aside &&
        (changed >= aside_min_rows_ || (changed > 0 && !what->conversion.can_follow())))
        return convert_aside(session, what);
    const std::unique_ptr<Preparing> done = std::move(session.preparing);
    if (!done->is_canceled) reply(session, done->transaction.id, convert(*done->served, *what));
    hear_deferred(session);
    if (changed_databases_) databases_changed(*std::exchange(changed_databases_, std::nullopt));
}

Server::Reply Server::convert(Served& served, Converting& what) {
    if (!what.error) what.advance(served.db->snapshot());
    if (what.error) return std::unexpected(*what.error);
    if (what.file)
        if (const auto placed = what.file->take_place(); !placed)
            return std::unexpected(io_error(placed.error()).to_json());
    replace_contents(served, what.conversion.take());
    update_server_row(served, true);
    changed_databases_ = "committed " + served.name() + " database schema conversion";
    return "{}";
}

void Server::replace_contents(Served& served, std::unique_ptr<Database> db) {
    std::swap(served.db, db);
    aside_([gone = std::move(db)] {}, [] {});
    ++served.version;
    ++generation_;
    served.last_transaction = Uuid::random(prng_);
    served.history.clear();
    if (served.changes) served.changes->forget_transactions();
    served.history.add(served.last_transaction, {}, served.db->snapshot());
    cancel_blocked(served);
    cancel_monitors(served);
}

}  // namespace weft::ovsdb
