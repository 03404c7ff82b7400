// SPDX-License-Identifier: Apache-2.0
// Disks that fail, for good or for a while, and files that are damaged: what was acknowledged stays, and a
// database is only ever in a state that it had been in.
#include <gmock/gmock.h>

#include "codec/json_text.h"
#include "ovsdb/transaction.h"
#include "store/file_storage.h"
#include "store/memory_disk.h"

namespace weft::store {
namespace {

using testing::AnyOf, testing::HasSubstr;

const ovsdb::SchemaPtr schema = *ovsdb::parse_schema_text(
    R"({"name":"T","version":"1.0.0","tables":{"R":{"columns":{"n":{"type":"integer"}},"isRoot":true}}})",
    "test");

/// The number in the only row; 0 if there is none.
uint64_t number(const ovsdb::Database& db) {
    uint64_t n = 0;
    for (const ovsdb::Row& row : db.snapshot().tables[0])
        n = static_cast<uint64_t>(row[db.schema().tables[0].find("n")->index].scalar().integer());
    return n;
}

/// A database file with one row, whose number steps up.
struct Counter {
    explicit Counter(uint64_t seed = 0) : disk(seed) {
        CHECK(create_database(disk, "db", ovsdb::Snapshot(schema), "", 1));
    }

    void open() {
        auto opened = FileStorage::open("db", {.fs = &disk,
                                               .date_ms = [] { return int64_t{0}; },
                                               .synced =
                                                   [this](uint64_t ticket, const Result<>& result) {
                                                       if (result) durable = ticket;
                                                   }});
        CHECK(opened);
        file = std::move(*opened);
        written = number(*file.db);
    }
    /// True if it is written.
    bool step(uint64_t n) {
        const std::string row = R"("table":"R","row":{"n":)" + std::to_string(n) + "}";
        const codec::Json operation = *codec::parse_json(file.db->snapshot().tables[0].empty()
                                                             ? R"([{"op":"insert",)" + row + "}]"
                                                             : R"([{"op":"update","where":[],)" + row + "}]");
        const auto result = transact(*file.db, *operation.array(), 0, {.prng = prng});
        if (!file.storage->append(result.changes)) return false;
        file.db->commit(result.changes);
        written = n;
        return true;
    }
    void sync() { file.storage->sync(written); }
    bool compact() {
        bool good = false;
        file.storage->compact(file.db->snapshot(), Time{}, [&](const Result<>& r) { good = r.has_value(); });
        return good;
    }
    void lose_power() {
        file = {};
        disk.restart();
        open();
    }

