// SPDX-License-Identifier: Apache-2.0
#include "flow/tlv_layout.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "flow/match_text.h"
#include "flow/oxm.h"
#include "flow/sparse.h"

namespace weft::flow {
namespace {

/// tun_metadata0 of 4 bytes, 1 of 20, 5 of 8.
TlvLayout layout() {
    TlvLayout l;
    EXPECT_TRUE(l.add(0, 4) && l.add(1, 20) && l.add(5, 8));
    return l;
}

/// The match as a rule has it, and told again.
std::string there_and_back(const char* text) {
    Match m = *parse_match(text);
    if (!layout().place(m)) return "refused";
    EXPECT_TRUE(m.options.empty());
    Match again = SparseMatch(m).expand();
    layout().tell(again);
    return format_match(again);
}

TEST(TlvLayout, a_match_comes_back_as_open_vswitch_tells_it) {
    const std::pair<const char*, const char*> cases[] = {
        {"tun_metadata0=0x1234", "tun_metadata0=0x1234"},
        {"tun_metadata0=0", "tun_metadata0=0"},
        {"tun_metadata0", "tun_metadata0"},
        {"tun_metadata0=0x1234/0", "tun_metadata0"},
        {"tun_metadata0=0x1234/0xff00", "tun_metadata0=0x1200/0xff00"},
        {"tun_metadata5=0x12/0xffffffffffffffff", "tun_metadata5=0x12"},
        {"tun_metadata1=0x123456789a123456789a123456789a123456789a",
         "tun_metadata1=0x123456789a123456789a123456789a123456789a"},
        {"tun_metadata5=9,tun_metadata0=7", "tun_metadata0=0x7,tun_metadata5=0x9"},
        {"tun_metadata0=1,tun_metadata0=2", "tun_metadata0=0x2"},
    };
    for (const auto& [text, told] : cases) EXPECT_EQ(there_and_back(text), told) << text;
}

TEST(TlvLayout, what_is_not_mapped_or_does_not_fit_is_refused_whole) {
    for (const auto& [text, why] :
         {std::pair{"tun_metadata0=1,tun_metadata2=1", TlvLayout::Refusal::not_mapped},
          std::pair{"tun_metadata0=0x123456789a", TlvLayout::Refusal::too_long},
          std::pair{"tun_metadata0=0/0x1ffffffff", TlvLayout::Refusal::too_long}}) {
        Match m = *parse_match(text);
        const Match before = m;
        const auto placed = layout().place(m);
        ASSERT_FALSE(placed) << text;
        EXPECT_EQ(placed.error(), why) << text;
        EXPECT_EQ(m, before) << text;
    }
}

TEST(TlvLayout, an_absent_option_is_not_one_of_zeros) {
    Match m = *parse_match("tun_metadata0=0");
    ASSERT_TRUE(layout().place(m));
    FlowKey packet{};
    EXPECT_FALSE(m.matches(packet));
    packet.tunnel.metadata_present = option_bit(FieldId::tun_metadata0);
    EXPECT_TRUE(m.matches(packet));
}

TEST(TlvLayout, places_stay_when_others_come_and_go) {
    TlvLayout l = layout();
    const OptionPlace five = *l.find(uint8_t{5});
    l.remove(1);
    EXPECT_FALSE(l.add(5, 4)) << "taken";
    EXPECT_TRUE(l.add(7, 16));
    EXPECT_EQ(l.find(uint8_t{7})->first_word, 1) << "into the gap";
    EXPECT_EQ(l.find(uint8_t{5})->first_word, five.first_word);
    EXPECT_TRUE(l.add(8, 124) && l.add(9, 100));
    EXPECT_FALSE(l.add(10, 8)) << "only the rest of the gap is free";
    EXPECT_TRUE(l.add(10, 4));
    EXPECT_FALSE(l.add(11, 4)) << "256 bytes in all";
}

TEST(TlvLayout, subfields_lie_at_their_place) {
    const uint16_t place = layout().find(FieldId::tun_metadata0)->pack();
    FlowKey key{};
    set_bits(key, {FieldId::tun_metadata0, 8, 16, place}, FieldValue::from_u64(0xabcd));
    EXPECT_EQ(get_bits(key, {FieldId::tun_metadata0, 0, 32, place}).to_u64(), 0xabcd00u);
    EXPECT_EQ(key.tunnel.metadata[1], 0xab);
    EXPECT_EQ(format_subfield({FieldId::tun_metadata0, 0, 32, place}), "NXM_NX_TUN_METADATA0[]");
    EXPECT_EQ(format_subfield({FieldId::tun_metadata0, 0, 31, place}), "NXM_NX_TUN_METADATA0[0..30]");
    EXPECT_EQ(get_bits(key, {FieldId::tun_metadata0, 0, 32}).to_u64(), 0u) << "no place, no bits";
}

TEST(TlvLayout, on_the_wire_an_option_has_as_few_bytes_as_it_needs) {
    // As Open vSwitch 3.1's ovs-ofctl sends them.
    const std::pair<const char*, const char*> cases[] = {
        {"tun_metadata0=0x1234", "000150021234"},
        {"tun_metadata0=0x1234/0xff00", "000151041200ff00"},
        {"tun_metadata0", "00015100"},
        {"tun_metadata0=0", "00015000"},
        {"tun_metadata0=0x1/0xffff", "000151040001ffff"},
        {"tun_metadata0=0x10000/0x0fffff", "000151060100000fffff"},
        {"tun_metadata63=0x123456789abcdef0112233445566778899", "0001ce11123456789abcdef0112233445566778899"},
    };
    for (const auto& [text, bytes] : cases) {
        const Match m = *parse_match(text);
        ByteWriter out;
        encode_oxm(m, 0x01, out);
        EXPECT_EQ(format_hex(out.span()), bytes) << text;
        const auto back = decode_oxm(out.span());
        ASSERT_TRUE(back) << text;
        EXPECT_EQ(*back, m) << text;
    }
}

TEST(TlvLayout, bytes_that_are_no_option_are_refused) {
    const std::pair<const char*, MatchError> cases[] = {
        {"0001500212", MatchError::bad_len},          // shorter than it says
        {"00015103123456", MatchError::bad_len},      // value and mask of different lengths
        {"000151021200", MatchError::bad_wildcards},  // a bit outside the mask
        {"000150011200015001", MatchError::bad_len},  // the second one is cut off
        {"00015001120001500113", MatchError::dup_field},
    };
    for (const auto& [bytes, why] : cases) {
        const auto m = decode_oxm(*parse_hex(bytes));
        ASSERT_FALSE(m) << bytes;
        EXPECT_EQ(m.error(), why) << bytes;
    }
}

TEST(TlvLayout, text_that_is_no_option_is_refused_with_its_name) {
    for (const char* text :
         {"tun_metadata0=0x", "tun_metadata0=0xzz", "tun_metadata0=1/", "tun_metadata0=hello"}) {
        const auto m = parse_match(text);
        ASSERT_FALSE(m) << text;
        EXPECT_NE(m.error().message.find("tun_metadata0"), std::string::npos) << m.error().message;
    }
    EXPECT_FALSE(parse_match("tun_metadata0=0x1" + std::string(248, '0')));
    EXPECT_TRUE(parse_match("tun_metadata0=0x1" + std::string(247, '0')));
}

}  // namespace
}  // namespace weft::flow
