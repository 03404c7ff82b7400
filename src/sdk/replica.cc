// SPDX-License-Identifier: Apache-2.0
#include "sdk/replica.h"

#include <algorithm>
#include <chrono>
#include <future>

#include "ovsdb/condition.h"
#include "sys/thread.h"

namespace weft::sdk {

using ovsdb::client::Outcome;

namespace {

bool same_rows(const ovsdb::client::View& a, const ovsdb::client::View& b) {
    return a.schema() == b.schema() &&
           std::ranges::equal(a.snapshot().tables, b.snapshot().tables,
                              [](const auto& x, const auto& y) { return x.same(y); });
}

}  // namespace

Checked<> Replica::configure(const std::function<Checked<>(ReplicaSettings&)>& change) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::new_)
        return refuse(WEFT_OVSDB_BAD_ARGUMENT,
                      "the replica is started: this comes before weft_ovsdb_start()");
    return change(settings_);
}

Checked<> Replica::start() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::new_) return refuse(WEFT_OVSDB_BAD_ARGUMENT, "the replica is started already");
    if (settings_.tls)
        transport_.configure(*settings_.tls);
    else if (settings_.remotes.find("ssl:") != std::string::npos)
        return refuse(WEFT_OVSDB_BAD_ARGUMENT,
                      settings_.remotes + ": ssl: needs keys: call weft_ovsdb_set_tls() first");
    auto event = sys::Event::open();
    if (!event) return refuse(WEFT_OVSDB_INTERNAL, event.error().message);
    auto client = net::OvsdbClient::open(loop_, transport_,
                                         {.remotes = settings_.remotes,
                                          .interest = settings_.interest,
                                          .probe_interval = settings_.probe_interval});
    if (!client) return refuse(WEFT_OVSDB_BAD_ARGUMENT, client.error().message);
    event_ = std::move(*event);
    client_ = std::move(*client);
    client_->on_change([this] { changed(); });
    client_->on_trouble([this](const std::string& what) {
        const std::lock_guard inner(mutex_);
        trouble_ = what;
    });
    const sys::SignalsBlocked no_signals;  // the new thread has them blocked from its first moment
    thread_ = std::thread([this] { run(); });
    state_ = State::running;
    return {};
}

void Replica::run() {
    sys::set_thread_name("weft-ovsdb");
    loop_.run();
}

void Replica::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(state_, State::stopped) != State::running) return;
    }
    loop_.stop();
    thread_.join();
    client_.reset();
    waiting_.clear();
    for (const auto& commit : std::set(underway_))  // nobody else is left to change it
        finish(commit, {.status = Outcome::Status::try_again, .error = "the replica was freed"});
}

int Replica::fd() const {
    const std::lock_guard lock(mutex_);
    return event_ ? event_->fd() : -1;
}

Checked<> Replica::require_running() const {
    if (state_ == State::running) return {};
    return refuse(WEFT_OVSDB_BAD_ARGUMENT, state_ == State::new_
                                               ? "the replica is not started: call weft_ovsdb_start() first"
                                               : "the replica was freed");
}

bool Replica::wait_until(std::unique_lock<std::mutex>& lock, int timeout_ms,
                         const std::function<bool()>& done) {
    event_->drain();
    if (timeout_ms >= 0) return news_.wait_for(lock, std::chrono::milliseconds(timeout_ms), done);
    news_.wait(lock, done);
    return true;
}

Checked<VersionPtr> Replica::wait(const Version* seen, int timeout_ms) {
    std::unique_lock lock(mutex_);
    TRY(require_running());
    const auto newer = [&] { return newest_ && (!seen || newest_->number() != seen->number()); };
    if (wait_until(lock, timeout_ms, newer)) return newest_;
    const bool well = (newest_ && newest_->facts().is_current) || trouble_.empty();
    return refuse(WEFT_OVSDB_TIMED_OUT, std::string(newest_ ? "nothing new in time" : "no contents in time") +
                                            (well ? "" : ": " + trouble_));
}

// Transactions.

