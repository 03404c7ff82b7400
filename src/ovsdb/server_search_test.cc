// SPDX-License-Identifier: Apache-2.0
// Transactions whose conditions no index helps with: the rows are looked for aside, and the transaction is
// run on what the database says then.
#include "ovsdb/server_fixture.h"

namespace weft::ovsdb {
namespace {

using jsonrpc::Message;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const schema_text = R"({"name":"T","version":"1.0.0","tables":{
  "R":{"indexes":[["n"]],"columns":{"n":{"type":"integer"},"s":{"type":"string"}}}}})";

/// Ten rows, five of them "odd"; it takes five to go aside. Session 1 looks for rows, session 2 writes.
class ServerSearch : public ServerAsideFixture {
  protected:
    ServerSearch() : ServerAsideFixture(schema_text, 5) {
        for (int n = 0; n < 10; ++n) transact(2, insert(n, n % 2 ? "odd" : "even"));
    }

    static std::string insert(int n, const std::string& s) {
        return R"({"op":"insert","table":"R","row":{"n":)" + std::to_string(n) + R"(,"s":")" + s + R"("}})";
    }
    static std::string on(const std::string& op, const std::string& where, const std::string& more = "") {
        return R"({"op":")" + op + R"(","table":"R","where":[)" + where + "]" + more + "}";
    }
    static std::string is(const std::string& s) { return R"(["s","==",")" + s + R"("])"; }
    static std::string erase(int n) { return on("delete", R"(["n","==",)" + std::to_string(n) + "]"); }
    static std::string rename(const std::string& from, const std::string& to) {
        return on("update", is(from), R"(,"row":{"s":")" + to + R"("})");
    }
    size_t count(const std::string& s) const {
        const TableSchema& table = server_.database("T")->schema().tables[0];
        size_t n = 0;
        for (const Row& row : server_.database("T")->snapshot()[table])
            n += row[table.find("s")->index].scalar().string() == s;
        return n;
    }
};

TEST_F(ServerSearch, nobody_waits_and_what_changed_meanwhile_counts) {
    EXPECT_THAT(transact(1, rename("odd", "old")), IsEmpty());
    EXPECT_THAT(transact(2, insert(11, "odd")), SizeIs(1));
    EXPECT_THAT(transact(2, erase(3)), SizeIs(1));
    EXPECT_THAT(transact(2, on("update", R"(["n","==",5])", R"(,"row":{"s":"even"})")), SizeIs(1));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr(R"([{"count":4}])")));  // 1, 7, 9 and 11
    EXPECT_EQ(count("old"), 4u);
    EXPECT_EQ(count("odd"), 0u);
}

TEST_F(ServerSearch, deletions_and_mutations_and_what_else_is_in_their_transaction) {
    EXPECT_THAT(transact(1, insert(11, "odd") + "," + on("delete", is("odd")) + "," +
                                on("mutate", is("even"), R"(,"mutations":[["n","+=",100]])") + "," +
                                on("select", is("odd"), R"(,"columns":["n"])")),
                IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr(R"({"count":6},{"count":5},{"rows":[]}])")));
    EXPECT_EQ(count("odd"), 0u);
}

TEST_F(ServerSearch, when_much_changes_meanwhile_another_look_is_taken) {
    transact(1, rename("odd", "old"));
    for (int n = 11; n < 21; n += 2) transact(2, insert(n, "odd"));
    EXPECT_THAT(finish(), IsEmpty());
    transact(2, insert(21, "odd"));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr(R"([{"count":11}])")));
}

TEST_F(ServerSearch, a_search_that_writers_outrun_ends_all_the_same) {
    transact(1, rename("odd", "old"));
    int n = 10;
    std::vector<std::string> out;
    for (int round = 0; out.empty() && round < 20; ++round) {
        for (int i = 0; i < 5; ++i) transact(2, insert(n++, "even"));
        out = finish();
    }
    EXPECT_THAT(out, ElementsAre(HasSubstr(R"([{"count":5}])")));
}

TEST_F(ServerSearch, later_requests_of_the_session_come_after_it) {
    EXPECT_THAT(transact(1, rename("odd", "old")), IsEmpty());
    EXPECT_THAT(transact(1, on("select", R"(["n","==",1])", R"(,"columns":["s"])")), IsEmpty());
    EXPECT_THAT(transact(1, rename("old", "older")), IsEmpty());
    EXPECT_THAT(send(1, "list_dbs", "[]"), IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("count"), HasSubstr(R"({"s":"old"})")));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr(R"([{"count":5}])"), HasSubstr("_Server")));
}

TEST_F(ServerSearch, it_can_be_canceled_and_what_waits_behind_it_too) {
    transact(1, rename("odd", "old"));
    const int first = id_;
    transact(1, insert(11, "x"));
    const int second = id_;
    transact(1, insert(12, "x"));
    for (const int id : {second, first}) {
        server_.receive(1, Message::notification("cancel", {id}), now_);
        EXPECT_THAT(output(), ElementsAre(HasSubstr(R"("canceled","id":)" + std::to_string(id))));
    }
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("uuid")));
    EXPECT_EQ(count("odd"), 5u);
    EXPECT_EQ(count("x"), 1u);
}

TEST_F(ServerSearch, what_waits_for_rows_looks_at_all_of_them_once) {
    transact(1, on("wait", is("go"), R"(,"until":"!=","rows":[],"columns":["n"],"timeout":1000)"));
    now_ += 500ms;
    EXPECT_EQ(server_.waiting_count(), 1u);
    EXPECT_THAT(finish(), IsEmpty());
    EXPECT_EQ(server_.deadline(), Time{} + 1000ms);  // since it came
    transact(2, insert(11, "stop"));
    EXPECT_THAT(aside_, IsEmpty());
    EXPECT_THAT(transact(2, insert(12, "go")), SizeIs(2));
}

TEST_F(ServerSearch, it_ends_with_its_database_or_its_session) {
    send(1, "set_db_change_aware", "[true]");
    transact(1, rename("odd", "old"));
    transact(2, rename("even", "new"));
    server_.close(2);
    CHECK(server_.remove_database("T"));
    EXPECT_THAT(output(), ElementsAre(HasSubstr("\"canceled\"")));
    EXPECT_EQ(server_.waiting_count(), 0u);
    EXPECT_THAT(finish(), IsEmpty());
    EXPECT_THAT(finish(), IsEmpty());
}

TEST_F(ServerSearch, what_needs_no_search_is_done_at_once) {
    EXPECT_THAT(transact(1, on("delete", R"(["n","==",1])")), SizeIs(1));
    EXPECT_THAT(transact(1, on("update", R"(["x","==",1])", R"(,"row":{})")),
                ElementsAre(HasSubstr("No column x")));
    EXPECT_THAT(transact(1, on("update", "", R"(,"row":{"s":"all"})")), ElementsAre(HasSubstr("count")));
    EXPECT_THAT(aside_, IsEmpty());
}

}  // namespace
}  // namespace weft::ovsdb
