// SPDX-License-Identifier: Apache-2.0
// Any bytes: nothing is read beyond the end, offsets lie inside the frame, the same bytes give the same key.
#include "flow/extract.h"

namespace {

void check_inside(uint16_t offset, size_t size) {
    CHECK(offset == weft::flow::Extracted::none || offset <= size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft;
    if (size == 0 || size > 4096) return 0;
    const unsigned tags = data[0] % (flow::max_vlan_tags + 1);
    const Bytes frame(data + 1, data + size);  // its own block, so that the sanitizer sees its end
    flow::PacketBlock key;
    const flow::Extracted at = flow::extract(frame, key, tags);
    check_inside(at.l2_5, frame.size());
    check_inside(at.l3, frame.size());
    check_inside(at.l4, frame.size());
    CHECK(at.l2_pad <= frame.size());
    if (at.l4 != flow::Extracted::none) CHECK(at.l3 <= at.l4);
    flow::PacketBlock again;
    flow::extract(frame, again, tags);
    CHECK(key == again);
    flow::extract_l3(frame, 0x86dd, key);
    flow::extract_l3(frame, 0x0800, key);
    return 0;
}
