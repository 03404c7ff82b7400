// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/client/session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/json_text.h"

namespace weft::ovsdb::client {
namespace {

using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using jsonrpc::Message;
using Kind = jsonrpc::Message::Kind;

constexpr std::string_view server_database = "_Server", server_monitor = "monid-server", monitor = "monid";
constexpr std::string_view no_txn = "00000000-0000-0000-0000-000000000000";

/// The "error" member of an error reply, for comparison with the names of errors.
std::string_view error_name(const Message& reply) {
    if (reply.kind != Kind::error) return {};
    if (const auto* text = reply.result.string()) return *text;
    const auto* name = reply.result.find("error") ? reply.result.find("error")->string() : nullptr;
    return name ? std::string_view(*name) : "error";
}

/// Servers before 2.6 or 2.12 do not know the newer ways to monitor.
bool is_unknown_method(const Message& reply) { return error_name(reply) == "unknown method"; }

std::string_view method_name(int method) {
    constexpr std::array<std::string_view, 3> names{"monitor_cond_since", "monitor_cond", "monitor"};
    return names[static_cast<size_t>(method)];
}

Message no_answer(std::string why) {
    return Message::error(OpError{"not connected", std::move(why), {}}.to_json(), nullptr);
}

}  // namespace

void Session::request(std::string method, JsonArray params, Reply reply) {
    replies_.emplace(next_id_, std::move(reply));
    output_.push_back(Message::request(std::move(method), std::move(params), next_id_++));
}

void Session::fail_connection(std::string reason) {
    if (!failure_) failure_ = std::move(reason);
}

void Session::connected() {
    CHECK(state_ == State::disconnected);
    failure_.reset();
    method_ = Method::monitor_cond_since;
    ask_server_database();
}

void Session::disconnected() {
    if (state_ == State::disconnected) return;
    state_ = State::disconnected;
    replies_.clear();
    output_.clear();
    server_.reset();
    condition_change_pending_ = false;
    has_lock_ = lock_is_contended_ = false;
    ++changes_;
    end_transactions();
}

void Session::end_transactions() {
    for (auto pending = std::exchange(transactions_, {}); auto& [id, transaction] : pending)
        transaction.done({.status = Outcome::Status::try_again, .error = "the connection was lost"});
    for (auto pending = std::exchange(forwarded_, {}); auto& [id, done] : pending)
        done(
            no_answer("the connection to the relay source was lost before the answer came: whether the "
                      "transaction was carried out is not known"));
}

void Session::receive(Message message) {
    if (failure_ || state_ == State::disconnected) return;
    switch (message.kind) {
        case Kind::reply:
        case Kind::error:
            return receive_reply(message);
        case Kind::notification:
            return receive_notification(message);
        case Kind::request:
            output_.push_back(Message::error("unknown method", message.id));
    }
}

void Session::receive_reply(const Message& message) {
    const auto* id = message.id.integer();
    if (!id) return;
    if (auto waiting = replies_.extract(*id)) return waiting.mapped()(message);
    if (auto waiting = forwarded_.extract(*id)) return waiting.mapped()(message);
    auto transaction = transactions_.extract(*id);
    if (!transaction) return;
    auto& [txn, lock, done] = transaction.mapped();
    const auto* results = message.kind == Kind::reply ? message.result.array() : nullptr;
    done(results ? txn.read_results(*results, lock)
                 : Outcome{.status = Outcome::Status::error, .error = codec::format_json(message.result)});
}

void Session::receive_notification(const Message& message) {
    const auto first = [&]() -> std::string_view {
        const auto* text = message.params.empty() ? nullptr : message.params[0].string();
        return text ? std::string_view(*text) : std::string_view{};
    };
    if (message.method == "update") return receive_update(message, UpdateFormat::rows);
    if (message.method == "update2" || message.method == "update3")
        return receive_update(message, UpdateFormat::differences);
    if (message.method == "locked" && first() == interest_.lock) return lock_is(true, false);
    if (message.method == "stolen" && first() == interest_.lock) return lock_is(false, true);
    if (message.method == "monitor_canceled") {
        // The schema changed, or the database is gone. Ask again what there is; the contents stay until then.
        if (first() == monitor) ask_schema();
        if (first() == server_monitor) fail_connection("the server gave up its _Server database");
    }
}

void Session::receive_update(const Message& message, UpdateFormat format) {
    const bool with_txn = message.method == "update3";
    const size_t count = with_txn ? 3 : 2;
    const auto* id = message.params.size() == count ? message.params[0].string() : nullptr;
    if (!id) return fail_connection("received a malformed " + message.method);
    const bool is_server = *id == server_monitor;
    auto& contents = is_server ? server_ : contents_;
    if (!contents || (!is_server && state_ != State::synchronized)) return;
    if (auto done = contents->apply(message.params.back(), format); !done) {
        if (!is_server) last_txn_.clear();
        return fail_connection("received an update that does not fit: " + done.error().to_string());
    }
    if (is_server) return judge_server();
    // While conditions change the server's history and what we have do not go together.
    const auto* txn =
        with_txn && !conditions_changed_ && !condition_change_pending_ ? message.params[1].string() : nullptr;
    if (txn && *txn != no_txn) last_txn_ = *txn;
    publish();
}

void Session::publish() {
    view_ = View(contents_->snapshot());
    ++changes_;
}

// The server as a whole.

void Session::ask_server_database() {
    state_ = State::asking_server;
    request("set_db_change_aware", {true}, [](const Message&) {});
    request("get_schema", {server_database}, [this](const Message& reply) { on_server_schema(reply); });
}

void Session::on_server_schema(const Message& reply) {
    if (reply.kind == Kind::error) return ask_schema();  // before 2.9 there was none
    auto schema = parse_schema(reply.result);
    if (!schema) return fail_connection("the schema of _Server is malformed: " + schema.error().to_string());
    server_.emplace(std::move(*schema));
    std::vector<std::string> missing;
    const std::vector<TableInterest> interest{
        {.table = "Database", .columns = {"name", "model", "connected", "leader", "schema", "cid", "index"}}};
    request("monitor_cond",
            {server_database, server_monitor, monitor_requests(server_->schema(), interest, true, missing)},
            [this](const Message& answer) { on_server_contents(answer); });
}

void Session::on_server_contents(const Message& reply) {
    if (reply.kind == Kind::error) {
        server_.reset();
        return ask_schema();
    }
    if (auto done = server_->replace(reply.result, UpdateFormat::differences); !done)
        return fail_connection("the contents of _Server do not fit: " + done.error().to_string());
    state_ = State::waiting_for_database;
    judge_server();
}

/// Looks at what _Server says of our database: whether this server will do, and whether the database is there
/// yet.
void Session::judge_server() {
    const View view(server_->snapshot());
    const auto row = view.table("Database").find("name", interest_.database);
    const bool waiting = state_ == State::waiting_for_database;
    if (!row) {
        if (waiting) notes_.push_back("the server has no database " + interest_.database + " yet");
        state_ = State::waiting_for_database;
        return;
    }
    if (row.str("model") == "clustered" || row.str("model") == "relay") {
        if (!row.boolean("connected", true))
            return fail_connection("the server is not connected to its cluster; trying another");
        if (interest_.leader_only && row.str("model") == "clustered" && !row.boolean("leader", true))
            return fail_connection("the server is not the leader of its cluster; trying another");
    }
    if (waiting && !(row.has("schema") && row.str("schema").empty())) ask_schema();
}

// Our database.

void Session::ask_schema() {
    state_ = State::asking_schema;
    request("get_schema", {interest_.database}, [this](const Message& reply) { on_schema(reply); });
}

void Session::on_schema(const Message& reply) {
    if (reply.kind == Kind::error) {
        if (!server_)
            return fail_connection("the server has no database " + interest_.database + ": " +
                                   codec::format_json(reply.result));
        state_ = State::waiting_for_database;  // _Server will tell when it is there
        return;
    }
    auto schema = parse_schema(reply.result);
    if (!schema) return fail_connection("the schema is malformed: " + schema.error().to_string());
    if (!contents_ || !same_schema(contents_->schema(), **schema)) {
        contents_.emplace(std::move(*schema));
        last_txn_.clear();
    }
    ask_contents();
}

void Session::ask_contents() {
    state_ = State::asking_contents;
    std::vector<std::string> missing;
    JsonObject requests =
        monitor_requests(contents_->schema(), interest_.tables, method_ != Method::monitor, missing);
    if (method_ == Method::monitor_cond_since || (method_ == Method::monitor_cond && !has_contents()))
        for (const auto& thing : missing)
            notes_.push_back("the server's schema of " + interest_.database + " has no " + thing);
    JsonArray params{interest_.database, monitor, std::move(requests)};
    if (method_ == Method::monitor_cond_since)
        params.emplace_back(last_txn_.empty() ? no_txn : std::string_view(last_txn_));
    conditions_changed_ = false;
    request(std::string(method_name(static_cast<int>(method_))), std::move(params),
            [this](const Message& reply) { on_contents(reply); });
}

void Session::on_contents(const Message& reply) {
    if (is_unknown_method(reply) && method_ != Method::monitor) {
        method_ = static_cast<Method>(static_cast<int>(method_) + 1);
        return ask_contents();
    }
    if (reply.kind == Kind::error)
        return fail_connection("the server refused to be monitored: " + codec::format_json(reply.result));
    const Json* updates = &reply.result;
    bool found = false;
    std::string txn;
    if (method_ == Method::monitor_cond_since) {
        const auto* parts = reply.result.array();
        if (!parts || parts->size() != 3 || !(*parts)[0].boolean() || !(*parts)[1].string())
            return fail_connection("received a malformed reply to monitor_cond_since");
        found = *(*parts)[0].boolean();
        txn = *(*parts)[1].string();
        updates = &(*parts)[2];
    }
    const auto format = method_ == Method::monitor ? UpdateFormat::rows : UpdateFormat::differences;
    const auto done = found ? contents_->apply(*updates, format) : contents_->replace(*updates, format);
    last_txn_.clear();
    if (!done) return fail_connection("received contents that do not fit: " + done.error().to_string());
    if (txn != no_txn) last_txn_ = std::move(txn);
    synchronized();
}

void Session::synchronized() {
    state_ = State::synchronized;
    publish();
    if (!interest_.lock.empty() && !has_lock_) ask_lock();
    if (conditions_changed_) send_conditions();
}

// The lock.

void Session::ask_lock() {
    request("lock", {interest_.lock}, [this, name = interest_.lock](const Message& reply) {
        if (name != interest_.lock) return;
        const auto* locked = reply.result.find("locked");
        const bool held = reply.kind == Kind::reply && locked && locked->boolean() && *locked->boolean();
        lock_is(held, !held);
    });
}

void Session::lock_is(bool held, bool contended) {
    has_lock_ = held;
    lock_is_contended_ = contended;
    ++changes_;
}

void Session::set_lock(std::string name) {
    if (name == interest_.lock) return;
    if (state_ != State::disconnected && !interest_.lock.empty())
        request("unlock", {interest_.lock}, [](const Message&) {});
    interest_.lock = std::move(name);
    lock_is(false, false);
    if (is_synchronized() && !interest_.lock.empty()) ask_lock();
}

// Writing and conditions.

void Session::commit(Txn txn, Done done) {
    if (txn.empty()) return done({});
    if (state_ != State::synchronized)
        return done({.status = Outcome::Status::try_again, .error = "not connected"});
    if (!has_lock()) return done({.status = Outcome::Status::not_locked});
    JsonArray params = txn.operations(interest_.lock);
    params.insert(params.begin(), interest_.database);
    output_.push_back(Message::request("transact", std::move(params), next_id_));
    transactions_.emplace(next_id_++, Pending{std::move(txn), interest_.lock, std::move(done)});
}

void Session::forward(JsonArray params, Reply done) {
    if (state_ != State::synchronized) return done(no_answer("there is no connection to the relay source"));
    output_.push_back(Message::request("transact", std::move(params), next_id_));
    forwarded_.emplace(next_id_++, std::move(done));
}

void Session::set_condition(const std::string& table, JsonArray where) {
    const auto it = std::ranges::find(interest_.tables, table, &TableInterest::table);
    if (it == interest_.tables.end() || it->where == where) return;
    it->where = std::move(where);
    conditions_changed_ = true;
    ++changes_;
    last_txn_.clear();  // the server's history is of no use to a replica of other rows
    if (state_ == State::synchronized) send_conditions();
}

void Session::send_conditions() {
    if (condition_change_pending_ || method_ == Method::monitor) return;
    JsonObject requests;
    for (const auto& one : interest_.tables)
        if (contents_->schema().find(one.table))
            requests.set(
                one.table,
                Json::array({JsonObject{{"where", one.where.empty() ? JsonArray{true} : one.where}}}));
    conditions_changed_ = false;
    condition_change_pending_ = true;
    request("monitor_cond_change", {monitor, monitor, std::move(requests)}, [this](const Message& reply) {
        condition_change_pending_ = false;
        ++changes_;
        if (reply.kind == Kind::error)
            notes_.push_back("the server refused new conditions: " + codec::format_json(reply.result));
        if (conditions_changed_) send_conditions();
    });
}

}  // namespace weft::ovsdb::client
