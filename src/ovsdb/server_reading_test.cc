// SPDX-License-Identifier: Apache-2.0
// Answers that take reading many rows: who else asks something meanwhile does not wait for them.
#include "ovsdb/server_fixture.h"

namespace weft::ovsdb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const schema_text =
    R"({"name":"T","version":"1.0.0","tables":{"R":{"indexes":[["n"]],"columns":{"n":{"type":"integer"}}}}})";

/// Ten rows, of which it takes five to go aside; session 1 reads, session 2 writes.
class ServerReading : public ServerAsideFixture {
  protected:
    ServerReading() : ServerAsideFixture(schema_text, 5) {
        for (int n = 0; n < 10; ++n) transact(2, insert(n));
    }

    static std::string insert(int n) {
        return R"({"op":"insert","table":"R","row":{"n":)" + std::to_string(n) + "}}";
    }
    static size_t rows_in(const std::string& text) {
        size_t n = 0;
        for (size_t at = 0; (at = text.find("\"n\":", at)) != text.npos; ++at) ++n;
        return n;
    }
};

const std::string all = R"({"op":"select","table":"R","where":[],"columns":["n"]})";
const std::string monitor = R"(["T","m",{"R":{}}])";

TEST_F(ServerReading, who_writes_does_not_wait_for_who_reads_everything) {
    EXPECT_THAT(transact(1, all), IsEmpty());
    EXPECT_THAT(transact(2, insert(10)), ElementsAre(HasSubstr("uuid")));
    const auto late = finish();
    ASSERT_THAT(late, SizeIs(1));
    EXPECT_EQ(rows_in(late[0]), 10u);  // as they were when it asked
}

TEST_F(ServerReading, what_looks_rows_up_or_writes_is_done_at_once) {
    EXPECT_THAT(transact(1, R"({"op":"select","table":"R","where":[["n","==",3]],"columns":["n"]})"),
                ElementsAre(HasSubstr(R"([{"n":3}])")));
    EXPECT_THAT(transact(1, all + "," + insert(20)), SizeIs(1));
    EXPECT_THAT(aside_, IsEmpty());
}

TEST_F(ServerReading, a_mistake_is_told_as_ever) {
    EXPECT_THAT(transact(1, all + R"(,{"op":"select","table":"R"})"), IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("Required 'where' member is missing")));
}

TEST_F(ServerReading, results_keep_the_order_of_the_requests) {
    transact(1, all);
    EXPECT_THAT(transact(1, insert(11)), IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"rows\""), HasSubstr("uuid")));
}

TEST_F(ServerReading, updates_of_a_monitor_come_after_its_first_answer) {
    EXPECT_THAT(send(1, "monitor", monitor), IsEmpty());
    EXPECT_THAT(transact(2, insert(10)), SizeIs(1));
    EXPECT_THAT(transact(2, insert(11)), SizeIs(1));
    const auto late = finish();
    ASSERT_THAT(late, SizeIs(2));
    EXPECT_THAT(late[0], HasSubstr("\"result\""));
    EXPECT_EQ(rows_in(late[0]), 10u);
    EXPECT_THAT(late[1], HasSubstr("\"update\""));
    EXPECT_EQ(rows_in(late[1]), 2u);
    EXPECT_THAT(transact(2, insert(12)), ElementsAre(HasSubstr("\"update\""), HasSubstr("uuid")));
}

TEST_F(ServerReading, what_came_during_a_first_answer_is_told_in_rounds_until_little_remains) {
    send(1, "monitor", monitor);
    for (int n = 10; n < 16; ++n) transact(2, insert(n));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"result\"")));
    for (int n = 16; n < 23; ++n) transact(2, insert(n));
    auto late = finish();
    ASSERT_THAT(late, ElementsAre(HasSubstr("\"update\"")));
    EXPECT_EQ(rows_in(late[0]), 6u);
    transact(2, insert(23));
    late = finish();
    ASSERT_THAT(late, ElementsAre(HasSubstr("\"update\""), HasSubstr("\"update\"")));
    EXPECT_EQ(rows_in(late[0]), 7u);
    EXPECT_EQ(rows_in(late[1]), 1u);
    EXPECT_THAT(aside_, IsEmpty());
    EXPECT_THAT(transact(2, insert(24)), ElementsAre(HasSubstr("\"update\""), HasSubstr("uuid")));
}

