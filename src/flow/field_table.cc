// SPDX-License-Identifier: Apache-2.0
// The rows of the field table, built at compile time. Sources: ovs-fields(7), OpenFlow 1.5.1 section 7.2.3.
#include <algorithm>
#include <cstddef>

#include "base/result.h"
#include "flow/field.h"

namespace weft::flow {
namespace {

constexpr uint32_t nicira = 0x00002320, onf = 0x4f4e4600, nsh_vendor = 0x005ad650;

// Wire forms. `since` is the first OpenFlow version that prefers this one.
constexpr WireId nxm_of(uint8_t f, std::string_view name) { return {0x0000, f, 0, 0x01, name}; }
constexpr WireId nxm_nx(uint8_t f, std::string_view name) { return {0x0001, f, 0, 0x01, name}; }
constexpr WireId oxm_of(uint8_t f, std::string_view name, uint8_t since = 0x03) {
    return {0x8000, f, 0, since, name};
}
constexpr WireId et(uint8_t f, std::string_view name) { return {0xffff, f, nicira, 0x01, name}; }
constexpr WireId onf_et(uint8_t f, std::string_view name) { return {0xffff, f, onf, 0x04, name}; }
constexpr WireId oxm_nsh(uint8_t f, std::string_view name) { return {0xffff, f, nsh_vendor, 0x01, name}; }
constexpr WireId eric(uint8_t f, std::string_view name) { return {0x1000, f, 0, 0x01, name}; }

constexpr WireId accepted_only(WireId w) {
    w.min_version = 0xff;
    return w;
}

/// Where a field lies: its first byte, and how many bits of that member come before it.
struct Place {
    size_t byte;
    unsigned skip_bits = 0;
};

constexpr Maskable mask = Maskable::yes, exact = Maskable::no;
constexpr bool rw = true, ro = false;
using enum FieldText;

/// Names of numbered fields, which must outlive the table: "reg0" .. "tun_metadata63", "NXM_NX_REG0" ...
struct NamePool {
    struct Name {
        char text[24];
        uint8_t size;
        constexpr std::string_view view() const { return {text, size}; }
    };
    Name reg[32], xreg[16], xxreg[8], tun_metadata[64];
    Name wire_reg[32], wire_xreg[16], wire_xxreg[8], wire_tun_metadata[64];
};
constexpr NamePool::Name numbered(std::string_view prefix, size_t number) {
    NamePool::Name n{};
    for (const char c : prefix) n.text[n.size++] = c;
    if (number >= 10) n.text[n.size++] = static_cast<char>('0' + number / 10);
    n.text[n.size++] = static_cast<char>('0' + number % 10);
    return n;
}
constexpr NamePool make_names() {
    NamePool p{};
    for (size_t i = 0; i < 32; ++i) p.reg[i] = numbered("reg", i);
    for (size_t i = 0; i < 16; ++i) p.xreg[i] = numbered("xreg", i);
    for (size_t i = 0; i < 8; ++i) p.xxreg[i] = numbered("xxreg", i);
    for (size_t i = 0; i < 64; ++i) p.tun_metadata[i] = numbered("tun_metadata", i);
    for (size_t i = 0; i < 32; ++i) p.wire_reg[i] = numbered("NXM_NX_REG", i);
    for (size_t i = 0; i < 16; ++i) p.wire_xreg[i] = numbered("OXM_OF_PKT_REG", i);
    for (size_t i = 0; i < 8; ++i) p.wire_xxreg[i] = numbered("NXM_NX_XXREG", i);
    for (size_t i = 0; i < 64; ++i) p.wire_tun_metadata[i] = numbered("NXM_NX_TUN_METADATA", i);
    return p;
}
constexpr NamePool names = make_names();

struct Builder {
    std::array<Field, n_fields> rows{};
    size_t n = 0;

