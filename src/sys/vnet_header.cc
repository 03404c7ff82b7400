// SPDX-License-Identifier: Apache-2.0
#include "sys/vnet_header.h"

#include <cstring>

#include "base/be.h"

namespace weft::sys {
namespace {

// virtio 1.1, 5.1.6; USO from virtio 1.2.
constexpr uint8_t needs_csum = 1, data_valid = 2;
constexpr uint8_t gso_tcp4 = 1, gso_udp = 3, gso_tcp6 = 4, gso_udp_l4 = 5, gso_ecn = 0x80;

packet::Gso gso_of(uint8_t type) {
    switch (type & ~gso_ecn) {
        case gso_tcp4:
            return packet::Gso::tcp4;
        case gso_tcp6:
            return packet::Gso::tcp6;
        case gso_udp:
            return packet::Gso::udp_fragment;
        case gso_udp_l4:
            return packet::Gso::udp_segment;
        default:
            return packet::Gso::none;
    }
}

uint8_t type_of(packet::Gso gso) {
    switch (gso) {
        case packet::Gso::tcp4:
            return gso_tcp4;
        case packet::Gso::tcp6:
            return gso_tcp6;
        case packet::Gso::udp_fragment:
            return gso_udp;
        case packet::Gso::udp_segment:
            return gso_udp_l4;
        case packet::Gso::none:
            break;
    }
    return 0;
}

}  // namespace

packet::Offload offload_of(const VnetHeader& h) {
    packet::Offload o;
    if (h.flags & needs_csum) {
        o.csum = packet::Csum::partial;
        o.csum_start = h.csum_start;
        o.csum_offset = h.csum_offset;
    } else if (h.flags & data_valid) {
        o.csum = packet::Csum::verified;
    }
    o.gso = gso_of(h.gso_type);
    if (o.gso != packet::Gso::none) {
        o.gso_size = h.gso_size;
        o.header_size = h.hdr_len;
        o.ecn = (h.gso_type & gso_ecn) != 0;
    }
    return o;
}

VnetHeader vnet_header_of(const packet::Offload& o) {
    VnetHeader h;
    if (o.csum == packet::Csum::partial) {
        h.flags = needs_csum;
        h.csum_start = o.csum_start;
        h.csum_offset = o.csum_offset;
    } else if (o.csum == packet::Csum::verified) {
        h.flags = data_valid;
    }
    if (o.gso != packet::Gso::none) {
        h.gso_type = static_cast<uint8_t>(type_of(o.gso) | (o.ecn ? gso_ecn : 0));
        h.gso_size = o.gso_size;
        h.hdr_len = o.header_size;
    }
    return h;
}

void insert_vlan_tag(packet::Packet& p, uint16_t tpid, uint16_t tci) {
    if (p.size() < 2 * sizeof(uint8_t[6])) return;
    const Be16 tag[2] = {Be16(tpid), Be16(tci)};
    std::memcpy(p.insert(12, sizeof tag), tag, sizeof tag);
}

}  // namespace weft::sys
