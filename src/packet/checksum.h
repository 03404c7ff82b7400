// SPDX-License-Identifier: Apache-2.0
// The Internet checksum: whole (RFC 1071) and brought up to date after a change (RFC 1624).
#pragma once

#include "base/bytes.h"
#include "packet/headers.h"

namespace weft::packet {

/// Value type: a running ones' complement sum of 16-bit words. All bytes but the last piece must be of even
/// length.
class Checksum {
  public:
    Checksum& add(ByteSpan bytes);
    Checksum& add(Be16 v) {
        sum_ += v.raw();
        return *this;
    }
    Checksum& add(Be32 v) {
        sum_ += static_cast<uint64_t>(v.raw() & 0xffff) + (v.raw() >> 16);
        return *this;
    }
    /// The sum's complement, as it goes into a header.
    Be16 value() const { return Be16::from_raw(static_cast<uint16_t>(~folded())); }
    /// The sum itself, as Csum::partial leaves it in the field.
    Be16 partial() const { return Be16::from_raw(folded()); }

  private:
    uint16_t folded() const {
        uint64_t s = sum_;
        s = (s & 0xffffffff) + (s >> 32);
        s = (s & 0xffffffff) + (s >> 32);
        s = (s & 0xffff) + (s >> 16);
        s = (s & 0xffff) + (s >> 16);
        return static_cast<uint16_t>(s);
    }
    uint64_t sum_ = 0;  // of words as they lie in memory: the byte order cancels out
};

inline Be16 checksum(ByteSpan bytes) { return Checksum().add(bytes).value(); }

/// Sums of the pseudo headers of TCP, UDP and ICMPv6; `length` is that of the L4 header and payload.
Checksum pseudo_header(Be32 src, Be32 dst, uint8_t proto, uint32_t length);
Checksum pseudo_header(const Ip6& src, const Ip6& dst, uint8_t proto, uint32_t length);

/// A checksum after a part that it covers changed from `before` to `after`, which begins at an even offset
/// (RFC 1624 equation 3).
Be16 updated(Be16 csum, Be16 before, Be16 after);
Be16 updated(Be16 csum, Be32 before, Be32 after);
Be16 updated(Be16 csum, const Ip6& before, const Ip6& after);
/// The same for a partial sum (Csum::partial), which is not complemented.
Be16 updated_partial(Be16 sum, Be32 before, Be32 after);
Be16 updated_partial(Be16 sum, const Ip6& before, const Ip6& after);

/// A UDP checksum that comes out as 0 is sent as ffff: 0 means that there is none.
constexpr Be16 udp_checksum(Be16 csum) { return csum ? csum : Be16(0xffff); }

}  // namespace weft::packet
