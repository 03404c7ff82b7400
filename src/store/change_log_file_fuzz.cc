// SPDX-License-Identifier: Apache-2.0
// Any bytes as the records beside a database, torn and damaged ones too: what is read is kept, written anew
// and read again the same. If the first byte is '*', the lines are records to be framed.
#include <cstdint>

#include "codec/json_text.h"
#include "store/change_log_file.h"
#include "store/framed_lines.h"
#include "store/memory_disk.h"

using namespace weft;
using namespace weft::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string input = store::testing::framed_lines({reinterpret_cast<const char*>(data), size});
    MemoryDisk disk;
    disk.put(ChangeLogFile::path_of("db"), input);
    std::vector<codec::Json> expected;
    {
        auto opened = ChangeLogFile::open(disk, "db");
        if (!opened) return 0;
        expected = opened->records;
        expected.push_back(*codec::parse_json(R"({"ended":"abc","how":"confirmed"})"));
        CHECK(opened->store->append(codec::format_json(expected.back())));
    }
    auto again = ChangeLogFile::open(disk, "db");
    CHECK(again && again->records == ovsdb::condense(expected));
    ovsdb::ChangeLog log({.date_ms = [] { return int64_t{1'000'000}; }, .records = again->records}, Time{});
    CHECK(!log.ended().empty() && log.ended().back().id == "abc" && !log.find_pending("abc"));
    for (const auto& p : log.pending()) CHECK(p.due >= Time{});
    [[maybe_unused]] const auto* overlapping = log.overlapping(codec::Json(codec::JsonObject()));
    return 0;
}