TEST_F(ServerReading, who_writes_is_told_of_its_changes_before_their_results_also_in_rounds) {
    send(1, "monitor", monitor);
    for (int n = 10; n < 16; ++n) EXPECT_THAT(transact(1, insert(n)), IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"result\"")));
    EXPECT_THAT(transact(1, insert(16)), IsEmpty());
    auto late = finish();
    ASSERT_THAT(late, SizeIs(9));
    EXPECT_EQ(rows_in(late[0]), 6u);
    EXPECT_EQ(rows_in(late[1]), 1u);
    for (size_t i = 2; i < late.size(); ++i) EXPECT_THAT(late[i], HasSubstr("[{\"uuid\""));
}

TEST_F(ServerReading, results_wait_no_longer_than_for_what_they_changed) {
    send(1, "monitor", monitor);
    for (int n = 10; n < 16; ++n) transact(1, insert(n));
    finish();
    for (int n = 16; n < 22; ++n) transact(1, insert(n));
    EXPECT_THAT(finish(), SizeIs(7));  // the update, and the results of the first six
    EXPECT_THAT(finish(), SizeIs(7));
}

TEST_F(ServerReading, an_update_made_aside_names_the_transaction_that_it_ends_with) {
    const auto id_in = [](const std::string& text) { return text.substr(text.find("\",\"") + 2, 38); };
    const auto since = [](const std::string& id) { return R"(["T","m",{"R":{}},)" + id + "]"; };
    send(1, "monitor_cond_since", since("\"" + Uuid().to_string() + "\""));
    for (int n = 10; n < 16; ++n) transact(2, insert(n));
    finish();
    for (int n = 16; n < 21; ++n) transact(2, insert(n));
    const auto late = finish();
    ASSERT_THAT(late, ElementsAre(HasSubstr("\"update3\"")));
    EXPECT_THAT(send(2, "monitor_cond_since", since(id_in(late[0].substr(late[0].find("params"))))),
                IsEmpty());
    finish();  // the second round of session 1
    const auto missed = finish();
    ASSERT_THAT(missed, ElementsAre(HasSubstr("\"result\":[true,")));
    EXPECT_EQ(rows_in(missed[0]), 5u);
}

TEST_F(ServerReading, a_slow_session_that_missed_much_is_told_aside) {
    send(1, "monitor", monitor);
    finish();
    server_.set_congested(1, true);
    for (int n = 10; n < 16; ++n) transact(2, insert(n));
    server_.set_congested(1, false);
    EXPECT_THAT(output(), IsEmpty());
    const auto late = finish();
    ASSERT_THAT(late, ElementsAre(HasSubstr("\"update\"")));
    EXPECT_EQ(rows_in(late[0]), 6u);
}

TEST_F(ServerReading, a_slow_session_gets_the_results_of_what_it_did_itself) {
    send(1, "monitor", monitor);
    finish();
    server_.set_congested(1, true);
    for (int n = 10; n < 16; ++n) transact(2, insert(n));
    EXPECT_THAT(transact(1, insert(16)), IsEmpty());
    transact(2, insert(17));
    EXPECT_THAT(transact(1, insert(18)), IsEmpty());
    const auto late = finish();
    ASSERT_THAT(late, SizeIs(4));
    EXPECT_EQ(rows_in(late[0]), 7u);
    EXPECT_EQ(rows_in(late[1]), 2u);
}

