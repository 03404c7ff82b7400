// SPDX-License-Identifier: Apache-2.0
// Any keys and values in etcd, "NAME VALUE" a line: what can be made of them is a database, and a snapshot of
// it says the same.
#include <cstdint>

#include "ovsdb/log_record.h"
#include "store/etcd_keys.h"

using namespace weft;
using namespace weft::store::etcd;

namespace {

void check_snapshot(const ovsdb::ClusterContents& contents) {
    const std::string text = snapshot_text(contents.db->snapshot(), contents.notes);
    const auto again = parse_snapshot(text);
    CHECK(again);
    CHECK(snapshot_text(again->db->snapshot(), again->notes) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    std::ignore = parse_address("etcd://" + std::string(input.substr(0, input.find('\n'))));
    Keys keys;
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        const size_t space = line.find(' ');
        std::string name(line.substr(0, space));
        if (space == std::string_view::npos) {
            keys.erase(name);
            continue;
        }
        std::string value(line.substr(space + 1));
        for (char& c : value)
            if (c == '\x01') c = '\n';  // the end of a snapshot's schema
        keys.set(std::move(name), {.key = {}, .value = std::move(value), .mod_revision = 1});
    }
    const auto base = parse_base(format_base(keys.base));
    CHECK(base && format_base(*base) == format_base(keys.base));
    auto contents = keys.load_snapshot();
    if (!contents) return 0;
    check_snapshot(*contents);
    for (uint64_t index = keys.base.index + 1;; ++index) {
        const auto entry = keys.entry(index);
        if (!entry || !*entry || !apply_entry(**entry, *contents)) return 0;
        keys.forget_entry(index);
        check_snapshot(*contents);
    }
}
