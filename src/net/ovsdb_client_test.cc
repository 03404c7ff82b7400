// SPDX-License-Identifier: Apache-2.0
// The replica on a connection, against our own server, in virtual time.
#include "net/ovsdb_client.h"

#include <gtest/gtest.h>

#include "codec/json_text.h"
#include "net/memory_transport.h"
#include "net/ovsdb_sessions.h"

namespace weft::net {
namespace {

using ovsdb::client::Outcome;
using ovsdb::client::Txn;

constexpr std::string_view schema_text = R"({"name":"D","version":"1.0.0","tables":{
    "Top":{"isRoot":true,"maxRows":1,"columns":{"next_cfg":{"type":"integer"},"cur_cfg":{"type":"integer"},
        "ports":{"type":{"key":{"type":"uuid","refTable":"Port"},"min":0,"max":"unlimited"}}}},
    "Port":{"indexes":[["name"]],"columns":{"name":{"type":"string"},"tag":{"type":{"key":"integer","min":0,"max":1}},
        "ids":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}}}}}})";

/// A server that can be stopped and started; what it holds lives on.
struct World : testing::Test {
    World() {
        auto schema = *ovsdb::parse_schema(*codec::parse_json(schema_text));
        EXPECT_TRUE(server.add_database(std::make_unique<ovsdb::Database>(schema), nullptr));
        start_server();
        execute(
            R"([{"op":"insert","table":"Top","row":{"ports":["named-uuid","p"]}},{"op":"insert","table":"Port","row":{"name":"p1"},"uuid-name":"p"}])");
    }
    void start_server(const std::string& remote = "punix:db.sock") { sessions.configure({{remote, {}}}); }
    void stop_server() { sessions.configure({}); }
    void execute(std::string_view operations) {
        server.execute("D", *codec::parse_json(operations)->array(), loop.now());
        sessions.pump();
    }
    std::unique_ptr<OvsdbClient> connect(std::string remotes = "unix:db.sock", std::string lock = "") {
        auto client = *OvsdbClient::open(
            loop, transport,
            {.remotes = std::move(remotes), .interest = {.database = "D", .lock = std::move(lock)}});
        client->on_change([this] { ++changes; });
        return client;
    }
    /// Commits and waits for the outcome.
    Outcome commit(OvsdbClient& client, Txn txn) {
        std::optional<Outcome> outcome;
        client.commit(std::move(txn), [&](const Outcome& o) { outcome = o; });
        EXPECT_TRUE(loop.run_until([&] { return outcome.has_value(); }, 10s));
        return *outcome;
    }
    static ovsdb::client::RowView port(const OvsdbClient& client, std::string_view name = "p1") {
        return client.view().table("Port").find("name", name);
    }
    bool synchronize(OvsdbClient& client, Duration limit = 1s) {
        return loop.run_until([&] { return client.is_synchronized(); }, limit);
    }

    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    MemoryTransport transport{loop, 1ms};
    ovsdb::Server server{Prng(1)};
    OvsdbSessions sessions{loop, transport, server, {}};
    int changes = 0;
};

TEST_F(World, a_replica_follows_and_writes_back) {
    const auto client = connect();
    ASSERT_TRUE(synchronize(*client));
    EXPECT_EQ(client->view().table("Top").only().refs("ports").at(0).str("name"), "p1");

    Txn txn(client->view());
    txn.set(port(*client), "tag", 7);
    txn.set(port(*client), "ids", std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}});
    EXPECT_EQ(commit(*client, std::move(txn)).status, Outcome::Status::success);
    EXPECT_EQ(port(*client).integer("tag"), 7) << "the update comes before the outcome";

    execute(
        R"([{"op":"mutate","table":"Port","where":[],"mutations":[["ids","delete",["set",["a"]]],["tag","+=",1]]}])");
    ASSERT_TRUE(loop.run_until([&] { return port(*client).integer("tag") == 8; }, 1s));
    EXPECT_EQ(port(*client).string_map("ids"), (std::map<std::string, std::string>{{"b", "2"}}));
}

TEST_F(World, rows_come_and_go_with_their_references) {
    const auto client = connect();
    ASSERT_TRUE(synchronize(*client));
    Txn txn(client->view());
    const auto row = txn.insert("Port");
    txn.set("Port", row, "name", "p2");
    txn.add(client->view().table("Top").only(), "ports", ovsdb::client::datum_of(row));
    const auto outcome = commit(*client, std::move(txn));
    ASSERT_EQ(outcome.status, Outcome::Status::success) << outcome.error;
    EXPECT_EQ(port(*client, "p2").uuid(), outcome.inserted.at(row));

    Txn away(client->view());
    away.remove(client->view().table("Top").only(), "ports",
                ovsdb::client::datum_of(port(*client, "p2").uuid()));
    EXPECT_TRUE(commit(*client, std::move(away)).ok());
    EXPECT_FALSE(port(*client, "p2")) << "garbage collected";
}

