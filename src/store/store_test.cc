// SPDX-License-Identifier: Apache-2.0
// Databases in files: what is written is read, whatever happens to the machine in between.
#include <gmock/gmock.h>

#include <deque>

#include "codec/json_text.h"
#include "ovsdb/transaction.h"
#include "store/disk.h"
#include "store/file_storage.h"
#include "store/log_file.h"
#include "store/memory_disk.h"

namespace weft::store {
namespace {

using ovsdb::Database;
using testing::HasSubstr;

const char* const schema_text = R"({"name":"T","version":"1.2.3","tables":{"R":{"columns":{
  "n":{"type":"integer"},"few":{"type":{"key":"integer","min":0,"max":3}},"eph":{"type":"integer","ephemeral":true},"o":{"type":{"key":"string","min":0}},
  "s":{"type":{"key":"integer","min":0,"max":"unlimited"}},
  "m":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}}}}}})";

class StoreTest : public testing::Test {
  protected:
    StoreTest() {
        const ovsdb::SchemaPtr schema = *ovsdb::parse_schema_text(schema_text, "test");
        CHECK(create_database(disk_, "db", ovsdb::Snapshot(schema), "", 1000));
    }
    FileStorage::Opened open() {
        auto opened = FileStorage::open("db", options_);
        CHECK(opened);
        return std::move(*opened);
    }
    Result<> run(FileStorage::Opened& on, const std::string& operations) {
        const codec::Json json = *codec::parse_json("[" + operations + "]");
        auto result = transact(*on.db, *json.array(), 0, {.prng = prng_});
        CHECK(result.status == ovsdb::TransactResult::Status::done);
        TRY(on.storage->append(result.changes));
        on.db->commit(result.changes);
        return {};
    }
    static std::string insert(int n) {
        return R"({"op":"insert","table":"R","row":{"n":)" + std::to_string(n) + "}}";
    }
    static std::string update(const std::string& row) {
        return R"({"op":"update","table":"R","where":[],"row":{)" + row + "}}";
    }
    static std::string all(const Database& db) {
        std::string out;
        for (const ovsdb::Row& row : db.snapshot().tables[0]) {
            for (ovsdb::ColumnIndex c = ovsdb::first_user_column; c < db.schema().tables[0].columns.size();
                 ++c)
                out += row[c].to_text(db.schema().tables[0].columns[c].type) + " ";
            out += "; ";
        }
        return out;
    }
    std::string reopened() { return all(*open().db); }

    MemoryDisk disk_;
    Prng prng_{1};
    FileOptions options_{.fs = &disk_, .date_ms = [] { return int64_t{5000}; }};
};

TEST(LogRecord, is_framed_as_open_vswitch_frames_it) {
    const std::string body =
        R"({"_date":1795227184489,"R":{"00000000-0000-0000-0000-0000000000aa":{}},"_is_diff":true})";
    EXPECT_EQ(format_log_record("JSON", body),
              "OVSDB JSON 88 b4a5dad6d423281a91d3ea7c1e44b12dba51017b\n" + body + "\n");
}

TEST(LogReader, errors_tell_what_and_where) {
    const auto error = [](const std::string& contents) {
        LogReader reader(contents, "f");
        for (;;) {
            const auto record = reader.next();
            if (!record) return record.error().message;
            if (!*record) return std::string("end");
        }
    };
    const std::string good = format_log_record("JSON", "{ }");
    EXPECT_EQ(error(good), "end");
    EXPECT_EQ(error(good + "garbage\n"), "syntax error: f: parse error at offset " +
                                             std::to_string(good.size()) + " in header line \"garbage\"");
    EXPECT_EQ(error(good + good.substr(0, 30)), "syntax error: f: parse error at offset " +
                                                    std::to_string(good.size()) + " in header line \"" +
                                                    good.substr(0, 30) + "\"");
    EXPECT_EQ(error(good.substr(0, good.size() - 2)),
              "I/O error: f: error reading 4 bytes starting at offset 54 (End of file)");
    EXPECT_THAT(error("OVSDB JSON 4 " + std::string(40, '0') + "\n{ }\n"), HasSubstr("have SHA-1 hash"));
    EXPECT_THAT(error(format_log_record("JSON", "{ ")),
                HasSubstr("are not valid JSON (line 1, column 0, byte 3: unexpected end of input)"));
    EXPECT_THAT(error(format_log_record("JSON", "[1]")),
                testing::Eq("syntax error: f: 4 bytes starting at offset 54 are not a JSON object"));
    EXPECT_THAT(error(good + format_log_record("CLUSTER", "{ }")), HasSubstr("parse error"));
    for (const char* header : {"OVSDB  JSON 4 0",
                               "OVSDB JSON 0 "
                               "0000000000000000000000000000000000000000",
                               "OVSDB JSON 99999999999999999999 0"})
        EXPECT_THAT(error(header + std::string("\n")), HasSubstr("parse error")) << header;
}

