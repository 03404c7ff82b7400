// SPDX-License-Identifier: Apache-2.0
// Conversions of large databases: made aside, and brought up to date with what is written meanwhile.
#include "ovsdb/server_fixture.h"

namespace weft::ovsdb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const schema_text = R"({"name":"T","version":"1.0.0","tables":{
  "R":{"columns":{"n":{"type":"integer"},"s":{"type":"string"}}}}})";

/// Ten rows; it takes five to go aside. Session 1 converts, session 2 writes.
class ServerConvert : public ServerAsideFixture {
  protected:
    ServerConvert()
        : ServerAsideFixture(schema_text, 5, std::make_unique<FakeStorage>()),
          storage_(static_cast<FakeStorage*>(server_.storage("T"))) {
        for (const SessionId s : {1, 2}) send(s, "set_db_change_aware", "[true]");
        for (int n = 0; n < 10; ++n) transact(2, insert(n));
    }

    static std::string insert(int n) {
        return R"({"op":"insert","table":"R","row":{"n":)" + std::to_string(n) + R"(,"s":"x"}})";
    }
    std::vector<std::string> convert(const std::string& columns, const std::string& more = "") {
        return send(1, "convert",
                    R"(["T",{"name":"T","tables":{"R":{"columns":{)" + columns + "}" + more + "}}}]");
    }
    size_t rows() const { return server_.database("T")->snapshot().row_count(); }

    FakeStorage* storage_;
};

const std::string only_n = R"("n":{"type":"integer"})";
const std::string worked = R"("result":{})";

TEST_F(ServerConvert, nobody_waits_for_it) {
    EXPECT_THAT(convert(only_n), IsEmpty());
    EXPECT_THAT(transact(2, insert(10)), SizeIs(1));
    EXPECT_EQ(storage_->replaced.rows, 0u);
    EXPECT_THAT(finish(), ElementsAre(HasSubstr(worked)));
    EXPECT_EQ(rows(), 11u);
    EXPECT_EQ(server_.database("T")->schema().tables[0].find("s"), nullptr);
    EXPECT_EQ(storage_->replaced.rows, 11u);
    EXPECT_EQ(storage_->replaced.comment, "converted by ovsdb-server");
    EXPECT_TRUE(storage_->replaced.done);
}

TEST_F(ServerConvert, when_much_is_written_meanwhile_it_is_converted_aside) {
    convert(only_n);
    for (int n = 10; n < 16; ++n) transact(2, insert(n));
    EXPECT_THAT(finish(), IsEmpty());
    transact(2, insert(16));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr(worked)));
    EXPECT_EQ(rows(), 17u);
    EXPECT_EQ(storage_->replaced.rows, 17u);
}

TEST_F(ServerConvert, what_does_not_fit_the_new_schema_leaves_all_as_it_was) {
    convert(only_n, R"(,"indexes":[["n"]])");
    transact(2, insert(3));
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("constraint violation")));
    EXPECT_EQ(rows(), 11u);
    EXPECT_FALSE(storage_->replaced.done);
    EXPECT_THAT(transact(2, insert(12)), SizeIs(1));
}

TEST_F(ServerConvert, later_requests_of_the_session_come_after_it_and_others_find_their_monitors_gone) {
    send(2, "monitor_cond", R"(["T","m",{}])");
    convert(only_n);
    EXPECT_THAT(transact(1, R"({"op":"select","table":"R","where":[["n","==",3]]})"), IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("monitor_canceled"), HasSubstr(worked)));
    while (!aside_.empty())
        if (const auto out = finish(); !out.empty()) {
            EXPECT_THAT(out[0], HasSubstr("\"n\":3"));
            EXPECT_THAT(out[0], testing::Not(HasSubstr("\"s\"")));
        }
}

TEST_F(ServerConvert, of_two_the_first_to_end_counts) {
    convert(only_n);
    EXPECT_THAT(
        send(2, "convert", R"(["T",{"name":"T","tables":{"R":{"columns":{"s":{"type":"string"}}}}}])"),
        IsEmpty());
    EXPECT_THAT(finish(), ElementsAre(HasSubstr("\"canceled\""), HasSubstr(worked)));
    EXPECT_THAT(finish(), IsEmpty());
    EXPECT_NE(server_.database("T")->schema().tables[0].find("n"), nullptr);
}

}  // namespace
}  // namespace weft::ovsdb
