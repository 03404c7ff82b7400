// SPDX-License-Identifier: Apache-2.0
// Any bytes are a checkpoint or are refused; what was read is written so that it reads the same again. The
// checksum is made right first, so that what is behind it is reached.
#include <algorithm>

#include "base/hash.h"
#include "bridge/checkpoint.h"

using namespace weft;
using namespace weft::bridge;

namespace {

Bytes with_checksum(ByteSpan bytes) {
    constexpr size_t header = 28, format_at = 8, size_at = 12, checksum_at = 20;
    Bytes out(bytes.begin(), bytes.end());
    if (out.size() < header) return out;
    const ByteSpan payload = ByteSpan(out).subspan(header);
    ByteWriter fields;
    fields.u64(payload.size());
    ByteReader in(ByteSpan(out).subspan(format_at));
    fields.u64(hash_bytes(payload, in.u32()));
    std::ranges::copy(fields.span(), out.begin() + size_at);
    static_assert(checksum_at == size_at + 8);
    return out;
}

void check_rules(const Bytes& rules) {
    const auto check = [](const EarlierRule& e) {
        const auto& f = e.change.filter;
        RuleWriter writer;
        const pipeline::Rule rule(f.table, flow::SparseMatch(f.match), f.priority, e.change.rule, e.created);
        writer.put(rule);
        size_t n = 0;
        const auto again = read_rules(writer.take(), [&](const EarlierRule& same) {
            ++n;
            CHECK(same.change.filter.match == f.match);
        });
        CHECK(again && n == 1);
    };
    if (const auto read = read_rules(rules, check); !read) CHECK(!read.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    check_rules(Bytes(data, data + size));
    (void)decode_checkpoint({data, size});
    const auto read = decode_checkpoint(with_checksum({data, size}));
    if (!read) {
        CHECK(!read.error().message.empty());
        return 0;
    }
    for (const auto& datapath : read->datapaths)
        for (const auto& bridge : datapath.bridges) check_rules(bridge.rules);
    const Bytes again = encode(*read);
    const auto back = decode_checkpoint(again);
    CHECK(back.has_value());
    CHECK(encode(*back) == again);
    return 0;
}
