// SPDX-License-Identifier: Apache-2.0
// A database server with its file and its disk, and clients that come, go, are slow and hold locks, in a
// random life with crashes and power cuts. What must hold all along: a client's replica is what it asked for
// of a version that there was; a lock has one owner; what was acknowledged as durable survives. Mistakes
// planted on purpose must each be noticed. With threads it is what the thread sanitizer looks at.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <ranges>
#include <span>

#include "codec/json_text.h"
#include "ovsdb/client/contents.h"
#include "ovsdb/invariants.h"
#include "ovsdb/random_transactions.h"
#include "ovsdb/server.h"
#include "store/aside_thread.h"
#include "store/file_storage.h"
#include "store/memory_disk.h"
#include "store/recorded_storage.h"

namespace weft::store {
namespace {

using codec::Json;
using codec::JsonArray;
using ovsdb::SessionId, ovsdb::Snapshot;
using ovsdb::client::Contents;
using ovsdb::testing::Choices, ovsdb::testing::print, ovsdb::testing::Print;

enum class Planted {
    nothing,
    sync_acknowledged_early,   ///< before the disk has it
    update_lost,               ///< one in a while, on its way to the client
    newest_transaction_named,  ///< as that which a client has seen, also if it has not yet
    stolen_not_told,
};

struct Watcher {
    SessionId session;  ///< 0: away
    Contents replica;
    Uuid last = {};  ///< transaction that it has seen
    std::map<std::string, JsonArray> conditions = {};
    bool slow = false, is_asking = false;
    bool is_changing = false, was_told = false;  ///< while it changes its conditions
    size_t version = 0;                          ///< that the replica is known to show

    Snapshot wanted_of(const Snapshot& all) const {
        Snapshot part(all.schema);
        for (const auto& [name, where] : conditions) {
            const ovsdb::TableSchema& t = *all.schema->find(name);
            const auto condition = ovsdb::Condition::parse(Json(where), t);
            for (const ovsdb::Row& row : all[t])
                if (condition->matches_any(row)) part.tables[t.index].set(ovsdb::RowPtr::share(&row));
        }
        return part;
    }
};

struct LockClient {
    SessionId session;
    bool believes_to_own = false;
};

/// As ovsdb-server has them.
struct Threads {
    loop::Clock clock;
    loop::Loop loop{clock};
    AsideThread aside{loop}, long_aside{loop};
};

class World {
  public:
    struct Counts {
        size_t found = 0, forgotten = 0, power_cuts = 0, crashes = 0, aside = 0, acknowledged = 0, owned = 0;
    };

    /// Without threads, what goes aside is done when the world likes.
    World(uint64_t seed, Planted planted, std::unique_ptr<Threads> threads = nullptr)
        : planted_(planted),
          disk_(seed),
          threads_(std::move(threads)),
          random_(schema_, Choices(seed)),
          choices_(seed + 1000) {
        CHECK(create_database(disk_, "db", Snapshot(schema_), "", 1));
        for (size_t i = 0; i < 4; ++i)
            watchers_.push_back(
                std::make_unique<Watcher>(Watcher{.session = 0, .replica = Contents(schema_)}));
        start();
        for (auto& w : watchers_) begin_anew(*w);
    }

    /// The first thing that went wrong, or "".
    std::string run(size_t steps) {
        for (size_t i = 0; i < steps && wrong_.empty(); ++i) {
            step();
            check();
        }
        wait_for_threads();
        check();
        return wrong_;
    }
    const Counts& counts() const { return counts_; }

  private:
    using Piece = std::pair<std::move_only_function<void()>, std::move_only_function<void()>>;
    bool one_in(size_t n) { return choices_.one_in(n); }
    void complain(const std::string& what) {
        if (wrong_.empty()) wrong_ = what;
    }
    RunAside aside(AsideThread Threads::* thread) {
        if (!threads_)
            return [this](auto work, auto done) {
                ++pending_;
                aside_.emplace_back(std::move(work), std::move(done));
            };
        return [this, run = ((*threads_).*thread).run_aside()](auto work, auto done) {
            ++pending_;
            run(std::move(work), [this, done = std::move(done)]() mutable {
                done();
                has_ended();
            });
        };
    }
    void wait_for_threads() {
        while (threads_ && pending_ > 0) threads_->loop.run();
    }
    void has_ended() {
        --pending_;
        ++counts_.aside;
        deliver();
        if (threads_ && pending_ == 0) threads_->loop.stop();
    }
    void finish_some() {
        if (threads_) {
            threads_->loop.run_ready();
            return;
        }
        while (!aside_.empty() && !one_in(3)) {
            auto [work, done] = std::move(aside_.front());
            aside_.pop_front();
            work();
            work = nullptr;
            done();
            has_ended();
        }
    }

