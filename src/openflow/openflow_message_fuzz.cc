// SPDX-License-Identifier: Apache-2.0
// Any bytes decode or are refused; what was decoded is written so that it decodes to the same again: a
// version may have two ways to say a thing, but we have one. Input: a byte of version (and dialect), then a
// message, whose header is put right.
#include <algorithm>

#include "openflow/message.h"

using namespace weft;
using namespace weft::openflow;

namespace {

Dialect dialect_of(uint8_t b) {
    Dialect d;
    d.version = static_cast<Version>(1 + b % 6);
    d.table_id = b & 0x40;
    d.nxm = b & 0x80;
    return d;
}

Bytes with_right_header(ByteSpan in, const Dialect& d) {
    Bytes m(in.begin(), in.end());
    m.resize(std::clamp<size_t>(m.size(), header_size, max_message));
    if (m[1] != 0) m[0] = action::wire(d.version);
    m[2] = static_cast<uint8_t>(m.size() >> 8);
    m[3] = static_cast<uint8_t>(m.size());
    return m;
}

/// In a form that loses nothing.
Dialect lossless(const Dialect& d) {
    Dialect out = d;
    out.packet_in = PacketInFormat::nxt2;
    out.nxm = true;
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const Dialect dialect = dialect_of(data[0]);
    const auto message = decode(with_right_header({data + 1, size - 1}, dialect), dialect);
    if (!message) {
        CHECK(!error_name(message.error()).empty());
        return 0;
    }
    const Bytes again = encode(*message, lossless(dialect));
    if (again.size() > max_message || read_header(again).length != again.size())
        return 0;  // split, or grown too long
    const auto back = decode(again, dialect);
    CHECK(back.has_value());
    CHECK(back->body.index() == message->body.index());
    CHECK(encode(*back, lossless(dialect)) == again);
    return 0;
}
