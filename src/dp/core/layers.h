// SPDX-License-Identifier: Apache-2.0
// Where the headers of a frame lie, for actions that rewrite them. A parse of offsets only: what a packet is,
// for matching, is flow::extract's business.
#pragma once

#include <cstdint>

#include "packet/packet.h"

namespace weft::dp {

namespace ethertype {
inline constexpr uint16_t ip = 0x0800, arp = 0x0806, rarp = 0x8035, vlan = 0x8100, ipv6 = 0x86dd,
                          mpls = 0x8847, mpls_multicast = 0x8848, qinq = 0x88a8, nsh = 0x894f;
constexpr bool is_vlan(uint16_t t) { return t == vlan || t == qinq; }
constexpr bool is_mpls(uint16_t t) { return t == mpls || t == mpls_multicast; }
}  // namespace ethertype

namespace ip_protocol {
inline constexpr uint8_t icmp = 1, tcp = 6, udp = 17, routing = 43, fragment = 44, icmpv6 = 58, sctp = 132;
}

/// Value type. Offsets from the first byte; 0: there is no such layer, or it is cut off. The network layer of
/// a packet without an Ethernet header (Packet::l3_type) is at 0.
struct Layers {
    uint16_t eth_type = 0;   ///< behind all VLAN tags
    uint32_t network = 0;    ///< what eth_type names: MPLS, IP, ARP ...
    uint32_t transport = 0;  ///< of IP, and not a later fragment
    uint8_t protocol = 0;    ///< of transport
    uint32_t end = 0;        ///< of what IP carries: behind it there may be padding
    bool routed6 = false;    ///< IPv6 with a routing header: dst is not the one in the pseudo header
};

Layers layers_of(const packet::Packet& p);

}  // namespace weft::dp
