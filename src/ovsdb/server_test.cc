// SPDX-License-Identifier: Apache-2.0
// The server as its clients see it. The expected texts were given by Debian's ovsdb-server.
#include "ovsdb/server.h"

#include "obs/log_modules.h"
#include "obs/logging.h"
#include "ovsdb/log_record.h"
#include "ovsdb/server_fixture.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using jsonrpc::Message;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const schema_text = R"({"name":"T","version":"1.0.0","tables":{
  "R":{"columns":{"s":{"type":"string"},"i":{"type":"integer"},
    "si":{"type":{"key":"integer","min":0,"max":"unlimited"}},
    "m":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}}}},
  "M":{"columns":{"a":{"type":"integer"}}}}})";

class ServerTest : public ServerFixture {
  protected:
    ServerTest()
        : ServerFixture(schema_text, std::make_unique<FakeStorage>(), 3),
          storage_(static_cast<FakeStorage*>(server_.storage("T"))) {
        for (const SessionId s : {1, 2, 3})
            server_.receive(s, Message::request("set_db_change_aware", {true}, 0), now_);
        server_.take_output();
    }

    std::string ok(SessionId session, const std::string& result) const {
        return std::to_string(session) + R"(:{"error":null,"id":)" + std::to_string(id_) + R"(,"result":)" +
               result + "}";
    }
    std::string error(SessionId session, const std::string& json) const {
        return std::to_string(session) + R"(:{"error":)" + json + R"(,"id":)" + std::to_string(id_) + "}";
    }
    static std::string uuid(int n) { return "00000000-0000-0000-0000-00000000000" + std::to_string(n); }
    static std::string insert(int n, const std::string& row) {
        return R"({"op":"insert","table":"R","uuid":")" + uuid(n) + R"(","row":{)" + row + "}}";
    }
    static std::string update(const std::string& where, const std::string& row) {
        return R"({"op":"update","table":"R","where":[)" + where + R"(],"row":{)" + row + "}}";
    }
    static std::string inserted(int n) { return R"([{"uuid":["uuid",")" + uuid(n) + R"("]}])"; }
    static std::string told(SessionId session, const std::string& method, const std::string& params) {
        return std::to_string(session) + R"(:{"id":null,"method":")" + method + R"(","params":[)" + params +
               "]}";
    }
    static std::string row(int n, const std::string& update) {
        return R"({"R":{")" + uuid(n) + "\":" + update + "}}";
    }

    FakeStorage* storage_;
};

