// SPDX-License-Identifier: Apache-2.0
// The methods of RFC 7047 4.1 and ovsdb-server(7), but transact and convert.
#include <algorithm>

#include "codec/json_text.h"
#include "ovsdb/members.h"
#include "ovsdb/server_state.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using codec::JsonArray;
using jsonrpc::Message;

constexpr std::string_view locks_not_allowed = "lock and unlock methods not allowed, DB server is read only.";

constexpr const char* unknown_method = "unknown method";

std::unexpected<Json> error_json(const OpError& error) { return std::unexpected(error.to_json()); }

std::unexpected<Json> bad_params(const JsonArray& params, std::string details) {
    return error_json(syntax_error(Json(params), std::move(details)).error());
}

}  // namespace

void Server::receive(SessionId session_id, Message message, Time now) {
    Session& session = *sessions_.at(session_id);
    if (session.closing) return;
    if (message.kind == Message::Kind::notification) {
        if (message.method == "cancel")
            cancel(session, message);
        else
            LOG(log_, dbg, "{}: ignoring notification {}", session.options.name, message.method);
        return;
    }
    if (message.kind != Message::Kind::request) {
        LOG(log_, warn, "{}: received unexpected reply message", session.options.name);
        return disconnect(session, "protocol error");
    }
    if (defer(session, message, now)) return;
    if (message.method == "transact") return transact_request(session, std::move(message), now);
    if (!has_conditional_monitors_ &&
        (message.method == "monitor_cond" || message.method == "monitor_cond_since"))
        return reply(session, codec::format_json(message.id), std::unexpected(Json(unknown_method)));
    if (message.method.starts_with("weft_")) return changes_request(session, message, now);
    if (message.method == "convert")
        convert_request(session, message, now);
    else if (message.method == "monitor")
        monitor_request(session, message, UpdateFormat::update);
    else if (message.method == "monitor_cond")
        monitor_request(session, message, UpdateFormat::update2);
    else if (message.method == "monitor_cond_since")
        monitor_request(session, message, UpdateFormat::update3);
    else if (message.method == "monitor_cond_change")
        monitor_cond_change(session, message);
    else
        reply(session, codec::format_json(message.id), handle(session, message));
    if (changed_databases_) databases_changed(*std::exchange(changed_databases_, std::nullopt));
}

Server::Reply Server::handle(Session& session, const Message& request) {
    const std::string& m = request.method;
    if (m == "echo") return codec::format_json(Json(request.params));
    if (m == "list_dbs") {
        JsonArray names;
        for (const auto& [name, served] : databases_) names.emplace_back(name);
        return codec::format_json(Json(std::move(names)));
    }
    if (m == "get_schema") return get_schema(request);
    if (m == "monitor_cancel") return monitor_cancel(session, request);
    if (m == "lock" || m == "steal") return lock(session, request);
    if (m == "unlock") return unlock(session, request);
    if (m == "get_server_id") return "\"" + server_id_.to_string() + "\"";
    if (m == "set_db_change_aware") return set_change_aware(session, request);
    return std::unexpected(Json(unknown_method));
}

std::expected<Server::Served*, Json> Server::database_of(const Message& request) {
    if (request.params.empty() || !request.params[0].is_string())
        return bad_params(request.params, request.method + " request params must begin with <db-name>");
    const std::string& name = *request.params[0].string();
    const auto it = databases_.find(name);
    if (it != databases_.end() && it->second->is_available()) return it->second.get();
    if (it != databases_.end())
        return error_json(OpError{"database not available",
                                  request.method + " request specifies database " + name +
                                      " which is not yet available because its relay source has not sent it",
                                  {}});
    return error_json(syntax_error(Json(request.params), "unknown database",
                                   request.method + " request specifies unknown database " + name)
                          .error());
}

Server::Reply Server::get_schema(const Message& request) {
    return codec::format_json(TRY(database_of(request))->db->schema().to_json());
}

std::expected<Server::OwnMonitor*, Json> Server::begin_monitor(Session& session, const Message& request,
                                                               UpdateFormat format) {
    Served& served = *TRY(database_of(request));
    const JsonArray& params = request.params;
    const bool since = format == UpdateFormat::update3;
    if (params.size() < (since ? 4u : 3u)) return bad_params(params, "invalid parameters");
    if (since && !params[3].is_string())
        return error_json(syntax_error(params[3], "last-txn-id must be string").error());
    if (since && !Uuid::parse(*params[3].string()))
        return error_json(syntax_error(params[3], "last-txn-id must be UUID format.").error());
    const std::string id = codec::format_json(params[1]);
    if (session.monitors.contains(id))
        return error_json(syntax_error(params[1], "duplicate monitor ID").error());
    auto parsed = parse_monitor_request(params[2], served.db->schema(), format);
    if (!parsed) return error_json(parsed.error());

    auto own = std::make_unique<OwnMonitor>(OwnMonitor{{session.id, id}, &served});
    served.monitors.add(own->monitor, std::move(*parsed));
    return session.monitors.emplace(id, std::move(own)).first->second.get();
}