    constexpr Field& add(FieldId id, std::string_view name, std::string_view alias, Place at,
                         uint16_t n_bits) {
        if (static_cast<size_t>(id) != n) throw "rows must stand in the order of FieldId";
        Field& f = rows[n++];
        f.id = id;
        f.name = name;
        f.alias = alias;
        f.bit_offset = static_cast<uint16_t>(at.byte * 8 + at.skip_bits);
        f.n_bits = n_bits;
        f.n_bytes = static_cast<uint8_t>((n_bits + 7) / 8);
        return f;
    }
    constexpr Field& add(FieldId id, std::string_view name, Place at, uint16_t n_bits) {
        return add(id, name, "", at, n_bits);
    }
};

/// The rest of a row; wire forms by rising min_version. n_bytes is given where the wire form is wider than
/// the bits need.
template <class... Wires>
constexpr void with(Field& f, FieldText text, Maskable m, bool writable, Prereq p, Wires... wires) {
    f.text = text;
    f.maskable = m;
    f.writable = writable;
    f.prereq = p;
    ((f.wire[f.n_wire++] = wires), ...);
}
template <class... Wires>
constexpr void wide(Field& f, uint8_t n_bytes, FieldText text, Maskable m, bool writable, Prereq p,
                    Wires... wires) {
    f.n_bytes = n_bytes;
    with(f, text, m, writable, p, wires...);
}

constexpr void add_tunnel(Builder& b) {
    using enum FieldId;
    constexpr Prereq none = Prereq::none;
    with(b.add(tun_id, "tun_id", "tunnel_id", {offsetof(FlowKey, tunnel.id)}, 64), hex, mask, rw, none,
         nxm_nx(16, "NXM_NX_TUN_ID"), oxm_of(38, "OXM_OF_TUNNEL_ID", 0x04));
    with(b.add(tun_src, "tun_src", {offsetof(FlowKey, tunnel.src)}, 32), ip4, mask, rw, none,
         nxm_nx(31, "NXM_NX_TUN_IPV4_SRC"));
    with(b.add(tun_dst, "tun_dst", {offsetof(FlowKey, tunnel.dst)}, 32), ip4, mask, rw, none,
         nxm_nx(32, "NXM_NX_TUN_IPV4_DST"));
    with(b.add(tun_ipv6_src, "tun_ipv6_src", {offsetof(FlowKey, tunnel.ipv6_src)}, 128), ip6, mask, rw, none,
         nxm_nx(109, "NXM_NX_TUN_IPV6_SRC"));
    with(b.add(tun_ipv6_dst, "tun_ipv6_dst", {offsetof(FlowKey, tunnel.ipv6_dst)}, 128), ip6, mask, rw, none,
         nxm_nx(110, "NXM_NX_TUN_IPV6_DST"));
    with(b.add(tun_gbp_id, "tun_gbp_id", {offsetof(FlowKey, tunnel.gbp_id)}, 16), decimal, mask, rw, none,
         nxm_nx(38, "NXM_NX_TUN_GBP_ID"));
    with(b.add(tun_gbp_flags, "tun_gbp_flags", {offsetof(FlowKey, tunnel.gbp_flags)}, 8), hex, mask, rw, none,
         nxm_nx(39, "NXM_NX_TUN_GBP_FLAGS"));
    with(b.add(tun_erspan_ver, "tun_erspan_ver", {offsetof(FlowKey, tunnel.erspan_ver), 4}, 4), decimal, mask,
         rw, none, et(12, "NXOXM_ET_ERSPAN_VER"));
    wide(b.add(tun_erspan_idx, "tun_erspan_idx", {offsetof(FlowKey, tunnel.erspan_idx), 12}, 20), 4, hex,
         mask, rw, none, et(11, "NXOXM_ET_ERSPAN_IDX"));
    with(b.add(tun_erspan_dir, "tun_erspan_dir", {offsetof(FlowKey, tunnel.erspan_dir), 7}, 1), decimal, mask,
         rw, none, et(13, "NXOXM_ET_ERSPAN_DIR"));
    with(b.add(tun_erspan_hwid, "tun_erspan_hwid", {offsetof(FlowKey, tunnel.erspan_hwid), 2}, 6), hex, mask,
         rw, none, et(14, "NXOXM_ET_ERSPAN_HWID"));
    with(b.add(tun_gtpu_flags, "tun_gtpu_flags", "gtpu_flags", {offsetof(FlowKey, tunnel.gtpu_flags)}, 8),
         hex, mask, ro, none, et(15, "NXOXM_ET_GTPU_FLAGS"));
    with(b.add(tun_gtpu_msgtype, "tun_gtpu_msgtype", "gtpu_msgtype", {offsetof(FlowKey, tunnel.gtpu_msgtype)},
               8),
         decimal, mask, ro, none, et(16, "NXOXM_ET_GTPU_MSGTYPE"));
    wide(b.add(tun_flags, "tun_flags", {offsetof(FlowKey, tunnel.flags), 15}, 1), 2, FieldText::tun_flags,
         mask, rw, none, nxm_nx(104, "NXM_NX_TUN_FLAGS"));
    for (size_t i = 0; i < 64; ++i)
        wide(b.add(field_at(tun_metadata0, i), names.tun_metadata[i].view(),
                   {offsetof(FlowKey, tunnel.metadata)}, 992),
             124, hex, mask, rw, none,
             nxm_nx(static_cast<uint8_t>(40 + i), names.wire_tun_metadata[i].view()));
}

constexpr void add_metadata(Builder& b) {
    using enum FieldId;
    constexpr Prereq none = Prereq::none;
    with(b.add(in_port, "in_port", {offsetof(FlowKey, packet.in_port), 16}, 16), of_port, exact, rw, none,
         nxm_of(0, "NXM_OF_IN_PORT"));
    with(b.add(in_port_oxm, "in_port_oxm", {offsetof(FlowKey, packet.in_port)}, 32), of_port_32, exact, rw,
         none, oxm_of(0, "OXM_OF_IN_PORT"));
    with(b.add(skb_priority, "skb_priority", {offsetof(FlowKey, packet.skb_priority)}, 32), hex, exact, ro,
         none);
    with(b.add(pkt_mark, "pkt_mark", {offsetof(FlowKey, packet.pkt_mark)}, 32), hex, mask, rw, none,
         nxm_nx(33, "NXM_NX_PKT_MARK"));
    with(b.add(actset_output, "actset_output", {offsetof(FlowKey, pipe.actset_output)}, 32), of_port_32,
         exact, ro, none, onf_et(43, "ONFOXM_ET_ACTSET_OUTPUT"), oxm_of(43, "OXM_OF_ACTSET_OUTPUT", 0x06));
    with(b.add(packet_type, "packet_type", {offsetof(FlowKey, packet.packet_type)}, 32),
         FieldText::packet_type, exact, ro, none, oxm_of(44, "OXM_OF_PACKET_TYPE", 0x06));
    with(b.add(metadata, "metadata", {offsetof(FlowKey, pipe.metadata)}, 64), hex, mask, rw, none,
         oxm_of(2, "OXM_OF_METADATA"));
    with(b.add(dp_hash, "dp_hash", {offsetof(FlowKey, packet.dp_hash)}, 32), hex, mask, ro, none,
         nxm_nx(35, "NXM_NX_DP_HASH"), accepted_only(et(0, "NXOXM_ET_DP_HASH")));
    with(b.add(recirc_id, "recirc_id", {offsetof(FlowKey, packet.recirc_id)}, 32), hex, exact, ro, none,
         nxm_nx(36, "NXM_NX_RECIRC_ID"));
}

constexpr void add_registers(Builder& b) {
    using enum FieldId;
    for (size_t i = 0; i < 32; ++i) {
        const auto n = static_cast<uint8_t>(i);
        const std::string_view name = names.wire_reg[i].view();
        with(b.add(field_at(reg0, i), names.reg[i].view(), {offsetof(FlowKey, pipe.regs) + 4 * i}, 32), hex,
             mask, rw, Prereq::none, i < 16 ? nxm_nx(n, name) : et(static_cast<uint8_t>(n + 1), name));
    }
    for (size_t i = 0; i < 16; ++i)
        with(b.add(field_at(xreg0, i), names.xreg[i].view(), {offsetof(FlowKey, pipe.regs) + 8 * i}, 64), hex,
             mask, rw, Prereq::none,
             WireId{0x8001, static_cast<uint8_t>(i), 0, 0x01, names.wire_xreg[i].view()});
    for (size_t i = 0; i < 8; ++i) {
        const std::string_view name = names.wire_xxreg[i].view();
        with(b.add(field_at(xxreg0, i), names.xxreg[i].view(), {offsetof(FlowKey, pipe.regs) + 16 * i}, 128),
             hex, mask, rw, Prereq::none,
             i < 4 ? nxm_nx(static_cast<uint8_t>(111 + i), name) : et(static_cast<uint8_t>(29 + i), name));
    }
}

constexpr void add_conntrack(Builder& b) {
    using enum FieldId;
    constexpr Prereq none = Prereq::none;
    with(b.add(ct_state, "ct_state", {offsetof(FlowKey, ct.state)}, 32), FieldText::ct_state, mask, ro, none,
         nxm_nx(105, "NXM_NX_CT_STATE"));
    with(b.add(ct_zone, "ct_zone", {offsetof(FlowKey, ct.zone)}, 16), hex, exact, ro, none,
         nxm_nx(106, "NXM_NX_CT_ZONE"));
    with(b.add(ct_mark, "ct_mark", {offsetof(FlowKey, ct.mark)}, 32), hex, mask, rw, none,
         nxm_nx(107, "NXM_NX_CT_MARK"));
    with(b.add(ct_label, "ct_label", {offsetof(FlowKey, ct.label)}, 128), hex, mask, rw, none,
         nxm_nx(108, "NXM_NX_CT_LABEL"));
    with(b.add(ct_nw_src, "ct_nw_src", {offsetof(FlowKey, ct.nw_src)}, 32), ip4, mask, ro, Prereq::ct_ipv4,
         nxm_nx(120, "NXM_NX_CT_NW_SRC"));
    with(b.add(ct_nw_dst, "ct_nw_dst", {offsetof(FlowKey, ct.nw_dst)}, 32), ip4, mask, ro, Prereq::ct_ipv4,
         nxm_nx(121, "NXM_NX_CT_NW_DST"));
    with(b.add(ct_ipv6_src, "ct_ipv6_src", {offsetof(FlowKey, ct.ipv6_src)}, 128), ip6, mask, ro,
         Prereq::ct_ipv6, nxm_nx(122, "NXM_NX_CT_IPV6_SRC"));
    with(b.add(ct_ipv6_dst, "ct_ipv6_dst", {offsetof(FlowKey, ct.ipv6_dst)}, 128), ip6, mask, ro,
         Prereq::ct_ipv6, nxm_nx(123, "NXM_NX_CT_IPV6_DST"));
    with(b.add(ct_nw_proto, "ct_nw_proto", {offsetof(FlowKey, ct.nw_proto)}, 8), decimal, exact, ro,
         Prereq::ct_ip, nxm_nx(119, "NXM_NX_CT_NW_PROTO"));
    with(b.add(ct_tp_src, "ct_tp_src", {offsetof(FlowKey, ct.tp_src)}, 16), decimal, mask, ro, Prereq::ct_ip,
         nxm_nx(124, "NXM_NX_CT_TP_SRC"));
    with(b.add(ct_tp_dst, "ct_tp_dst", {offsetof(FlowKey, ct.tp_dst)}, 16), decimal, mask, ro, Prereq::ct_ip,
         nxm_nx(125, "NXM_NX_CT_TP_DST"));
}

constexpr void add_l2(Builder& b) {
    using enum FieldId;
    constexpr Prereq eth = Prereq::ethernet, mpls = Prereq::mpls;
    with(b.add(eth_src, "eth_src", "dl_src", {offsetof(FlowKey, packet.eth_src)}, 48), mac, mask, rw, eth,
         nxm_of(2, "NXM_OF_ETH_SRC"), oxm_of(4, "OXM_OF_ETH_SRC"));
    with(b.add(eth_dst, "eth_dst", "dl_dst", {offsetof(FlowKey, packet.eth_dst)}, 48), mac, mask, rw, eth,
         nxm_of(1, "NXM_OF_ETH_DST"), oxm_of(3, "OXM_OF_ETH_DST"));
    with(b.add(eth_type, "eth_type", "dl_type", {offsetof(FlowKey, packet.eth_type)}, 16), hex, exact, ro,
         eth, nxm_of(3, "NXM_OF_ETH_TYPE"), oxm_of(5, "OXM_OF_ETH_TYPE"));
    with(b.add(dl_vlan, "dl_vlan", {offsetof(FlowKey, packet.vlan[0].tci), 4}, 12), decimal, exact, rw, eth);
    with(b.add(dl_vlan_pcp, "dl_vlan_pcp", {offsetof(FlowKey, packet.vlan[0].tci)}, 3), decimal, exact, rw,
         eth);
    with(b.add(vlan_vid, "vlan_vid", {offsetof(FlowKey, packet.vlan[0].tci), 3}, 13), decimal, mask, rw, eth,
         oxm_of(6, "OXM_OF_VLAN_VID"));
    with(b.add(vlan_pcp, "vlan_pcp", {offsetof(FlowKey, packet.vlan[0].tci)}, 3), decimal, exact, rw,
         Prereq::vlan, oxm_of(7, "OXM_OF_VLAN_PCP"));
    with(b.add(vlan_tci, "vlan_tci", {offsetof(FlowKey, packet.vlan[0].tci)}, 16), hex, mask, rw, eth,
         nxm_of(4, "NXM_OF_VLAN_TCI"));
    wide(b.add(mpls_label, "mpls_label", {offsetof(FlowKey, packet.mpls[0])}, 20), 4, decimal, exact, rw,
         mpls, oxm_of(34, "OXM_OF_MPLS_LABEL"));
    with(b.add(mpls_tc, "mpls_tc", {offsetof(FlowKey, packet.mpls[0]), 20}, 3), decimal, exact, rw, mpls,
         oxm_of(35, "OXM_OF_MPLS_TC"));
    with(b.add(mpls_bos, "mpls_bos", {offsetof(FlowKey, packet.mpls[0]), 23}, 1), decimal, exact, ro, mpls,
         oxm_of(36, "OXM_OF_MPLS_BOS", 0x04));
    with(b.add(mpls_ttl, "mpls_ttl", {offsetof(FlowKey, packet.mpls[0]), 24}, 8), decimal, exact, rw, mpls,
         nxm_nx(30, "NXM_NX_MPLS_TTL"));
}

constexpr void add_ip(Builder& b) {
    using enum FieldId;
    constexpr Prereq v4 = Prereq::ipv4, v6 = Prereq::ipv6, any = Prereq::ip_any;
    with(b.add(ip_src, "ip_src", "nw_src", {offsetof(FlowKey, packet.nw_src)}, 32), ip4, mask, rw, v4,
         nxm_of(7, "NXM_OF_IP_SRC"), oxm_of(11, "OXM_OF_IPV4_SRC"));
    with(b.add(ip_dst, "ip_dst", "nw_dst", {offsetof(FlowKey, packet.nw_dst)}, 32), ip4, mask, rw, v4,
         nxm_of(8, "NXM_OF_IP_DST"), oxm_of(12, "OXM_OF_IPV4_DST"));
    with(b.add(ipv6_src, "ipv6_src", {offsetof(FlowKey, packet.ipv6_src)}, 128), ip6, mask, rw, v6,
         nxm_nx(19, "NXM_NX_IPV6_SRC"), oxm_of(26, "OXM_OF_IPV6_SRC"));
    with(b.add(ipv6_dst, "ipv6_dst", {offsetof(FlowKey, packet.ipv6_dst)}, 128), ip6, mask, rw, v6,
         nxm_nx(20, "NXM_NX_IPV6_DST"), oxm_of(27, "OXM_OF_IPV6_DST"));
    wide(b.add(ipv6_label, "ipv6_label", {offsetof(FlowKey, packet.ipv6_label), 12}, 20), 4, hex, mask, rw,
         v6, nxm_nx(27, "NXM_NX_IPV6_LABEL"), oxm_of(28, "OXM_OF_IPV6_FLABEL"));
    with(b.add(nw_proto, "nw_proto", "ip_proto", {offsetof(FlowKey, packet.nw_proto)}, 8), decimal, exact, ro,
         any, nxm_of(6, "NXM_OF_IP_PROTO"), oxm_of(10, "OXM_OF_IP_PROTO"));
    with(b.add(nw_ttl, "nw_ttl", {offsetof(FlowKey, packet.nw_ttl)}, 8), decimal, exact, rw, any,
         nxm_nx(29, "NXM_NX_IP_TTL"));
    with(b.add(ip_frag, "ip_frag", "nw_frag", {offsetof(FlowKey, packet.nw_frag), 6}, 2), frag, mask, ro, any,
         nxm_nx(26, "NXM_NX_IP_FRAG"));
    Field& tos = b.add(nw_tos, "nw_tos", {offsetof(FlowKey, packet.nw_tos)}, 8);
    tos.zero_low_bits = 2;
    with(tos, decimal, exact, rw, any, nxm_of(5, "NXM_OF_IP_TOS"));
    with(b.add(ip_dscp, "ip_dscp", {offsetof(FlowKey, packet.nw_tos)}, 6), decimal, exact, rw, any,
         oxm_of(8, "OXM_OF_IP_DSCP"));
    with(b.add(nw_ecn, "nw_ecn", "ip_ecn", {offsetof(FlowKey, packet.nw_tos), 6}, 2), decimal, exact, rw, any,
         nxm_nx(28, "NXM_NX_IP_ECN"), oxm_of(9, "OXM_OF_IP_ECN"));
    // 16 bits to users, of which the key holds the low 8; the byte before is 0 in ARP.
    static_assert(offsetof(FlowKey, packet.nw_proto) == offsetof(FlowKey, packet.ipv6_label) + 4);
    with(b.add(arp_op, "arp_op", {offsetof(FlowKey, packet.nw_proto) - 1}, 16), decimal, exact, rw,
         Prereq::arp, nxm_of(15, "NXM_OF_ARP_OP"), oxm_of(21, "OXM_OF_ARP_OP"));
    with(b.add(arp_spa, "arp_spa", {offsetof(FlowKey, packet.nw_src)}, 32), ip4, mask, rw, Prereq::arp,
         nxm_of(16, "NXM_OF_ARP_SPA"), oxm_of(22, "OXM_OF_ARP_SPA"));
    with(b.add(arp_tpa, "arp_tpa", {offsetof(FlowKey, packet.nw_dst)}, 32), ip4, mask, rw, Prereq::arp,
         nxm_of(17, "NXM_OF_ARP_TPA"), oxm_of(23, "OXM_OF_ARP_TPA"));
    with(b.add(arp_sha, "arp_sha", {offsetof(FlowKey, packet.arp_sha)}, 48), mac, mask, rw, Prereq::arp,
         nxm_nx(17, "NXM_NX_ARP_SHA"), oxm_of(24, "OXM_OF_ARP_SHA"));
    with(b.add(arp_tha, "arp_tha", {offsetof(FlowKey, packet.arp_tha)}, 48), mac, mask, rw, Prereq::arp,
         nxm_nx(18, "NXM_NX_ARP_THA"), oxm_of(25, "OXM_OF_ARP_THA"));
}

constexpr void add_nsh(Builder& b) {
    using enum FieldId;
    constexpr Prereq nsh = Prereq::nsh;
    with(b.add(nsh_flags, "nsh_flags", {offsetof(FlowKey, packet.nsh_flags)}, 8), decimal, mask, rw, nsh,
         oxm_nsh(1, "NXOXM_NSH_FLAGS"));
    with(b.add(nsh_ttl, "nsh_ttl", {offsetof(FlowKey, packet.nsh_ttl)}, 8), decimal, exact, rw, nsh,
         oxm_nsh(10, "NXOXM_NSH_TTL"));
    with(b.add(nsh_mdtype, "nsh_mdtype", {offsetof(FlowKey, packet.nsh_mdtype)}, 8), decimal, exact, ro, nsh,
         oxm_nsh(2, "NXOXM_NSH_MDTYPE"));
    with(b.add(nsh_np, "nsh_np", {offsetof(FlowKey, packet.nsh_np)}, 8), decimal, exact, ro, nsh,
         oxm_nsh(3, "NXOXM_NSH_NP"));
    wide(b.add(nsh_spi, "nsh_spi", "nsp", {offsetof(FlowKey, packet.nsh_spi), 8}, 24), 4, hex, exact, rw, nsh,
         oxm_nsh(4, "NXOXM_NSH_SPI"));
    with(b.add(nsh_si, "nsh_si", "nsi", {offsetof(FlowKey, packet.nsh_si)}, 8), decimal, exact, rw, nsh,
         oxm_nsh(5, "NXOXM_NSH_SI"));
    with(b.add(nsh_c1, "nsh_c1", "nshc1", {offsetof(FlowKey, packet.nsh_context[0])}, 32), hex, mask, rw, nsh,
         oxm_nsh(6, "NXOXM_NSH_C1"));
    with(b.add(nsh_c2, "nsh_c2", "nshc2", {offsetof(FlowKey, packet.nsh_context[1])}, 32), hex, mask, rw, nsh,
         oxm_nsh(7, "NXOXM_NSH_C2"));
    with(b.add(nsh_c3, "nsh_c3", "nshc3", {offsetof(FlowKey, packet.nsh_context[2])}, 32), hex, mask, rw, nsh,
         oxm_nsh(8, "NXOXM_NSH_C3"));
    with(b.add(nsh_c4, "nsh_c4", "nshc4", {offsetof(FlowKey, packet.nsh_context[3])}, 32), hex, mask, rw, nsh,
         oxm_nsh(9, "NXOXM_NSH_C4"));
}

constexpr void add_l4(Builder& b) {
    using enum FieldId;
    with(b.add(tcp_src, "tcp_src", "tp_src", {offsetof(FlowKey, packet.tp_src)}, 16), decimal, mask, rw,
         Prereq::tcp, nxm_of(9, "NXM_OF_TCP_SRC"), oxm_of(13, "OXM_OF_TCP_SRC"));
    with(b.add(tcp_dst, "tcp_dst", "tp_dst", {offsetof(FlowKey, packet.tp_dst)}, 16), decimal, mask, rw,
         Prereq::tcp, nxm_of(10, "NXM_OF_TCP_DST"), oxm_of(14, "OXM_OF_TCP_DST"));
    with(b.add(tcp_flags, "tcp_flags", {offsetof(FlowKey, packet.tcp_flags), 4}, 12), FieldText::tcp_flags,
         mask, ro, Prereq::tcp, nxm_nx(34, "NXM_NX_TCP_FLAGS"), onf_et(42, "ONFOXM_ET_TCP_FLAGS"),
         oxm_of(42, "OXM_OF_TCP_FLAGS", 0x06));
    with(b.add(udp_src, "udp_src", {offsetof(FlowKey, packet.tp_src)}, 16), decimal, mask, rw, Prereq::udp,
         nxm_of(11, "NXM_OF_UDP_SRC"), oxm_of(15, "OXM_OF_UDP_SRC"));
    with(b.add(udp_dst, "udp_dst", {offsetof(FlowKey, packet.tp_dst)}, 16), decimal, mask, rw, Prereq::udp,
         nxm_of(12, "NXM_OF_UDP_DST"), oxm_of(16, "OXM_OF_UDP_DST"));
    with(b.add(sctp_src, "sctp_src", {offsetof(FlowKey, packet.tp_src)}, 16), decimal, mask, rw, Prereq::sctp,
         oxm_of(17, "OXM_OF_SCTP_SRC"));
    with(b.add(sctp_dst, "sctp_dst", {offsetof(FlowKey, packet.tp_dst)}, 16), decimal, mask, rw, Prereq::sctp,
         oxm_of(18, "OXM_OF_SCTP_DST"));
    with(b.add(icmp_type, "icmp_type", {offsetof(FlowKey, packet.tp_src), 8}, 8), decimal, exact, rw,
         Prereq::icmpv4, nxm_of(13, "NXM_OF_ICMP_TYPE"), oxm_of(19, "OXM_OF_ICMPV4_TYPE"));
    with(b.add(icmp_code, "icmp_code", {offsetof(FlowKey, packet.tp_dst), 8}, 8), decimal, exact, rw,
         Prereq::icmpv4, nxm_of(14, "NXM_OF_ICMP_CODE"), oxm_of(20, "OXM_OF_ICMPV4_CODE"));
    with(b.add(icmpv6_type, "icmpv6_type", {offsetof(FlowKey, packet.tp_src), 8}, 8), decimal, exact, rw,
         Prereq::icmpv6, nxm_nx(21, "NXM_NX_ICMPV6_TYPE"), oxm_of(29, "OXM_OF_ICMPV6_TYPE"));
    with(b.add(icmpv6_code, "icmpv6_code", {offsetof(FlowKey, packet.tp_dst), 8}, 8), decimal, exact, rw,
         Prereq::icmpv6, nxm_nx(22, "NXM_NX_ICMPV6_CODE"), oxm_of(30, "OXM_OF_ICMPV6_CODE"));
    with(b.add(nd_target, "nd_target", {offsetof(FlowKey, packet.nd_target)}, 128), ip6, mask, rw, Prereq::nd,
         nxm_nx(23, "NXM_NX_ND_TARGET"), oxm_of(31, "OXM_OF_IPV6_ND_TARGET"));
    with(b.add(nd_sll, "nd_sll", {offsetof(FlowKey, packet.arp_sha)}, 48), mac, mask, rw, Prereq::nd_solicit,
         nxm_nx(24, "NXM_NX_ND_SLL"), oxm_of(32, "OXM_OF_IPV6_ND_SLL"));
    with(b.add(nd_tll, "nd_tll", {offsetof(FlowKey, packet.arp_tha)}, 48), mac, mask, rw, Prereq::nd_advert,
         nxm_nx(25, "NXM_NX_ND_TLL"), oxm_of(33, "OXM_OF_IPV6_ND_TLL"));
    with(b.add(nd_reserved, "nd_reserved", {offsetof(FlowKey, packet.nd_reserved)}, 32), decimal, exact, rw,
         Prereq::nd, eric(1, "ERICOXM_OF_ICMPV6_ND_RESERVED"));
    with(b.add(nd_options_type, "nd_options_type", {offsetof(FlowKey, packet.nd_options_type)}, 8), decimal,
         exact, rw, Prereq::nd, eric(2, "ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE"));
}

constexpr std::array<Field, n_fields> build() {
    Builder b;
    with(b.add(FieldId::conj_id, "conj_id", {offsetof(FlowKey, pipe.conj_id)}, 32), decimal, exact, ro,
         Prereq::none, nxm_nx(37, "NXM_NX_CONJ_ID"));
    add_tunnel(b);
    add_metadata(b);
    add_registers(b);
    add_conntrack(b);
    add_l2(b);
    add_ip(b);
    add_nsh(b);
    add_l4(b);
    if (b.n != n_fields) throw "a field has no row";
    return b.rows;
}
constexpr std::array<Field, n_fields> table = build();

/// FieldId by OXM field number, for the classes that are dense. 255: none.
struct WireIndex {
    std::array<uint8_t, 128> nxm_of, nxm_nx, oxm_of, pkt_reg;
};
constexpr WireIndex build_index() {
    WireIndex w{};
    for (auto* a : {&w.nxm_of, &w.nxm_nx, &w.oxm_of, &w.pkt_reg}) a->fill(255);
    for (size_t i = 0; i < n_fields; ++i) {
        for (size_t k = 0; k < table[i].n_wire; ++k) {
            const WireId& id = table[i].wire[k];
            auto* a = id.oxm_class == 0x0000   ? &w.nxm_of
                      : id.oxm_class == 0x0001 ? &w.nxm_nx
                      : id.oxm_class == 0x8000 ? &w.oxm_of
                      : id.oxm_class == 0x8001 ? &w.pkt_reg
                                               : nullptr;
            if (a) (*a)[id.oxm_field] = static_cast<uint8_t>(i);
        }
    }
    return w;
}
constexpr WireIndex wire_index = build_index();

/// Names and aliases in alphabetical order; empty ones first.
struct NameIndex {
    struct Entry {
        std::string_view name;
        uint8_t field;
    };
    std::array<Entry, 2 * n_fields> entries;
};
constexpr NameIndex build_name_index() {
    NameIndex x{};
    size_t n = 0;
    for (size_t i = 0; i < n_fields; ++i) {
        x.entries[n++] = {table[i].name, static_cast<uint8_t>(i)};
        x.entries[n++] = {table[i].alias, static_cast<uint8_t>(i)};
    }
    std::ranges::sort(x.entries, {}, &NameIndex::Entry::name);
    return x;
}
constexpr NameIndex name_index = build_name_index();

}  // namespace

const Field& field(FieldId id) {
    CHECK(id < FieldId::count);
    return table[static_cast<size_t>(id)];
}

std::span<const Field, n_fields> fields() { return table; }

const Field* find_field(std::string_view name) {
    const auto at = std::ranges::lower_bound(name_index.entries, name, {}, &NameIndex::Entry::name);
    if (name.empty() || at == name_index.entries.end() || at->name != name) return nullptr;
    return &table[at->field];
}

Result<> check_header(const Field& f) {
    if (f.n_wire > 0) return {};
    std::string problem(f.name);
    problem += " has no OXM header, so only a match can name it";
    if (f.id == FieldId::dl_vlan) problem += ": use vlan_vid";
    if (f.id == FieldId::dl_vlan_pcp) problem += ": use vlan_pcp";
    return fail(std::move(problem));
}

Result<> check_header(std::string_view subfield) {
    const Field* f = find_field_or_wire_name(subfield.substr(0, subfield.find('[')));
    return f ? check_header(*f) : Result<>();
}

const Field* find_field_or_wire_name(std::string_view name) {
    if (const Field* f = find_field(name)) return f;
    for (const Field& f : table)
        for (const WireId& w : f.wires())
            if (w.name == name) return &f;
    return nullptr;
}

const Field* find_wire(uint16_t oxm_class, uint8_t oxm_field, uint32_t vendor) {
    const auto dense = [&](const std::array<uint8_t, 128>& a) -> const Field* {
        const uint8_t i = oxm_field < a.size() ? a[oxm_field] : 255;
        return i == 255 ? nullptr : &table[i];
    };
    if (oxm_class == 0x0000) return dense(wire_index.nxm_of);
    if (oxm_class == 0x0001) return dense(wire_index.nxm_nx);
    if (oxm_class == 0x8000) return dense(wire_index.oxm_of);
    if (oxm_class == 0x8001) return dense(wire_index.pkt_reg);
    for (const Field& f : table)
        for (const WireId& w : f.wires())
            if (w.oxm_class == oxm_class && w.oxm_field == oxm_field &&
                (oxm_class != 0xffff || w.vendor == vendor))
                return &f;
    return nullptr;
}

const WireId* wire_for(const Field& f, uint8_t of_version) {
    if (f.n_wire == 0) return nullptr;
    const WireId* best = &f.wire[0];
    for (const WireId& w : f.wires())
        if (w.min_version <= of_version) best = &w;
    return best;
}

}  // namespace weft::flow