TEST_F(ServerTest, simple_methods) {
    EXPECT_THAT(send(1, "list_dbs", "[]"), ElementsAre(ok(1, R"(["T","_Server"])")));
    EXPECT_THAT(send(1, "echo", R"(["a",1])"), ElementsAre(ok(1, R"(["a",1])")));
    EXPECT_THAT(send(1, "foo", "[]"), ElementsAre(error(1, R"("unknown method")")));
    EXPECT_THAT(
        send(1, "get_schema", R"(["Z"])"),
        ElementsAre(error(
            1,
            R"({"details":"get_schema request specifies unknown database Z","error":"unknown database","syntax":"[\"Z\"]"})")));
    EXPECT_THAT(
        send(1, "get_schema", "[]"),
        ElementsAre(error(
            1,
            R"({"details":"get_schema request params must begin with <db-name>","error":"syntax error","syntax":"[]"})")));
    EXPECT_THAT(
        send(1, "set_db_change_aware", "[1]"),
        ElementsAre(error(
            1,
            R"({"details":"set_db_change_aware: true or false parameter expected","error":"syntax error","syntax":"[1]"})")));
    EXPECT_EQ(send(1, "get_server_id", "[]")[0].size(), ok(1, "\"" + uuid(1) + "\"").size());
    const std::string schema = send(1, "get_schema", R"(["T"])")[0];
    EXPECT_THAT(schema, HasSubstr(R"("version":"1.0.0")"));
}

TEST_F(ServerTest, monitor_sends_old_and_new) {
    transact(1, insert(1, R"("s":"one","i":5)"));
    EXPECT_THAT(send(2, "monitor", R"(["T","m",{"R":{"columns":["i","s"]},"M":[]}])"),
                ElementsAre(ok(2, row(1, R"({"new":{"i":5,"s":"one"}})"))));
    EXPECT_THAT(
        transact(1, insert(2, R"("i":7)")),
        ElementsAre(told(2, "update", R"("m",)" + row(2, R"({"new":{"i":7,"s":""}})")), ok(1, inserted(2))));
    EXPECT_THAT(transact(1, update(R"(["i","==",7])", R"("i":8)"))[0],
                told(2, "update", R"("m",)" + row(2, R"({"new":{"i":8,"s":""},"old":{"i":7}})")));
    EXPECT_THAT(transact(1, update("", R"("si":3)")),
                ElementsAre(ok(1, R"([{"count":2}])")));  // not monitored
    EXPECT_THAT(transact(1, R"({"op":"delete","table":"R","where":[["i","==",8]]})")[0],
                told(2, "update", R"("m",)" + row(2, R"({"old":{"i":8,"s":""}})")));
    EXPECT_THAT(send(2, "monitor_cancel", R"(["m"])"), ElementsAre(ok(2, "{}")));
    EXPECT_THAT(transact(1, insert(3, "")), ElementsAre(ok(1, inserted(3))));
    EXPECT_THAT(send(2, "monitor_cancel", R"(["m"])"), ElementsAre(error(2, R"("unknown monitor")")));
}

TEST_F(ServerTest, select_chooses_kinds_of_changes_by_column) {
    transact(1, insert(1, R"("s":"one","i":5)"));
    EXPECT_THAT(
        send(
            2, "monitor",
            R"(["T",4,{"R":[{"columns":["i"],"select":{"initial":false,"modify":false}},{"columns":["s"],"select":{"insert":false,"delete":false}}]}])"),
        ElementsAre(ok(2, row(1, R"({"new":{"s":"one"}})"))));
    EXPECT_THAT(transact(1, insert(2, R"("i":7,"s":"x")"))[0],
                told(2, "update", "4," + row(2, R"({"new":{"i":7}})")));
    EXPECT_THAT(transact(1, update(R"(["i","==",7])", R"("i":8)"))[0],
                told(2, "update", "4," + row(2, R"({"new":{"s":"x"},"old":{}})")));
    EXPECT_THAT(transact(1, R"({"op":"delete","table":"R","where":[["i","==",8]]})")[0],
                told(2, "update", "4," + row(2, R"({"old":{"i":8}})")));
}

TEST_F(ServerTest, monitor_cond_sends_differences_of_rows_that_match) {
    transact(1, insert(1, R"("s":"one","i":8,"si":["set",[1,2,9]],"m":["map",[["a","b"],["c","d"]]])"));
    EXPECT_THAT(
        send(2, "monitor_cond", R"(["T","c",{"R":[{"columns":["i","s","si","m"],"where":[["i",">",6]]}]}])"),
        ElementsAre(ok(
            2,
            row(1,
                R"({"initial":{"i":8,"m":["map",[["a","b"],["c","d"]]],"s":"one","si":["set",[1,2,9]]}})"))));
    EXPECT_THAT(transact(1, insert(2, R"("i":9)"))[0],
                told(2, "update2", R"("c",)" + row(2, R"({"insert":{"i":9}})")));
    EXPECT_THAT(transact(1, insert(3, R"("i":1)")), ElementsAre(ok(1, inserted(3))));
    EXPECT_THAT(
        transact(1, update(R"(["s","==","one"])",
                           R"("i":11,"si":["set",[2,78]],"m":["map",[["a","y"],["q","r"]]])"))[0],
        told(
            2, "update2",
            R"("c",)" +
                row(1,
                    R"({"modify":{"i":11,"m":["map",[["a","y"],["c","d"],["q","r"]]],"si":["set",[1,9,78]]}})")));
    EXPECT_THAT(transact(1, update(R"(["s","==","one"])", R"("i":1)"))[0],
                told(2, "update2", R"("c",)" + row(1, R"({"delete":null})")));
    EXPECT_THAT(transact(1, update(R"(["s","==","one"])", R"("si":5)")),
                ElementsAre(ok(1, R"([{"count":1}])")));
}

TEST_F(ServerTest, a_changed_condition_is_answered_after_the_updates_it_causes) {
    transact(1, insert(1, R"("i":1)") + "," + insert(2, R"("i":2)"));
    send(2, "monitor_cond", R"(["T","c",{"R":[{"columns":["i"],"where":[["i","==",1]]}]}])");
    EXPECT_THAT(send(2, "monitor_cond_change", R"(["c","d",{"R":[{"where":[["i","==",2]]}]}])"),
                ElementsAre(told(2, "update2",
                                 R"("d",{"R":{")" + uuid(1) + R"(":{"delete":null},")" + uuid(2) +
                                     R"(":{"insert":{"i":2}}}})"),
                            ok(2, "{}")));
    EXPECT_THAT(send(2, "monitor_cond_change", R"(["c","d",{}])"),
                ElementsAre(error(
                    2, R"({"details":"unknown monitor session","error":"syntax error","syntax":"\"c\""})")));
    EXPECT_THAT(send(2, "monitor_cond_change", R"(["d","d",{"R":[{"columns":["i"],"where":[true]}]}])"),
                ElementsAre(HasSubstr("changing columns is unsupported")));
    EXPECT_THAT(send(2, "monitor_cond_change", R"(["d","d",{"M":[]}])"),
                ElementsAre(HasSubstr("no table named M in monitor session")));
    EXPECT_THAT(send(2, "monitor_cond_change", R"(["d","d",{"R":[]}])"), ElementsAre(ok(2, "{}")));
}

