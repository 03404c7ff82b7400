// SPDX-License-Identifier: Apache-2.0
// The replica against a server made of a script: each test plays the server's part of a conversation.
#include <gtest/gtest.h>

#include <algorithm>

#include "codec/json_text.h"
#include "ovsdb/client/session.h"

namespace weft::ovsdb::client {
namespace {

using codec::Json;
using jsonrpc::Message;

Json json(std::string_view text) {
    auto parsed = codec::parse_json(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : Json();
}

constexpr std::string_view server_schema =
    R"({"name":"_Server","version":"1.1.0","tables":{"Database":{"columns":{
    "name":{"type":"string"},"model":{"type":"string"},"connected":{"type":"boolean"},"leader":{"type":"boolean"},
    "schema":{"type":{"key":"string","min":0,"max":1}},"cid":{"type":{"key":"uuid","min":0,"max":1}},"index":{"type":{"key":"integer","min":0,"max":1}}}}}})";
constexpr std::string_view schema = R"({"name":"D","version":"1.0.0","tables":{
    "Top":{"isRoot":true,"columns":{"next":{"type":"integer"},"ports":{"type":{"key":{"type":"uuid","refTable":"Port"},"min":0,"max":"unlimited"}}}},
    "Port":{"columns":{"name":{"type":"string"},"tag":{"type":{"key":"integer","min":0,"max":1}},
        "ids":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},"trunks":{"type":{"key":"integer","min":0,"max":4}}}}}})";
constexpr const char *u1 = "11111111-1111-4111-8111-111111111111",
                     *u2 = "22222222-2222-4222-8222-222222222222",
                     *t1 = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
constexpr std::string_view txn_a = "00000000-0000-0000-0000-00000000000a";

/// `'` for `"`, so that tests read.
Json quoted(std::string text) {
    std::ranges::replace(text, '\'', '"');
    return json(text);
}

struct ClientTest : testing::Test {
    /// Takes the next request, which must be of this method.
    Message take(std::string_view method) {
        for (auto& m : session.take_output()) queue.push_back(std::move(m));
        EXPECT_FALSE(queue.empty()) << "expected " << method;
        if (queue.empty()) return {};
        Message out = queue.front();
        queue.erase(queue.begin());
        EXPECT_EQ(out.method, method) << out.describe();
        return out;
    }
    void reply(const Message& to, Json result) { session.receive(Message::reply(std::move(result), to.id)); }
    void refuse(const Message& to, Json error) { session.receive(Message::error(std::move(error), to.id)); }
    void notify(std::string method, codec::JsonArray params) {
        session.receive(Message::notification(std::move(method), std::move(params)));
    }

    void meet_server(
        std::string_view row =
            R"({"name":"D","model":"standalone","connected":true,"leader":true,"schema":"{}"})") {
        session.connected();
        reply(take("set_db_change_aware"), Json::object({}));
        reply(take("get_schema"), json(server_schema));
        Json rows = Json::object({{t1, Json::object({{"initial", json(row)}})}});
        reply(take("monitor_cond"), Json::object({{"Database", rows}}));
    }
    void meet_old_server() {
        session.connected();
        refuse(take("set_db_change_aware"), "unknown method");
        refuse(take("get_schema"), quoted("{'error':'unknown database'}"));
    }
    Message give_schema(std::string_view method = "monitor_cond_since") {
        reply(take("get_schema"), json(schema));
        return take(method);
    }
    /// Synchronized, with one Top that has one Port.
    void synchronize() {
        meet_server();
        reply(give_schema(), Json::array({false, txn_a, contents()}));
        ASSERT_TRUE(session.is_synchronized()) << session.failure().value_or("");
    }
    static Json contents() {
        return quoted(std::string("{'Top':{'") + t1 + "':{'initial':{'next':7,'ports':['uuid','" + u1 +
                      "']}}},'Port':{'" + u1 +
                      "':{'initial':{'name':'p1','tag':5,'ids':['map',[['a','1'],['b','2']]]}}}}");
    }
    RowView port(std::string_view name = "p1") { return session.view().table("Port").find("name", name); }
    RowView top() { return session.view().table("Top").only(); }
    std::string failure() { return session.failure().value_or(""); }
    Session make(Interest interest) { return Session(std::move(interest)); }

