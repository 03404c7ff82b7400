// SPDX-License-Identifier: Apache-2.0
#include "flow/field.h"

#include <gtest/gtest.h>

#include "base/prng.h"

namespace weft::flow {
namespace {

TEST(FieldTable, every_field_is_found_by_its_name_and_alias_and_wire_forms) {
    for (const Field& f : fields()) {
        EXPECT_EQ(find_field(f.name), &f) << f.name;
        if (!f.alias.empty()) EXPECT_EQ(find_field(f.alias), &f) << f.alias;
        for (const WireId& w : f.wires()) {
            EXPECT_EQ(find_wire(w.oxm_class, w.oxm_field, w.vendor), &f) << w.name;
            EXPECT_EQ(find_field_or_wire_name(w.name), &f) << w.name;
        }
    }
    EXPECT_EQ(find_field(""), nullptr);
    EXPECT_EQ(find_wire(0x8000, 99), nullptr);
    EXPECT_EQ(find_wire(0xffff, 43, 0x2320), nullptr);
}

TEST(FieldTable, messages_use_the_form_of_their_version) {
    const auto name = [](FieldId id, uint8_t version) { return wire_for(field(id), version)->name; };
    EXPECT_EQ(name(FieldId::eth_src, 0x01), "NXM_OF_ETH_SRC");
    EXPECT_EQ(name(FieldId::eth_src, 0x04), "OXM_OF_ETH_SRC");
    EXPECT_EQ(name(FieldId::tcp_flags, 0x03), "NXM_NX_TCP_FLAGS");
    EXPECT_EQ(name(FieldId::tcp_flags, 0x04), "ONFOXM_ET_TCP_FLAGS");
    EXPECT_EQ(name(FieldId::tcp_flags, 0x06), "OXM_OF_TCP_FLAGS");
    EXPECT_EQ(name(FieldId::dp_hash, 0x06), "NXM_NX_DP_HASH");
    EXPECT_EQ(wire_for(field(FieldId::skb_priority), 0x06), nullptr);
}

TEST(FieldTable, fields_lie_where_the_key_has_them) {
    FlowKey k{};
    k.packet.nw_src = Be32(0x0a000001);
    k.packet.vlan[0].tci = Be16(0xf123);
    k.packet.mpls[0] = Be32(0x12345'5'07u);
    k.packet.nw_tos = 0xb9;
    k.packet.tcp_flags = Be16(0x012);
    k.packet.ipv6_label = Be32(0x54321);
    k.set_in_port(OfPort{7});
    k.pipe.regs[2] = Be32(0xaabbccdd);
    k.pipe.regs[3] = Be32(0x11223344);
    k.packet.tp_src = Be16(8);
    const auto get = [&](FieldId id) { return get_field(k, id).to_u64(); };
    EXPECT_EQ(get(FieldId::ip_src), 0x0a000001u);
    EXPECT_EQ(get(FieldId::vlan_vid), 0x1123u);
    EXPECT_EQ(get(FieldId::dl_vlan), 0x123u);
    EXPECT_EQ(get(FieldId::vlan_pcp), 7u);
    EXPECT_EQ(get(FieldId::vlan_tci), 0xf123u);
    EXPECT_EQ(get(FieldId::mpls_label), 0x12345u);
    EXPECT_EQ(get(FieldId::mpls_tc), 2u);
    EXPECT_EQ(get(FieldId::mpls_bos), 1u);
    EXPECT_EQ(get(FieldId::mpls_ttl), 7u);
    EXPECT_EQ(get(FieldId::ip_dscp), 0x2eu);
    EXPECT_EQ(get(FieldId::nw_ecn), 1u);
    EXPECT_EQ(get(FieldId::tcp_flags), 0x12u);
    EXPECT_EQ(get(FieldId::ipv6_label), 0x54321u);
    EXPECT_EQ(get(FieldId::in_port), 7u);
    EXPECT_EQ(get(FieldId::in_port_oxm), 7u);
    EXPECT_EQ(get(field_at(FieldId::xreg0, 1)), 0xaabbccdd11223344u);
    EXPECT_EQ(get(FieldId::icmp_type), 8u);
    EXPECT_EQ(get_bits(k, {field_at(FieldId::reg0, 2), 8, 12}).to_u64(), 0xbccu);
}

TEST(FieldBits, what_is_set_is_read_back_and_its_neighbours_stay) {
    Prng prng(7);
    for (int round = 0; round < 20000; ++round) {
        const Field& f = fields()[prng.below(n_fields)];
        if (f.is_tun_metadata() || f.zero_low_bits) continue;
        FlowKey k;
        for (uint64_t& w : words(k)) w = prng.next();
        const auto ofs = static_cast<uint16_t>(prng.below(f.n_bits));
        const auto n = static_cast<uint16_t>(1 + prng.below(f.n_bits - ofs));
        FieldValue v;
        const FieldValue ones = FieldValue::ones(n);
        for (size_t i = 0; i < 16; ++i) v.b[i] = static_cast<uint8_t>(prng.next()) & ones.b[i];

        FlowKey changed = k;
        set_bits(changed, {f.id, ofs, n}, v);
        ASSERT_EQ(get_bits(changed, {f.id, ofs, n}), v) << f.name << " " << ofs << "+" << n;
        // Undo by the old value: nothing else may have changed.
        set_bits(changed, {f.id, ofs, n}, get_bits(k, {f.id, ofs, n}));
        ASSERT_EQ(changed, k) << f.name << " " << ofs << "+" << n;
    }
}

TEST(FieldBits, every_set_bit_is_the_bit_meant) {
    for (const Field& f : fields()) {
        if (f.is_tun_metadata() || f.zero_low_bits) continue;
        for (uint16_t i = 0; i < f.n_bits; ++i) {
            FlowKey k{};
            set_bits(k, {f.id, i, 1}, FieldValue::from_u64(1));
            const unsigned at = f.bit_offset + f.n_bits - 1u - i;
            const auto* p = reinterpret_cast<const uint8_t*>(&k);
            ASSERT_TRUE(p[at / 8] >> (7 - at % 8) & 1) << f.name << " " << i;
        }
    }
}

TEST(FieldBits, no_field_spreads_over_more_than_two_words) {
    for (const Field& f : fields()) {
        if (f.is_tun_metadata()) continue;
        EXPECT_LE((f.bit_offset + f.n_bits - 1u) / 64 - f.bit_offset / 64u, 1u) << f.name;
        FlowKey k{};
        EXPECT_FALSE(may_be_set(k, f)) << f.name;
        set_field(k, f.id, FieldValue::ones(f.n_bits));
        EXPECT_TRUE(may_be_set(k, f)) << f.name;
    }
}

TEST(FieldBits, nw_tos_leaves_ecn_alone) {
    FlowKey k{};
    k.packet.nw_tos = 0x03;
    EXPECT_EQ(get_field(k, FieldId::nw_tos).to_u64(), 0u);
    set_field(k, FieldId::nw_tos, FieldValue::from_u64(0xf1));
    EXPECT_EQ(k.packet.nw_tos, 0xf3);
    EXPECT_EQ(get_bits(k, {FieldId::nw_tos, 4, 4}).to_u64(), 0xfu);
}

TEST(Prereq, later_fragments_have_no_ports) {
    FlowKey k{};
    k.packet.eth_type = Be16(0x0800);
    k.packet.nw_proto = 6;
    EXPECT_TRUE(prereq_holds(Prereq::tcp, k));
    EXPECT_FALSE(prereq_holds(Prereq::udp, k));
    k.packet.nw_frag = frag_any;
    EXPECT_TRUE(prereq_holds(Prereq::tcp, k));
    k.packet.nw_frag |= frag_later;
    EXPECT_FALSE(prereq_holds(Prereq::tcp, k));
}

TEST(Prereq, an_ip_packet_without_ethernet_header_has_ip_fields) {
    FlowKey k{};
    k.packet.packet_type = Be32(1u << 16 | 0x0800);
    EXPECT_TRUE(prereq_holds(Prereq::ipv4, k));
    EXPECT_FALSE(prereq_holds(Prereq::ethernet, k));
}

TEST(Subfield, text_takes_old_and_new_names_and_prints_the_oldest) {
    const auto text = [](std::string_view t) {
        const auto sf = parse_subfield(t);
        return sf ? format_subfield(*sf) : sf.error().message;
    };
    EXPECT_EQ(text("NXM_OF_ETH_SRC[]"), "NXM_OF_ETH_SRC[]");
    EXPECT_EQ(text("eth_dst"), "NXM_OF_ETH_DST[]");
    EXPECT_EQ(text("OXM_OF_ETH_DST[]"), "NXM_OF_ETH_DST[]");
    EXPECT_EQ(text("vlan_vid[]"), "OXM_OF_VLAN_VID[]");
    EXPECT_EQ(text("reg0[3]"), "NXM_NX_REG0[3]");
    EXPECT_EQ(text("reg0[3..4]"), "NXM_NX_REG0[3..4]");
    EXPECT_EQ(text("reg0[0..31]"), "NXM_NX_REG0[]");
    EXPECT_EQ(text("xxreg1"), "NXM_NX_XXREG1[]");
    EXPECT_EQ(text("actset_output"), "ONFOXM_ET_ACTSET_OUTPUT[]");
    EXPECT_EQ(text("reg99"), "reg99: unknown field `reg99'");
    EXPECT_EQ(text("reg0["), "reg0[: syntax error expecting [] or [<bit>] or [<start>..<end>]");
    EXPECT_EQ(text("reg0[33]"), "reg0[33]: starting bit 33 is not valid because field is only 32 bits wide");
    EXPECT_EQ(text("reg0[5..3]"), "reg0[5..3]: starting bit 5 is after ending bit 3");
    EXPECT_EQ(text("vlan_vid[0..12]"),
              "vlan_vid[0..12]: ending bit 12 is not valid because field is only 12 bits wide");
}

}  // namespace
}  // namespace weft::flow
