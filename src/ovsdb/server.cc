// SPDX-License-Identifier: Apache-2.0
// Databases, sessions, and what goes out to them.
#include "ovsdb/server.h"

#include <algorithm>
#include <ranges>

#include "codec/json_text.h"
#include "ovsdb/server_state.h"

namespace weft::ovsdb {

Server::Server(Prng prng, obs::LogModule log)
    : prng_(prng),
      log_(log),
      table_log_(log.sibling("transaction"), 30, 60),
      server_id_(Uuid::random(prng_)) {
    add_server_database();
}

Server::~Server() { *alive_ = false; }

void Server::set_aside(RunAside aside, size_t min_rows) {
    aside_ = std::move(aside);
    aside_min_rows_ = min_rows;
}

bool Server::is_read_only(const Session& session, const Served& served) {
    return served.is_backup || session.options.read_only;
}

bool Server::refuses_locks(const Session& session) const {
    if (session.options.read_only) return true;
    const auto all = std::views::values(databases_);
    return std::ranges::any_of(all, [](const auto& served) { return served->is_backup; }) &&
           std::ranges::all_of(all,
                               [](const auto& served) { return served->is_backup || served->is_reserved; });
}

void Server::set_backup(const std::string& database, bool backup) {
    databases_.at(database)->is_backup = backup;
}

Result<> Server::add_database(std::unique_ptr<Database> db, std::unique_ptr<Storage> storage) {
    auto served = std::make_unique<Served>();
    served->db = std::move(db);
    served->storage = std::move(storage);
    served->last_transaction = Uuid::random(prng_);
    served->history.add(served->last_transaction, {}, served->db->snapshot());
    return serve(std::move(served));
}

Result<> Server::serve(std::unique_ptr<Served> served) {
    const std::string name = served->name();
    if (databases_.contains(name)) return fail("a database named " + name + " is already there");
    served->server_row = Uuid::random(prng_);
    const Served& added = *(databases_[name] = std::move(served));
    ++generation_;
    update_server_row(added, true);
    databases_changed("adding " + name + " database");
    return {};
}

Result<> Server::remove_database(const std::string& name) {
    const auto it = databases_.find(name);
    if (it == databases_.end() || it->second->is_reserved) return fail("no database named " + name);
    const std::unique_ptr<Served> served = std::move(it->second);
    databases_.erase(it);  // first: what was deferred is heard once monitors have ended
    if (served->clustered) refuse_queued(*served, name + " is served no longer");
    cancel_blocked(*served);
    cancel_monitors(*served);
    update_server_row(*served, false);
    aside_([gone = std::move(served->db)] {}, [] {});
    ++generation_;
    review_locks();
    databases_changed("removing " + name + " database");
    return {};
}

std::vector<std::string> Server::databases() const {
    const auto names = std::views::keys(databases_);
    return {names.begin(), names.end()};
}

const Database* Server::database(const std::string& name) const {
    const auto it = databases_.find(name);
    return it == databases_.end() ? nullptr : it->second->db.get();
}

Storage* Server::storage(const std::string& name) const {
    const auto it = databases_.find(name);
    return it == databases_.end() ? nullptr : it->second->storage.get();
}

void Server::open(SessionId session, SessionOptions options) {
    auto s = std::make_unique<Session>();
    s->id = session;
    s->options = std::move(options);
    CHECK(sessions_.emplace(session, std::move(s)).second);
}

void Server::close(SessionId session) {
    const auto it = sessions_.find(session);
    if (it == sessions_.end()) return;
    for (auto& [id, own] : it->second->monitors) forget(*own);
    const auto is_its = [&](const Blocked& b) { return b.session == session; };
    for (auto& [name, served] : databases_) {
        served->blocked.remove_if(is_its);
        if (served->clustered) served->clustered->queue.remove_if(is_its);
    }
    congested_ -= it->second->congested;
    sessions_.erase(it);
    // Those that it waited for too: the clusters may have been asked for one, and may grant it still.
    std::vector<std::string> locks = locks_.of_session(session, true);
    std::ranges::copy(locks_.of_session(session, false), std::back_inserter(locks));
    LockTable::Notices notices = locks_.unlock_all(session);
    std::erase_if(notices, [&](const auto& notice) { return !lock_is_ours(notice.lock); });
    tell(notices);
    for (const std::string& lock : locks) review_lock(lock);
}

std::vector<std::string> Server::locks_of(SessionId session, bool owned) const {
    std::vector<std::string> out;
    for (const bool first : {true, false})
        for (std::string& lock : locks_.of_session(session, first))
            if ((first && lock_is_ours(lock)) == owned) out.push_back(std::move(lock));
    return out;
}

size_t Server::monitor_count() const {
    size_t n = 0;
    for (const auto& [name, served] : databases_) n += served->monitors.size();
    return n;
}

size_t Server::waiting_count() const {
    size_t n = 0;
    for (const auto& [name, served] : databases_)
        n += served->blocked.size() + (served->clustered ? served->clustered->queue.size() : 0);
    for (const auto& [id, session] : sessions_) n += session->preparing && !session->preparing->is_canceled;
    return n;
}

void Server::close_all(const std::string& reason) {
    for (auto& [id, session] : sessions_) disconnect(*session, reason);
}

void Server::disable_conditional_monitors() {
    if (!std::exchange(has_conditional_monitors_, false)) return;
    close_all("user ran ovsdb-server/disable-monitor-cond");
}

void Server::set_read_only(SessionId session, bool read_only) {
    sessions_.at(session)->options.read_only = read_only;
}

void Server::set_role(SessionId session, std::string role) {
    sessions_.at(session)->options.identity.role = std::move(role);
}

void Server::set_congested(SessionId session, bool congested) {
    Session& s = *sessions_.at(session);
    if (s.congested == congested) return;
    s.congested = congested;
    congested_ += congested ? 1 : static_cast<size_t>(-1);
    if (!congested) catch_up(s);
}

void Server::catch_up(Session& session) {
    for (auto& [id, own] : session.monitors) {
        if (!own->monitor.behind || own->is_waiting()) continue;
        if (position_ - own->monitor.behind->position >= aside_min_rows_) {
            update_aside(session, *own, own->monitor.group->request);
            continue;
        }
        const Snapshot& now = own->served->db->snapshot();
        const Changes missed = Changes::between(own->monitor.behind->version, now);
        own->monitor.behind.reset();
        tell(own->monitor, own->served->last_transaction,
             format_changes(own->monitor.group->request, *now.schema, missed.rows));
    }
}

void Server::disconnect(Session& session, const std::string& reason) {
    if (session.closing) return;
    LOG(log_, info, "{}: disconnecting ({})", session.options.name, reason);
    session.closing = true;
    output_.push_back({.session = session.id, .close = true});
}

void Server::databases_changed(const std::string& reason) {
    for (auto& [id, session] : sessions_)
        if (!session->change_aware) disconnect(*session, reason);
}

void Server::cancel_monitors(Served& served) {
    for (const auto& entry : sessions_) {
        Session& session = *entry.second;
        std::vector<uint64_t> canceled;
        std::erase_if(session.monitors, [&](auto& item) {
            const OwnMonitor& own = *item.second;
            if (own.served != &served) return false;
            forget(*item.second);
            if (own.first_answer)
                canceled.push_back(own.first_answer);
            else if (session.change_aware && !session.closing)
                output_.push_back(
                    {.session = entry.first,
                     .head = R"({"id":null,"method":"monitor_canceled","params":[)" + item.first + "]}"});
            return true;
        });
        for (const uint64_t ticket : canceled)
            have_read(entry.first, ticket, std::unexpected(codec::Json("canceled")));
        flush_replies(session);
    }
}

void Server::cancel_blocked(Served& served) {
    for (const Blocked& b : std::exchange(served.blocked, {}))
        reply(*sessions_.at(b.session), b.id, std::unexpected(codec::Json("canceled")));
    for (const auto& [id, session] : sessions_) {
        Preparing* s = session->preparing.get();
        if (s && s->served == &served && !std::exchange(s->is_canceled, true))
            reply(*session, s->transaction.id, std::unexpected(codec::Json("canceled")));
    }
}

// ---- what goes out

void Server::reply(Session& session, const std::string& id, Reply reply) {
    session.replies.push_back({.ticket = 0, .id = id, .reply = std::move(reply), .position = position_});
    flush_replies(session);
}

void Server::reply_when_durable(Session& session, Served& served, const std::string& id, Reply reply) {
    const uint64_t ticket = next_ticket_++;
    session.replies.push_back({.ticket = ticket, .id = id, .reply = std::move(reply), .position = position_});
    served.storage->sync(ticket);
}

void Server::synced(uint64_t ticket, const Result<>& result) {
    roll_back_synced(ticket, result);
    for (auto& [id, session] : sessions_)
        for (Session::Waiting& waiting : session->replies) {
            if (waiting.ticket != ticket) continue;
            waiting.ticket = 0;
            if (!result && waiting.reply) {  // the results stand, followed by what went wrong
                std::string& text = *waiting.reply;
                text.back() = ',';
                codec::append_json(text, io_error(result.error()).to_json());
                text += ']';
            }
            return flush_replies(*session);
        }
}

void Server::flush_replies(Session& session) {
    while (!session.replies.empty() && session.replies.front().ticket == 0 &&
           has_seen(session, session.replies.front().position)) {
        Session::Waiting waiting = std::move(session.replies.front());
        session.replies.pop_front();
        if (session.closing) continue;
        Output out{.session = session.id};
        if (waiting.reply) {
            constexpr std::string_view start = R"({"error":null,"id":)", middle = R"(,"result":)";
            constexpr size_t short_enough_to_copy = 65536;
            const bool copy = waiting.reply->size() < short_enough_to_copy;
            out.head.reserve(start.size() + waiting.id.size() + middle.size() +
                             (copy ? waiting.reply->size() : 0) + 1);
            out.head.append(start).append(waiting.id).append(middle);
            if (copy) {
                out.head.append(*waiting.reply) += '}';
            } else {
                out.shared = std::make_shared<const std::string>(std::move(*waiting.reply));
                out.tail = "}";
            }
        } else {
            out.head = R"({"error":)";
            codec::append_json(out.head, waiting.reply.error());
            out.head += R"(,"id":)" + waiting.id + "}";  // without a null "result", as Open vSwitch does
        }
        output_.push_back(std::move(out));
        if (waiting.first_answer_of.ticket) first_answer_left(session, waiting.first_answer_of);
    }
}

Seen Server::seen_now(const Served& served) const {
    return {served.db->snapshot(), served.last_transaction, position_};
}

void Server::tell(const Monitor& monitor, const Uuid& transaction, std::string update) {
    if (!update.empty()) tell(monitor, transaction, std::make_shared<const std::string>(std::move(update)));
}

void Server::tell(const Monitor& monitor, const Uuid& transaction, const SharedText& update) {
    constexpr std::string_view methods[] = {"update", "update2", "update3"};
    const UpdateFormat format = monitor.group->request.format;
    Output out{.session = monitor.session};
    out.head = R"({"id":null,"method":")";
    out.head += methods[static_cast<size_t>(format)];
    out.head += R"(","params":[)" + monitor.id + ",";
    if (format == UpdateFormat::update3) out.head += "\"" + transaction.to_string() + "\",";
    out.shared = update;
    out.tail = "]}";
    output_.push_back(std::move(out));
}

void Server::tell(const LockTable::Notices& notices) {
    for (const auto& notice : notices) {
        const bool locked = notice.what == LockTable::Notice::What::locked;
        output_.push_back({.session = notice.session,
                           .head = std::string(R"({"id":null,"method":")") + (locked ? "locked" : "stolen") +
                                   R"(","params":[")" + notice.lock + "\"]}"});
    }
}

}  // namespace weft::ovsdb
