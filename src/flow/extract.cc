// SPDX-License-Identifier: Apache-2.0
#include "flow/extract.h"

#include <algorithm>

#include "packet/headers.h"

namespace weft::flow {
namespace {

using namespace packet;

/// What is left of the frame. Nothing is read beyond the end: each step asks has() first.
struct Cursor {
    const uint8_t* begin;
    const uint8_t* at;
    const uint8_t* end;

    size_t left() const { return static_cast<size_t>(end - at); }
    bool has(size_t n) const { return left() >= n; }
    uint16_t offset() const { return static_cast<uint16_t>(at - begin); }
    template <class T>
    T peek() const {
        return load<T>(at);
    }
};

void extract_ports(Cursor& c, PacketBlock& key) {
    key.tp_src = load<Be16>(c.at);
    key.tp_dst = load<Be16>(c.at + 2);
}

void extract_tcp(Cursor& c, PacketBlock& key) {
    if (!c.has(sizeof(TcpHeader))) return;
    const auto tcp = c.peek<TcpHeader>();
    if (tcp.header_size() < sizeof tcp || !c.has(tcp.header_size())) return;
    extract_ports(c, key);
    key.tcp_flags = tcp.offset_flags & Be16(0x0fff);
}

void extract_icmp(Cursor& c, PacketBlock& key) {
    key.tp_src = Be16(c.at[0]);
    key.tp_dst = Be16(c.at[1]);
}

void extract_igmp(Cursor& c, PacketBlock& key) {
    if (!c.has(sizeof(IgmpHeader))) return;
    extract_icmp(c, key);
    key.igmp_group = c.peek<IgmpHeader>().group;
}

/// Source and target link-layer address options, RFC 4861 4.6.1. False if one comes twice: then nothing in
/// the packet is to be trusted. A malformed option ends the walk.
bool extract_nd_options(Cursor& c, PacketBlock& key) {
    constexpr uint8_t source_address = 1, target_address = 2;
    while (c.has(8)) {
        const uint8_t type = c.at[0];
        const size_t size = size_t{c.at[1]} * 8;
        if (size == 0 || !c.has(size)) return true;
        if (size == 8 && (type == source_address || type == target_address)) {
            Mac& address = type == source_address ? key.arp_sha : key.arp_tha;
            if (!address.is_zero()) return false;
            address = load<Mac>(c.at + 2);
            key.nd_options_type = type;
        }
        c.at += size;
    }
    return true;
}

void extract_icmpv6(Cursor& c, PacketBlock& key) {
    constexpr uint8_t solicitation = 135, advertisement = 136;
    if (!c.has(sizeof(IcmpHeader))) return;
    extract_icmp(c, key);
    const uint8_t type = c.at[0], code = c.at[1];
    if ((type != solicitation && type != advertisement) || code != 0) return;
    if (!c.has(sizeof(NdHeader))) return;
    const auto nd = c.peek<NdHeader>();
    key.nd_reserved = nd.flags;
    key.nd_target = nd.target;
    c.at += sizeof nd;
    if (extract_nd_options(c, key)) return;
    key.nd_target = {};
    key.nd_options_type = 0;
    key.arp_sha = key.arp_tha = {};
}

void extract_l4(Cursor& c, PacketBlock& key, bool v6, Extracted& out) {
    out.l4 = c.offset();
    switch (key.nw_proto) {
        case ipproto::tcp:
            return extract_tcp(c, key);
        case ipproto::udp:
            if (c.has(sizeof(UdpHeader))) extract_ports(c, key);
            return;
        case ipproto::sctp:
            if (c.has(sizeof(SctpHeader))) extract_ports(c, key);
            return;
        case ipproto::icmp:
            if (!v6 && c.has(sizeof(IcmpHeader))) extract_icmp(c, key);
            return;
        case ipproto::igmp:
            if (!v6) extract_igmp(c, key);
            return;
        case ipproto::icmpv6:
            if (v6) extract_icmpv6(c, key);
            return;
        default:
            return;
    }
}

/// Cuts off what a link added behind the packet (Ethernet's padding to 60 bytes).
void trim(Cursor& c, size_t size, Extracted& out) {
    out.l2_pad = static_cast<uint16_t>(c.left() - size);
    c.end = c.at + size;
}

void extract_ipv4(Cursor& c, PacketBlock& key, Extracted& out) {
    if (!c.has(sizeof(Ipv4Header))) return;
    const auto ip = c.peek<Ipv4Header>();
    const size_t header = ip.header_size(), total = ip.total_length.host();
    if (header < sizeof ip || total < header || !c.has(total)) return;
    trim(c, total, out);
    key.nw_src = ip.src;
    key.nw_dst = ip.dst;
    key.nw_proto = ip.proto;
    key.nw_tos = ip.tos;
    key.nw_ttl = ip.ttl;
    const uint16_t frag = ip.frag.host();
    if (frag & (ipv4_more_fragments | ipv4_fragment_offset)) [[unlikely]] {
        key.nw_frag = frag_any;
        if (frag & ipv4_fragment_offset) {
            key.nw_frag |= frag_later;
            return;
        }
    }
    c.at += header;
    extract_l4(c, key, false, out);
}

/// What follows IPv6 and its extension headers.
struct Ipv6Payload {
    uint8_t proto;  ///< of a later fragment: 44
    uint8_t frag;
    bool valid;  ///< false: an extension header is cut short
};

/// Walks extension headers up to one that is none, or to where a later fragment begins.
Ipv6Payload skip_ipv6_extensions(Cursor& c, uint8_t next) {
    uint8_t frag = 0;
    for (;;) {
        const bool options =
            next == ipproto::hop_by_hop || next == ipproto::routing || next == ipproto::dst_options;
        const bool fragment = next == ipproto::fragment;
        if (!options && next != ipproto::ah && !fragment) [[likely]]
            return {next, frag, true};
        if (!c.has(8)) return {0, 0, false};
        const size_t n = c.at[1];
        const size_t size = options ? (n + 1) * 8 : fragment ? 8 : (n + 2) * 4;
        if (!c.has(size)) return {0, 0, false};
        if (const Be16 offset = c.peek<Ipv6FragmentHeader>().offset; fragment && offset) {
            frag = frag_any;
            if (offset.host() & ipv6_fragment_offset) return {next, frag_any | frag_later, true};
        }
        next = c.at[0];
        c.at += size;
    }
}

void extract_ipv6(Cursor& c, PacketBlock& key, Extracted& out) {
    if (!c.has(sizeof(Ipv6Header))) return;
    const auto ip = c.peek<Ipv6Header>();
    const size_t total = sizeof ip + ip.payload_length.host();
    if (!c.has(total)) return;
    trim(c, total, out);
    key.ipv6_src = ip.src;
    key.ipv6_dst = ip.dst;
    c.at += sizeof ip;
    const Ipv6Payload payload = skip_ipv6_extensions(c, ip.next_header);
    if (!payload.valid) return;
    const uint32_t first = ip.version_class_label.host();
    key.ipv6_label = Be32(first & 0xfffff);
    key.nw_tos = static_cast<uint8_t>(first >> 20);
    key.nw_ttl = ip.hop_limit;
    key.nw_proto = payload.proto;
    key.nw_frag = payload.frag;
    if (!(payload.frag & frag_later)) extract_l4(c, key, true, out);
}

void extract_arp(Cursor& c, PacketBlock& key) {
    if (!c.has(sizeof(ArpHeader))) return;
    const auto arp = c.peek<ArpHeader>();
    constexpr uint16_t ethernet = 1;
    if (arp.hardware.host() != ethernet || arp.protocol.host() != ethertype::ipv4 || arp.hardware_size != 6 ||
        arp.protocol_size != 4)
        return;
    key.nw_src = arp.spa.value();
    key.nw_dst = arp.tpa.value();
    if (arp.op.host() <= 0xff) key.nw_proto = static_cast<uint8_t>(arp.op.host());
    key.arp_sha = arp.sha;
    key.arp_tha = arp.tha;
}

void extract_nsh(Cursor& c, PacketBlock& key) {
    if (!c.has(sizeof(NshHeader))) return;
    const auto nsh = c.peek<NshHeader>();
    const uint16_t first = nsh.version_ttl_length.host();
    const size_t size = static_cast<size_t>(first & 0x3f) * 4;
    constexpr uint8_t md1 = 1;
    constexpr size_t md1_size = sizeof nsh + 16;
    if (first >> 14 != 0 || size < sizeof nsh || !c.has(size)) return;
    if (nsh.md_type == md1 && size != md1_size) return;
    key.nsh_flags = static_cast<uint8_t>(first >> 12 & 3);
    key.nsh_ttl = static_cast<uint8_t>(first >> 6 & 0x3f);
    key.nsh_mdtype = nsh.md_type;
    key.nsh_np = nsh.next_proto;
    key.nsh_spi = Be32(nsh.path_index.host() >> 8);
    key.nsh_si = static_cast<uint8_t>(nsh.path_index.host());
    if (nsh.md_type == md1) std::memcpy(key.nsh_context, c.at + sizeof nsh, sizeof key.nsh_context);
}

void extract_mpls(Cursor& c, PacketBlock& key, Extracted& out) {
    constexpr uint32_t bottom_of_stack = 0x100;
    out.l2_5 = c.offset();
    size_t n = 0;
    bool bottom = false;
    while (!bottom && c.has(4)) {
        const auto lse = c.peek<Be32>();
        bottom = lse.host() & bottom_of_stack;
        if (n < std::size(key.mpls)) key.mpls[n++] = lse;
        c.at += 4;
    }
    out.l3 = c.offset();
}

/// The Ethertype at the cursor, or that of a SNAP header behind an 802.3 length.
uint16_t take_ethertype(Cursor& c) {
    const uint16_t type = c.peek<Be16>().host();
    c.at += 2;
    if (type >= ethertype::min) [[likely]]
        return type;
    if (!c.has(sizeof(LlcSnapHeader))) return eth_type_none;
    const auto snap = c.peek<LlcSnapHeader>();
    if (snap.dsap != 0xaa || snap.ssap != 0xaa || snap.control != 3) return eth_type_none;
    if (snap.org[0] || snap.org[1] || snap.org[2]) return eth_type_none;
    c.at += sizeof snap;
    return snap.type.host() >= ethertype::min ? snap.type.host() : eth_type_none;
}

void extract_payload(Cursor& c, uint16_t type, PacketBlock& key, Extracted& out) {
    if (is_mpls_type(type)) return extract_mpls(c, key, out);
    out.l3 = c.offset();
    switch (type) {
        case ethertype::ipv4:
            return extract_ipv4(c, key, out);
        case ethertype::ipv6:
            return extract_ipv6(c, key, out);
        case ethertype::arp:
        case ethertype::rarp:
            return extract_arp(c, key);
        case ethertype::nsh:
            return extract_nsh(c, key);
        default:
            return;
    }
}

}  // namespace

Extracted extract(ByteSpan frame, PacketBlock& key, unsigned vlan_tags) {
    std::memset(&key, 0, sizeof key);
    Extracted out;
    Cursor c{frame.data(), frame.data(), frame.data() + frame.size()};
    if (!c.has(sizeof(EthernetHeader))) [[unlikely]]
        return out;
    std::memcpy(&key.eth_dst, c.at, 12);  // both addresses
    c.at += 12;
    vlan_tags = std::min(vlan_tags, max_vlan_tags);
    for (unsigned n = 0; n < vlan_tags && is_vlan_type(c.peek<Be16>().host()) && c.has(6); ++n) {
        key.vlan[n].tpid = c.peek<Be16>();
        key.vlan[n].tci = load<Be16>(c.at + 2) | Be16(vlan_present);
        c.at += 4;
    }
    const uint16_t type = take_ethertype(c);
    key.eth_type = Be16(type);
    extract_payload(c, type, key, out);
    return out;
}

Extracted extract_l3(ByteSpan packet, uint16_t ether_type, PacketBlock& key) {
    std::memset(&key, 0, sizeof key);
    Extracted out;
    key.packet_type = Be32(1u << 16 | ether_type);
    key.eth_type = Be16(ether_type);
    Cursor c{packet.data(), packet.data(), packet.data() + packet.size()};
    extract_payload(c, ether_type, key, out);
    return out;
}

}  // namespace weft::flow
