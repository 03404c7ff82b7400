// SPDX-License-Identifier: Apache-2.0
// FlowKey: everything a table or a megaflow can match on, as one flat block of big-endian words.
//
// All fields lie in network byte order, most significant bit first, so that every OpenFlow field and subfield
// is a run of bits at (bit offset, length) from the start of the struct: one description (field.h) serves
// OXM, text, move, load, stack, masks and hashing. A mask is the same struct with ones where a bit matters.
//
// Blocks in order: what only the pipeline knows (registers), the tunnel the packet came from, connection
// tracking, then the packet itself. A datapath sees `tunnel`, `ct` and `packet` only; a plain packet touches
// `packet` only.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/address.h"
#include "base/be.h"
#include "base/ids.h"

namespace weft::flow {

/// Bits of VlanTag::tci.
inline constexpr uint16_t vlan_present =
    0x1000;  ///< set in a key when the packet has this tag (the wire's DEI bit is lost)
inline constexpr uint16_t vlan_vid_mask = 0x0fff, vlan_pcp_mask = 0xe000;
inline constexpr int vlan_pcp_shift = 13;

struct VlanTag {
    Be16 tpid, tci;
    constexpr bool operator==(const VlanTag&) const = default;
};

/// FlowKey::PacketBlock::nw_frag.
inline constexpr uint8_t frag_any = 1, frag_later = 2;

/// FlowKey::eth_type of a frame that has no Ethertype (an 802.3 length and no SNAP header).
inline constexpr uint16_t eth_type_none = 0x05ff;

/// Known by the pipeline alone, never by a datapath.
struct PipelineBlock {
    Be64 metadata;
    Be32 regs[32];
    Be32 conj_id;
    Be32 actset_output;  ///< an OpenFlow port's 16 bits
    bool operator==(const PipelineBlock&) const = default;
};

inline constexpr size_t tun_metadata_size = 256;

struct TunnelBlock {
    Be64 id;
    Be32 src, dst;
    Ip6 ipv6_src, ipv6_dst;
    Be16 flags;  ///< OXM tun_flags in the low bits; internal ones above
    uint8_t tos, ttl;
    Be16 tp_src, tp_dst;
    Be16 gbp_id;
    uint8_t gbp_flags, erspan_ver;
    Be32 erspan_idx;
    uint8_t erspan_dir, erspan_hwid, gtpu_flags, gtpu_msgtype;
    Be32 pad;
    Be64 metadata_present;  ///< bit i (from the least significant) tells that tun_metadata<i> is there
    uint8_t metadata[tun_metadata_size];  ///< laid out by the TLV map
    bool operator==(const TunnelBlock&) const = default;
};

struct CtBlock {
    Be32 state;
    Be32 mark;
    Be16 zone;
    uint8_t nw_proto, pad;
    Be32 nw_src, nw_dst;
    Be16 tp_src, tp_dst;
    uint8_t label[16];
    Ip6 ipv6_src, ipv6_dst;
    bool operator==(const CtBlock&) const = default;
};

/// The packet and where it came from: 23 words, of which a plain IPv4 packet uses nine.
struct PacketBlock {
    // Where it came from.
    Be32 in_port;  ///< of_in_port() in a pipeline, dp_in_port() in a datapath: never compare across the two
    Be32 recirc_id;
    Be32 dp_hash;
    Be32 pkt_mark;
    Be32 skb_priority;
    Be32 packet_type;  ///< namespace << 16 | type; 0 is Ethernet
    // L2.
    Mac eth_dst, eth_src;
    Be16 eth_type;  ///< innermost, after VLAN tags
    Be16 pad_l2;
    VlanTag vlan[2];  ///< outermost first
    Be32 mpls[3];     ///< label stack entries, outermost first
    uint8_t pad_mpls[4];
    // L3.
    Be32 nw_src, nw_dst;  ///< also ARP sender and target protocol address
    Be32 ipv6_label;
    uint8_t nw_proto;  ///< also the low byte of the ARP opcode
    uint8_t nw_tos, nw_ttl, nw_frag;
    Ip6 ipv6_src, ipv6_dst;
    Ip6 nd_target;
    Mac arp_sha, arp_tha;  ///< also ND source and target link-layer address
    Be16 tcp_flags;
    Be16 pad_l3;
    Be32 nd_reserved;
    uint8_t nd_options_type;
    uint8_t nsh_flags, nsh_ttl, nsh_mdtype;
    uint8_t nsh_np, nsh_si, pad_nsh[2];
    Be32 nsh_spi;
    Be32 nsh_context[4];
    // L4.
    Be16 tp_src, tp_dst;  ///< also ICMP type and code
    Be32 igmp_group;
    bool operator==(const PacketBlock&) const = default;
};

struct FlowKey {
    PipelineBlock pipe;
    TunnelBlock tunnel;
    CtBlock ct;
    PacketBlock packet;