    Session session{{.database = "D", .tables = {{.table = "Top"}, {.table = "Port"}}}};
    std::vector<Message> queue;
};

TEST_F(ClientTest, reads_rows_by_the_names_of_columns) {
    synchronize();
    EXPECT_EQ(top().integer("next"), 7);
    const auto p1 = top().refs("ports").at(0);
    EXPECT_EQ(p1.str("name"), "p1");
    EXPECT_EQ(p1.integer("tag", 0), 5);
    EXPECT_EQ(p1.get("ids", "a"), "1");
    EXPECT_EQ(p1.get("ids", "z"), std::nullopt);
    EXPECT_EQ(p1.integer("ids", "b", 0, 0, 10), 2);
    EXPECT_EQ(p1.integer("ids", "b", 9, 5, 10), 9);
    EXPECT_TRUE(p1.integers("trunks").empty());
    EXPECT_EQ(port(), p1);
}

TEST_F(ClientTest, what_the_schema_lacks_reads_as_empty_and_is_not_written) {
    session = make(
        {.database = "D", .tables = {{.table = "Port", .columns = {"name", "newer"}}, {.table = "Newer"}}});
    meet_server();
    const auto monitor = give_schema();
    EXPECT_EQ(codec::format_json(monitor.params[2]), R"({"Port":[{"columns":["name"]}]})");
    EXPECT_EQ(session.take_notes(),
              (std::vector<std::string>{"the server's schema of D has no column Port:newer",
                                        "the server's schema of D has no table Newer"}));
    reply(monitor, Json::array({false, txn_a,
                                quoted(std::string("{'Port':{'") + u1 + "':{'initial':{'name':'p1'}}}}")}));
    EXPECT_FALSE(port().has("newer"));
    EXPECT_EQ(port().str("newer"), "");
    EXPECT_TRUE(session.view().table("Newer").empty());
    Txn txn(session.view());
    EXPECT_FALSE(txn.set(port(), "newer", "x"));
    EXPECT_FALSE(txn.set(port(), "tag", "a string"));
    EXPECT_FALSE(txn.set(port(), "trunks", std::vector<int64_t>{1, 2, 3, 4, 5}));
    EXPECT_TRUE(txn.empty());
}

TEST_F(ClientTest, follows_updates_and_tells_what_changed) {
    synchronize();
    const View before = session.view();
    notify(
        "update3",
        {"monid", txn_a,
         quoted(
             std::string("{'Port':{'") + u1 +
             "':{'modify':{'tag':6,'ids':['map',[['b','3'],['a','1'],['c','4']]],'trunks':['set',[1,2]]}},'" +
             u2 + "':{'insert':{'name':'p2'}}}}")});
    EXPECT_EQ(failure(), "");
    EXPECT_EQ(port().integer("tag"), 6);
    EXPECT_EQ(port().string_map("ids"), (std::map<std::string, std::string>{{"b", "3"}, {"c", "4"}}));
    EXPECT_EQ(port().integers("trunks"), (std::vector<int64_t>{1, 2}));
    const auto changed = deltas(before, session.view(), "Port");
    ASSERT_EQ(changed.size(), 2u);
    EXPECT_EQ(changed[0].before.integer("tag"), 5);
    EXPECT_FALSE(changed[1].before);
    EXPECT_EQ(changed[1].after.str("name"), "p2");
    EXPECT_TRUE(deltas(before, session.view(), "Top").empty());

    notify("update3", {"monid", txn_a,
                       quoted(std::string("{'Port':{'") + u1 + "':{'modify':{'tag':['set',[]]}},'" + u2 +
                              "':{'delete':null}}}")});
    EXPECT_EQ(port().integer("tag"), std::nullopt);
    EXPECT_FALSE(port("p2"));
    EXPECT_TRUE(before.table("Port").find("name", "p1").integer("tag") == 5)
        << "an old view keeps what it saw";
}

TEST_F(ClientTest, asks_after_a_reconnect_only_for_what_is_new) {
    synchronize();
    session.disconnected();
    EXPECT_TRUE(session.has_contents());
    EXPECT_FALSE(session.is_synchronized());
    const View before = session.view();
    meet_server();
    const auto monitor = give_schema();
    EXPECT_EQ(monitor.params[3], Json(txn_a));
    reply(monitor,
          Json::array({true, txn_a, quoted(std::string("{'Port':{'") + u1 + "':{'modify':{'tag':9}}}}")}));
    EXPECT_EQ(port().integer("tag"), 9);
    EXPECT_EQ(session.view().changes_since(before).rows.size(), 1u);
}

