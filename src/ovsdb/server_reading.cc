// SPDX-License-Identifier: Apache-2.0
// Answers that take reading many rows: made aside, of the version that was the newest when they were asked
// for.
#include <algorithm>
#include <ranges>

#include "ovsdb/server_state.h"
#include "ovsdb/working_set.h"

namespace weft::ovsdb {

bool Server::is_long(const Snapshot& snapshot, const MonitorRequest& request) const {
    size_t rows = 0;
    for (const MonitoredTable& table : request.tables) rows += snapshot.tables[table.table].size();
    return rows >= aside_min_rows_;
}

/// Of what a client is told when it wants `next`.
bool Server::is_long(const OwnMonitor& own, const MonitorRequest& next) const {
    const MonitorRequest& before = own.monitor.group->request;
    size_t rows = own.monitor.behind ? position_ - own.monitor.behind->position : 0;
    for (size_t i = 0; i < next.tables.size(); ++i)
        if (next.tables[i].condition != before.tables[i].condition)
            rows += own.served->db->snapshot().tables[next.tables[i].table].size();
    return rows >= aside_min_rows_;
}

/// True for selects only, of which one has to look at many rows.
bool Server::is_long(const Database& db, const codec::JsonArray& params) const {
    bool scans_many = false;
    for (const codec::Json& operation : params | std::views::drop(1)) {
        const codec::Json* op = operation.find("op");
        if (!op || !op->string() || *op->string() != "select") return false;
        const codec::Json *name = operation.find("table"), *where = operation.find("where");
        if (!name || !name->string() || !where || !where->is_array() || scans_many) continue;
        const TableSchema* table = db.schema().find(*name->string());
        if (!table || db.snapshot()[*table].size() < aside_min_rows_) continue;
        const auto condition = Condition::parse(*where, *table);
        scans_many = condition && WorkingSet::scans(*table, *condition);
    }
    return scans_many;
}

void Server::read_aside(Session& session, const std::string& id, OwnMonitor* monitor, MakeText make) {
    const uint64_t ticket = next_ticket_++;
    session.replies.push_back({.ticket = ticket, .id = id, .reply = {}, .position = position_});
    if (monitor) {
        session.replies.back().first_answer_of = {monitor->monitor.id, ticket};
        monitor->first_answer = ticket;
    }
    auto text = std::make_shared<std::string>();
    aside_(
        [text, make = std::move(make)]() mutable {
            *text = make();
            make = nullptr;  // what it held on to may be much by now, and goes here
        },
        [this, alive = alive_, session = session.id, ticket, text] {
            if (*alive) have_read(session, ticket, std::move(*text));
        });
}

void Server::have_read(SessionId id, uint64_t ticket, Reply reply) {
    const auto session = sessions_.find(id);
    if (session == sessions_.end()) return;
    auto& replies = session->second->replies;
    const auto waiting = std::ranges::find(replies, ticket, &Session::Waiting::ticket);
    if (waiting == replies.end()) return;  // was canceled
    waiting->ticket = 0;
    waiting->reply = std::move(reply);
    flush_replies(*session->second);
}

/// Lets updates of the monitor go, and requests that would have changed it meanwhile.
void Server::first_answer_left(Session& session, const ForMonitor& of) {
    const auto it = session.monitors.find(of.id);
    if (it != session.monitors.end() && it->second->first_answer == of.ticket) {
        it->second->first_answer = 0;
        if (!session.congested) catch_up(session);
    }
    hear_deferred(session);
}

uint64_t Server::update_aside(Session& session, OwnMonitor& own, const MonitorRequest& before) {
    const uint64_t ticket = own.update = next_ticket_++;
    Seen now = seen_now(*own.served);
    if (!own.monitor.behind) own.monitor.behind = now;
    auto updates = std::make_shared<std::vector<std::string>>();
    auto make = [updates, before, wanted = own.monitor.group->request, to = now.version,
                 from = std::move(own.monitor.behind->version)] {
        updates->push_back(format_changes(before, *to.schema, Changes::between(from, to).rows));
        updates->push_back(format_condition_change(before, wanted, to));
    };
    aside_(std::move(make),
           [this, alive = alive_, session = session.id, what = ForMonitor{own.monitor.id, ticket},
            now = std::move(now), updates]() mutable {
               if (!*alive) return;
               have_updated(session, what, std::move(now), std::move(*updates));
               have_read(session, what.ticket, "{}");  // of a request for other conditions
           });
    return ticket;
}

/// The client has now seen `seen`. What came meanwhile is told aside again if it is much: each round has less
/// to tell, as long as the writers do not outrun it; if they do, the client is told less often.
void Server::have_updated(SessionId id, const ForMonitor& what, Seen seen, std::vector<std::string> updates) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second->closing) return;
    Session& session = *found->second;
    const auto it = session.monitors.find(what.id);
    if (it == session.monitors.end() || it->second->update != what.ticket) return;
    OwnMonitor& own = *it->second;
    own.update = 0;
    for (std::string& update : updates) tell(own.monitor, seen.transaction, std::move(update));
    own.monitor.behind = std::move(seen);
    hear_deferred(session);  // before the next round, so that its turn comes
    if (!session.congested || !session.replies.empty()) catch_up(session);
    flush_replies(session);
}

