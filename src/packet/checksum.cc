// SPDX-License-Identifier: Apache-2.0
#include "packet/checksum.h"

namespace weft::packet {

Checksum& Checksum::add(ByteSpan bytes) {
    const uint8_t* p = bytes.data();
    size_t n = bytes.size();
    // 32-bit words into a 64-bit sum: no carry is lost for packets below 16 GB.
    for (; n >= 4; p += 4, n -= 4) sum_ += load<uint32_t>(p);
    if (n >= 2) {
        sum_ += load<uint16_t>(p);
        p += 2;
        n -= 2;
    }
    if (n) sum_ += Be16(static_cast<uint16_t>(*p << 8)).raw();
    return *this;
}

Checksum pseudo_header(Be32 src, Be32 dst, uint8_t proto, uint32_t length) {
    return Checksum().add(src).add(dst).add(Be16(proto)).add(Be32(length));
}

Checksum pseudo_header(const Ip6& src, const Ip6& dst, uint8_t proto, uint32_t length) {
    return Checksum().add(src.b).add(dst.b).add(Be16(proto)).add(Be32(length));
}

Be16 updated(Be16 csum, Be16 before, Be16 after) {
    return Checksum().add(~csum).add(~before).add(after).value();
}

Be16 updated(Be16 csum, Be32 before, Be32 after) {
    return Checksum().add(~csum).add(~before).add(after).value();
}

Be16 updated_partial(Be16 sum, Be32 before, Be32 after) {
    return Checksum().add(sum).add(~before).add(after).partial();
}

Be16 updated_partial(Be16 sum, const Ip6& before, const Ip6& after) { return ~updated(~sum, before, after); }

Be16 updated(Be16 csum, const Ip6& before, const Ip6& after) {
    Checksum s;
    s.add(~csum).add(after.b);
    for (size_t i = 0; i < before.b.size(); i += 2) s.add(~load<Be16>(before.b.data() + i));
    return s.value();
}

}  // namespace weft::packet
