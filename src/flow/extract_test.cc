// SPDX-License-Identifier: Apache-2.0
#include "flow/extract.h"

#include <gtest/gtest.h>

#include "flow/field.h"

namespace weft::flow {
namespace {

const char* const ethernet = "000000000002 000000000001";

struct Seen {
    FlowKey key{};
    Extracted at;
    uint64_t operator[](FieldId id) const { return get_field(key, id).to_u64(); }
};
Seen see(const std::string& hex, unsigned vlan_tags = default_vlan_tags) {
    const Bytes frame = *parse_hex(ethernet + hex);
    Seen s;
    std::memset(&s.key.packet, 0xee, sizeof s.key.packet);
    s.at = extract(frame, s.key.packet, vlan_tags);
    return s;
}

const std::string udp = "0050 0051 0008 0000";
std::string ip4(const std::string& proto, const std::string& payload, const std::string& frag = "0000") {
    const size_t size = 20 + parse_hex(payload)->size();
    return "0800 4500 00" + format_hex(Bytes{static_cast<uint8_t>(size)}) + "0000" + frag + "40" + proto +
           "0000 01020304 05060708" + payload;
}

TEST(Extract, a_udp_packet_gives_its_addresses_ports_and_offsets) {
    const Seen s = see(ip4("11", udp));
    EXPECT_EQ(s[FieldId::eth_dst], 2u);
    EXPECT_EQ(s[FieldId::eth_src], 1u);
    EXPECT_EQ(s[FieldId::eth_type], 0x0800u);
    EXPECT_EQ(s[FieldId::ip_src], 0x01020304u);
    EXPECT_EQ(s[FieldId::nw_ttl], 64u);
    EXPECT_EQ(s[FieldId::udp_src], 80u);
    EXPECT_EQ(s[FieldId::udp_dst], 81u);
    EXPECT_EQ(s.at.l3, 14);
    EXPECT_EQ(s.at.l4, 34);
    EXPECT_EQ(s.at.l2_5, Extracted::none);
    EXPECT_EQ(s.key.packet.in_port, Be32(0));
}

TEST(Extract, bytes_behind_the_ip_packet_are_padding) {
    const Seen s = see(ip4("11", udp) + "0000000000");
    EXPECT_EQ(s[FieldId::udp_dst], 81u);
    EXPECT_EQ(s.at.l2_pad, 5);
}

TEST(Extract, as_many_vlan_tags_are_looked_through_as_asked_for) {
    const std::string two = "88a8 b005 8100 a006" + ip4("11", udp);
    const Seen one = see(two, 1);
    EXPECT_EQ(one[FieldId::vlan_tci], 0xb005u);
    EXPECT_EQ(one[FieldId::eth_type], 0x8100u);
    EXPECT_EQ(one[FieldId::ip_src], 0u);
    const Seen both = see(two, 2);
    EXPECT_EQ(both.key.packet.vlan[1].tci.host(), 0xb006);
    EXPECT_EQ(both.key.packet.vlan[0].tpid.host(), 0x88a8);
    EXPECT_EQ(both[FieldId::ip_src], 0x01020304u);
    EXPECT_EQ(both.at.l3, 22);
    EXPECT_EQ(see(two, 0)[FieldId::eth_type], 0x88a8u);
}

TEST(Extract, later_fragments_have_no_ports) {
    const Seen first = see(ip4("11", udp, "2000"));
    EXPECT_EQ(first[FieldId::ip_frag], 1u);
    EXPECT_EQ(first[FieldId::udp_dst], 81u);
    const Seen later = see(ip4("11", udp, "2001"));
    EXPECT_EQ(later[FieldId::ip_frag], 3u);
    EXPECT_EQ(later[FieldId::udp_dst], 0u);
    EXPECT_EQ(later.at.l4, Extracted::none);
}

TEST(Extract, a_truncated_packet_shows_no_more_than_is_there) {
    const Bytes whole = *parse_hex(ethernet + ip4("06", "0050 0051 00000001 00000002 5012 0000 0000 0000"));
    for (size_t n = 0; n <= whole.size(); ++n) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(n));  // a heap block of its own
        PacketBlock key;
        extract(cut, key);
        EXPECT_EQ(key.eth_type.host(), n >= 14 ? 0x0800 : 0) << n;
        EXPECT_EQ(key.nw_src.host(), n == whole.size() ? 0x01020304u : 0u) << n;
        EXPECT_EQ(key.tcp_flags.host(), n == whole.size() ? 0x12 : 0) << n;
    }
}

TEST(Extract, mpls_labels_up_to_the_third) {
    const Seen s = see("8847 00064040 00065040 00066040 00067140 45000000");
    EXPECT_EQ(s[FieldId::mpls_label], 100u);
    EXPECT_EQ(s.key.packet.mpls[2].host(), 0x00066040u);
    EXPECT_EQ(s.at.l2_5, 14);
    EXPECT_EQ(s.at.l3, 30);
}

TEST(Extract, a_packet_without_ethernet_begins_with_its_l3_header) {
    const Bytes ip = *parse_hex(ip4("11", udp).substr(4));
    FlowKey k{};
    const Extracted at = extract_l3(ip, 0x0800, k.packet);
    EXPECT_EQ(at.l3, 0);
    EXPECT_TRUE(prereq_holds(Prereq::udp, k));
    EXPECT_FALSE(prereq_holds(Prereq::ethernet, k));
}

}  // namespace
}  // namespace weft::flow
