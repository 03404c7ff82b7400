// SPDX-License-Identifier: Apache-2.0
// OFPT_HELLO: the highest version, and since 1.3.1 a bitmap of all.
#include <bit>

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

constexpr uint16_t version_bitmap = 1;

/// Without a bitmap: all versions up to the header's.
VersionSet up_to(uint8_t highest) {
    const unsigned n = highest < 31 ? highest : 31;
    return VersionSet::from_bitmap(((1u << n) << 1) - 2);
}

}  // namespace

OfResult<Body> decode_hello(Input& i) {
    Hello hello{up_to(i.hello_version)};
    while (i.in.size() >= 4) {
        ByteReader element = i.in;
        const uint16_t type = element.u16(), length = element.u16();
        if (length < 4 || length > i.in.size()) break;  // whatever it is, the version still counts
        const size_t padded = (length + 7u) / 8 * 8;
        if (type == version_bitmap && length >= 8) hello.versions = VersionSet::from_bitmap(element.u32());
        i.in.skip(std::min<size_t>(padded, i.in.size()));
    }
    i.in.take(i.in.size());
    return hello;
}

void encode(const Hello& m, Output& o) {
    const auto highest = static_cast<uint8_t>(std::bit_width(m.versions.bitmap() | 1u) - 1);
    const size_t start = o.out.size();
    const auto open = o.open(MessageType::hello);
    o.out.patch_u8(start, highest);
    if (m.versions == up_to(highest)) return;
    o.out.u16(version_bitmap);
    o.out.u16(8);
    o.out.u32(m.versions.bitmap());
}

}  // namespace weft::openflow
