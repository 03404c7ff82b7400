// SPDX-License-Identifier: Apache-2.0
// Any bytes as a database file: it opens or is refused; what opens can be written to and then reads without a
// warning, with the same contents.
#include <cstdint>

#include "ovsdb/log_record.h"
#include "store/file_storage.h"
#include "store/log_file.h"
#include "store/memory_disk.h"

using namespace weft;
using namespace weft::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string input(reinterpret_cast<const char*>(data), size);
    // Lines become records with good checksums when the input asks for it: else the checksum keeps all but
    // the framing out of reach.
    if (!input.empty() && input[0] == '*') {
        std::string framed;
        for (size_t at = 1; at < input.size();) {
            const size_t end = std::min(input.find('\n', at), input.size());
            if (end > at)
                framed += format_log_record(standalone_magic, std::string_view(input).substr(at, end - at));
            at = end + 1;
        }
        input = std::move(framed);
    }
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