TEST_F(StoreTest, changes_are_there_after_a_restart_ephemeral_columns_are_not) {
    {
        auto db = open();
        ASSERT_TRUE(run(db, insert(1)));
        ASSERT_TRUE(
            run(db, update(R"("o":"x","s":["set",[1,2]],"m":["map",[["a","b"],["c","d"]]],"eph":5)")));
        ASSERT_TRUE(run(db, update(R"("o":"y","s":["set",[2,3]],"m":["map",[["a","z"],["e","f"]]])")));
    }
    EXPECT_EQ(reopened(), "0 [] {a=z, e=f} 1 y [2, 3] ; ");
    EXPECT_THAT(disk_.contents("db"),
                HasSubstr(R"("m":["map",[["a","z"],["c","d"],["e","f"]]],"o":"y","s":["set",[1,3]])"));
    EXPECT_THAT(disk_.contents("db"), HasSubstr(R"("_date":5000,"_is_diff":true})"));
}

TEST_F(StoreTest, old_records_without_differences_are_read_and_can_be_written) {
    options_.use_diff = false;
    {
        auto db = open();
        ASSERT_TRUE(run(db, insert(1)));
        ASSERT_TRUE(run(db, update(R"("s":["set",[1,2]])")));
        ASSERT_TRUE(run(db, update(R"("s":["set",[2,3]])")));
    }
    EXPECT_THAT(disk_.contents("db"), testing::Not(HasSubstr("_is_diff")));
    EXPECT_EQ(reopened(), "0 [] {} 1 [] [2, 3] ; ");
}

TEST_F(StoreTest, a_difference_of_more_than_fits_the_column_is_written_as_values) {
    auto db = open();
    ASSERT_TRUE(run(db, insert(1)));
    ASSERT_TRUE(run(db, update(R"("few":["set",[1,2]])")));
    EXPECT_THAT(disk_.contents("db"), testing::EndsWith("\"_is_diff\":true}\n"));
    ASSERT_TRUE(run(db, update(R"("few":["set",[3,4]])")));  // Open vSwitch would not read back [1,2,3,4]
    EXPECT_THAT(disk_.contents("db"), testing::EndsWith("{\"few\":[\"set\",[3,4]]}},\"_date\":5000}\n"));
    EXPECT_THAT(all(*read_database(disk_, "db")->db), HasSubstr("[3, 4]"));
}

TEST_F(StoreTest, what_changes_ephemeral_columns_only_is_not_written) {
    auto db = open();
    ASSERT_TRUE(run(db, insert(1)));
    const size_t size = disk_.contents("db").size();
    ASSERT_TRUE(run(db, update(R"("eph":7)") + R"(,{"op":"comment","comment":"x"})"));
    EXPECT_EQ(disk_.contents("db").size(), size);
}

TEST_F(StoreTest, a_file_has_one_writer) {
    auto db = open();
    const auto second = FileStorage::open("db", options_);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("lock"));
    EXPECT_TRUE(read_database(disk_, "db"));
}