/// Whether the client was told of what had changed by `position`, or will be at once.
bool Server::has_seen(const Session& session, uint64_t position) {
    return std::ranges::none_of(std::views::values(session.monitors), [&](const auto& own) {
        return own->is_waiting() && own->monitor.behind->position < position;
    });
}

/// The monitor ends. What the client saw may be kept for it alone, and then goes aside.
void Server::forget(OwnMonitor& own) {
    own.served->monitors.remove(own.monitor);
    auto& behind = own.monitor.behind;
    if (behind && position_ - behind->position >= aside_min_rows_)
        aside_([gone = std::move(behind->version)] {}, [] {});
}

void Server::hear_deferred(Session& session) {
    for (auto& [request, received] : std::exchange(session.deferred, {}))
        receive(session.id, std::move(request), received);
}

/// True if `request` is one to be heard later: behind a transaction whose rows are looked for; or, until what
/// is made aside for monitors has left, if it changes a condition, or comes behind such a one and is about
/// monitors too.
bool Server::defer(Session& session, jsonrpc::Message& request, Time now) {
    const auto waits_for_monitors = [&] {
        return request.method.starts_with(session.deferred.empty() ? "monitor_cond_change" : "monitor") &&
               std::ranges::any_of(std::views::values(session.monitors),
                                   [](const auto& own) { return own->is_waiting(); });
    };
    if (!session.preparing && !waits_for_monitors()) return false;
    session.deferred.emplace_back(std::move(request), now);
    return true;
}

// ---- transactions that have to look at all rows of a table

void Server::search_aside(Session& session, RowSearch search) {
    session.preparing->position = position_;
    auto shared = std::make_shared<RowSearch>(std::move(search));
    aside_([shared, now = session.preparing->served->db->snapshot()] { shared->advance(now); },
           [this, alive = alive_, session = session.id, shared] {
               if (*alive) have_searched(session, std::move(*shared));
           });
}

/// Runs the transaction, unless so much has changed meanwhile that a look at it is better taken aside, too.
void Server::have_searched(SessionId id, RowSearch search) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Session& session = *found->second;
    if (Preparing& s = *session.preparing;
        !s.is_canceled && position_ - s.position >= aside_min_rows_ && ++s.rounds <= max_rounds_aside)
        return search_aside(session, std::move(search));
    const std::unique_ptr<Preparing> done = std::move(session.preparing);
    if (!done->is_canceled) {
        done->transaction.search = std::move(search);
        const Time received = done->transaction.received;
        start(*done->served, std::move(done->transaction), received);
    }
    hear_deferred(session);
}

}  // namespace weft::ovsdb
