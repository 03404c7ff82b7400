// SPDX-License-Identifier: Apache-2.0
#include "dp/core/layers.h"

#include <algorithm>

namespace weft::dp {
namespace {

uint16_t u16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

/// Bytes that a transport header needs for the fields that actions rewrite.
uint32_t transport_min(uint8_t protocol) {
    switch (protocol) {
        case ip_protocol::tcp:
            return 20;
        case ip_protocol::udp:
            return 8;
        case ip_protocol::sctp:
            return 12;
        case ip_protocol::icmp:
        case ip_protocol::icmpv6:
            return 4;
        default:
            return 0;
    }
}

/// A length of 0 is that of a packet longer than the field can tell.
uint32_t end_of(const packet::Packet& p, uint32_t start, uint32_t length) {
    return length ? std::min(start + length, p.size()) : p.size();
}

void find_transport4(const packet::Packet& p, Layers& l) {
    const uint8_t* ip = p.data() + l.network;
    const uint32_t header = (ip[0] & 0xf) * 4u;
    const bool later_fragment = (u16(ip + 6) & 0x1fff) != 0;
    l.end = end_of(p, l.network, u16(ip + 2));
    if (header < 20 || later_fragment) return;
    l.protocol = ip[9];
    l.transport = l.network + header;
}

void find_transport6(const packet::Packet& p, Layers& l) {
    const uint8_t* ip = p.data() + l.network;
    uint8_t next = ip[6];
    uint32_t at = l.network + 40;
    const uint32_t payload = u16(ip + 4);
    l.end = end_of(p, l.network, payload ? payload + 40 : 0);
    // RFC 8200 4: hop-by-hop, routing and destination options have one shape, the fragment header another.
    for (; next == 0 || next == ip_protocol::routing || next == ip_protocol::fragment || next == 60;) {
        if (at + 8 > p.size()) return;
        const uint8_t* extension = p.data() + at;
        if (next == ip_protocol::fragment && (u16(extension + 2) & 0xfff8) != 0) return;
        l.routed6 |= next == ip_protocol::routing;
        at += next == ip_protocol::fragment ? 8 : (extension[1] + 1u) * 8;
        next = extension[0];
    }
    l.protocol = next;
    l.transport = at;
}

}  // namespace

Layers layers_of(const packet::Packet& p) {
    Layers l;
    uint32_t at = 12;
    l.eth_type = p.l3_type;
    if (p.l3_type) at = 0;
    while (!p.l3_type) {
        if (at + 2 > p.size()) return l;
        l.eth_type = u16(p.data() + at);
        at += ethertype::is_vlan(l.eth_type) ? 4 : 2;
        if (!ethertype::is_vlan(l.eth_type)) break;
    }
    l.network = at;
    if (l.eth_type == ethertype::ip && at + 20 <= p.size())
        find_transport4(p, l);
    else if (l.eth_type == ethertype::ipv6 && at + 40 <= p.size())
        find_transport6(p, l);
    if (l.transport && l.transport + transport_min(l.protocol) > l.end) l.transport = 0;
    return l;
}

}  // namespace weft::dp