TEST_F(ServerTest, monitor_requests_are_checked) {
    const std::pair<const char*, const char*> cases[] = {
        {R"(["T","m",5])", R"("monitor-requests must be object")"},
        {R"(["T","m",{"Z":{}}])", R"("no table named Z")"},
        {R"(["T","m",{"R":5}])", R"("Parsing table R failed: Object expected.")"},
        {R"(["T","m",{"R":{"columns":["zz"]}}])", R"("zz is not a valid column name")"},
        {R"(["T","m",{"R":{"columns":["i","i"]}}])", R"("column i mentioned more than once")"},
        {R"(["T","m",{"R":{"select":{"foo":1}}}])",
         R"("Parsing table R select failed: Member 'foo' is present but not allowed here.")"},
        {R"(["T","m",{"R":{"where":[]}}])",
         R"("Parsing table R failed: Member 'where' is present but not allowed here.")"},
        {R"(["T"])", R"("invalid parameters")"},
    };
    for (const auto& [params, details] : cases)
        EXPECT_THAT(send(1, "monitor", params), ElementsAre(HasSubstr(details))) << params;
    send(1, "monitor", R"(["T","m",{}])");
    EXPECT_THAT(send(1, "monitor", R"(["T","m",{}])"),
                ElementsAre(error(
                    1, R"({"details":"duplicate monitor ID","error":"syntax error","syntax":"\"m\""})")));
}

TEST_F(ServerTest, who_returns_soon_gets_only_what_it_missed) {
    transact(1, insert(1, R"("i":1)"));
    const std::string request = R"(["T","s",{"R":[{"columns":["i"]}]},")";
    const std::string first = send(2, "monitor_cond_since", request + uuid(0) + "\"]")[0];
    EXPECT_THAT(first, HasSubstr(R"("result":[false,")"));
    const std::string last = transact(1, insert(2, R"("i":2)"))[0];
    EXPECT_THAT(last, HasSubstr(R"("method":"update3","params":["s",")"));
    const std::string id = last.substr(last.find("\"s\",\"") + 5, 36);

    server_.close(2);
    transact(1, insert(3, R"("i":3)"));
    transact(1, update(R"(["i","==",3])", R"("i":4)"));
    transact(1, R"({"op":"delete","table":"R","where":[["i","==",1]]})");
    const std::string back = send(3, "monitor_cond_since", request + id + "\"]")[0];
    EXPECT_THAT(back, HasSubstr(R"("result":[true,")"));
    EXPECT_THAT(back, HasSubstr(R"({"R":{")" + uuid(1) + R"(":{"delete":null},")" + uuid(3) +
                                R"(":{"insert":{"i":4}}}})"));
    for (int n = 0; n < 100; ++n) transact(1, update("", R"("s":")" + std::to_string(n) + "\""));
    server_.open(4, {.name = "unix#4"});
    EXPECT_THAT(send(4, "monitor_cond_since", request + id + "\"]")[0], HasSubstr(R"("result":[false,")"));
    EXPECT_THAT(
        send(4, "monitor_cond_since", R"(["T","t",{},"x"])"),
        ElementsAre(error(
            4, R"({"details":"last-txn-id must be UUID format.","error":"syntax error","syntax":"\"x\""})")));
}

TEST_F(ServerTest, what_is_more_than_the_database_is_not_kept_for_who_returns) {
    const auto last = [&] {
        const std::string first =
            send(2, "monitor_cond_since", R"(["T","s",{"M":{}},")" + uuid(0) + "\"]")[0];
        send(2, "monitor_cancel", R"(["s"])");
        return first.substr(first.find("[false,\"") + 8, 36);
    };
    const auto is_known = [&](const std::string& id) {
        const std::string back = send(3, "monitor_cond_since", R"(["T","s",{"M":{}},")" + id + "\"]")[0];
        send(3, "monitor_cancel", R"(["s"])");
        return back.contains("\"result\":[true,");
    };
    const std::string before = last();
    std::string rows;
    for (size_t i = 0; i <= History::min_rows; ++i) rows += R"({"op":"insert","table":"M","row":{}},)";
    transact(1, rows + R"({"op":"comment","comment":"many"})");
    const std::string filled = last();
    EXPECT_TRUE(is_known(before));
    transact(1, R"({"op":"delete","table":"M","where":[]})");
    EXPECT_FALSE(is_known(before));
    EXPECT_FALSE(is_known(filled));
    const std::string emptied = last();
    transact(1, R"({"op":"insert","table":"M","row":{}})");
    EXPECT_TRUE(is_known(emptied));
}