void Replica::submit(const CommitPtr& commit) {
    if (commit->txn.empty()) {
        commit->outcome = Outcome{};
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (const auto running = require_running(); !running) {
            commit->outcome = Outcome{.status = Outcome::Status::try_again, .error = running.error().text};
            return;
        }
        underway_.insert(commit);
    }
    loop_.post([this, commit] {
        if (client_->is_synchronized())
            send(commit);
        else
            waiting_.push_back(commit);
    });
}

const Outcome* Replica::wait(const Commit& commit, int timeout_ms) {
    std::unique_lock lock(mutex_);
    const auto ended = [&] { return commit.outcome.has_value(); };
    if (!ended()) wait_until(lock, timeout_ms, ended);
    return ended() ? &*commit.outcome : nullptr;
}

void Replica::forget(Commit& commit) {
    const std::lock_guard lock(mutex_);
    commit.wanted = false;
}

void Replica::send(const CommitPtr& commit) {
    {
        const std::lock_guard lock(mutex_);
        if (!commit->wanted) {
            underway_.erase(commit);
            return;
        }
        commit->sent = true;
    }
    client_->commit(std::move(commit->txn), [this, commit](const Outcome& outcome) {
        publish();  // what it did is seen before its outcome
        finish(commit, outcome);
    });
}

void Replica::finish(const CommitPtr& commit, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    underway_.erase(commit);
    commit->outcome = std::move(outcome);
    news_.notify_all();
    event_->notify();
}

// The replica's state.

void Replica::on_loop(const std::function<void(net::OvsdbClient&)>& act) {
    std::promise<void> done;
    loop_.post([&] {
        act(*client_);
        changed();
        done.set_value();
    });
    done.get_future().wait();
}

void Replica::changed() {
    publish();
    if (!client_->is_synchronized()) return;
    for (const auto& commit : std::exchange(waiting_, {})) send(commit);
}

void Replica::publish() {
    if (!client_->has_contents()) return;
    const auto& view = client_->view();
    VersionPtr before;  // ends after the lock
    const std::lock_guard lock(mutex_);
    const Version::Facts facts{.is_current = client_->is_current(),
                               .has_lock = !settings_.interest.lock.empty() && client_->has_lock(),
                               .lock_is_contended = client_->lock_is_contended()};
    if (newest_ && newest_->facts() == facts && same_rows(newest_->view(), view)) return;
    if (layouts_.empty() || layouts_.back()->schema() != view.schema())
        layouts_.push_back(std::make_shared<Layout>(view.schema(), settings_.interest.tables));
    const uint64_t number = newest_ ? newest_->number() + 1 : 1;
    before = std::exchange(newest_, std::make_shared<Version>(view, layouts_.back(), facts, number));
    if (facts.is_current) trouble_.clear();
    news_.notify_all();
    event_->notify();
}

Checked<> Replica::set_condition(const std::string& table, codec::JsonArray where) {
    {
        const std::lock_guard lock(mutex_);
        TRY(require_running());
        auto& tables = settings_.interest.tables;
        const auto followed = std::ranges::find(tables, table, &ovsdb::client::TableInterest::table);
        if (followed == tables.end())
            return refuse(WEFT_OVSDB_NOT_FOUND,
                          "table " + table + " is not followed by name: name it in weft_ovsdb_follow()");
        if (const auto* schema = newest_ ? newest_->view().schema()->find(table) : nullptr) {
            const auto parsed = ovsdb::Condition::parse(where, *schema);
            if (!parsed) return refuse(WEFT_OVSDB_BAD_ARGUMENT, parsed.error().to_string());
        }
        followed->where = where;
    }
    on_loop([&](net::OvsdbClient& client) { client.set_condition(table, std::move(where)); });
    return {};
}

Checked<> Replica::set_lock(std::string name) {
    {
        const std::lock_guard lock(mutex_);
        if (state_ == State::new_) {
            settings_.interest.lock = std::move(name);
            return {};
        }
        TRY(require_running());
        settings_.interest.lock = name;
    }
    on_loop([&](net::OvsdbClient& client) { client.set_lock(std::move(name)); });
    return {};
}

Checked<> Replica::reconnect() {
    {
        const std::lock_guard lock(mutex_);
        TRY(require_running());
    }
    on_loop([](net::OvsdbClient& client) { client.force_reconnect(); });
    return {};
}

}  // namespace weft::sdk