TEST_F(ClientTest, rows_that_come_again_unchanged_are_no_change) {
    synchronize();
    const View before = session.view();
    session.disconnected();
    meet_server();
    reply(give_schema(), Json::array({false, txn_a, contents()}));
    EXPECT_TRUE(session.is_synchronized());
    EXPECT_TRUE(session.view().changes_since(before).empty());
}

TEST_F(ClientTest, speaks_to_servers_of_every_age) {
    meet_old_server();
    refuse(give_schema(), "unknown method");
    const auto cond = take("monitor_cond");
    refuse(cond, quoted("{'error':'unknown method'}"));
    const auto plain = take("monitor");
    EXPECT_EQ(plain.params.size(), 3u);
    reply(plain, quoted(std::string("{'Port':{'") + u1 + "':{'new':{'name':'p1','tag':5}}}}"));
    EXPECT_EQ(port().integer("tag"), 5);
    notify("update", {"monid", quoted(std::string("{'Port':{'") + u1 +
                                      "':{'old':{'tag':5},'new':{'name':'p1','tag':['set',[]]}},'" + u2 +
                                      "':{'new':{'name':'p2'}}}}")});
    EXPECT_EQ(port().integer("tag"), std::nullopt);
    EXPECT_TRUE(port("p2"));
    notify("update", {"monid", quoted(std::string("{'Port':{'") + u2 + "':{'old':{'name':'p2'}}}}")});
    EXPECT_FALSE(port("p2"));
    EXPECT_EQ(failure(), "");
}

TEST_F(ClientTest, waits_for_a_database_that_is_not_there_yet) {
    meet_server(R"({"name":"Other","model":"standalone","connected":true,"leader":true})");
    EXPECT_TRUE(session.take_output().empty());
    EXPECT_EQ(failure(), "");
    notify("update2", {"monid-server", quoted(std::string("{'Database':{'") + u2 +
                                              "':{'insert':{'name':'D','model':'standalone','connected':true,"
                                              "'leader':true,'schema':'{}'}}}}")});
    reply(give_schema(), Json::array({false, txn_a, contents()}));
    EXPECT_TRUE(session.is_synchronized());
}

TEST_F(ClientTest, leaves_a_server_that_does_not_lead_its_cluster) {
    meet_server(R"({"name":"D","model":"clustered","connected":true,"leader":false,"schema":"{}"})");
    EXPECT_EQ(failure(), "the server is not the leader of its cluster; trying another");
    session.disconnected();
    session = make({.database = "D", .leader_only = false});
    meet_server(R"({"name":"D","model":"clustered","connected":true,"leader":false,"schema":"{}"})");
    EXPECT_EQ(failure(), "");
    notify("update2", {"monid-server",
                       quoted(std::string("{'Database':{'") + t1 + "':{'modify':{'connected':false}}}}")});
    EXPECT_EQ(failure(), "the server is not connected to its cluster; trying another");
}

TEST_F(ClientTest, starts_afresh_when_the_schema_changes) {
    synchronize();
    notify("monitor_canceled", {"monid"});
    std::string newer(schema);
    newer.replace(newer.find("1.0.0"), 5, "1.1.0");
    reply(take("get_schema"), json(newer));
    const auto monitor = take("monitor_cond_since");
    EXPECT_EQ(monitor.params[3], Json("00000000-0000-0000-0000-000000000000"));
    EXPECT_EQ(port().str("name"), "p1") << "the old contents serve until the new ones are there";
    reply(monitor, Json::array({false, txn_a, contents()}));
    EXPECT_EQ(session.view().schema()->version, "1.1.0");
}

TEST_F(ClientTest, an_update_that_does_not_fit_ends_the_connection_and_the_next_one_heals_it) {
    synchronize();
    notify("update3", {"monid", txn_a, quoted(std::string("{'Port':{'") + u2 + "':{'modify':{'tag':6}}}}")});
    EXPECT_NE(failure().find("received an update that does not fit"), std::string::npos);
    session.disconnected();
    meet_server();
    EXPECT_EQ(give_schema().params[3], Json("00000000-0000-0000-0000-000000000000"));
}

