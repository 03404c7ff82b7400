// SPDX-License-Identifier: Apache-2.0
// Answers that take reading many rows: who else asks something meanwhile does not wait for them.
#include <gmock/gmock.h>

#include <deque>

#include "codec/json_text.h"
#include "ovsdb/server.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using jsonrpc::Message;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const schema_text =
    R"({"name":"T","version":"1.0.0","tables":{"R":{"indexes":[["n"]],"columns":{"n":{"type":"integer"}}}}})";

/// Ten rows, of which it takes five to go aside; session 1 reads, session 2 writes.
class ServerReading : public testing::Test {
  protected:
    ServerReading() {
        CHECK(server_.add_database(std::make_unique<Database>(*parse_schema_text(schema_text, "test")),
                                   nullptr));
        server_.set_aside(
            [this](auto work, auto done) { aside_.emplace_back(std::move(work), std::move(done)); }, 5);
        for (const SessionId s : {1, 2}) server_.open(s, {.name = "unix#" + std::to_string(s)});
        for (int n = 0; n < 10; ++n) transact(2, insert(n));
    }

    std::vector<std::string> output() {
        std::vector<std::string> out;
        for (const Output& o : server_.take_output())
            out.push_back(std::to_string(o.session) + ":" + o.text());
        return out;
    }
    std::vector<std::string> send(SessionId session, const std::string& method, const std::string& params) {
        server_.receive(session, Message::request(method, *codec::parse_json(params)->array(), ++id_),
                        Time{});
        return output();
    }
    std::vector<std::string> transact(SessionId session, const std::string& operations) {
        return send(session, "transact", R"(["T",)" + operations + "]");
    }
    static std::string insert(int n) {
        return R"({"op":"insert","table":"R","row":{"n":)" + std::to_string(n) + "}}";
    }
    std::vector<std::string> finish() {
        CHECK(!aside_.empty());
        aside_.front().first();
        aside_.front().second();
        aside_.pop_front();
        return output();
    }
    static size_t rows_in(const std::string& text) {
        size_t n = 0;
        for (size_t at = 0; (at = text.find("\"n\":", at)) != text.npos; ++at) ++n;
        return n;
    }

    std::deque<std::pair<std::move_only_function<void()>, std::move_only_function<void()>>> aside_;
    Server server_{Prng(1)};
    int id_ = 0;
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
    const auto late = finish();
    ASSERT_THAT(late, SizeIs(3));
    EXPECT_EQ(rows_in(late[0]), 9u);  // 0 is the default
    EXPECT_THAT(late[1], HasSubstr("\"delete\":null"));
    EXPECT_THAT(late[2], HasSubstr("\"result\":{}"));
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
