// SPDX-License-Identifier: Apache-2.0
// Records beside a database: what was acknowledged survives a power cut at any write.
#include "store/change_log_file.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "codec/json_text.h"
#include "store/memory_disk.h"

namespace weft::store {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const std::string path = ChangeLogFile::path_of("db");

std::string pending(int n) {
    return R"({"changes":{},"comment":"","date":1,"deadline":2,"pending":"p)" + std::to_string(n) +
           R"(","within":1})";
}
std::string ended(int n) {
    return R"({"date":3,"details":[],"ended":"p)" + std::to_string(n) + R"(","how":"confirmed"})";
}
std::vector<std::string> texts(const std::vector<codec::Json>& records) {
    std::vector<std::string> out;
    for (const auto& record : records) out.push_back(codec::format_json(record));
    return out;
}

TEST(ChangeLogFile, is_not_there_before_it_has_something_to_say) {
    MemoryDisk disk;
    auto opened = ChangeLogFile::open(disk, "db");
    ASSERT_TRUE(opened);
    EXPECT_THAT(opened->records, IsEmpty());
    EXPECT_FALSE(disk.exists(path));
    ASSERT_TRUE(opened->store->append(pending(1)));
    EXPECT_TRUE(disk.exists(path));
    EXPECT_THAT(texts(ChangeLogFile::open(disk, "db")->records), testing::ElementsAre(pending(1)));
}

TEST(ChangeLogFile, keeps_what_waits_and_how_the_rest_ended) {
    MemoryDisk disk;
    {
        auto opened = ChangeLogFile::open(disk, "db");
        for (int n = 1; n <= 3; ++n) ASSERT_TRUE(opened->store->append(pending(n)));
        ASSERT_TRUE(opened->store->append(ended(2)));
    }
    const auto opened = ChangeLogFile::open(disk, "db");
    EXPECT_THAT(texts(opened->records), testing::ElementsAre(ended(2), pending(1), pending(3)));
    EXPECT_EQ(disk.contents(path).find(pending(2)), std::string::npos);
}

/// The disk fails at every write in turn: for good, or for a while.
TEST(ChangeLogFile, loses_no_acknowledged_record_whenever_the_power_goes) {
    for (uint64_t seed = 0; seed < 24; ++seed) {
        for (size_t cut = 0; cut < 24; ++cut) {
            const size_t count = std::array{MemoryDisk::all, size_t{1}, size_t{2}}[seed % 3];
            MemoryDisk disk(seed);
            std::vector<std::string> acknowledged;
            {
                auto opened = ChangeLogFile::open(disk, "db");
                ASSERT_TRUE(opened->store->append(pending(0)));
                acknowledged.push_back(pending(0));
                disk.fail_after(cut, count);
                for (int n = 1; n <= 4; ++n)
                    if (opened->store->append(pending(n))) acknowledged.push_back(pending(n));
                if (auto again = ChangeLogFile::open(disk, "db"); again && again->store->append(pending(5)))
                    acknowledged.push_back(pending(5));
            }
            disk.restart();
            auto opened = ChangeLogFile::open(disk, "db");
            ASSERT_TRUE(opened);
            const auto found = texts(opened->records);
            for (const auto& one : acknowledged)
                EXPECT_EQ(std::ranges::count(found, one), 1)
                    << one << ", seed " << seed << ", cut at " << cut;
            ASSERT_TRUE(opened->store->append(ended(0)));
        }
    }
}

TEST(ChangeLogFile, cuts_a_torn_tail_off) {
    MemoryDisk disk;
    {
        auto opened = ChangeLogFile::open(disk, "db");
        ASSERT_TRUE(opened->store->append(pending(1)));
        ASSERT_TRUE(opened->store->append(pending(2)));
    }
    std::string& bytes = disk.contents(path);
    bytes.resize(bytes.size() - 5);
    auto opened = ChangeLogFile::open(disk, "db");
    ASSERT_TRUE(opened);
    EXPECT_THAT(texts(opened->records), testing::ElementsAre(pending(1)));
    ASSERT_TRUE(opened->store->append(pending(3)));
    EXPECT_THAT(ChangeLogFile::open(disk, "db")->records, SizeIs(2));
}

}  // namespace
}  // namespace weft::store
