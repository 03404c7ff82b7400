// SPDX-License-Identifier: Apache-2.0
// Any bytes as a match: refused, or the same match after it was written and read again in every version's
// form.
#include "flow/ofp_match.h"

namespace {

using namespace weft;
using namespace weft::flow;

void check_round_trip(const Match& m, uint8_t version) {
    ByteWriter out;
    encode_oxm(m, version, out);
    const auto again = decode_oxm(out.span());
    CHECK(again);
    // OXM's vlan_vid says "no tag" without the priority bits; the packets are the same.
    CHECK(with_whole_untagged_tci(*again) == with_whole_untagged_tci(m));
}

void check_fixed(ByteSpan bytes) {
    ByteReader in10(bytes);
    const Match m10 = decode_match10(in10);
    if (bytes.size() >= match10_size) CHECK(fits_match10(m10));
    ByteReader in11(bytes);
    if (const auto m11 = decode_ofp_match(in11)) {
        ByteWriter out;
        encode_ofp_match(*m11, 0x02, out);
        if (bytes.size() >= 2 && bytes[1] == 0) CHECK(fits_match11(*m11));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteSpan bytes(data, size);
    NxmCookie cookie;
    if (const auto m = decode_oxm(bytes, {.skip_unknown = true, .cookie = &cookie}))
        for (const uint8_t version : {0x01, 0x03, 0x04, 0x05, 0x06}) check_round_trip(*m, version);
    ByteReader in(bytes);
    if (const auto f = decode_field(in); f && !field(f->id).is_tun_metadata()) {
        ByteWriter out;
        encode_field(*f, 0x06, out);
        ByteReader again(out.span());
        CHECK(decode_field(again) == f);
    }
    check_fixed(bytes);
    return 0;
}