    // ---- the server and its file

    void start() {
        auto opened = FileStorage::open(
            "db",
            {.fs = &disk_,
             .date_ms = [] { return int64_t{1}; },
             .aside = aside(&Threads::aside),
             .long_aside = aside(&Threads::long_aside),
             .synced = [this](uint64_t ticket, const Result<>& result) { server_->synced(ticket, result); }});
        CHECK(opened);
        past_.versions.push_back(opened->db->snapshot());
        auto storage = std::make_unique<RecordedStorage>(std::move(opened->storage), past_);
        storage_ = storage.get();
        if (planted_ == Planted::sync_acknowledged_early)
            storage_->early = [this](uint64_t ticket) {
                aside (&Threads::aside)([] {}, [this, ticket] { server_->synced(ticket, {}); });
            };
        server_ = std::make_unique<ovsdb::Server>(Prng(++starts_));
        CHECK(server_->add_database(std::move(opened->db), std::move(storage)));
        constexpr size_t some_rows = 4;
        server_->set_aside(aside(&Threads::long_aside), some_rows);
        writer_ = open();
        for (auto& w : watchers_)
            if (std::exchange(w->session, 0)) connect(*w);
        line_.clear();
        for (LockClient& c : lock_clients_) c = {open()};
    }
    /// What a crash leaves may still go with the power; what a power cut leaves stays.
    void restart(bool power_cut) {
        wait_for_threads();
        server_.reset();
        aside_.clear();
        pending_ = 0;
        if (power_cut) disk_.restart();
        ++(power_cut ? counts_.power_cuts : counts_.crashes);
        start();
        const std::string found = print(past_.versions.back(), Print::stored);
        const auto is_it = [&](const Snapshot& s) { return print(s, Print::stored) == found; };
        const size_t before = past_.versions.size() - 1;
        const auto known = std::span(past_.versions).first(before);
        const auto lasting = known.subspan(power_cut ? past_.durable : before - 1);
        if (!std::ranges::any_of(lasting, is_it) && !std::ranges::any_of(past_.doubtful, is_it)) {
            complain("after " + std::string(power_cut ? "a power cut" : "a crash") + " the file says\n" +
                     found + "but it said last\n" + print(known.back(), Print::stored));
        }
        if (power_cut) past_.durable = before;
        past_.doubtful.clear();
        disk_failed_ = false;
    }

    // ---- what clients do

    SessionId open() {
        server_->open(++sessions_, {.name = "client"});
        return sessions_;
    }
    void request(SessionId session, const char* method, JsonArray params, Json id) {
        server_->receive(session, jsonrpc::Message::request(method, std::move(params), std::move(id)),
                         Time{});
        deliver();
    }
    void connect(Watcher& w) {
        w.session = open();
        if (std::exchange(w.is_changing, false)) w.last = {};  // it does not know what it has
        w.slow = false;
        w.is_asking = true;
        codec::JsonObject requests;
        for (const auto& [name, where] : w.conditions)
            requests.set(name, Json::array({Json::object({{"where", where}})}));
        request(w.session, "monitor_cond_since", {"T", "m", std::move(requests), w.last.to_string()},
                "monitor");
    }
    void disconnect(Watcher& w) {
        server_->close(std::exchange(w.session, 0));
        deliver();
    }
    /// Conditions that the schema allows, one for each table.
    std::map<std::string, JsonArray> new_conditions() {
        std::map<std::string, JsonArray> out;
        for (const ovsdb::TableSchema& t : schema_->tables) {
            JsonArray where = random_.conditions(t);
            out[t.name] = ovsdb::Condition::parse(Json(where), t) ? std::move(where) : JsonArray{true};
        }
        return out;
    }
    void begin_anew(Watcher& w) {
        if (w.session) disconnect(w);
        w.conditions = new_conditions();
        w.last = {};
        connect(w);
    }
    void change_conditions(Watcher& w) {
        if (w.is_asking || w.is_changing) return;
        codec::JsonObject requests;
        auto next = new_conditions();
        for (auto& [name, where] : w.conditions) {
            where = std::move(next[name]);
            requests.set(name, Json::array({Json::object({{"where", where}})}));
        }
        w.is_changing = true;
        w.was_told = false;
        request(w.session, "monitor_cond_change", {"m", "m", std::move(requests)}, "change");
    }
    void write() {
        JsonArray params = random_.transaction();
        params.insert(params.begin(), "T");
        const std::string token = "t" + std::to_string(++written_);
        params.push_back(Json::object({{"op", "comment"}, {"comment", token}}));
        const bool durable = one_in(3);
        if (durable) params.push_back(Json::object({{"op", "commit"}, {"durable", true}}));
        request(writer_, "transact", std::move(params), durable ? token : "t");
    }