TEST_F(World, of_two_that_change_what_both_verified_one_must_try_again) {
    const auto a = connect(), b = connect();
    ASSERT_TRUE(synchronize(*a) && synchronize(*b));
    const auto bump = [&](OvsdbClient& client, std::optional<Outcome>& outcome) {
        Txn txn(client.view());
        txn.verify(port(client), "tag");
        txn.set(port(client), "tag", port(client).integer("tag", 0) + 1);
        client.commit(std::move(txn), [&outcome](const Outcome& o) { outcome = o; });
    };
    std::optional<Outcome> first, second;
    bump(*a, first), bump(*b, second);
    ASSERT_TRUE(loop.run_until([&] { return first && second; }, 1s));
    EXPECT_EQ(first->status, Outcome::Status::success);
    EXPECT_EQ(second->status, Outcome::Status::try_again);
    bump(*b, second);
    ASSERT_TRUE(loop.run_until([&] { return port(*a).integer("tag") == 2; }, 1s));
}

TEST_F(World, increments_count_all_of_them) {
    const auto a = connect(), b = connect();
    ASSERT_TRUE(synchronize(*a) && synchronize(*b));
    Txn one(a->view()), two(b->view());
    one.increment(a->view().table("Top").only(), "next_cfg");
    two.increment(b->view().table("Top").only(), "next_cfg");
    EXPECT_EQ(commit(*a, std::move(one)).incremented, 1);
    EXPECT_EQ(commit(*b, std::move(two)).incremented, 2);
}

TEST_F(World, a_lost_server_is_found_again_with_backoff_and_nothing_looks_changed) {
    const auto client = connect();
    ASSERT_TRUE(synchronize(*client));
    loop.run_for(20s);
    const auto before = client->view();
    stop_server();
    ASSERT_TRUE(loop.run_until([&] { return !client->is_synchronized(); }, 1s));
    EXPECT_TRUE(client->has_contents());
    EXPECT_EQ(commit(*client,
                     [&] {
                         Txn txn(client->view());
                         txn.set(port(*client), "tag", 3);
                         return txn;
                     }())
                  .status,
              Outcome::Status::try_again);
    loop.run_for(30s);  // attempts at 1, 3, 7, 15, 23, 31 s
    start_server();
    ASSERT_TRUE(synchronize(*client, 9s));
    EXPECT_TRUE(client->view().changes_since(before).empty());
}

TEST_F(World, the_next_remote_is_tried_at_once) {
    const auto client = connect("unix:nothing.sock,unix:db.sock");
    EXPECT_TRUE(synchronize(*client, 100ms));
}

TEST_F(World, a_hanging_attempt_is_given_up) {
    transport.set_blocked("unix:db.sock", true);
    const auto client = connect();
    loop.run_for(5s);
    EXPECT_FALSE(client->is_synchronized());
    transport.set_blocked("unix:db.sock", false);
    EXPECT_TRUE(synchronize(*client, 10s));
}

TEST_F(World, a_waiting_client_gets_the_lock_when_its_holder_leaves) {
    auto a = connect("unix:db.sock", "L");
    ASSERT_TRUE(loop.run_until([&] { return a->is_synchronized() && a->has_lock(); }, 1s));
    const auto b = connect("unix:db.sock", "L");
    ASSERT_TRUE(loop.run_until([&] { return b->lock_is_contended(); }, 1s));
    Txn txn(b->view());
    txn.set(port(*b), "tag", 5);
    EXPECT_EQ(commit(*b, std::move(txn)).status, Outcome::Status::not_locked);
    a.reset();
    ASSERT_TRUE(loop.run_until([&] { return b->has_lock(); }, 1s));
    Txn again(b->view());
    again.set(port(*b), "tag", 5);
    EXPECT_EQ(commit(*b, std::move(again)).status, Outcome::Status::success);
}

TEST_F(World, changes_that_come_in_one_go_are_announced_once) {
    const auto client = connect();
    ASSERT_TRUE(synchronize(*client));
    loop.run_for(1s);
    changes = 0;
    execute(R"([{"op":"update","table":"Port","where":[],"row":{"tag":1}}])");
    execute(R"([{"op":"update","table":"Port","where":[],"row":{"tag":2}}])");
    loop.run_for(1s);
    EXPECT_EQ(port(*client).integer("tag"), 2);
    EXPECT_LE(changes, 2);
    EXPECT_GE(changes, 1);
}

TEST_F(World, a_passive_client_waits_for_the_server) {
    const auto client = connect("ptcp:6640");
    loop.run_for(1min);
    EXPECT_FALSE(client->has_contents());
    sessions.configure({{"tcp:10.0.0.1:6640", {}}});
    EXPECT_TRUE(synchronize(*client, 10s));
}

}  // namespace
}  // namespace weft::net