TEST_F(StoreTest, a_bad_tail_is_cut_by_the_first_write) {
    {
        auto db = open();
        ASSERT_TRUE(run(db, insert(1)));
    }
    const std::string good = disk_.contents("db");
    for (const std::string& tail :
         {std::string("garbage\n"), good.substr(good.rfind("OVSDB"), 30), std::string(5000, '\0'),
          format_log_record("JSON", R"({"Z":{}})"), format_log_record("JSON", R"({"R":{"x":{}}})")}) {
        disk_.put("db", good + tail);
        EXPECT_NE(read_database(disk_, "db")->warning, "");
        {
            auto db = open();
            EXPECT_EQ(all(*db.db), "0 [] {} 1 [] [] ; ");
            EXPECT_EQ(disk_.contents("db"), good + tail);  // looking does no harm
            ASSERT_TRUE(run(db, insert(2)));
        }
        EXPECT_EQ(read_database(disk_, "db")->warning, "");
        EXPECT_EQ(read_database(disk_, "db")->db->snapshot().tables[0].size(), 2u);
    }
}

TEST_F(StoreTest, what_is_no_database_is_refused_by_name) {
    const auto error = [&](std::string contents) {
        disk_.put("x", std::move(contents));
        return FileStorage::open("x", {.fs = &disk_, .date_ms = [] { return int64_t{0}; }}).error().message;
    };
    EXPECT_EQ(error(""), "ovsdb error: x: cannot identify file type");
    EXPECT_THAT(error("hello\n"), testing::Eq("ovsdb error: x: unexpected file format"));
    EXPECT_THAT(error(format_log_record("CLUSTER", "{}")), HasSubstr("clustered"));
    EXPECT_THAT(FileStorage::open("none", options_).error().message,
                testing::Eq("I/O error: none: open failed (No such file or directory)"));
}

TEST_F(StoreTest, compaction_keeps_the_data_and_what_is_appended_meanwhile) {
    std::vector<std::pair<std::move_only_function<void()>, std::move_only_function<void()>>> aside;
    options_.long_aside = [&](auto work, auto done) { aside.emplace_back(std::move(work), std::move(done)); };
    {
        auto db = open();
        for (int n = 0; n < 20; ++n) ASSERT_TRUE(run(db, insert(n)));
        ASSERT_TRUE(run(db, R"({"op":"delete","table":"R","where":[["n",">",1]]})"));
        const size_t before = disk_.contents("db").size();
        Result<> done = fail("not called");
        db.storage->compact(db.db->snapshot(), Time{}, [&](Result<> r) { done = r; });
        ASSERT_TRUE(run(db, insert(100)));
        aside[0].first();
        ASSERT_TRUE(run(db, insert(101)));
        aside[0].second();
        EXPECT_TRUE(done);
        EXPECT_LT(disk_.contents("db").size(), before);
        EXPECT_EQ(disk_.contents("db").size(), db.storage->size());
        ASSERT_TRUE(run(db, insert(102)));
    }
    options_.long_aside = run_at_once();
    EXPECT_EQ(open().db->snapshot().tables[0].size(), 5u);
    EXPECT_FALSE(disk_.exists("db.tmp"));
}

TEST_F(StoreTest, much_that_is_appended_during_a_compaction_is_taken_over_aside_and_syncs_go_on) {
    std::deque<std::pair<std::move_only_function<void()>, std::move_only_function<void()>>> aside;
    options_.long_aside = [&](auto work, auto done) { aside.emplace_back(std::move(work), std::move(done)); };
    const std::string big(100'000, 'x');
    size_t rounds = 0, synced = 0;
    options_.synced = [&](uint64_t, const Result<>&) { ++synced; };
    {
        auto db = open();
        ASSERT_TRUE(run(db, insert(1)));
        Result<> done = fail("not called");
        db.storage->compact(db.db->snapshot(), Time{}, [&](Result<> r) { done = r; });
        for (; !aside.empty(); ++rounds) {
            auto [work, then] = std::move(aside.front());
            aside.pop_front();
            ASSERT_TRUE(
                run(db, update(R"("o":")" + (rounds < 2 ? big : "y") + std::to_string(rounds) + "\"")));
            db.storage->sync(rounds);
            work();
            then();
        }
        EXPECT_TRUE(done);
        EXPECT_EQ(disk_.contents("db").size(), db.storage->size());
    }
    EXPECT_EQ(rounds, 3u);  // the snapshot, and what came while the first two were under way
    EXPECT_EQ(synced, 3u);
    EXPECT_THAT(all(*open().db), HasSubstr("y2"));
    EXPECT_FALSE(disk_.exists("db.tmp"));
}

