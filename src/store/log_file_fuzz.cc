// SPDX-License-Identifier: Apache-2.0
// Any bytes as a database file: it opens or is refused; what opens can be written to and then reads without a
// warning, with the same contents.
#include <cstdint>

#include "ovsdb/log_record.h"
#include "store/file_storage.h"
#include "store/framed_lines.h"
#include "store/memory_disk.h"

using namespace weft;
using namespace weft::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string input = store::testing::framed_lines({reinterpret_cast<const char*>(data), size});
    MemoryDisk disk;
    disk.put("db", input);
    const FileOptions options{.fs = &disk, .date_ms = [] { return int64_t{1}; }};
    std::string first;
    {
        auto opened = FileStorage::open("db", options);
        if (!opened) return 0;
        CHECK(opened->storage->replace(opened->db->snapshot(), ""));
        first = format_record(everything(opened->db->snapshot()), opened->db->schema(), {});
    }
    const auto again = read_database(disk, "db");
    CHECK(again && again->warning.empty());
    CHECK(format_record(everything(again->db->snapshot()), again->db->schema(), {}) == first);
    return 0;
}