    MemoryDisk disk;
    Prng prng{1};
    FileStorage::Opened file;
    uint64_t written = 0, durable = 0;
};

/// Some writes fail, at every place in turn, and life goes on; later the power goes, at every place in turn.
TEST(Faults, a_disk_that_fails_for_a_while_loses_nothing_that_was_called_durable) {
    constexpr uint64_t steps = 14;
    for (size_t count = 1; count <= 4; ++count) {
        bool has_failed = true;
        for (size_t first = 0; has_failed; ++first)
            for (uint64_t last = 1; last <= steps; ++last) {
                SCOPED_TRACE(testing::Message()
                             << count << " from write " << first << " on, power until step " << last);
                Counter counter(first * 100 + last);
                counter.open();
                const size_t begin = counter.disk.writes();
                counter.disk.fail_after(first, count);
                for (uint64_t n = 1; n <= last; ++n) {
                    counter.step(n);
                    if (n % 3 == 0) counter.sync();
                    if (n % 5 == 0 || counter.file.storage->is_due_for_compaction(Time{})) counter.compact();
                    if (n == 11) std::ignore = counter.file.storage->replace(counter.file.db->snapshot(), "");
                }
                has_failed = counter.disk.writes() > begin + first;
                const uint64_t durable = counter.durable;
                counter.lose_power();
                ASSERT_GE(counter.written, durable);
                ASSERT_LE(counter.written, last);
            }
    }
}

TEST(Faults, a_compaction_that_fails_does_not_make_a_file_good_that_was_not_synced) {
    for (uint64_t seed = 0; seed < 8; ++seed) {
        Counter counter(seed);
        counter.open();
        counter.step(1);
        counter.disk.fail_after(0, 1);
        counter.sync();
        counter.disk.fail_after(3, 1);  // the new file is written and synced, and not renamed
        counter.compact();
        counter.sync();
        EXPECT_EQ(counter.durable, 0u);
    }
}

TEST(Faults, writing_goes_on_once_there_is_room) {
    for (size_t first = 0; first < 12; ++first) {
        SCOPED_TRACE(first);
        Counter counter(first);
        counter.open();
        counter.disk.fail_after(first, 3);
        bool good = false;
        for (uint64_t n = 1; n <= 8; ++n) {
            good = counter.step(n);
            if (n % 2 == 0) counter.sync();
            if (n == 3 || counter.file.storage->is_due_for_compaction(Time{})) counter.compact();
        }
        EXPECT_TRUE(good);
        counter.sync();
        EXPECT_EQ(counter.durable, 8u);
        counter.lose_power();
        EXPECT_EQ(counter.written, 8u);
        EXPECT_EQ(counter.file.warning, "");
    }
}

TEST(Faults, after_a_failed_sync_nothing_is_durable_until_the_file_is_written_anew) {
    Counter counter;
    counter.open();
    EXPECT_TRUE(counter.step(1));
    counter.disk.fail_after(0, 1);
    counter.sync();
    EXPECT_TRUE(counter.step(2));
    counter.sync();
    EXPECT_EQ(counter.durable, 0u) << "the system would say yes";
    ASSERT_TRUE(counter.file.storage->is_due_for_compaction(Time{}));
    EXPECT_TRUE(counter.compact());
    EXPECT_FALSE(counter.file.storage->is_due_for_compaction(Time{}));
    counter.sync();
    EXPECT_EQ(counter.durable, 2u);
    counter.lose_power();
    EXPECT_EQ(counter.written, 2u);
}

TEST(Faults, what_cannot_be_written_whole_leaves_no_file) {
    for (size_t first = 0; first < 3; ++first) {
        MemoryDisk disk;
        disk.fail_after(first, 1);
        const bool created = create_database(disk, "x", ovsdb::Snapshot(schema), "", 1).has_value();
        EXPECT_EQ(created, disk.exists("x"));
        EXPECT_NE(created, first < 3) << "each of create, write and sync can fail";
    }
    for (size_t first = 0; first < 4; ++first) {
        Counter counter(first);
        counter.open();
        EXPECT_TRUE(counter.step(1));
        counter.disk.fail_after(first, 1);
        counter.compact();
        EXPECT_FALSE(counter.disk.exists("db.tmp")) << first;
        EXPECT_TRUE(counter.step(2));
        EXPECT_EQ(number(*read_database(counter.disk, "db")->db), 2u);
    }
}

TEST(Faults, a_changed_byte_anywhere_costs_at_most_what_comes_after_it) {
    Counter whole;
    whole.open();
    std::vector<size_t> ends = {whole.disk.contents("db").size()};  // by number
    for (uint64_t n = 1; n <= 4; ++n) {
        EXPECT_TRUE(whole.step(n));
        ends.push_back(whole.disk.contents("db").size());
    }
    const std::string good = whole.disk.contents("db");
    for (size_t at = 0; at < good.size(); ++at)
        for (const unsigned change : {0x01u, 0x20u, 0x80u, 0xffu}) {
            SCOPED_TRACE(testing::Message() << "byte " << at << " ^ " << change);
            std::string bytes = good;
            bytes[at] = static_cast<char>(static_cast<uint8_t>(bytes[at]) ^ change);
            Counter counter;
            counter.disk.put("db", bytes);
            if (at < ends[0]) {  // the schema: there is no database without it
                const auto opened = read_database(counter.disk, "db");
                ASSERT_FALSE(opened);
                EXPECT_THAT(
                    opened.error().message,
                    AnyOf(HasSubstr("db: unexpected file format"), HasSubstr("db: parse error at offset 0"),
                          HasSubstr("db: unexpected kind of record"), HasSubstr("SHA-1 hash"),
                          HasSubstr("db: error reading")));
                continue;
            }
            counter.open();
            const auto before = static_cast<uint64_t>(std::ranges::upper_bound(ends, at) - ends.begin() - 1);
            EXPECT_EQ(counter.written, before);
            EXPECT_THAT(counter.file.warning, HasSubstr("db: "));
            EXPECT_EQ(counter.disk.contents("db"), bytes) << "looking does no harm";
            EXPECT_TRUE(counter.step(9));
            EXPECT_EQ(number(*read_database(counter.disk, "db")->db), 9u);
            const bool is_last = before + 2 == ends.size();
            EXPECT_EQ(counter.disk.exists("db.damaged"), !is_last) << "a torn record is no loss";
            if (!is_last) EXPECT_EQ(counter.disk.contents("db.damaged"), bytes.substr(ends[before]));
        }
}

}  // namespace
}  // namespace weft::store
