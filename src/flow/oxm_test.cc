// SPDX-License-Identifier: Apache-2.0
// Expected encodings and errors are those of ovs-ofctl 3.1 (parse-nxm, parse-oxm).
#include "flow/oxm.h"

#include <gtest/gtest.h>

#include "flow/ofp_match.h"

namespace weft::flow {
namespace {

/// "OXM_OF_ETH_TYPE(0800), OXM_OF_METADATA_W(05/0f)" to bytes.
Bytes tlvs(std::string_view text) {
    ByteWriter out;
    while (!text.empty()) {
        const size_t open = text.find('('), close = text.find(')');
        std::string name(text.substr(0, open));
        const bool has_mask = name.ends_with("_W");
        if (has_mask) name.resize(name.size() - 2);
        const Field* f = find_field_or_wire_name(name);
        CHECK(f);
        const WireId* w = nullptr;
        for (const WireId& x : f->wires())
            if (x.name == name) w = &x;
        CHECK(w);
        std::string hex(text.substr(open + 1, close - open - 1));
        std::erase(hex, '/');
        const Bytes payload = *parse_hex(hex);
        const bool vendor = w->oxm_class == 0xffff;
        out.u16(w->oxm_class);
        out.u8(static_cast<uint8_t>(w->oxm_field << 1 | has_mask));
        out.u8(static_cast<uint8_t>(payload.size() + (vendor ? 4 : 0)));
        if (vendor) out.u32(w->vendor);
        out.bytes(payload);
        text.remove_prefix(close + 1);
        if (text.starts_with(", ")) text.remove_prefix(2);
    }
    return out.take();
}

const char* name_of(MatchError e) {
    constexpr const char* names[] = {"BAD_TYPE",         "BAD_LEN",       "BAD_TAG",   "BAD_DL_ADDR_MASK",
                                     "BAD_NW_ADDR_MASK", "BAD_WILDCARDS", "BAD_FIELD", "BAD_VALUE",
                                     "BAD_MASK",         "BAD_PREREQ",    "DUP_FIELD"};
    return names[static_cast<size_t>(e)];
}

std::string hex_of(std::string_view text) { return format_hex(tlvs(text)); }
/// Decodes, and encodes for the version: hex, or the error's name.
std::string recode(std::string_view text, uint8_t version) {
    const auto m = decode_oxm(tlvs(text));
    if (!m) return name_of(m.error());
    ByteWriter out;
    encode_oxm(*m, version, out);
    return format_hex(out.span());
}

struct Case {
    const char *in, *nxm, *oxm13;
};
const Case cases[] = {
    {"OXM_OF_ETH_TYPE(0800), OXM_OF_IP_PROTO(06), OXM_OF_TCP_DST(0050)",
     "NXM_OF_ETH_TYPE(0800), NXM_OF_IP_PROTO(06), NXM_OF_TCP_DST(0050)",
     "OXM_OF_ETH_TYPE(0800), OXM_OF_IP_PROTO(06), OXM_OF_TCP_DST(0050)"},
    {"OXM_OF_ETH_SRC_W(010203040506/ffffffffffff)", "NXM_OF_ETH_SRC(010203040506)",
     "OXM_OF_ETH_SRC(010203040506)"},
    {"OXM_OF_ETH_SRC_W(000000000000/000000000000)", "", ""},
    {"OXM_OF_VLAN_VID(0000)", "NXM_OF_VLAN_TCI_W(0000/1fff)", "OXM_OF_VLAN_VID(0000)"},
    {"OXM_OF_VLAN_VID(1005)", "NXM_OF_VLAN_TCI_W(1005/1fff)", "OXM_OF_VLAN_VID(1005)"},
    {"OXM_OF_VLAN_VID(1005), OXM_OF_VLAN_PCP(03)", "NXM_OF_VLAN_TCI(7005)",
     "OXM_OF_VLAN_VID(1005), OXM_OF_VLAN_PCP(03)"},
    {"OXM_OF_VLAN_VID_W(1000/1000), OXM_OF_VLAN_PCP(03)", "NXM_OF_VLAN_TCI_W(7000/f000)",
     "OXM_OF_VLAN_VID_W(1000/1000), OXM_OF_VLAN_PCP(03)"},
    {"OXM_OF_VLAN_VID_W(0005/0fff)", "NXM_OF_VLAN_TCI_W(0005/0fff)", "OXM_OF_VLAN_VID_W(0005/0fff)"},
    {"OXM_OF_VLAN_VID_W(1005/ffff)", "NXM_OF_VLAN_TCI_W(1005/1fff)", "OXM_OF_VLAN_VID(1005)"},
    {"NXM_OF_VLAN_TCI(f123)", "NXM_OF_VLAN_TCI(f123)", "OXM_OF_VLAN_VID(1123), OXM_OF_VLAN_PCP(07)"},
    {"NXM_OF_VLAN_TCI(0000)", "NXM_OF_VLAN_TCI(0000)", "OXM_OF_VLAN_VID(0000)"},
    {"NXM_OF_VLAN_TCI_W(0000/f000)", "NXM_OF_VLAN_TCI_W(0000/f000)", "OXM_OF_VLAN_VID_W(0000/1000)"},
    // The oracle loses these in OXM.
    {"NXM_OF_VLAN_TCI_W(4000/e000)", "NXM_OF_VLAN_TCI_W(4000/e000)", "NXM_OF_VLAN_TCI_W(4000/e000)"},
    {"NXM_OF_VLAN_TCI_W(3000/3000)", "NXM_OF_VLAN_TCI_W(3000/3000)", "NXM_OF_VLAN_TCI_W(3000/3000)"},
    {"OXM_OF_ETH_TYPE(0800), OXM_OF_IP_ECN(03), OXM_OF_IP_DSCP(05)",
     "NXM_OF_ETH_TYPE(0800), NXM_OF_IP_TOS(14), NXM_NX_IP_ECN(03)",
     "OXM_OF_ETH_TYPE(0800), OXM_OF_IP_DSCP(05), OXM_OF_IP_ECN(03)"},
    {"OXM_OF_ETH_TYPE(0806), OXM_OF_ARP_OP(0001), OXM_OF_ARP_SPA(01020304)",
     "NXM_OF_ETH_TYPE(0806), NXM_OF_ARP_OP(0001), NXM_OF_ARP_SPA(01020304)",
     "OXM_OF_ETH_TYPE(0806), OXM_OF_ARP_OP(0001), OXM_OF_ARP_SPA(01020304)"},
    {"OXM_OF_IN_PORT(fffffffe)", "NXM_OF_IN_PORT(fffe)", "OXM_OF_IN_PORT(fffffffe)"},
    {"NXM_OF_IN_PORT(0005)", "NXM_OF_IN_PORT(0005)", "OXM_OF_IN_PORT(00000005)"},
    {"OXM_OF_PKT_REG0(0000000500000006)", "NXM_NX_REG0(00000005), NXM_NX_REG1(00000006)",
     "NXM_NX_REG0(00000005), NXM_NX_REG1(00000006)"},
    {"NXM_NX_TUN_ID(0000000000000005)", "NXM_NX_TUN_ID(0000000000000005)",
     "OXM_OF_TUNNEL_ID(0000000000000005)"},
    {"OXM_OF_ETH_TYPE(86dd), OXM_OF_IPV6_FLABEL_W(00012345/000fffff)",
     "NXM_OF_ETH_TYPE(86dd), NXM_NX_IPV6_LABEL(00012345)",
     "OXM_OF_ETH_TYPE(86dd), OXM_OF_IPV6_FLABEL(00012345)"},
    {"OXM_OF_ETH_TYPE(0800), OXM_OF_IP_PROTO(06), OXM_OF_TCP_FLAGS(0012)",
     "NXM_OF_ETH_TYPE(0800), NXM_OF_IP_PROTO(06), NXM_NX_TCP_FLAGS(0012)",
     "OXM_OF_ETH_TYPE(0800), OXM_OF_IP_PROTO(06), ONFOXM_ET_TCP_FLAGS(0012)"},
    {"OXM_OF_PACKET_TYPE(00000000), OXM_OF_ETH_TYPE(0800)", "NXM_OF_ETH_TYPE(0800)", "OXM_OF_ETH_TYPE(0800)"},
    {"OXM_OF_PACKET_TYPE(00010800), OXM_OF_IPV4_SRC(01020304)",
     "OXM_OF_PACKET_TYPE(00010800), NXM_OF_IP_SRC(01020304)",
     "OXM_OF_PACKET_TYPE(00010800), OXM_OF_IPV4_SRC(01020304)"},
    {"OXM_OF_ACTSET_OUTPUT(fffffffe)", "ONFOXM_ET_ACTSET_OUTPUT(fffffffe)",
     "ONFOXM_ET_ACTSET_OUTPUT(fffffffe)"},
    {"NXM_NX_CT_STATE(00000021)", "NXM_NX_CT_STATE_W(00000021/000000ff)",
     "NXM_NX_CT_STATE_W(00000021/000000ff)"},
    {"NXM_NX_TUN_FLAGS(0001)", "NXM_NX_TUN_FLAGS_W(0001/0001)", "NXM_NX_TUN_FLAGS_W(0001/0001)"},
    {"OXM_OF_ETH_TYPE(894f), NXOXM_NSH_SPI(00000005), NXOXM_NSH_C1(00000005)",
     "NXM_OF_ETH_TYPE(894f), NXOXM_NSH_SPI(00000005), NXOXM_NSH_C1(00000005)",
     "OXM_OF_ETH_TYPE(894f), NXOXM_NSH_SPI(00000005), NXOXM_NSH_C1(00000005)"},
    {"OXM_OF_ETH_TYPE(0800), NXM_NX_CT_STATE_W(00000021/00000021), NXM_NX_CT_NW_SRC(01020304)",
     "NXM_NX_CT_STATE_W(00000021/00000021), NXM_OF_ETH_TYPE(0800), NXM_NX_CT_NW_SRC(01020304)",
     "NXM_NX_CT_STATE_W(00000021/00000021), OXM_OF_ETH_TYPE(0800), NXM_NX_CT_NW_SRC(01020304)"},
};

TEST(Oxm, matches_are_recoded_in_the_form_of_each_version) {
    for (const Case& c : cases) {
        EXPECT_EQ(recode(c.in, 0x01), hex_of(c.nxm)) << c.in;
        EXPECT_EQ(recode(c.in, 0x04), hex_of(c.oxm13)) << c.in;
    }
    EXPECT_EQ(recode("NXM_NX_REG0(00000005)", 0x06),
              hex_of("OXM_OF_PKT_REG0_W(0000000500000000/ffffffff00000000)"));
    EXPECT_EQ(recode("NXM_NX_REG0(00000005), NXM_NX_REG1(00000006)", 0x06),
              hex_of("OXM_OF_PKT_REG0(0000000500000006)"));
}

TEST(Oxm, bad_matches_are_refused_by_name) {
    const std::pair<const char*, const char*> bad[] = {
        {"OXM_OF_IP_PROTO(06)", "BAD_PREREQ"},
        {"OXM_OF_VLAN_PCP(03)", "BAD_PREREQ"},
        {"OXM_OF_VLAN_VID(0000), OXM_OF_VLAN_PCP(03)", "BAD_PREREQ"},
        {"NXM_NX_IP_FRAG(01)", "BAD_PREREQ"},
        {"OXM_OF_IPV4_SRC(01020304)", "BAD_PREREQ"},
        {"OXM_OF_ETH_TYPE(0800), NXM_NX_CT_NW_SRC(01020304)", "BAD_PREREQ"},
        {"OXM_OF_ETH_TYPE(0800), NXM_NX_CT_STATE_W(00000020/00000021), NXM_NX_CT_NW_SRC(01020304)",
         "BAD_PREREQ"},
        {"OXM_OF_PACKET_TYPE(00010800), OXM_OF_ETH_TYPE(0800)", "BAD_PREREQ"},
        {"OXM_OF_ETH_TYPE(0800), OXM_OF_ETH_TYPE(0800)", "DUP_FIELD"},
        {"NXM_OF_IN_PORT(0005), OXM_OF_IN_PORT(00000005)", "DUP_FIELD"},
        {"NXM_NX_REG0(00000005), OXM_OF_PKT_REG0(0000000500000006)", "DUP_FIELD"},
        {"OXM_OF_ETH_SRC_W(010203040506/ffffffffff00)", "BAD_WILDCARDS"},
        {"OXM_OF_ETH_SRC_W(010203040506/000000000000)", "BAD_WILDCARDS"},
        {"NXM_OF_VLAN_TCI_W(5000/e000)", "BAD_WILDCARDS"},
        {"OXM_OF_ETH_TYPE_W(0800/ff00)", "BAD_MASK"},
        {"OXM_OF_VLAN_VID(2005)", "BAD_VALUE"},
        {"OXM_OF_VLAN_VID(1005), OXM_OF_VLAN_PCP(09)", "BAD_VALUE"},
        {"OXM_OF_ETH_TYPE(0800), OXM_OF_IP_DSCP(45)", "BAD_VALUE"},
        {"OXM_OF_ETH_TYPE(0800), NXM_OF_IP_TOS(f3)", "BAD_VALUE"},
        {"OXM_OF_ETH_TYPE(0806), OXM_OF_ARP_OP(0101)", "BAD_VALUE"},
        {"OXM_OF_IN_PORT(0000fffe)", "BAD_VALUE"},
        {"OXM_OF_ETH_TYPE(86dd), OXM_OF_IPV6_FLABEL(01012345)", "BAD_VALUE"},
        {"NXM_NX_CT_STATE(00000321)", "BAD_VALUE"},
        {"NXM_NX_TUN_FLAGS(0003)", "BAD_VALUE"},
        {"OXM_OF_ETH_TYPE(08)", "BAD_FIELD"},
    };
    for (const auto& [in, error] : bad) EXPECT_EQ(recode(in, 0x04), error) << in;
}

TEST(Oxm, unknown_fields_are_refused_or_skipped) {
    const Bytes unknown = *parse_hex("8000 c601 05 8000 0a02 0800");
    EXPECT_EQ(decode_oxm(unknown), std::unexpected(MatchError::bad_field));
    const auto m = decode_oxm(unknown, {.skip_unknown = true});
    ASSERT_TRUE(m);
    EXPECT_EQ(m->key.packet.eth_type.host(), 0x0800);
    EXPECT_EQ(decode_oxm(*parse_hex("8000 c605 05"), {.skip_unknown = true}),
              std::unexpected(MatchError::bad_len));
    EXPECT_EQ(decode_oxm(*parse_hex("8000 0a")), std::unexpected(MatchError::bad_len));
    EXPECT_EQ(decode_oxm(*parse_hex("ffff 0002 0000")), std::unexpected(MatchError::bad_len));
}

TEST(Oxm, the_nxm_cookie_is_a_field_only_where_it_may_be) {
    const Bytes in = *parse_hex("00013d10 00000000000000050000 00000000000f");
    EXPECT_EQ(decode_oxm(in), std::unexpected(MatchError::bad_field));
    NxmCookie cookie;
    ASSERT_TRUE(decode_oxm(in, {.cookie = &cookie}));
    EXPECT_EQ(cookie, (NxmCookie{5, 15}));
    ByteWriter out;
    encode_oxm({}, 0x01, out, &cookie);
    EXPECT_EQ(out.take(), in);
}

TEST(Oxm, headers_without_values_name_a_field) {
    for (const Field& f : fields()) {
        if (f.n_wire == 0) continue;
        for (const uint8_t version : {0x01, 0x04, 0x06}) {
            ByteWriter out;
            encode_field_header(f.id, version, out);
            ByteReader in(out.span());
            EXPECT_EQ(decode_field_header(in), f.id) << f.name;
            EXPECT_TRUE(in.empty());
        }
    }
}

/// The bytes that ovs-ofctl sends.
TEST(OfpMatch, the_fixed_structure_of_1_0_is_read_and_written) {
    const Bytes wire =
        *parse_hex("003818ef0000000000000000000000000000000000000800000000000a0000000000000000000000");
    ASSERT_EQ(wire.size(), match10_size);
    ByteReader in(wire);
    const Match m = decode_match10(in);
    Match want;
    want.with(FieldId::eth_type, FieldValue::from_u64(0x0800))
        .with(FieldId::ip_src, FieldValue::from_u64(0x0a000000), FieldValue::from_u64(0xff000000));
    EXPECT_EQ(m, want);
    ByteWriter out;
    encode_match10(m, out);
    EXPECT_EQ(format_hex(out.span()), format_hex(wire));
    EXPECT_TRUE(fits_match10(m));
    want.with(field_at(FieldId::reg0, 0), FieldValue::from_u64(1));
    EXPECT_FALSE(fits_match10(want));
    Match scattered;
    scattered.with(FieldId::eth_type, FieldValue::from_u64(0x0800))
        .with(FieldId::ip_src, {}, FieldValue::from_u64(0xff0000ff));
    EXPECT_FALSE(fits_match10(scattered));
}

TEST(OfpMatch, the_fixed_structure_of_1_1_is_read_and_written) {
    const Bytes wire = *parse_hex(
        "0000005800000000000003f5010000000000feffffffffff000000000000ffffffffffff00050000080000000a00000000ff"
        "ffff00000000ffffffff0000000000000000000000000000000000000000ffffffffffffffff");
    ByteReader in(wire);
    const auto m = decode_ofp_match(in);
    ASSERT_TRUE(m);
    Match want;
    want.with(FieldId::eth_src, FieldValue::from_u64(0x010000000000), FieldValue::from_u64(0x010000000000))
        .with(FieldId::dl_vlan, FieldValue::from_u64(5))
        .with(FieldId::eth_type, FieldValue::from_u64(0x0800))
        .with(FieldId::ip_src, FieldValue::from_u64(0x0a000000), FieldValue::from_u64(0xff000000));
    EXPECT_EQ(*m, want);
    ByteWriter out;
    encode_ofp_match(*m, 0x02, out);
    EXPECT_EQ(format_hex(out.span()), format_hex(wire));
    EXPECT_TRUE(fits_match11(want));
}

TEST(OfpMatch, oxm_is_wrapped_and_padded) {
    const Bytes wire = *parse_hex(
        "00010035 80000004 00000001 80000806 000000000001 80000a02 0800 80001401 06"
        "80010110 0000000500000000 ffffffff00000000 000000");
    ByteReader in(wire);
    const auto m = decode_ofp_match(in);
    ASSERT_TRUE(m);
    EXPECT_TRUE(in.empty());
    ByteWriter out;
    encode_ofp_match(*m, 0x06, out);
    ByteReader again(out.span());
    EXPECT_EQ(decode_ofp_match(again), m);
    EXPECT_EQ(out.size(), wire.size());

    ByteReader wrong_type(ByteSpan(wire).subspan(1));
    EXPECT_EQ(decode_ofp_match(wrong_type), std::unexpected(MatchError::bad_type));
    ByteReader cut(ByteSpan(wire).first(30));
    EXPECT_EQ(decode_ofp_match(cut), std::unexpected(MatchError::bad_len));
}

TEST(Match, what_cannot_apply_is_dropped) {
    Match m;
    m.with(FieldId::ip_src, FieldValue::from_u64(1));
    EXPECT_TRUE(m.drop_inapplicable());
    EXPECT_EQ(m, Match{});
    m.with(FieldId::eth_type, FieldValue::from_u64(0x0800)).with(FieldId::ip_src, FieldValue::from_u64(1));
    const Match before = m;
    EXPECT_FALSE(m.drop_inapplicable());
    EXPECT_EQ(m, before);
}

TEST(Match, both_names_of_the_ingress_port_make_the_same_match) {
    EXPECT_EQ(Match{}.with(FieldId::in_port_oxm, FieldValue::from_u64(5)),
              Match{}.with(FieldId::in_port, FieldValue::from_u64(5)));
}

TEST(Match, vlan_fields_of_all_versions_meet_in_the_tci) {
    const auto tci = [](Match m) {
        return std::pair(m.key.packet.vlan[0].tci.host(), m.mask.packet.vlan[0].tci.host());
    };
    using P = std::pair<uint16_t, uint16_t>;
    const auto u = [](uint64_t v) { return FieldValue::from_u64(v); };
    EXPECT_EQ(tci(Match{}.with(FieldId::dl_vlan, u(0xffff))), P(0, 0xffff));
    EXPECT_EQ(tci(Match{}.with(FieldId::dl_vlan, u(5))), P(0x1005, 0x1fff));
    EXPECT_EQ(tci(Match{}.with(FieldId::vlan_pcp, u(3))), P(0x7000, 0xf000));
    EXPECT_EQ(tci(Match{}.with(FieldId::dl_vlan, u(5)).with(FieldId::dl_vlan_pcp, u(3))), P(0x7005, 0xffff));
    EXPECT_EQ(tci(Match{}.with(FieldId::vlan_vid, u(0x1001), u(0x1001))), P(0x1001, 0x1001));
}

}  // namespace
}  // namespace weft::flow
