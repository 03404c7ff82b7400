// SPDX-License-Identifier: Apache-2.0
// Protocol headers as they lie on the wire. Trivially copyable and without padding: read them with
// ByteReader::read<T>() or load<T>(), write them with ByteWriter::write() or store().
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/address.h"
#include "base/be.h"

namespace weft::packet {

namespace ethertype {
inline constexpr uint16_t ipv4 = 0x0800, arp = 0x0806, teb = 0x6558, rarp = 0x8035, vlan = 0x8100,
                          ipv6 = 0x86dd, slow = 0x8809, mpls = 0x8847, mpls_multicast = 0x8848, qinq = 0x88a8,
                          lldp = 0x88cc, cfm = 0x8902, nsh = 0x894f;
/// Smaller numbers in an Ethernet header are an 802.3 length.
inline constexpr uint16_t min = 0x0600;
}  // namespace ethertype
constexpr bool is_vlan_type(uint16_t type) { return type == ethertype::vlan || type == ethertype::qinq; }
constexpr bool is_mpls_type(uint16_t type) {
    return type == ethertype::mpls || type == ethertype::mpls_multicast;
}

namespace ipproto {
inline constexpr uint8_t hop_by_hop = 0, icmp = 1, igmp = 2, tcp = 6, udp = 17, routing = 43, fragment = 44,
                         gre = 47, ah = 51, icmpv6 = 58, no_next = 59, dst_options = 60, sctp = 132;
}

/// A 32-bit integer that lies on a 16-bit boundary only.
struct SplitBe32 {
    Be16 hi, lo;
    constexpr SplitBe32() = default;
    constexpr explicit SplitBe32(Be32 v)
        : hi(static_cast<uint16_t>(v.host() >> 16)), lo(static_cast<uint16_t>(v.host())) {}
    constexpr Be32 value() const { return Be32(static_cast<uint32_t>(hi.host()) << 16 | lo.host()); }
    constexpr bool operator==(const SplitBe32&) const = default;
};

struct EthernetHeader {
    Mac dst, src;
    Be16 type;
};
struct VlanHeader {  ///< what follows a TPID
    Be16 tci, type;
};
struct LlcSnapHeader {  ///< IEEE 802.2 and SNAP
    uint8_t dsap, ssap, control, org[3];
    Be16 type;
};
struct ArpHeader {  ///< RFC 826 for Ethernet and IPv4
    Be16 hardware, protocol;
    uint8_t hardware_size, protocol_size;
    Be16 op;
    Mac sha;
    SplitBe32 spa;
    Mac tha;
    SplitBe32 tpa;
};
struct Ipv4Header {  ///< RFC 791, without options
    uint8_t version_ihl, tos;
    Be16 total_length, id, frag;  ///< frag: 0x2000 more, 0x1fff offset in units of 8 bytes
    uint8_t ttl, proto;
    Be16 csum;
    Be32 src, dst;
    size_t header_size() const { return static_cast<size_t>(version_ihl & 15) * 4; }
};
struct Ipv6Header {  ///< RFC 8200
    Be32 version_class_label;
    Be16 payload_length;
    uint8_t next_header, hop_limit;
    Ip6 src, dst;
};
struct Ipv6FragmentHeader {
    uint8_t next_header, reserved;
    Be16 offset;  ///< 0xfff8 offset in bytes, 1 more
    Be32 id;
};
struct TcpHeader {  ///< RFC 9293, without options
    Be16 src, dst;
    Be32 seq, ack;
    Be16 offset_flags, window, csum, urgent;  ///< offset_flags: 0xf000 length in words, 0x0fff flags
    size_t header_size() const { return static_cast<size_t>(offset_flags.host() >> 12) * 4; }
};
struct UdpHeader {
    Be16 src, dst, length, csum;
};
struct SctpHeader {  ///< RFC 9260
    Be16 src, dst;
    Be32 tag, csum;
};
struct IcmpHeader {
    uint8_t type, code;
    Be16 csum;
    Be32 rest;
};
struct IgmpHeader {
    uint8_t type, code;
    Be16 csum;
    Be32 group;
};
struct NdHeader {  ///< neighbour solicitation and advertisement, RFC 4861
    uint8_t type, code;
    Be16 csum;
    Be32 flags;
    Ip6 target;
};
struct NshHeader {            ///< RFC 8300, base and service path header
    Be16 version_ttl_length;  ///< 2 version, O bit, 1 unassigned, 6 TTL, 6 length in words
    uint8_t md_type, next_proto;
    Be32 path_index;  ///< 24 SPI, 8 SI
};
static_assert(sizeof(EthernetHeader) == 14 && sizeof(ArpHeader) == 28 && sizeof(Ipv4Header) == 20);
static_assert(sizeof(Ipv6Header) == 40 && sizeof(TcpHeader) == 20 && sizeof(SctpHeader) == 12);
static_assert(sizeof(NdHeader) == 24 && sizeof(NshHeader) == 8 && sizeof(LlcSnapHeader) == 8);

inline constexpr uint16_t ipv4_more_fragments = 0x2000, ipv4_fragment_offset = 0x1fff;
inline constexpr uint16_t ipv6_more_fragments = 0x0001, ipv6_fragment_offset = 0xfff8;

/// A header at any address; the caller has made sure that it is there.
template <class T>
    requires std::is_trivially_copyable_v<T>
T load(const uint8_t* p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
template <class T>
    requires std::is_trivially_copyable_v<T>
void store(uint8_t* p, const T& v) {
    std::memcpy(p, &v, sizeof v);
}

}  // namespace weft::packet