    bool operator==(const FlowKey&) const = default;

    OfPort of_in_port() const { return OfPort{static_cast<uint16_t>(packet.in_port.host())}; }
    DpPort dp_in_port() const { return DpPort{packet.in_port.host()}; }
    void set_in_port(OfPort p) { packet.in_port = Be32(p.value); }
    void set_in_port(DpPort p) { packet.in_port = Be32(p.value); }
};

static_assert(sizeof(PipelineBlock) % 8 == 0 && sizeof(TunnelBlock) % 8 == 0 && sizeof(CtBlock) % 8 == 0);
static_assert(sizeof(PacketBlock) % 8 == 0 && sizeof(FlowKey) % 8 == 0 && alignof(FlowKey) == 8);
static_assert(std::is_trivially_copyable_v<FlowKey>);

inline constexpr size_t key_words = sizeof(FlowKey) / 8;
static_assert(key_words <= 128);
/// Index of the first word of each block.
inline constexpr size_t tunnel_word = offsetof(FlowKey, tunnel) / 8, ct_word = offsetof(FlowKey, ct) / 8,
                        packet_word = offsetof(FlowKey, packet) / 8;
inline constexpr size_t packet_words = sizeof(PacketBlock) / 8;

/// What tells which fields a packet has. Value type.
struct HeaderKinds {
    Be16 eth_type, tci[2], tp_src;
    uint8_t nw_proto = 0, nw_frag = 0;
    uint8_t bottom_of_stack = 0;  ///< bit i: the MPLS label i is the last

    static HeaderKinds of(const FlowKey& k) {
        const PacketBlock& p = k.packet;
        HeaderKinds out{p.eth_type, {p.vlan[0].tci, p.vlan[1].tci}, p.tp_src, p.nw_proto, p.nw_frag};
        for (size_t i = 0; i < std::size(p.mpls); ++i)
            out.bottom_of_stack |= static_cast<uint8_t>((p.mpls[i].host() >> 8 & 1) << i);
        return out;
    }
    void fill(FlowKey& k) const {
        k.packet.eth_type = eth_type;
        for (size_t i = 0; i < std::size(tci); ++i) k.packet.vlan[i].tci = tci[i];
        for (size_t i = 0; i < std::size(k.packet.mpls); ++i)
            if (bottom_of_stack >> i & 1) k.packet.mpls[i] = k.packet.mpls[i] | Be32(0x100);
        k.packet.tp_src = tp_src;
        k.packet.nw_proto = nw_proto;
        k.packet.nw_frag = nw_frag;
    }
};

/// Ones where a bit of the key matters.
using FlowMask = FlowKey;

inline std::span<const uint64_t, key_words> words(const FlowKey& k) {
    return std::span<const uint64_t, key_words>{reinterpret_cast<const uint64_t*>(&k), key_words};
}
inline std::span<uint64_t, key_words> words(FlowKey& k) {
    return std::span<uint64_t, key_words>{reinterpret_cast<uint64_t*>(&k), key_words};
}

}  // namespace weft::flow
