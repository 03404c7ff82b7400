// SPDX-License-Identifier: Apache-2.0
// An etcd in memory and in virtual time, for tests.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "loop/loop.h"
#include "store/etcd_client.h"

namespace weft::store::etcd {

class FakeClient;

/// What all clients share. Resource type.
class FakeEtcd {
  public:
    explicit FakeEtcd(loop::Loop& loop) : loop_(loop) {}

    int64_t revision = 1, compacted = 0;
    bool is_full = false;  ///< refuses puts, as behind a quota
    std::map<std::string, KeyValue> keys;
    std::map<int64_t, Event> history;  ///< by revision and, in the lowest digits, place in it
    std::set<FakeClient*> clients;

    Outcome<TxnOutcome> txn(const Txn& txn);
    /// The lease's keys go.
    void end_lease(int64_t lease);
    bool has_lease(int64_t lease) { return leases_.contains(lease) && loop_.now() < leases_[lease].until; }
    int64_t grant(Duration ttl) {
        leases_[++last_lease_] = {ttl, loop_.now() + ttl};
        return last_lease_;
    }
    void keep(int64_t lease) { leases_[lease].until = loop_.now() + leases_[lease].ttl; }
    /// To be called now and then.
    void expire();

  private:
    struct Lease {
        Duration ttl;
        Time until;
    };
    void change(Event event, size_t place) {
        event.kv.mod_revision = revision;
        if (event.erased) {
            keys.erase(event.kv.key);
        } else {
            keys[event.kv.key] = event.kv;
        }
        history[revision * places + static_cast<int64_t>(place)] = std::move(event);
    }
    void tell();

    friend class FakeClient;
    static constexpr int64_t places = 1000;
    loop::Loop& loop_;
    std::map<std::string, int64_t> lease_of_;
    std::map<int64_t, Lease> leases_;
    int64_t last_lease_ = 0;
};

/// One server's way to it, which may be cut: then calls fail when their time is over.
class FakeClient final : public Client {
  public:
    FakeClient(FakeEtcd& etcd, loop::Loop& loop) : etcd_(etcd), loop_(loop) { etcd.clients.insert(this); }
    ~FakeClient() override {
        *alive_ = false;
        etcd_.clients.erase(this);
        if (lease_ && !is_cut) etcd_.end_lease(lease_);
    }

    bool is_cut = false;
    int loses_answers = 0;  ///< so many Txns are made, and nobody hears of it

    void range(Range range, Done<RangeOutcome> done) override {
        answer<RangeOutcome>(std::move(done), [this, range]() -> Outcome<RangeOutcome> {
            RangeOutcome out{.kvs = {}, .revision = etcd_.revision};
            for (const auto& [key, kv] : etcd_.keys) {
                if (range.end.empty() ? key != range.key : key < range.key || key >= range.end) continue;
                out.more = range.limit > 0 && static_cast<int64_t>(out.kvs.size()) == range.limit;
                if (out.more) break;
                out.kvs.push_back(kv);
            }
            return out;
        });
    }
    void txn(Txn txn, Done<TxnOutcome> done) override {
        answer<TxnOutcome>(std::move(done), [this, txn]() -> Outcome<TxnOutcome> {
            auto outcome = etcd_.txn(txn);
            if (outcome && loses_answers > 0 && loses_answers--)
                return std::unexpected(Failure{Failure::Kind::unavailable, "no answer"});
            return outcome;
        });
    }
    void compact(int64_t revision, Done<> done) override {
        answer<void>(std::move(done), [this, revision]() -> Outcome<> {
            etcd_.compacted = std::max(etcd_.compacted, revision);
            etcd_.history.erase(etcd_.history.begin(),
                                etcd_.history.lower_bound(revision * FakeEtcd::places));
            return {};
        });
    }
    void grant_lease(std::chrono::seconds ttl, Done<int64_t> done) override {
        answer<int64_t>(std::move(done),
                        [this, ttl]() -> Outcome<int64_t> { return lease_ = etcd_.grant(ttl); });
    }
    void keep_lease(int64_t lease, Done<> done) override {
        answer<void>(std::move(done), [this, lease]() -> Outcome<> {
            etcd_.expire();
            if (!etcd_.has_lease(lease))
                return std::unexpected(Failure{Failure::Kind::refused, "the lease is over"});
            etcd_.keep(lease);
            return {};
        });
    }
    void watch(std::string prefix, int64_t revision, OnWatched on_watched) override {
        prefix_ = std::move(prefix);
        next_ = revision * FakeEtcd::places;
        on_watched_ = std::move(on_watched);
        tell();
    }
    std::string endpoint() const override { return "fake:2379"; }

