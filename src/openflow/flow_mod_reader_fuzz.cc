// SPDX-License-Identifier: Apache-2.0
// A flow_mod reads the same after another one as alone. Input: a byte of version (and dialect), a byte that
// says how many edits follow, of three bytes each (where, in two, and what), then a flow_mod, whose header is
// put right; the second one is the first with the edits.
#include <algorithm>

#include "openflow/flow_mod_reader.h"

using namespace weft;
using namespace weft::openflow;

namespace {

void check(FlowModReader& reader, ByteSpan message, const Dialect& d) {
    if (!flow_mod_command(message, d.version)) return;
    FlowMod alone;
    const auto wanted = decode_flow_mod(message, d, alone);
    const auto got = reader.read(message, d);
    CHECK(got.has_value() == wanted.has_value());
    if (!wanted) return CHECK(got.error() == wanted.error());
    CHECK(reader.mod() == alone);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t edit_size = 3;
    if (size < 2 || size < 2 + data[1] % 4 * edit_size + header_size) return 0;
    const Dialect d{.version = static_cast<Version>(1 + data[0] % 6), .table_id = (data[0] & 0x40) != 0};
    const ByteSpan edits(data + 2, data[1] % 4 * edit_size);
    Bytes message(edits.data() + edits.size(), data + std::min<size_t>(size, max_message));
    if (message.size() < header_size) return 0;
    message[0] = action::wire(d.version);
    message[2] = static_cast<uint8_t>(message.size() >> 8);
    message[3] = static_cast<uint8_t>(message.size());

    FlowModReader reader;
    check(reader, message, d);
    for (size_t i = 0; i < edits.size(); i += edit_size) {
        const size_t at = static_cast<size_t>(edits[i] << 8 | edits[i + 1]) % message.size();
        if (at >= 4) message[at] = edits[i + 2];
    }
    check(reader, message, d);
    check(reader, message, d);
    return 0;
}