TEST_F(ServerTest, a_slow_session_gets_the_sum_of_what_it_missed) {
    send(2, "monitor_cond", R"(["T","c",{"R":[{"columns":["i"]}]}])");
    server_.set_congested(2, true);
    transact(1, insert(1, R"("i":1)"));
    transact(1, update("", R"("i":2)"));
    EXPECT_THAT(transact(1, insert(2, "")), ElementsAre(ok(1, inserted(2))));
    transact(1, R"({"op":"delete","table":"R","where":[["i","==",0]]})");
    server_.set_congested(2, false);
    EXPECT_THAT(output(), ElementsAre(told(2, "update2", R"("c",)" + row(1, R"({"insert":{"i":2}})"))));
    EXPECT_THAT(transact(1, update("", R"("i":3)"))[0],
                told(2, "update2", R"("c",)" + row(1, R"({"modify":{"i":3}})")));
}

TEST_F(ServerTest, a_slow_sessions_own_changes_reach_it_before_their_result) {
    send(2, "monitor_cond", R"(["T","c",{"R":[{"columns":["i"]}]}])");
    server_.set_congested(2, true);
    EXPECT_THAT(transact(2, insert(1, R"("i":1)")), ElementsAre(HasSubstr("update2"), ok(2, inserted(1))));
}