TEST_F(ClientTest, lock_comes_goes_and_comes_back) {
    session = make({.database = "D", .lock = "L"});
    synchronize();
    EXPECT_FALSE(session.has_lock());
    reply(take("lock"), quoted("{'locked':false}"));
    EXPECT_TRUE(session.lock_is_contended());
    notify("locked", {"L"});
    EXPECT_TRUE(session.has_lock());
    notify("stolen", {"L"});
    EXPECT_FALSE(session.has_lock());
    EXPECT_TRUE(session.lock_is_contended());
    session.disconnected();
    EXPECT_FALSE(session.lock_is_contended());
}

struct TxnTest : ClientTest {
    TxnTest() { synchronize(); }
    /// The operations that the commit sends.
    std::string commit(Txn txn) {
        session.commit(std::move(txn), [this](const Outcome& o) { outcome = o; });
        const auto sent = session.take_output();
        if (sent.empty()) return "";
        request = sent.back();
        auto operations = request.params;
        operations.erase(operations.begin());
        return codec::format_json(operations);
    }
    Message request;
    std::optional<Outcome> outcome;
};

TEST_F(TxnTest, writes_only_what_differs) {
    Txn txn(session.view());
    txn.set(port(), "tag", 5);
    txn.set(port(), "name", "p1");
    EXPECT_EQ(commit(std::move(txn)), "");
    EXPECT_EQ(outcome->status, Outcome::Status::unchanged);
    Txn other(session.view());
    other.set(port(), "tag", 6), other.set(port(), "name", "x"), other.set(port(), "name", "p1");
    EXPECT_EQ(
        commit(std::move(other)),
        R"([{"op":"update","row":{"tag":6},"table":"Port","where":[["_uuid","==",["uuid","11111111-1111-4111-8111-111111111111"]]]}])");
    reply(request, json(R"([{"count":1}])"));
    EXPECT_EQ(outcome->status, Outcome::Status::success);
}

TEST_F(TxnTest, an_inserted_row_can_be_referred_to_and_gets_its_real_uuid) {
    Txn txn(session.view());
    const Uuid row = txn.insert("Port");
    txn.set("Port", row, "name", "p9");
    txn.add(top(), "ports", datum_of(row));
    std::string name = "row" + row.to_string();
    std::ranges::replace(name, '-', '_');
    EXPECT_EQ(
        commit(std::move(txn)),
        R"([{"op":"insert","row":{"name":"p9"},"table":"Port","uuid-name":")" + name +
            R"("},{"mutations":[["ports","insert",["named-uuid",")" + name +
            R"("]]],"op":"mutate","table":"Top","where":[["_uuid","==",["uuid","aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"]]]}])");
    reply(request, json(std::string(R"([{"uuid":["uuid",")") + u2 + R"("]},{"count":1}])"));
    EXPECT_EQ(outcome->inserted, (std::map<Uuid, Uuid>{{row, *Uuid::parse(u2)}}));
}

TEST_F(TxnTest, increment_tells_the_new_value) {
    Txn txn(session.view());
    txn.increment(top(), "next");
    txn.comment("ours");
    commit(std::move(txn));
    reply(request, json(R"([{"count":1},{"rows":[{"next":8}]},{}])"));
    EXPECT_EQ(outcome->incremented, 8);
}

TEST_F(TxnTest, fails_in_the_way_that_tells_what_to_do) {
    const auto attempt = [&](Json result) {
        Txn txn(session.view());
        txn.verify(port(), "tag");
        txn.set(port(), "tag", 6);
        commit(std::move(txn));
        reply(request, std::move(result));
        return outcome->status;
    };
    EXPECT_EQ(attempt(json(R"([{"error":"timed out","details":"\"where\" clause test failed"},null])")),
              Outcome::Status::try_again);
    EXPECT_EQ(attempt(json(R"([{},{"count":1},{"error":"constraint violation","details":"no"}])")),
              Outcome::Status::error);
    EXPECT_EQ(outcome->error, "constraint violation: no");
    EXPECT_EQ(attempt(json(R"([{"error":"not owner"}])")), Outcome::Status::not_locked);
    EXPECT_EQ(attempt(json(R"([{}])")), Outcome::Status::error);

    Txn txn(session.view());
    txn.set(port(), "tag", 7);
    commit(std::move(txn));
    session.disconnected();
    EXPECT_EQ(outcome->status, Outcome::Status::try_again);
    Txn late(session.view());
    late.set(port(), "tag", 8);
    EXPECT_EQ(commit(std::move(late)), "");
    EXPECT_EQ(outcome->status, Outcome::Status::try_again);
}

