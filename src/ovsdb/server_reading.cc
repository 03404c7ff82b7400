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
    session.replies.push_back({.ticket = ticket, .id = id, .reply = {}});
    if (monitor) {
        session.replies.back().monitor = {monitor->monitor.id, ticket};
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
void Server::first_answer_left(Session& session, const FirstAnswer& of) {
    const auto it = session.monitors.find(of.monitor);
    if (it != session.monitors.end() && it->second->first_answer == of.ticket) {
        it->second->first_answer = 0;
        if (!session.congested) catch_up(session);
    }
    for (jsonrpc::Message& request : std::exchange(session.deferred, {}))
        receive(session.id, std::move(request), Time{});  // none of those asks what time it is
}

/// True if `request` is one to be heard once the first answers have left: it changes a condition, or comes
/// behind such a one and is about monitors too.
bool Server::defer(Session& session, jsonrpc::Message& request) {
    if (!request.method.starts_with(session.deferred.empty() ? "monitor_cond_change" : "monitor") ||
        std::ranges::none_of(std::views::values(session.monitors),
                             [](const auto& own) { return own->first_answer != 0; }))
        return false;
    session.deferred.push_back(std::move(request));
    return true;
}

}  // namespace weft::ovsdb
