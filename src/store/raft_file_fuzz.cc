// SPDX-License-Identifier: Apache-2.0
// Any bytes as a clustered database file: refused by name, or read up to the first record that makes no
// sense.
#include "store/framed_lines.h"
#include "store/raft_file.h"

using namespace weft;
using namespace weft::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string input =
        store::testing::framed_lines({reinterpret_cast<const char*>(data), size}, clustered_magic);
    const auto file = parse_raft_file(input, "db");
    if (!file) {
        CHECK(!file.error().message.empty());
        return 0;
    }
    CHECK(file->header.has_joined() || file->header.prev_servers.empty());
    uint64_t last = file->header.prev_index;
    for (const auto& [index, entry] : raft_log(*file)) {
        CHECK(index == entry->index && index > last);
        last = index;
    }
    return 0;
}