    void use_lock(LockClient& c) {
        const auto at = std::ranges::find(line_, c.session);
        if (one_in(6)) {
            const bool owned = !line_.empty() && line_.front() == c.session;
            server_->close(c.session);
            if (at != line_.end()) line_.erase(at);
            c = {open()};
            counts_.owned += owned;
            return deliver();
        }
        if (one_in(3)) {
            assert_lock(c, !line_.empty() && line_.front() == c.session);
        } else if (at != line_.end()) {
            line_.erase(at);
            c.believes_to_own = false;
            request(c.session, "unlock", {"L"}, "unlock");
        } else if (one_in(3)) {
            line_.push_front(c.session);
            request(c.session, "steal", {"L"}, "lock");
        } else {
            line_.push_back(c.session);
            request(c.session, "lock", {"L"}, "lock");
        }
    }
    void assert_lock(LockClient& c, bool owns) {
        asserted_.reset();
        request(c.session, "transact", {"T", Json::object({{"op", "assert"}, {"lock", "L"}})}, "assert");
        if (asserted_ != owns) complain("\"assert\" of a lock did not say whether it is owned");
    }

    void step() {
        write();
        Watcher& w = *watchers_[choices_.below(watchers_.size())];
        if (!w.session) {
            if (one_in(6)) connect(w);
        } else if (one_in(12)) {
            disconnect(w);
            if (one_in(2)) connect(w);
        } else if (one_in(6)) {
            w.slow = !w.slow;
            server_->set_congested(w.session, w.slow);
            deliver();
        } else if (one_in(20)) {
            change_conditions(w);
        }
        if (one_in(30)) begin_anew(w);
        if (one_in(2)) use_lock(lock_clients_[choices_.below(lock_clients_.size())]);
        finish_some();
        if (one_in(40))
            storage_->file->compact(server_->database("T")->snapshot(), Time{}, [](const Result<>&) {});
        if (one_in(60)) {
            disk_.fail_after(choices_.below(6), 1 + choices_.below(3));
            disk_failed_ = true;
        }
        // A new process does not know what the disk could not keep, so then it is the machine that ends.
        if (one_in(60)) restart(disk_failed_ || one_in(2));
    }

    // ---- what clients hear

    void deliver() {
        for (const ovsdb::Output& out : server_->take_output()) {
            const Json message = *codec::parse_json(out.text());
            if (out.session == writer_) hear(message);
            for (auto& w : watchers_)
                if (w->session == out.session) hear(*w, message);
            for (LockClient& c : lock_clients_)
                if (c.session == out.session) hear(c, message);
        }
    }
    static bool has_worked(const Json& message) {
        const Json* results = message.find("result");
        return results && results->is_array() && std::ranges::none_of(*results->array(), [](const Json& one) {
                   return one.find("error") != nullptr || one == Json();
               });
    }
    void hear(const Json& message) {
        if (!has_worked(message)) return;
        const auto version = past_.made_by.find(*message.find("id")->string());
        if (version == past_.made_by.end()) return;
        past_.durable = std::max(past_.durable, version->second);
        ++counts_.acknowledged;
    }
    void hear(Watcher& w, const Json& message) {
        const Json* method = message.find("method");
        if (method && planted_ == Planted::update_lost && one_in(40)) return;
        if (method)
            return take(w, (*message.find("params")->array())[1], (*message.find("params")->array())[2]);
        const std::string& id = *message.find("id")->string();
        if (id == "change") {
            w.is_changing = false;
            // What changed before is not what it wants now, and the server would go by its new wishes.
            if (!w.was_told) w.last = {};
        }
        if (id != "monitor") return;
        const JsonArray& result = *message.find("result")->array();
        const bool found = *result[0].boolean();
        ++(found ? counts_.found : counts_.forgotten);
        w.is_asking = false;
        if (!found) {
            CHECK(w.replica.replace(Json::object({}), ovsdb::client::UpdateFormat::differences));
            w.version = 0;
        }
        take(w, result[1], result[2]);
    }
    void take(Watcher& w, const Json& transaction, const Json& updates) {
        if (!w.replica.apply(updates, ovsdb::client::UpdateFormat::differences))
            complain("an update does not fit: " + codec::format_json(updates));
        w.was_told = true;
        newest_ = *Uuid::parse(*transaction.string());
        w.last = newest_;
        if (planted_ == Planted::newest_transaction_named)
            for (auto& other : watchers_) other->last = newest_;
        if (w.is_changing) return;
        const std::string shown = print(w.replica.snapshot());
        const auto& versions = past_.versions;
        for (size_t v = std::min(w.version, versions.size()); v < versions.size(); ++v)
            if (print(w.wanted_of(versions[v])) == shown) {
                w.version = v;
                return;
            }
        complain("a client sees what never was:\n" + shown);
    }
    void hear(LockClient& c, const Json& message) {
        if (const Json* method = message.find("method")) {
            if (*method->string() == "stolen" && planted_ == Planted::stolen_not_told) return;
            c.believes_to_own = *method->string() == "locked";
            return;
        }
        const std::string& id = *message.find("id")->string();
        if (id == "lock") c.believes_to_own = *message.find("result")->find("locked")->boolean();
        if (id == "assert") asserted_ = has_worked(message);
    }