    void tell() {
        loop_.post([this, alive = alive_] {
            if (!*alive || is_cut || !on_watched_) return;
            if (next_ <= etcd_.compacted * FakeEtcd::places)
                return std::exchange(
                    on_watched_, nullptr)(std::unexpected(Failure{Failure::Kind::compacted, "compacted"}));
            Watched out;
            for (auto it = etcd_.history.lower_bound(next_); it != etcd_.history.end(); ++it) {
                if (it->second.kv.key.starts_with(prefix_)) out.events.push_back(it->second);
                next_ = it->first + 1;
            }
            on_watched_(std::move(out));
        });
    }
    void cut() {
        is_cut = true;
        if (on_watched_)
            loop_.post([alive = alive_, told = std::exchange(on_watched_, nullptr)] {
                if (*alive) told(std::unexpected(Failure{Failure::Kind::unavailable, "cut"}));
            });
    }

  private:
    template <class T, class Make>
    void answer(Done<T> done, Make make) {
        loop_.post([this, alive = alive_, done = std::move(done), make]() mutable {
            if (!*alive) return;
            if (!is_cut) return done(make());
            timers_.push_back(std::make_unique<loop::Timer>(loop_, [done = std::move(done)]() mutable {
                done(std::unexpected(Failure{Failure::Kind::unavailable, "fake:2379: no answer"}));
            }));
            timers_.back()->after(1s);
        });
    }

    FakeEtcd& etcd_;
    loop::Loop& loop_;
    std::string prefix_;
    int64_t next_ = 0, lease_ = 0;
    OnWatched on_watched_;
    std::vector<std::unique_ptr<loop::Timer>> timers_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

inline void FakeEtcd::tell() {
    for (FakeClient* client : clients) client->tell();
}

inline Outcome<TxnOutcome> FakeEtcd::txn(const Txn& txn) {
    expire();
    for (const Compare& one : txn.compares) {
        const auto it = keys.find(one.key);
        if ((it == keys.end() ? 0 : it->second.mod_revision) != one.mod_revision)
            return TxnOutcome{false, revision};
    }
    size_t bytes = 0;
    for (const Operation& one : txn.operations) bytes += one.key.size() + one.value.size();
    if (bytes > 1'500'000) return std::unexpected(Failure{Failure::Kind::refused, "request is too large"});
    if (is_full &&
        std::ranges::any_of(txn.operations, [](auto& o) { return o.what == Operation::What::put; }))
        return std::unexpected(no_space("mvcc: database space exceeded"));
    ++revision;
    size_t place = 0;
    for (const Operation& one : txn.operations) {
        if (one.what == Operation::What::put) {
            lease_of_[one.key] = one.lease;
            change({false, {.key = one.key, .value = one.value}}, place++);
            continue;
        }
        const std::string end = one.end.empty() ? one.key + '\0' : one.end;
        while (true) {
            const auto it = keys.lower_bound(one.key);
            if (it == keys.end() || it->first >= end) break;
            change({true, {.key = it->first, .value = {}}}, place++);
        }
    }
    tell();
    return TxnOutcome{true, revision};
}

inline void FakeEtcd::end_lease(int64_t lease) {
    leases_.erase(lease);
    ++revision;
    size_t place = 0;
    for (auto it = lease_of_.begin(); it != lease_of_.end();) {
        if (it->second == lease && keys.contains(it->first))
            change({true, {.key = it->first, .value = {}}}, place++);
        it = it->second == lease ? lease_of_.erase(it) : std::next(it);
    }
    tell();
}

inline void FakeEtcd::expire() {
    std::vector<int64_t> over;
    for (const auto& [lease, one] : leases_)
        if (loop_.now() >= one.until) over.push_back(lease);
    for (const int64_t lease : over) end_lease(lease);
}

}  // namespace weft::store::etcd
