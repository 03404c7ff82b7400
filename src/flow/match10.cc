// SPDX-License-Identifier: Apache-2.0
// ofp10_match (OpenFlow 1.0.1 section 5.2.3).
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "flow/decode_into.h"
#include "flow/value_places.h"

namespace weft::flow {
namespace {

struct Wire10 {
    Be32 wildcards;
    Be16 in_port;
    Mac dl_src, dl_dst;
    Be16 dl_vlan;
    uint8_t dl_vlan_pcp, pad1;
    Be16 dl_type;
    uint8_t nw_tos, nw_proto, pad2[2];
    uint8_t nw_src[4], nw_dst[4];
    Be16 tp_src, tp_dst;
};
static_assert(sizeof(Wire10) == match10_size);

enum Wildcard : uint32_t {
    w_in_port = 1u << 0,
    w_dl_vlan = 1u << 1,
    w_dl_src = 1u << 2,
    w_dl_dst = 1u << 3,
    w_dl_type = 1u << 4,
    w_nw_proto = 1u << 5,
    w_tp_src = 1u << 6,
    w_tp_dst = 1u << 7,
    w_dl_vlan_pcp = 1u << 20,
    w_nw_tos = 1u << 21,
    w_all = (1u << 22) - 1,
};
constexpr int nw_src_shift = 8, nw_dst_shift = 14;
constexpr uint16_t vlan_none = 0xffff;

constexpr uint32_t prefix_mask(unsigned wild_bits) { return wild_bits >= 32 ? 0 : ~uint32_t{0} << wild_bits; }
uint32_t read32(const uint8_t (&b)[4]) {
    return static_cast<uint32_t>(b[0]) << 24 | static_cast<uint32_t>(b[1]) << 16 |
           static_cast<uint32_t>(b[2]) << 8 | b[3];
}

Match& with_u64(Match& m, FieldId id, uint64_t v) { return m.with(id, FieldValue::from_u64(v)); }

void decode_vlan(const Wire10& w, uint32_t wild, Match& m) {
    const bool vid = !(wild & w_dl_vlan), pcp = !(wild & w_dl_vlan_pcp);
    if (vid && w.dl_vlan.host() == vlan_none) return with_u64(m, FieldId::dl_vlan, vlan_none), void();
    if (vid) with_u64(m, FieldId::dl_vlan, w.dl_vlan.host() & vlan_vid_mask);
    if (pcp) with_u64(m, FieldId::dl_vlan_pcp, w.dl_vlan_pcp & 7u);
}

void decode_ports(const Wire10& w, uint32_t wild, Match& m) {
    const auto ports = port_fields(m.key);
    if (!ports) return;
    if (field(ports->src).n_bits == 16) {
        // Whole members, as above.
        PacketBlock &k = m.key.packet, &mask = m.mask.packet;
        mask.tp_src = Be16(wild & w_tp_src ? uint16_t{0} : uint16_t{0xffff});
        mask.tp_dst = Be16(wild & w_tp_dst ? uint16_t{0} : uint16_t{0xffff});
        k.tp_src = w.tp_src & mask.tp_src;
        k.tp_dst = w.tp_dst & mask.tp_dst;
        return;
    }
    if (!(wild & w_tp_src)) with_u64(m, ports->src, w.tp_src.host());
    if (!(wild & w_tp_dst)) with_u64(m, ports->dst, w.tp_dst.host());
}

/// How many low bits of an address are wildcarded, if the mask is a prefix.
unsigned wild_bits(uint32_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }
bool is_prefix(uint32_t mask) { return (~mask & (~mask + 1)) == 0; }

void write32(uint32_t v, uint8_t (&b)[4]) {
    for (int i = 3; i >= 0; --i, v >>= 8) b[i] = static_cast<uint8_t>(v);
}

constexpr uint8_t tos_bits = 0xfc;
template <class T>
bool is_whole(const T& mask) {
    return mask == std::bit_cast<T>([] {
               std::array<uint8_t, sizeof(T)> ones;
               ones.fill(0xff);
               return ones;
           }());
}

void encode_vlan(const Match& m, Wire10& w, uint32_t& wild) {
    const uint16_t key = m.key.packet.vlan[0].tci.host(), mask = m.mask.packet.vlan[0].tci.host();
    if (!(mask & vlan_present)) return;
    if (!(key & vlan_present)) {
        w.dl_vlan = Be16(vlan_none);
        wild &= ~w_dl_vlan;
        return;
    }
    if ((mask & vlan_vid_mask) == vlan_vid_mask) {
        w.dl_vlan = Be16(key & vlan_vid_mask);
        wild &= ~w_dl_vlan;
    }
    if ((mask & vlan_pcp_mask) == vlan_pcp_mask) {
        w.dl_vlan_pcp = static_cast<uint8_t>(key >> vlan_pcp_shift);
        wild &= ~w_dl_vlan_pcp;
    }
}

}  // namespace

Match decode_match10(ByteReader& in) {
    Match m;
    decode_match10(in, m);
    return m;
}

void decode_match10(ByteReader& in, Match& m) {
    const auto w = in.read<Wire10>();
    const uint32_t wild = in.ok() ? w.wildcards.host() : static_cast<uint32_t>(w_all);
    if (!(wild & w_in_port)) with_u64(m, FieldId::in_port, w.in_port.host());
    if (!(wild & w_dl_src)) m.with(FieldId::eth_src, FieldValue::from(w.dl_src));
    if (!(wild & w_dl_dst)) m.with(FieldId::eth_dst, FieldValue::from(w.dl_dst));
    // These fields are whole members of the key, and most flows have them.
    PacketBlock &k = m.key.packet, &mask = m.mask.packet;
    if (!(wild & w_dl_type)) {
        k.eth_type = w.dl_type;
        mask.eth_type = Be16(0xffff);
    }
    decode_vlan(w, wild, m);
    if (!(wild & w_nw_tos)) with_u64(m, FieldId::nw_tos, w.nw_tos);
    if (!(wild & w_nw_proto)) {
        k.nw_proto = w.nw_proto;
        mask.nw_proto = 0xff;
    }
    mask.nw_src = Be32(prefix_mask(wild >> nw_src_shift & 0x3f));
    mask.nw_dst = Be32(prefix_mask(wild >> nw_dst_shift & 0x3f));
    k.nw_src = Be32(read32(w.nw_src)) & mask.nw_src;
    k.nw_dst = Be32(read32(w.nw_dst)) & mask.nw_dst;
    decode_ports(w, wild, m);
    m.drop_inapplicable();
}

bool has_wildcards10(ByteSpan match10) { return (ByteReader(match10).u32() & w_all) != 0; }

std::vector<ValuePlace> match10_value_places(const Match& m) {
    const auto place = [](size_t at, FieldId id) {
        const Field& f = field(id);
        return ValuePlace{static_cast<uint16_t>(at), static_cast<uint16_t>(f.bit_offset / 8), f.n_bytes,
                          false};
    };
    std::vector<ValuePlace> out{
        place(offsetof(Wire10, dl_src), FieldId::eth_src), place(offsetof(Wire10, dl_dst), FieldId::eth_dst),
        place(offsetof(Wire10, nw_src), FieldId::ip_src), place(offsetof(Wire10, nw_dst), FieldId::ip_dst)};
    if (const auto ports = port_fields(m.key); ports && field(ports->src).n_bits == 16) {
        out.push_back(place(offsetof(Wire10, tp_src), ports->src));
        out.push_back(place(offsetof(Wire10, tp_dst), ports->dst));
    }
    return out;
}

void encode_match10(const Match& m, ByteWriter& out) {
    const PacketBlock &k = m.key.packet, &mask = m.mask.packet;
    Wire10 w{};
    uint32_t wild = w_all & ~(0x3fu << nw_src_shift | 0x3fu << nw_dst_shift);
    // Dumps ask this for each of many rules: where a field is a whole member of the key, its mask tells.
    const auto take = [&](bool exact, uint32_t bit) {
        if (exact) wild &= ~bit;
        return exact;
    };
    if (take(is_exact(m, FieldId::in_port), w_in_port))
        w.in_port = Be16(static_cast<uint16_t>(k.in_port.host()));
    if (take(is_whole(mask.eth_src), w_dl_src)) w.dl_src = k.eth_src;
    if (take(is_whole(mask.eth_dst), w_dl_dst)) w.dl_dst = k.eth_dst;
    if (take(is_whole(mask.eth_type), w_dl_type)) w.dl_type = k.eth_type;
    encode_vlan(m, w, wild);
    if (take((mask.nw_tos & tos_bits) == tos_bits, w_nw_tos)) w.nw_tos = k.nw_tos & tos_bits;
    if (take(is_whole(mask.nw_proto), w_nw_proto)) w.nw_proto = k.nw_proto;
    wild |= wild_bits(mask.nw_src.host()) << nw_src_shift | wild_bits(mask.nw_dst.host()) << nw_dst_shift;
    write32(k.nw_src.host(), w.nw_src);
    write32(k.nw_dst.host(), w.nw_dst);
    if (const auto ports = port_fields(m.key)) {
        if (take(is_exact(m, ports->src), w_tp_src)) w.tp_src = k.tp_src;
        if (take(is_exact(m, ports->dst), w_tp_dst)) w.tp_dst = k.tp_dst;
    }
    w.wildcards = Be32(wild);
    out.write(w);
}

bool fits_match10(const Match& m) {
    if (!is_prefix(m.mask.packet.nw_src.host()) || !is_prefix(m.mask.packet.nw_dst.host())) return false;
    ByteWriter out;
    encode_match10(m, out);
    ByteReader in(out.span());
    return decode_match10(in) == with_whole_untagged_tci(m);
}

}  // namespace weft::flow