TEST_F(StoreTest, compaction_is_due_by_size_and_commits) {
    auto db = open();
    EXPECT_FALSE(db.storage->is_due_for_compaction(Time{} + 48h));
    const std::string big(200'000, 'x');
    ASSERT_TRUE(run(db, insert(1)));
    for (int n = 0; n < 120; ++n) {
        ASSERT_TRUE(run(db, update(R"("o":")" + big + std::to_string(n) + "\"")));
        EXPECT_EQ(db.storage->is_due_for_compaction(Time{} + 1s), n >= 98) << n;
    }
    db.storage->compact(db.db->snapshot(), Time{} + 1s, [](Result<> r) { CHECK(r); });
    EXPECT_FALSE(db.storage->is_due_for_compaction(Time{} + 1h));
    for (int n = 0; n < 100; ++n) ASSERT_TRUE(run(db, update(R"("n":)" + std::to_string(n + 5))));
    EXPECT_FALSE(db.storage->is_due_for_compaction(Time{} + 23h));
    EXPECT_TRUE(db.storage->is_due_for_compaction(Time{} + 25h));
}

TEST_F(StoreTest, several_durable_transactions_share_a_sync) {
    std::vector<std::pair<std::move_only_function<void()>, std::move_only_function<void()>>> aside;
    std::vector<uint64_t> synced;
    options_.aside = [&](auto work, auto done) { aside.emplace_back(std::move(work), std::move(done)); };
    options_.synced = [&](uint64_t ticket, const Result<>& result) {
        CHECK(result);
        synced.push_back(ticket);
    };
    auto db = open();
    for (uint64_t ticket = 1; ticket <= 4; ++ticket) db.storage->sync(ticket);
    for (size_t i = 0; i < aside.size(); ++i) {
        aside[i].first();
        aside[i].second();
    }
    EXPECT_EQ(aside.size(), 2u);
    EXPECT_EQ(synced, (std::vector<uint64_t>{1, 2, 3, 4}));
}

/// Power goes at every write in turn: afterwards the database opens, holds everything that was synced, and is
/// in a state it had been in.
TEST_F(StoreTest, survives_a_power_cut_at_every_write) {
    const std::string fresh = disk_.contents("db");
    for (size_t cut = 0;; ++cut) {
        MemoryDisk disk(cut);
        disk.put("db", fresh);
        uint64_t synced = 0;
        FileOptions options{.fs = &disk,
                            .date_ms = [] { return int64_t{0}; },
                            .synced =
                                [&](uint64_t t, const Result<>& r) {
                                    if (r) synced = t;
                                }};
        disk.fail_after(cut);
        bool power = true;
        uint64_t written = 0;
        {
            auto db = FileStorage::open("db", options);
            ASSERT_TRUE(db);
            for (int step = 1; step <= 12 && power; ++step) {
                power =
                    run(*db, step == 1 ? insert(1) : update(R"("n":)" + std::to_string(step))).has_value();
                if (power) written = static_cast<uint64_t>(step);
                if (power && step % 3 == 0) db->storage->sync(static_cast<uint64_t>(step));
                if (power && step % 5 == 0)
                    db->storage->compact(db->db->snapshot(), Time{},
                                         [&](Result<> r) { power = r.has_value(); });
                if (power && step == 11) power = db->storage->replace(db->db->snapshot(), "").has_value();
            }
        }
        disk.restart();
        const auto after = FileStorage::open("db", options);
        ASSERT_TRUE(after) << after.error().message << " after write " << cut;
        uint64_t n = 0;
        for (const ovsdb::Row& row : after->db->snapshot().tables[0])
            n = static_cast<uint64_t>(row[after->db->schema().tables[0].find("n")->index].scalar().integer());
        EXPECT_GE(n, synced) << "after write " << cut;
        EXPECT_LE(n, written + 1) << "after write " << cut;
        if (power) break;
    }
}

}  // namespace
}  // namespace weft::store