void Server::monitor_request(Session& session, const Message& request, UpdateFormat format) {
    const std::string id = codec::format_json(request.id);
    const auto begun = begin_monitor(session, request, format);
    if (!begun) return reply(session, id, std::unexpected(begun.error()));
    OwnMonitor& own = **begun;
    const Served& served = *own.served;
    const Snapshot& now = served.db->snapshot();
    std::optional<Missed> missed;
    std::string before, after;
    if (format == UpdateFormat::update3) {
        missed = served.history.since(*Uuid::parse(*request.params[3].string()));
        before = std::string(missed ? "[true,\"" : "[false,\"") + served.last_transaction.to_string() + "\",";
        after = "]";
    }
    const bool is_aside = missed ? missed->rows >= aside_min_rows_ : is_long(now, own.monitor.group->request);
    auto make = [wanted = own.monitor.group->request, now, before, after, missed = std::move(missed)] {
        if (!missed) return before + format_initial(wanted, now) + after;
        const std::string updates = format_changes(wanted, *now.schema, missed->merged().rows);
        return before + (updates.empty() ? "{}" : updates) + after;
    };
    if (!is_aside) return reply(session, id, make());
    own.monitor.behind = seen_now(served);
    read_aside(session, id, &own, std::move(make));
}

Server::Reply Server::monitor_cancel(Session& session, const Message& request) {
    if (request.params.size() != 1) return std::unexpected(Json("invalid parameters"));
    const auto it = session.monitors.find(codec::format_json(request.params[0]));
    if (it == session.monitors.end()) return std::unexpected(Json("unknown monitor"));
    forget(*it->second);
    session.monitors.erase(it);
    return "{}";
}

void Server::monitor_cond_change(Session& session, const Message& request) {
    const std::string id = codec::format_json(request.id);
    const JsonArray& params = request.params;
    const auto refuse = [&](const std::unexpected<Json>& why) { reply(session, id, why); };
    if (params.size() != 3) return refuse(bad_params(params, "invalid parameters"));
    const std::string old_id = codec::format_json(params[0]), new_id = codec::format_json(params[1]);
    const auto it = session.monitors.find(old_id);
    if (it == session.monitors.end() || it->second->monitor.group->request.format == UpdateFormat::update)
        return refuse(error_json(syntax_error(params[0], "unknown monitor session").error()));
    if (new_id != old_id && session.monitors.contains(new_id))
        return refuse(error_json(syntax_error(params[1], "duplicate monitor ID").error()));
    Served& served = *it->second->served;
    const MonitorRequest before = it->second->monitor.group->request;
    auto changed = change_conditions(params[2], served.db->schema(), before);
    if (!changed) return refuse(error_json(changed.error()));

    OwnMonitor& own = *it->second;
    const bool is_aside = is_long(own, *changed);
    if (!is_aside) catch_up(session);
    std::string update = is_aside ? "" : format_condition_change(before, *changed, served.db->snapshot());
    served.monitors.remove(own.monitor);
    served.monitors.add(own.monitor, std::move(*changed));
    own.monitor.id = new_id;
    auto node = session.monitors.extract(it);
    node.key() = new_id;
    session.monitors.insert(std::move(node));
    tell(own.monitor, served.last_transaction, std::move(update));
    if (!is_aside) return reply(session, id, "{}");
    const uint64_t ticket = update_aside(session, own, before);
    session.replies.push_back({.ticket = ticket, .id = id, .reply = {}, .position = position_});
}

Server::Reply Server::lock(Session& session, const Message& request) {
    if (refuses_locks(session)) return std::unexpected(Json(locks_not_allowed));
    const JsonArray& params = request.params;
    if (params.size() != 1 || !params[0].is_string() || !is_id(*params[0].string()))
        return bad_params(params, request.method + " request params must be <id>");
    const std::string& name = *params[0].string();
    if (locks_.requested(name, session.id))
        return bad_params(params, "must issue \"unlock\" before new \"" + request.method + "\"");
    // In a cluster the answer to "steal" may be false, too; "locked" comes when the other servers know.
    bool is_first = true;
    if (request.method == "steal") {
        const LockTable::Notices notices = locks_.steal(name, session.id);
        if (lock_is_ours(name)) tell(notices);
        for (auto& [db, served] : databases_)
            if (served->clustered) served->clustered->log.steal(name);
    } else {
        is_first = locks_.lock(name, session.id);
    }
    review_lock(name);
    return is_first && lock_is_ours(name) ? R"({"locked":true})" : R"({"locked":false})";
}

Server::Reply Server::unlock(Session& session, const Message& request) {
    if (refuses_locks(session)) return std::unexpected(Json(locks_not_allowed));
    const JsonArray& params = request.params;
    if (params.size() != 1 || !params[0].is_string() || !is_id(*params[0].string()))
        return bad_params(params, "unlock request params must be <id>");
    const std::string& name = *params[0].string();
    if (!locks_.requested(name, session.id))
        return bad_params(params, "unlock: \"unlock\" without \"lock\" or \"steal\"");
    const LockTable::Notices notices = locks_.unlock(name, session.id);
    if (lock_is_ours(name)) tell(notices);
    review_lock(name);
    return "{}";
}

Server::Reply Server::set_change_aware(Session& session, const Message& request) {
    const bool* aware = request.params.size() == 1 ? request.params[0].boolean() : nullptr;
    if (!aware) return bad_params(request.params, "set_db_change_aware: true or false parameter expected");
    session.change_aware = *aware;
    return "{}";
}

}  // namespace weft::ovsdb
