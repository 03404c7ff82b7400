// SPDX-License-Identifier: Apache-2.0
#include "pipeline/final_mask.h"

#include <algorithm>

namespace weft::pipeline {

using flow::FlowMask;
using flow::PacketBlock;

namespace {

template <class T>
bool any(const T& bits) {
    const auto* b = reinterpret_cast<const uint8_t*>(&bits);
    for (size_t i = 0; i < sizeof bits; ++i)
        if (b[i]) return true;
    return false;
}

void fix_vlan(PacketBlock& mask) {
    for (auto& tag : mask.vlan)
        if (any(tag)) tag.tci |= Be16(flow::vlan_present);
    // The inner tag exists only behind an outer one.
    if (any(mask.vlan[1])) mask.vlan[0].tci |= Be16(flow::vlan_present);
}

void fix_l4(const PacketBlock& packet, PacketBlock& mask) {
    if (packet.nw_frag & flow::frag_later) {
        mask.tp_src = mask.tp_dst = mask.tcp_flags = Be16();
    } else if (mask.nw_proto == 0xff && (packet.nw_proto == 1 || packet.nw_proto == 58)) {
        mask.tp_src &= Be16(0xff);
        mask.tp_dst &= Be16(0xff);
    }
}

/// Fields that no packet of this Ethertype has.
void drop_absent(uint16_t type, PacketBlock& mask) {
    const PacketBlock none{};
    const bool ip4 = type == 0x0800, ip6 = type == 0x86dd, arp = type == 0x0806 || type == 0x8035;
    if (type != 0x8847 && type != 0x8848) std::copy(none.mpls, none.mpls + 3, mask.mpls);
    if (!ip4 && !arp) mask.nw_src = mask.nw_dst = {};
    if (!ip6) {
        mask.ipv6_src = mask.ipv6_dst = mask.nd_target = {};
        mask.ipv6_label = mask.nd_reserved = {};
        mask.nd_options_type = 0;
    }
    if (!ip6 && !arp) mask.arp_sha = mask.arp_tha = {};
    if (ip4 || ip6) return;
    mask.nw_tos = mask.nw_ttl = mask.nw_frag = 0;
    mask.tp_src = mask.tp_dst = mask.tcp_flags = {};
    mask.igmp_group = {};
    if (!arp) mask.nw_proto = 0;
}

}  // namespace

FlowMask final_mask(const flow::FlowKey& packet, const FlowMask& looked_at, Plant plant) {
    FlowMask mask = looked_at;
    mask.pipe = {};
    PacketBlock& m = mask.packet;
    m.in_port = m.recirc_id = m.packet_type = be_max<Be32>;
    const uint16_t type = packet.packet.eth_type.host();
    m.eth_type = be_max<Be16>;
    const bool ip = type == 0x0800 || type == 0x86dd;
    m.nw_frag = ip && plant != Plant::frag_forgets ? flow::frag_any | flow::frag_later : 0;
    m.tcp_flags &= Be16(0x0fff);
    m.ipv6_label &= Be32(0xfffff);
    fix_vlan(m);
    if (ip) fix_l4(packet.packet, m);
    drop_absent(type, m);
    if (plant == Plant::vlan_bits_cleared && (packet.packet.vlan[0].tci.host() & flow::vlan_present)) {
        m.vlan[0] = {};
        m.vlan[1] = {};
    }
    return mask;
}

}  // namespace weft::pipeline