TEST_F(ServerReading, a_new_condition_for_many_rows_is_looked_up_aside) {
    send(1, "monitor_cond", R"(["T","m",{"R":[{"where":[["n","==",3]]}]}])");
    EXPECT_EQ(rows_in(finish()[0]), 1u);
    EXPECT_THAT(send(1, "monitor_cond_change", R"(["m","k",{"R":[{"where":[["n",">",3]]}]}])"), IsEmpty());
    transact(2, insert(10));
    const auto late = finish();
    ASSERT_THAT(late, SizeIs(3));
    EXPECT_THAT(late[0], HasSubstr("\"delete\":null"));
    EXPECT_EQ(rows_in(late[0]), 6u);
    EXPECT_THAT(late[1], HasSubstr(R"("params":["k",)"));
    EXPECT_EQ(rows_in(late[1]), 1u);
    EXPECT_THAT(late[2], HasSubstr("\"result\":{}"));
}

TEST_F(ServerReading, the_first_answer_of_a_slow_session_is_followed_by_what_it_missed_later) {
    send(1, "monitor", monitor);
    server_.set_congested(1, true);
    transact(2, insert(10));
    EXPECT_THAT(finish(), SizeIs(1));
    server_.set_congested(1, false);
    EXPECT_THAT(output(), ElementsAre(HasSubstr("\"update\"")));
}

TEST_F(ServerReading, a_new_condition_waits_for_the_first_answer) {
    send(1, "monitor_cond", monitor);
    EXPECT_THAT(send(1, "monitor_cond_change", R"(["m","m",{"R":[{"where":[["n","==",3]]}]}])"), IsEmpty());
    const auto first = finish();
    ASSERT_THAT(first, SizeIs(1));
    EXPECT_EQ(rows_in(first[0]), 9u);  // 0 is the default
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"delete\":null"), HasSubstr("\"result\":{}")));
}

TEST_F(ServerReading, a_monitor_can_end_before_its_first_answer_and_begin_again) {
    send(1, "monitor", monitor);
    EXPECT_THAT(send(1, "monitor_cancel", R"(["m"])"), IsEmpty());
    EXPECT_THAT(send(1, "monitor", monitor), IsEmpty());
    EXPECT_THAT(transact(2, insert(10)), SizeIs(1));
    EXPECT_THAT(finish(), SizeIs(2));  // the first answer of the one, the end of it
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"result\""), HasSubstr("\"update\"")));
}

TEST_F(ServerReading, what_follows_a_new_condition_waits_behind_it) {
    send(1, "monitor_cond", monitor);
    EXPECT_THAT(send(1, "monitor_cond_change", R"(["m","m",{}])"), IsEmpty());
    EXPECT_THAT(send(1, "monitor_cancel", R"(["m"])"), IsEmpty());
    EXPECT_THAT(send(1, "monitor", monitor), IsEmpty());
    EXPECT_THAT(finish(),
                ElementsAre(HasSubstr("\"result\""), HasSubstr("\"result\":{}"), HasSubstr("\"result\":{}")));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"result\"")));
}

TEST_F(ServerReading, results_that_wait_for_an_update_come_when_the_monitor_ends) {
    send(1, "set_db_change_aware", "[true]");
    send(1, "monitor", monitor);
    for (int n = 10; n < 16; ++n) transact(1, insert(n));
    finish();
    CHECK(server_.remove_database("T"));
    EXPECT_THAT(output(), testing::Contains(HasSubstr("[{\"uuid\"")).Times(6));
    EXPECT_THAT(finish(), IsEmpty());
}

TEST_F(ServerReading, what_ends_meanwhile_leaves_nothing_behind) {
    send(1, "monitor", monitor);
    transact(2, all);
    server_.close(2);
    CHECK(server_.remove_database("T"));
    EXPECT_THAT(output(), testing::Contains(HasSubstr("\"canceled\"")));
    EXPECT_THAT(finish(), IsEmpty());
    EXPECT_THAT(finish(), IsEmpty());
}

}  // namespace
}  // namespace weft::ovsdb
