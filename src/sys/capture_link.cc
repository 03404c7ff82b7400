// SPDX-License-Identifier: Apache-2.0
#include "sys/capture_link.h"

#include <algorithm>
#include <array>

namespace weft::sys {
namespace {

constexpr uint16_t link_raw = 101, link_cooked = 113, link_ip4 = 228, link_ip6 = 229, link_cooked_2 = 276;
constexpr uint16_t type_ip4 = 0x0800, type_ip6 = 0x86dd;
constexpr uint16_t first_type = 0x0600;  ///< what is less is a length, or Linux's own number
constexpr uint16_t linux_llc = 4;
constexpr size_t address_size = 6;

Bytes ethernet(ByteSpan sender, uint16_t type, ByteSpan payload) {
    ByteWriter out;
    out.zeros(address_size);
    if (sender.size() == address_size)
        out.bytes(sender);
    else
        out.zeros(address_size);
    out.u16(type);
    out.bytes(payload);
    return out.take();
}

/// `address`: eight bytes, of which `used` count.
std::optional<Bytes> cooked(const ByteReader& r, uint16_t protocol, ByteSpan address, size_t used) {
    if (!r.ok()) return std::nullopt;
    const ByteSpan sender = address.first(std::min(used, address.size()));
    if (protocol == linux_llc && r.size() < first_type)
        return ethernet(sender, static_cast<uint16_t>(r.size()), r.rest());
    if (protocol < first_type) return std::nullopt;
    return ethernet(sender, protocol, r.rest());
}

std::optional<Bytes> from_cooked(ByteSpan frame) {
    ByteReader r(frame);
    r.skip(4);  // packet type, ARPHRD
    const size_t used = r.u16();
    const ByteSpan address = r.take(8);
    const uint16_t protocol = r.u16();
    return cooked(r, protocol, address, used);
}

std::optional<Bytes> from_cooked_2(ByteSpan frame) {
    ByteReader r(frame);
    const uint16_t protocol = r.u16();
    r.skip(2 + 4 + 2 + 1);  // reserved, interface, ARPHRD, packet type
    const size_t used = r.u8();
    const ByteSpan address = r.take(8);
    return cooked(r, protocol, address, used);
}

std::optional<Bytes> from_ip(ByteSpan frame) {
    if (frame.empty()) return std::nullopt;
    const int version = frame[0] >> 4;
    if (version != 4 && version != 6) return std::nullopt;
    return ethernet({}, version == 4 ? type_ip4 : type_ip6, frame);
}

}  // namespace

bool reads_link(uint16_t type) {
    constexpr std::array known{link_ethernet, link_raw, link_cooked, link_ip4, link_ip6, link_cooked_2};
    return std::ranges::find(known, type) != known.end();
}

std::optional<Bytes> as_ethernet(uint16_t type, ByteSpan frame) {
    switch (type) {
        case link_ethernet:
            return Bytes(frame.begin(), frame.end());
        case link_cooked:
            return from_cooked(frame);
        case link_cooked_2:
            return from_cooked_2(frame);
        case link_raw:
        case link_ip4:
        case link_ip6:
            return from_ip(frame);
        default:
            return std::nullopt;
    }
}

}  // namespace weft::sys