TEST_F(TxnTest, removes_rows_and_elements) {
    Txn txn(session.view());
    txn.remove(port(), "ids", datum_of(std::vector<std::string>{"a"}));
    EXPECT_EQ(
        commit(std::move(txn)),
        R"([{"mutations":[["ids","delete","a"]],"op":"mutate","table":"Port","where":[["_uuid","==",["uuid","11111111-1111-4111-8111-111111111111"]]]}])");
    Txn other(session.view());
    other.erase(port());
    EXPECT_EQ(
        commit(std::move(other)),
        R"([{"op":"delete","table":"Port","where":[["_uuid","==",["uuid","11111111-1111-4111-8111-111111111111"]]]}])");
}

TEST_F(ClientTest, a_new_condition_goes_to_the_server_one_at_a_time) {
    synchronize();
    session.set_condition("Port", {quoted("['name','==','p2']")});
    const auto change = take("monitor_cond_change");
    EXPECT_EQ(codec::format_json(change.params[2]),
              R"({"Port":[{"where":[["name","==","p2"]]}],"Top":[{"where":[true]}]})");
    session.set_condition("Port", {false});
    EXPECT_TRUE(session.take_output().empty());
    notify("update3", {"monid", txn_a, quoted(std::string("{'Port':{'") + u1 + "':{'delete':null}}}")});
    reply(change, Json::object({}));
    EXPECT_FALSE(port());
    EXPECT_EQ(codec::format_json(take("monitor_cond_change").params[2]),
              R"({"Port":[{"where":[false]}],"Top":[{"where":[true]}]})");
    session.disconnected();
    meet_server();
    EXPECT_EQ(give_schema().params[3], Json("00000000-0000-0000-0000-000000000000"))
        << "the rows there are of another condition";
}

TEST_F(ClientTest, is_current_once_the_server_knows_the_conditions) {
    synchronize();
    EXPECT_TRUE(session.is_current());
    session.set_condition("Port", {false});
    EXPECT_FALSE(session.is_current());
    const auto before = session.change_count();
    reply(take("monitor_cond_change"), Json::object({}));
    EXPECT_TRUE(session.is_current());
    EXPECT_GT(session.change_count(), before);
    session.disconnected();
    EXPECT_FALSE(session.is_current());
}

TEST_F(ClientTest, another_lock_takes_the_place_of_the_first) {
    synchronize();
    session.set_lock("a");
    EXPECT_FALSE(session.has_lock());
    const auto first = take("lock");
    EXPECT_EQ(first.params, (codec::JsonArray{"a"}));
    session.set_lock("b");
    EXPECT_EQ(take("unlock").params, (codec::JsonArray{"a"}));
    const auto second = take("lock");
    reply(first, Json::object({{"locked", true}}));
    EXPECT_FALSE(session.has_lock()) << "that was the other";
    reply(second, Json::object({{"locked", true}}));
    EXPECT_TRUE(session.has_lock());

    Txn txn(session.view());
    txn.set(port(), "tag", 6);
    std::optional<Outcome> outcome;
    session.commit(std::move(txn), [&](const Outcome& o) { outcome = o; });
    const auto transact = take("transact");
    session.set_lock("");
    EXPECT_EQ(take("unlock").params, (codec::JsonArray{"b"}));
    EXPECT_TRUE(session.has_lock()) << "none is wanted";
    reply(transact, json(R"([{},{"count":1}])"));
    EXPECT_EQ(outcome->status, Outcome::Status::success) << "its results are read by the lock it asserted";
    session.disconnected();
    meet_server();
    reply(give_schema(), Json::array({false, txn_a, contents()}));
    EXPECT_TRUE(session.take_output().empty()) << "no lock is asked for";
}

}  // namespace
}  // namespace weft::ovsdb::client
