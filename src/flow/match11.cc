// SPDX-License-Identifier: Apache-2.0
// ofp_match of OpenFlow 1.1 (standard structure) and of 1.2 and newer (OXM).
#include "flow/decode_into.h"

namespace weft::flow {
namespace {

constexpr uint16_t type_standard = 0, type_oxm = 1;
constexpr uint16_t vid_any = 0xfffe, vid_none = 0xffff;

/// OpenFlow 1.1 section A.2.3.1, without type and length. A one bit in a mask means that the bit does not
/// count.
struct Wire11 {
    Be32 in_port, wildcards;
    Mac dl_src, dl_src_mask, dl_dst, dl_dst_mask;
    Be16 dl_vlan;
    uint8_t dl_vlan_pcp, pad1;
    Be16 dl_type;
    uint8_t nw_tos, nw_proto;
    Be32 nw_src, nw_src_mask, nw_dst, nw_dst_mask;
    Be16 tp_src, tp_dst;
    Be32 mpls_label;
    uint8_t mpls_tc, pad2[3];
    uint8_t metadata[8], metadata_mask[8];
};
static_assert(sizeof(Wire11) == match11_size - 4);

enum Wildcard : uint32_t {
    w_in_port = 1u << 0,
    w_dl_vlan = 1u << 1,
    w_dl_vlan_pcp = 1u << 2,
    w_dl_type = 1u << 3,
    w_nw_tos = 1u << 4,
    w_nw_proto = 1u << 5,
    w_tp_src = 1u << 6,
    w_tp_dst = 1u << 7,
    w_mpls_label = 1u << 8,
    w_mpls_tc = 1u << 9,
    w_all = (1u << 10) - 1,
};

using Done = MatchResult<void>;

void with_u64(Match& m, FieldId id, uint64_t v, uint64_t mask = ~uint64_t{0}) {
    m.with(id, FieldValue::from_u64(v), FieldValue::from_u64(mask));
}
uint64_t read64(const uint8_t (&b)[8]) { return ByteReader(b).u64(); }
void write64(uint64_t v, uint8_t (&b)[8]) {
    for (int i = 7; i >= 0; --i, v >>= 8) b[i] = static_cast<uint8_t>(v);
}

Done decode_vlan(const Wire11& w, uint32_t wild, Match& m) {
    const bool has_pcp = !(wild & w_dl_vlan_pcp);
    if (!(wild & w_dl_vlan)) {
        const uint16_t vid = w.dl_vlan.host();
        if (vid == vid_none) return with_u64(m, FieldId::dl_vlan, vid_none), Done{};
        if (vid != vid_any && vid > vlan_vid_mask) return std::unexpected(MatchError::bad_value);
        if (vid == vid_any)
            with_u64(m, FieldId::vlan_tci, vlan_present, vlan_present);
        else
            with_u64(m, FieldId::dl_vlan, vid);
    }
    if (has_pcp) {
        if (w.dl_vlan_pcp > 7) return std::unexpected(MatchError::bad_value);
        with_u64(m, FieldId::dl_vlan_pcp, w.dl_vlan_pcp);
    }
    return {};
}

Done decode_ip(const Wire11& w, uint32_t wild, Match& m) {
    const bool arp = prereq_holds(Prereq::arp, m.key);
    if (!arp && !prereq_holds(Prereq::ip_any, m.key)) return {};
    if (!(wild & w_nw_tos)) {
        if (w.nw_tos & 3) return std::unexpected(MatchError::bad_value);
        with_u64(m, FieldId::nw_tos, w.nw_tos);
    }
    if (!(wild & w_nw_proto)) with_u64(m, FieldId::nw_proto, w.nw_proto);
    with_u64(m, FieldId::ip_src, w.nw_src.host(), ~w.nw_src_mask.host());
    with_u64(m, FieldId::ip_dst, w.nw_dst.host(), ~w.nw_dst_mask.host());
    return {};
}

Done decode_ports(const Wire11& w, uint32_t wild, Match& m) {
    const auto f = port_fields(m.key);
    if (!f || (wild & w_nw_proto)) return {};
    const auto decode = [&m](FieldId id, Be16 v) -> Done {
        if (v.host() > legal_bits(id).to_u64()) return std::unexpected(MatchError::bad_field);
        with_u64(m, id, v.host());
        return {};
    };
    if (!(wild & w_tp_src)) TRY(decode(f->src, w.tp_src));
    if (!(wild & w_tp_dst)) TRY(decode(f->dst, w.tp_dst));
    return {};
}

void decode_mpls(const Wire11& w, uint32_t wild, Match& m) {
    if (!prereq_holds(Prereq::mpls, m.key)) return;
    if (!(wild & w_mpls_label)) with_u64(m, FieldId::mpls_label, w.mpls_label.host());
    if (!(wild & w_mpls_tc)) with_u64(m, FieldId::mpls_tc, w.mpls_tc);
}

MatchResult<Match> decode_match11(ByteReader& in) {
    const auto w = in.read<Wire11>();
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    const uint32_t wild = w.wildcards.host();
    Match m;
    if (!(wild & w_in_port)) {
        const uint32_t port = w.in_port.host();
        if (port_to_32(static_cast<uint16_t>(port)) != port) return std::unexpected(MatchError::bad_value);
        with_u64(m, FieldId::in_port, port & 0xffff);
    }
    with_u64(m, FieldId::eth_src, w.dl_src.to_u64(), ~w.dl_src_mask.to_u64());
    with_u64(m, FieldId::eth_dst, w.dl_dst.to_u64(), ~w.dl_dst_mask.to_u64());
    TRY(decode_vlan(w, wild, m));
    if (!(wild & w_dl_type)) with_u64(m, FieldId::eth_type, w.dl_type.host());
    TRY(decode_ip(w, wild, m));
    TRY(decode_ports(w, wild, m));
    decode_mpls(w, wild, m);
    with_u64(m, FieldId::metadata, read64(w.metadata), ~read64(w.metadata_mask));
    m.drop_inapplicable();
    return m;
}

void encode_vlan(const Match& m, Wire11& w, uint32_t& wild) {
    const uint16_t key = m.key.packet.vlan[0].tci.host(), mask = m.mask.packet.vlan[0].tci.host();
    if (!(mask & vlan_present)) return;
    wild &= ~w_dl_vlan;
    if (!(key & vlan_present)) {
        w.dl_vlan = Be16(vid_none);
        return;
    }
    w.dl_vlan = Be16((mask & vlan_vid_mask) == vlan_vid_mask ? key & vlan_vid_mask : vid_any);
    if ((mask & vlan_pcp_mask) != vlan_pcp_mask) return;
    w.dl_vlan_pcp = static_cast<uint8_t>(key >> vlan_pcp_shift);
    wild &= ~w_dl_vlan_pcp;
}

void encode_match11(const Match& m, ByteWriter& out) {
    const PacketBlock &k = m.key.packet, &mask = m.mask.packet;
    Wire11 w{};
    uint32_t wild = w_all;
    const auto take = [&](FieldId id, uint32_t bit) {
        if (is_exact(m, id)) wild &= ~bit;
        return is_exact(m, id);
    };
    if (take(FieldId::in_port, w_in_port))
        w.in_port = Be32(port_to_32(static_cast<uint16_t>(k.in_port.host())));
    w.dl_src = k.eth_src;
    w.dl_dst = k.eth_dst;
    w.dl_src_mask = Mac::from_u64(~mask.eth_src.to_u64());
    w.dl_dst_mask = Mac::from_u64(~mask.eth_dst.to_u64());
    encode_vlan(m, w, wild);
    if (take(FieldId::eth_type, w_dl_type)) w.dl_type = k.eth_type;
    if (take(FieldId::nw_tos, w_nw_tos)) w.nw_tos = k.nw_tos & 0xfc;
    if (take(FieldId::nw_proto, w_nw_proto)) w.nw_proto = k.nw_proto;
    w.nw_src = k.nw_src;
    w.nw_dst = k.nw_dst;
    w.nw_src_mask = ~mask.nw_src;
    w.nw_dst_mask = ~mask.nw_dst;
    if (const auto ports = port_fields(m.key)) {
        if (take(ports->src, w_tp_src)) w.tp_src = k.tp_src;
        if (take(ports->dst, w_tp_dst)) w.tp_dst = k.tp_dst;
    }
    if (take(FieldId::mpls_label, w_mpls_label)) w.mpls_label = Be32(k.mpls[0].host() >> 12);
    if (take(FieldId::mpls_tc, w_mpls_tc))
        w.mpls_tc = static_cast<uint8_t>(get_field(m.key, FieldId::mpls_tc).to_u64());
    write64(m.key.pipe.metadata.host(), w.metadata);
    write64(~m.mask.pipe.metadata.host(), w.metadata_mask);
    w.wildcards = Be32(wild);
    out.write(w);
}

}  // namespace

std::optional<PortFields> port_fields(const FlowKey& k) {
    if (prereq_holds(Prereq::icmpv4, k)) return PortFields{FieldId::icmp_type, FieldId::icmp_code};
    if (prereq_holds(Prereq::icmpv6, k)) return PortFields{FieldId::icmpv6_type, FieldId::icmpv6_code};
    if (prereq_holds(Prereq::tcp, k)) return PortFields{FieldId::tcp_src, FieldId::tcp_dst};
    if (prereq_holds(Prereq::udp, k)) return PortFields{FieldId::udp_src, FieldId::udp_dst};
    if (prereq_holds(Prereq::sctp, k)) return PortFields{FieldId::sctp_src, FieldId::sctp_dst};
    return std::nullopt;
}

Match with_whole_untagged_tci(const Match& m) {
    Match out = m;
    Be16& mask = out.mask.packet.vlan[0].tci;
    if ((mask & Be16(vlan_present)) && !out.key.packet.vlan[0].tci) mask = be_max<Be16>;
    return out;
}

MatchResult<Match> decode_ofp_match(ByteReader& in, const OxmOptions& options) {
    MatchResult<Match> m;
    if (const auto done = decode_ofp_match(in, *m, options); !done) m = std::unexpected(done.error());
    return m;
}

MatchResult<void> decode_ofp_match(ByteReader& in, Match& m, const OxmOptions& options) {
    const uint16_t type = in.u16(), length = in.u16();
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    if (type == type_standard) {
        if (length != match11_size) return std::unexpected(MatchError::bad_len);
        m = TRY(decode_match11(in));
        return {};
    }
    if (type != type_oxm) return std::unexpected(MatchError::bad_type);
    if (length < 4) return std::unexpected(MatchError::bad_len);
    const ByteSpan body = in.take(length - 4u);
    in.skip((8 - length % 8) % 8);
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    return decode_oxm(body, m, options);
}

void encode_ofp_match(const Match& m, uint8_t of_version, ByteWriter& out) {
    if (of_version == 0x02) {
        out.u16(type_standard);
        out.u16(match11_size);
        return encode_match11(m, out);
    }
    const size_t start = out.size();
    out.u16(type_oxm);
    out.u16(0);
    encode_oxm(m, of_version, out);
    out.patch_u16(start + 2, static_cast<uint16_t>(out.size() - start));
    out.pad_to(8, start);
}

bool fits_match11(const Match& m) {
    ByteWriter out;
    encode_match11(m, out);
    ByteReader in(out.span());
    const auto back = decode_match11(in);
    return back && *back == with_whole_untagged_tci(m);
}

}  // namespace weft::flow