TEST_F(ServerTest, locks_queue_and_can_be_stolen) {
    EXPECT_THAT(send(1, "lock", R"(["l"])"), ElementsAre(ok(1, R"({"locked":true})")));
    EXPECT_THAT(send(2, "lock", R"(["l"])"), ElementsAre(ok(2, R"({"locked":false})")));
    EXPECT_THAT(
        send(1, "lock", R"(["l"])"),
        ElementsAre(error(
            1,
            R"({"details":"must issue \"unlock\" before new \"lock\"","error":"syntax error","syntax":"[\"l\"]"})")));
    EXPECT_THAT(send(1, "lock", R"(["1"])"), ElementsAre(HasSubstr("lock request params must be <id>")));
    EXPECT_THAT(send(3, "steal", R"(["l"])"),
                ElementsAre(told(1, "stolen", R"("l")"), ok(3, R"({"locked":true})")));
    EXPECT_THAT(transact(3, R"({"op":"assert","lock":"l"})"), ElementsAre(ok(3, "[{}]")));
    EXPECT_THAT(transact(1, R"({"op":"assert","lock":"l"})"),
                ElementsAre(HasSubstr("Asserted lock l not held.")));
    EXPECT_THAT(send(3, "unlock", R"(["l"])"), ElementsAre(told(1, "locked", R"("l")"), ok(3, "{}")));
    server_.close(1);
    EXPECT_THAT(output(), ElementsAre(told(2, "locked", R"("l")")));
    EXPECT_THAT(send(2, "unlock", R"(["z"])"),
                ElementsAre(HasSubstr(R"(unlock: \"unlock\" without \"lock\" or \"steal\")")));
}

TEST_F(ServerTest, wait_holds_a_transaction_until_the_database_changes) {
    const std::string wait = R"({"op":"wait","table":"R","where":[],"columns":["i"],"until":"!=","rows":[])";
    EXPECT_THAT(transact(1, wait + R"(},{"op":"comment","comment":"x"})"), IsEmpty());
    const std::string waited = ok(1, "[{},{}]");
    EXPECT_THAT(send(1, "echo", "[]"), ElementsAre(ok(1, "[]")));  // others are not held up
    EXPECT_THAT(transact(2, insert(1, "")), ElementsAre(ok(2, inserted(1)), waited));

    transact(2, R"({"op":"delete","table":"R","where":[]})");
    EXPECT_THAT(transact(1, wait + R"(,"timeout":100})"), IsEmpty());
    EXPECT_EQ(server_.deadline(), now_ + 100ms);
    server_.tick(now_ + 50ms);
    EXPECT_THAT(output(), IsEmpty());
    server_.tick(now_ + 100ms);
    EXPECT_THAT(output(),
                ElementsAre(ok(1, R"([{"details":"\"wait\" timed out after 100 ms","error":"timed out"}])")));
    EXPECT_EQ(server_.deadline(), never);

    transact(1, wait + "}");
    server_.receive(1, Message::notification("cancel", {id_}), now_);
    EXPECT_THAT(output(), ElementsAre(error(1, R"("canceled")")));
    transact(1, wait + "}");
    server_.close(1);
    EXPECT_THAT(transact(2, insert(1, "")), ElementsAre(ok(2, inserted(1))));
}

TEST_F(ServerTest, durable_results_wait_for_the_disk_and_later_ones_for_them) {
    const std::string durable = R"({"op":"commit","durable":true},)" + insert(1, "");
    send(2, "monitor_cond", R"(["T","c",{"R":[{"columns":["i"]}]}])");
    EXPECT_THAT(transact(1, durable), ElementsAre(HasSubstr("update2")));  // others see it at once
    const std::string first = ok(1, "[{}," + inserted(1).substr(1));
    EXPECT_THAT(send(1, "echo", "[]"), IsEmpty());
    const std::string second = ok(1, "[]");
    ASSERT_EQ(storage_->tickets.size(), 1u);
    server_.synced(storage_->tickets[0], {});
    EXPECT_THAT(output(), ElementsAre(first, second));
    transact(1, R"({"op":"commit","durable":true})");
    server_.synced(storage_->tickets[1], fail("no space"));
    EXPECT_THAT(output(), ElementsAre(ok(1, R"([{},{"details":"no space","error":"I/O error"}])")));
}

TEST_F(ServerTest, what_cannot_be_stored_does_not_happen) {
    storage_->broken = true;
    EXPECT_THAT(transact(1, insert(1, "")),
                ElementsAre(ok(1, inserted(1).substr(0, inserted(1).size() - 1) +
                                      R"(,{"details":"disk full","error":"I/O error"}])")));
    storage_->broken = false;
    EXPECT_THAT(transact(1, R"({"op":"select","table":"R","where":[]})"),
                ElementsAre(ok(1, R"([{"rows":[]}])")));
}

TEST_F(ServerTest, the_server_database_tells_of_all_databases_and_is_read_only) {
    const std::string rows = send(
        1, "transact",
        R"(["_Server",{"op":"select","table":"Database","where":[["name","==","T"]],"columns":["name","model","leader","connected","cid","sid","index"]}])")
        [0];
    EXPECT_EQ(
        rows,
        ok(1,
           R"([{"rows":[{"cid":["set",[]],"connected":true,"index":["set",[]],"leader":true,"model":"standalone","name":"T","sid":["set",[]]}]}])"));
    EXPECT_THAT(
        send(1, "transact", R"(["_Server",{"op":"delete","table":"Database","where":[]}])"),
        ElementsAre(ok(
            1,
            R"([{"details":"delete operation not allowed on table in reserved database _Server","error":"not allowed"}])")));
}

TEST_F(ServerTest, databases_come_and_go) {
    server_.open(9, {.name = "old"});  // not aware of changes
    send(1, "monitor_cond", R"(["_Server","s",{"Database":[{"columns":["name"]}]}])");
    send(1, "monitor_cond", R"(["T","t",{}])");
    ASSERT_TRUE(server_.remove_database("T"));
    EXPECT_THAT(output(),
                ElementsAre(told(1, "monitor_canceled", R"("t")"), HasSubstr("\"delete\":null"), "9:close"));
    EXPECT_FALSE(server_.remove_database("T"));
    EXPECT_FALSE(server_.remove_database("_Server"));
    EXPECT_THAT(transact(1, insert(1, "")), ElementsAre(HasSubstr("unknown database")));
    ASSERT_TRUE(
        server_.add_database(std::make_unique<Database>(*parse_schema_text(schema_text, "test")), nullptr));
    EXPECT_THAT(output(), ElementsAre(HasSubstr("\"insert\":{\"name\":\"T\"}")));
    EXPECT_FALSE(
        server_.add_database(std::make_unique<Database>(*parse_schema_text(schema_text, "test")), nullptr));
}

TEST_F(ServerTest, convert_changes_the_schema_and_keeps_the_data) {
    transact(1, insert(1, R"("i":1,"s":"x")"));
    send(2, "monitor_cond", R"(["T","t",{}])");
    server_.open(9, {.name = "old"});
    const auto convert = [&](const char* columns) {
        return send(1, "convert",
                    std::string(R"(["T",{"name":"T","tables":{"R":{"columns":{)") + columns + "}}}}]");
    };
    EXPECT_THAT(
        convert(R"("s":{"type":"integer"})"),
        ElementsAre(error(1, R"({"details":"expected integer","error":"syntax error","syntax":"\"x\""})")));
    EXPECT_THAT(convert(R"("s":{"type":"string"},"new":{"type":"real"})"),
                ElementsAre(told(2, "monitor_canceled", R"("t")"), ok(1, "{}"), "9:close"));
    EXPECT_EQ(storage_->replaced.comment, "converted by ovsdb-server");
    EXPECT_THAT(
        transact(1, R"({"op":"select","table":"R","where":[],"columns":["_uuid","s","new"]})"),
        ElementsAre(ok(1, R"([{"rows":[{"_uuid":["uuid",")" + uuid(1) + R"("],"new":0,"s":"x"}]}])")));
    EXPECT_THAT(send(1, "convert", R"(["T",{"name":"X","tables":{}}])"),
                ElementsAre(HasSubstr("new schema name (X) does not match database name (T)")));
}

TEST_F(ServerTest, without_conditional_monitors_clients_come_back_and_find_none) {
    send(1, "monitor_cond", R"(["T","c",{"M":{}}])");
    server_.disable_conditional_monitors();
    EXPECT_THAT(output(), ElementsAre("1:close", "2:close", "3:close"));
    server_.disable_conditional_monitors();
    EXPECT_THAT(output(), IsEmpty());
    server_.open(4, {.name = "unix#4"});
    EXPECT_THAT(send(4, "monitor_cond", R"(["T","c",{"M":{}}])"),
                ElementsAre(error(4, R"("unknown method")")));
    EXPECT_THAT(send(4, "monitor_cond_since", R"(["T","c",{"M":{}},")" + uuid(0) + R"("])"),
                ElementsAre(error(4, R"("unknown method")")));
    EXPECT_THAT(send(4, "monitor", R"(["T","c",{"M":{}}])"), ElementsAre(ok(4, "{}")));
}

TEST_F(ServerTest, the_log_tells_of_each_change_of_chosen_tables) {
    class Lines : public obs::LogSink {
      public:
        explicit Lines(std::vector<std::string>& out) : out_(out) {}
        void write(obs::Level, int, std::string_view line) override { out_.emplace_back(line); }

      private:
        std::vector<std::string>& out_;
    };
    obs::Logging logging{{.program = "ovsdb-server",
                          .host = "vm",
                          .pid = 1,
                          .clock = [] { return obs::LogStamp{}; },
                          .modules = obs::log_modules}};
    std::vector<std::string> lines;
    logging.set_sink(obs::LogTo::file, std::make_unique<Lines>(lines));
    EXPECT_TRUE(logging.set("PATTERN:file:%c|%p|%m"));
    Server server(Prng(1), logging.module("ovsdb_jsonrpc_server"));
    EXPECT_TRUE(
        server.add_database(std::make_unique<Database>(*parse_schema_text(schema_text, "test")), nullptr));
    EXPECT_EQ(server.set_table_logged("Z", "R", true).error().message, "no such database");
    EXPECT_EQ(server.set_table_logged("T", "Z", true).error().message, "no such table");
    EXPECT_TRUE(server.set_table_logged("T", "R", true));
    EXPECT_TRUE(server.is_table_logged("T", "R"));
    EXPECT_FALSE(server.is_table_logged("T", "M"));
    const auto run = [&](const std::string& operations) {
        server.execute("T", *codec::parse_json("[" + operations + "]")->array(), now_);
        for (std::string& line : lines)
            if (const size_t at = line.find("_version:"); at != std::string::npos) line.erase(at, 9 + 36 + 1);
        return std::exchange(lines, {});
    };
    const std::string row = "_uuid:" + uuid(1) + ",";
    EXPECT_THAT(
        run(insert(1, R"("s":"a b","m":["map",[["k","v,w"]]])") + R"(,{"op":"insert","table":"M","row":{}})"),
        ElementsAre("transaction|INFO|table:R,op:inserted," + row + R"(i:0,m:{k="v,w"},s:"a b",si:[])"));
    EXPECT_THAT(run(update("", R"("i":7)")), ElementsAre("transaction|INFO|table:R,op:updated," + row +
                                                         R"(i:7,m:{k="v,w"},s:"a b",si:[])"));
    EXPECT_THAT(run(R"({"op":"select","table":"R","where":[]})"), IsEmpty());
    EXPECT_THAT(
        run(R"({"op":"delete","table":"R","where":[]})"),
        ElementsAre("transaction|INFO|table:R,op:deleted," + row + R"(i:7,m:{k="v,w"},s:"a b",si:[])"));
    EXPECT_TRUE(server.set_table_logged("T", "R", false));
    EXPECT_THAT(run(insert(1, "")), IsEmpty());
}

TEST_F(ServerTest, an_unexpected_reply_ends_the_session) {
    server_.receive(1, Message::reply(5, 1), now_);
    EXPECT_THAT(output(), ElementsAre("1:close"));
}

}  // namespace
}  // namespace weft::ovsdb
