// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/upcall_offload.h"

namespace weft::dp {
namespace {

// The kernel's numbers: CHECKSUM_ and SKB_GSO_ (Documentation/networking/skbuff.rst,
// segmentation-offloads.rst).
constexpr uint8_t checksum_unnecessary = 1, checksum_partial = 3;
constexpr uint32_t gso_tcp4 = 1 << 0, gso_tcp_ecn = 1 << 2, gso_tcp6 = 1 << 4, gso_udp_fragment = 1 << 16,
                   gso_udp_segment = 1 << 17;
/// Of what a tunnel carries (GRE, IP in IP, UDP tunnels), and for protocols that have no virtio-net name.
constexpr uint32_t gso_others = 0x3fe0 | 1 << 14 | 1 << 15;

packet::Gso gso_of(uint32_t type) {
    if (type & gso_others) return packet::Gso::none;
    if (type & gso_tcp4) return packet::Gso::tcp4;
    if (type & gso_tcp6) return packet::Gso::tcp6;
    if (type & gso_udp_segment) return packet::Gso::udp_segment;
    return type & gso_udp_fragment ? packet::Gso::udp_fragment : packet::Gso::none;
}

}  // namespace

bool set_offload(packet::Packet& p, const weft_upcall& up) {
    packet::Offload& o = p.offload;
    if (up.csum == checksum_partial) {
        o.csum = packet::Csum::partial;
        o.csum_start = up.csum_start;
        o.csum_offset = up.csum_offset;
        if (uint32_t{o.csum_start} + o.csum_offset + 2 > p.size()) return false;
    } else if (up.csum == checksum_unnecessary) {
        o.csum = packet::Csum::verified;
    }
    if (up.gso_size == 0) return true;
    o.gso = gso_of(up.gso_type);
    if (o.gso == packet::Gso::none || o.csum != packet::Csum::partial) return false;
    o.gso_size = static_cast<uint16_t>(up.gso_size);
    o.ecn = (up.gso_type & gso_tcp_ecn) != 0;
    constexpr uint32_t tcp_length_at = 12, udp_header = 8;
    const bool tcp = o.gso == packet::Gso::tcp4 || o.gso == packet::Gso::tcp6;
    if (tcp && o.csum_start + tcp_length_at < p.size())
        o.header_size =
            static_cast<uint16_t>(o.csum_start + (p.data()[o.csum_start + tcp_length_at] >> 4) * 4);
    else if (!tcp)
        o.header_size = static_cast<uint16_t>(o.csum_start + udp_header);
    return true;
}

}  // namespace weft::dp