    void check() {
        for (const LockClient& c : lock_clients_) {
            const bool owns = !line_.empty() && line_.front() == c.session;
            if (owns != c.believes_to_own) complain("a client is wrong about who owns the lock");
        }
        if (pending_ > 0) return;
        const Snapshot& now = server_->database("T")->snapshot();
        for (const auto& w : watchers_) {
            if (!w->session || w->slow) continue;
            if (w->is_asking || w->is_changing) complain("a client waits for an answer that nobody makes");
            if (print(w->replica.snapshot()) != print(w->wanted_of(now)))
                complain("a client sees\n" + print(w->replica.snapshot()) + "but there is\n" +
                         print(w->wanted_of(now)));
        }
    }

    Planted planted_;
    MemoryDisk disk_;
    std::unique_ptr<Threads> threads_;
    ovsdb::SchemaPtr schema_ = *ovsdb::parse_schema_text(ovsdb::testing::rich_schema, "rich_schema");
    ovsdb::testing::RandomTransactions random_;
    Choices choices_;
    std::deque<Piece> aside_;
    size_t pending_ = 0;
    Past past_;
    RecordedStorage* storage_ = nullptr;
    std::unique_ptr<ovsdb::Server> server_;
    std::vector<std::unique_ptr<Watcher>> watchers_;
    std::array<LockClient, 3> lock_clients_{};
    std::deque<SessionId> line_;  ///< for the lock
    SessionId sessions_ = 0, writer_ = 0;
    std::optional<bool> asserted_;
    Uuid newest_;
    size_t written_ = 0;
    uint64_t starts_ = 0;
    bool disk_failed_ = false;
    std::string wrong_;
    Counts counts_;
};

class ServerModel : public testing::TestWithParam<uint64_t> {};

TEST_P(ServerModel, clients_see_what_there_is_and_what_was_acknowledged_stays) {
    World world(GetParam(), Planted::nothing);
    ASSERT_EQ(world.run(1200), "");
    // A life without these proves nothing.
    const World::Counts& n = world.counts();
    EXPECT_GT(n.found, 10u);
    EXPECT_GT(n.forgotten, 10u);
    EXPECT_GT(n.power_cuts, 1u);
    EXPECT_GT(n.crashes, 0u);
    EXPECT_GT(n.aside, 100u);
    EXPECT_GT(n.acknowledged, 20u);
    EXPECT_GT(n.owned, 2u);
}

TEST_P(ServerModel, what_is_done_by_other_threads_fits_together_too) {
    World world(GetParam(), Planted::nothing, std::make_unique<Threads>());
    EXPECT_EQ(world.run(200), "");
    EXPECT_GT(world.counts().aside, 30u);
}

TEST_P(ServerModel, planted_mistakes_are_noticed) {
    for (const Planted planted : {Planted::sync_acknowledged_early, Planted::update_lost,
                                  Planted::newest_transaction_named, Planted::stolen_not_told})
        EXPECT_NE(World(GetParam(), planted).run(5000), "") << static_cast<int>(planted);
}

INSTANTIATE_TEST_SUITE_P(Model, ServerModel, testing::Values(1, 2, 20));

}  // namespace
}  // namespace weft::store
