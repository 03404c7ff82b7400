// SPDX-License-Identifier: Apache-2.0
// Right-hand sides are what ovs-ofctl 3.1 prints for the left-hand sides (parse-flow).
#include "flow/match_text.h"

#include <gtest/gtest.h>

#include "flow/compose.h"

namespace weft::flow {
namespace {

std::string reprint(std::string_view text) {
    const auto m = parse_match(text);
    return m ? format_match(*m) : "error: " + m.error().message;
}

constexpr std::pair<const char*, const char*> matches[] = {
    {"", ""},
    {"tcp,in_port=1,dl_src=1:2:3:4:5:6,nw_dst=10.0.0.0/8,tp_dst=80",
     "tcp,in_port=1,dl_src=01:02:03:04:05:06,nw_dst=10.0.0.0/8,tp_dst=80"},
    {"icmp6,icmp_type=135,nd_target=::1", "icmp6,icmp_type=135,nd_target=::1"},
    {"icmp6,icmp_type=136,icmp_code=1,nd_target=::1", "icmp6,icmp_type=136,icmp_code=1"},
    {"tcp,ip_frag=no,tcp_dst=3", "tcp,nw_frag=no,tp_dst=3"},
    {"tcp_dst=80", ""},
    {"nw_src=1.2.3.4", ""},
    {"eth,ip", "ip"},
    {"packet_type=(0,0),ip", "ip"},
    {"packet_type=(1,0x800),nw_src=1.2.3.4", "packet_type=(1,0x800),nw_src=1.2.3.4"},
    {"packet_type=(1,5)", "packet_type=(1,5)"},
    {"ct_nw_src=1.2.3.4,ip,ct_state=+new", "ct_state=+new,ct_nw_src=1.2.3.4,ip"},
    {"ct_state=+trk-inv,ip,ct_nw_src=1.2.3.4", "ct_state=-inv+trk,ct_nw_src=1.2.3.4,ip"},
    {"vlan_pcp=3", "dl_vlan_pcp=3"},
    {"vlan_vid=0x1005,vlan_pcp=3", "dl_vlan=5,dl_vlan_pcp=3"},
    {"vlan_vid=5", "vlan_tci=0x0005/0x1fff"},
    {"vlan_vid=0", "vlan_tci=0x0000/0x1fff"},
    {"vlan_vid=8192", "vlan_tci=0x0000/0x1fff"},
    {"vlan_pcp=2,vlan_vid=5", "vlan_tci=0x4005"},
    {"dl_vlan=5", "dl_vlan=5"},
    {"dl_vlan=0xffff", "vlan_tci=0x0000"},
    {"dl_vlan=0xfffe", "dl_vlan=4094"},
    {"dl_vlan=0xffff,dl_vlan_pcp=2", "dl_vlan=0,dl_vlan_pcp=2"},
    {"dl_vlan_pcp=2,dl_vlan=0xffff", "vlan_tci=0x0000"},
    {"vlan_tci=0x1123/0x1fff", "dl_vlan=291"},
    {"vlan_tci=0xf123", "dl_vlan=291,dl_vlan_pcp=7"},
    {"vlan_tci=0", "vlan_tci=0x0000"},
    {"vlan_tci=0/0xfff", "vlan_tci=0x0000/0x0fff"},
    {"vlan_tci=0x1000/0x1000", "vlan_tci=0x1000/0x1000"},
    {"vlan_tci=0x5000/0xf000", "dl_vlan_pcp=2"},
    {"vlan_tci=0x5000/0xe000", "vlan_tci=0x4000/0xe000"},
    {"vlan_tci=5", "vlan_tci=0x0005"},
    {"vlan_vid=0x1001/0x1001", "vlan_tci=0x1001/0x1001"},
    {"tcp,tp_dst=80,tcp_flags=+syn-ack", "tcp,tp_dst=80,tcp_flags=+syn-ack"},
    {"tcp,tcp_flags=0x12", "tcp,tcp_flags=syn|ack"},
    {"tcp,tcp_flags=0x12/0x32", "tcp,tcp_flags=+syn+ack-urg"},
    {"tcp,tcp_flags=syn|ack", "tcp,tcp_flags=syn|ack"},
    {"tcp,tcp_flags=0/0xfff", "tcp,tcp_flags=0"},
    {"tcp,tcp_flags=0xe00/0xfff", "tcp,tcp_flags=[200]|[400]|[800]"},
    {"tcp,tcp_flags=0x2/0x800", "tcp,tcp_flags=-[800]"},
    {"tun_flags=oam", "tun_flags=+oam"},
    {"tun_flags=0", "tun_flags=-oam"},
    {"ip,ip_frag=not_later", "ip,nw_frag=not_later"},
    {"ip,ip_dscp=5", "ip,nw_tos=20"},
    {"ip,ip_dscp=64", "ip,nw_tos=0"},
    {"ip,nw_tos=7", "ip,nw_tos=4"},
    {"ip,nw_tos=0x10,nw_ecn=1", "ip,nw_tos=16,nw_ecn=1"},
    {"arp,nw_proto=1,ip_src=1.1.1.1", "arp,arp_spa=1.1.1.1,arp_op=1"},
    {"arp,arp_op=2,arp_spa=1.1.1.1/8,arp_tpa=1.1.1.1,arp_sha=0:0:0:0:0:1,arp_tha=0:0:0:0:0:2/"
     "0:0:0:0:0:ff",
     "arp,arp_spa=1.0.0.0/8,arp_tpa=1.1.1.1,arp_op=2,arp_sha=00:00:00:00:00:01,"
     "arp_tha=00:00:00:00:00:02/00:00:00:00:00:ff"},
    {"dl_type=0x0800,nw_proto=6", "tcp"},
    {"ip,nw_proto=47", "ip,nw_proto=47"},
    {"dl_type=0x1234", "dl_type=0x1234"},
    {"eth_type=0x05ff", "dl_type=0x05ff"},
    {"icmp,tp_src=3", "icmp,icmp_type=3"},
    {"icmp6,icmp_type=1,icmpv6_code=3", "icmp6,icmp_type=1,icmp_code=3"},
    {"sctp,udp_src=5", "sctp,tp_src=5"},
    {"udp,tp_dst=5/0xf", "udp,tp_dst=0x5/0xf"},
    {"tcp6,tp_src=80/0xfff0", "tcp6,tp_src=0x50/0xfff0"},
    {"ip,nw_src=1.2.3.4/255.0.0.255", "ip,nw_src=1.0.0.4/255.0.0.255"},
    {"ip,nw_src=1.2.3.4/0", "ip"},
    {"ipv6,ipv6_src=fe80::1/ff00::", "ipv6,ipv6_src=fe00::/8"},
    {"ipv6,ipv6_label=5/0xff", "ipv6,ipv6_label=0x00005/0x000ff"},
    {"xreg0=5", "reg0=0,reg1=0x5"},
    {"xreg4=5/0xffffffff0", "reg8=0/0xf,reg9=0/0xfffffff0"},
    {"reg0=010", "reg0=0x8"},
    {"reg0=1/1,reg0=2/2", "reg0=0x2/0x2"},
    {"reg0", ""},
    {"reg0=", ""},
    {"dl_src=*", ""},
    {"metadata=18446744073709551615", "metadata=0xffffffffffffffff"},
    {"ct_label=0x112233445566778899aabbccddeeff00", "ct_label=0x112233445566778899aabbccddeeff00"},
    {"ct_zone=0x10", "ct_zone=16"},
    {"ct_state=0x21", "ct_state=new|trk"},
    {"in_port=LOCAL", "in_port=LOCAL"},
    {"in_port=none", "in_port=ANY"},
    {"mpls,mpls_label=3,mpls_tc=1,mpls_bos=0,mpls_ttl=3",
     "mpls,mpls_label=3,mpls_tc=1,mpls_ttl=3,mpls_bos=0"},
    {"dl_type=0x894f,nsh_flags=1,nsh_ttl=3,nsh_mdtype=1,nsh_np=3,nsh_spi=5,nsh_si=6,nsh_c1=1,nsh_c2=2/"
     "3,nsh_c3=0",
     "dl_type=0x894f,nsh_flags=1,nsh_ttl=3,nsh_mdtype=1,nsh_np=3,nsh_spi=0x5,nsh_si=6,nsh_c1=0x1,"
     "nsh_c2=0x2/0x3,nsh_c3=0x0"},
    {"recirc_id=1,tcp", "recirc_id=0x1,eth,tcp"},
    {"ip nw_proto=6", "tcp"},
    {"metadata=-1", "metadata=0xffffffffffffffff"},
    {"tun_id=-0x2", "tun_id=0xfffffffffffffffe"},
    {"xreg0=-1", "reg0=0xffffffff,reg1=0xffffffff"},
    {"ct_label=5/-1", "ct_label=0x5/0xffffffffffffffff"},
    {"tun_metadata0=-1", "tun_metadata0=0xffffffffffffffff"},
    {"metadata=5/-2", "metadata=0x4/0xfffffffffffffffe"},
    {"icmp,tp_src=0x3/0x7", "icmp,icmp_type=3"},
    {",ip,,nw_src:1.2.3.4", "ip,nw_src=1.2.3.4"},
    {"ip,nw_src(1.2.3.4)", "ip,nw_src=1.2.3.4"},
    {"pkt_mark=5,dp_hash=2,conj_id=3,actset_output=4,ct_state=+new,ct_mark=1,ct_nw_proto=6,ct_tp_dst=2/"
     "0xff,"
     "tcp,reg3=2,tun_id=1,tun_src=1.1.1.1,tun_gbp_id=1,tun_erspan_idx=5,tun_gtpu_flags=3,tun_flags=+oam,"
     "metadata=7,in_port=1,dl_vlan=5,dl_dst=0:0:0:0:0:2/ff:ff:ff:ff:ff:00,nw_ttl=6,tp_src=1/1",
     "pkt_mark=0x5,dp_hash=0x2,conj_id=3,actset_output=4,ct_state=+new,ct_mark=0x1,ct_nw_proto=6,"
     "ct_tp_dst=0x2/0xff,tcp,reg3=0x2,tun_id=0x1,tun_src=1.1.1.1,tun_gbp_id=1,tun_erspan_idx=0x5,"
     "gtpu_flags=0x3,tun_flags=+oam,metadata=0x7,in_port=1,dl_vlan=5,"
     "dl_dst=00:00:00:00:00:00/ff:ff:ff:ff:ff:00,nw_ttl=6,tp_src=0x1/0x1"},
};

TEST(MatchText, matches_print_as_the_oracle_prints_them) {
    for (const auto& [in, out] : matches) {
        EXPECT_EQ(reprint(in), out) << in;
        EXPECT_EQ(reprint(out), out) << "printed, but not read back";
    }
}

TEST(MatchText, errors_name_the_word) {
    const std::pair<const char*, const char*> cases[] = {
        {"foo=3", "unknown keyword foo"},
        {"igmp", "field igmp missing value"},
        {"OXM_OF_ETH_TYPE=0x800", "unknown keyword OXM_OF_ETH_TYPE"},
        {"tcp,tp_dst=70000", "70000: value too large for 2-byte field tcp_dst"},
        {"nw_tos=256,ip", "256: value too large for 1-byte field nw_tos"},
        {"reg0=x", "x: bad syntax for reg0 value"},
        {"reg0=5/x", "5/x: bad syntax for reg0 mask"},
        {"reg0=5/", "5/: bad syntax for reg0 mask"},
        {"xxreg0=123456789012345678901234567890123456789012345678901234567890",
         "123456789012345678901234567890123456789012345678901234567890: value too large for 16-byte field "
         "xxreg0"},
        {"metadata=18446744073709551616", "18446744073709551616: value too large for 8-byte field metadata"},
        {"nw_proto=6/0x7,ip", "6/0x7: invalid mask for field nw_proto"},
        {"dl_type=5/6", "5/6: invalid mask for field eth_type"},
        {"ip,nw_src=x", "x: invalid IP address"},
        {"ip,nw_src=1.2.3.4/33", "1.2.3.4/33: IPv4 network prefix bits not between 0 and 32, inclusive"},
        {"ip,nw_src=1.2.3.4/", "1.2.3.4/: invalid IP address"},
        {"ipv6,ipv6_src=::1/129", "::1/129: IPv6 network prefix bits not between 0 and 128, inclusive"},
        {"ipv6,ipv6_src=zz", "zz: invalid IPv6 address"},
        {"dl_src=xx", "xx: invalid Ethernet address"},
        {"ip,nw_frag=3",
         R"(3: unknown fragment type (valid types are "no", "yes", "first", "later", "not_later"))"},
        {"tcp,tcp_flags=+foo", "foo: unknown TCP flag(s)"},
        {"tcp,tcp_flags=0x1000", "0x1000: unknown TCP flag(s)"},
        {"tcp,tcp_flags=+syn+syn", "syn: Each TCP flag can be specified only once"},
        {"ct_state=0x100", "0x100: unknown ct_state flag(s)"},
        {"ct_state=+new/0x21", "new/0x21: unknown ct_state flag(s)"},
        {"tun_flags=+df", "df: unknown tunnel flag(s)"},
        {"in_port=abc", "abc: invalid or unknown port for in_port"},
        {"packet_type=5", "5: bad syntax for packet type missing '('"},
        {"in_port=1/2", "1/2: invalid or unknown port for in_port"},
        {"in_port_oxm=1/1", "1/1: port value out of range for in_port_oxm"},
        {"actset_output=1/1", "1/1: port value out of range for actset_output"},
        {"eth_dst=", "field eth_dst missing value"},
        {"ip,nw_src=", "field ip_src missing value"},
        {"in_port=", "field in_port missing value"},
        {"ip,nw_frag=", "field ip_frag missing value"},
        {"packet_type=", "field packet_type missing value"},
    };
    for (const auto& [in, message] : cases) EXPECT_EQ(reprint(in), std::string("error: ") + message) << in;
}

TEST(MatchText, errors_of_numbers_have_the_mask_too) {
    const std::pair<const char*, const char*> cases[] = {
        {"metadata=x/1", "x/1: bad syntax for metadata value"},
        {"metadata=1/x", "1/x: bad syntax for metadata mask"},
        {"metadata=--1", "--1: bad syntax for metadata value"},
        {"reg0=-1", "-1: value too large for 4-byte field reg0"},
        {"reg0=5/-1", "5/-1: mask too large for 4-byte field reg0"},
        {"metadata=1/18446744073709551616",
         "1/18446744073709551616: mask too large for 8-byte field metadata"},
    };
    for (const auto& [in, message] : cases) EXPECT_EQ(reprint(in), std::string("error: ") + message) << in;
}

TEST(MatchText, megaflows_say_eth_and_show_icmp_as_part_of_a_port) {
    Match m = *parse_match("in_port=1,icmp6,icmp_type=135,nd_target=::1");
    m.mask.packet.recirc_id = be_max<Be32>;
    EXPECT_EQ(format_match(m), "recirc_id=0,eth,icmp6,in_port=1,icmp_type=0x87/0xff,nd_target=::1");
}

TEST(MatchText, keys_show_all_headers_and_metadata_that_is_not_zero) {
    const auto show = [](std::string_view text) { return format_key(parse_match(text)->key); };
    const std::string macs = "dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00";
    EXPECT_EQ(show("pkt_mark=3,ct_state=new|trk,ct_zone=3,ip,reg0=5,tun_id=5,metadata=3,in_port=1"),
              "pkt_mark=0x3,ct_state=new|trk,ct_zone=3,ip,reg0=0x5,tun_id=0x5,metadata=0x3,in_port=1,vlan_"
              "tci=0x0000," +
                  macs + ",nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no");
    EXPECT_EQ(show("in_port=none,dl_vlan=5,tcp"),
              "tcp,in_port=ANY,dl_vlan=5,dl_vlan_pcp=0,vlan_tci1=0x0000," + macs +
                  ",nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no,tp_src=0,tp_dst=0,"
                  "tcp_flags=0");
    EXPECT_EQ(show("in_port=1,mpls,mpls_bos=0,mpls_label=5"),
              "mpls,in_port=1,vlan_tci=0x0000," + macs +
                  ",mpls_label=5,mpls_tc=0,mpls_ttl=0,mpls_bos=0,mpls_lse1=0,mpls_lse2=0");
}

TEST(MatchText, frames_show_their_key_and_checksum) {
    const auto show = [](std::string_view text) {
        return format_packet(compose_packet(parse_match(text)->key));
    };
    const std::string head =
        "vlan_tci=0x0000,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,nw_src=1.1.1.1,"
        "nw_dst=2.2.2.2,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no,";
    const std::string ip = "dl_src=0:0:0:0:0:1,dl_dst=0:0:0:0:0:2,nw_src=1.1.1.1,nw_dst=2.2.2.2,nw_ttl=64,";
    EXPECT_EQ(show(ip + "udp,tp_src=1,tp_dst=2"), "udp," + head + "tp_src=1,tp_dst=2 udp_csum:1552");
    EXPECT_EQ(show(ip + "icmp,icmp_type=8"), "icmp," + head + "icmp_type=8,icmp_code=0 icmp_csum:13fc");
    EXPECT_EQ(show(ip + "sctp,tp_src=8"), "sctp," + head + "tp_src=8,tp_dst=0 sctp_csum:0");
}

TEST(MatchText, ports_have_names_if_the_bridge_gives_them) {
    PortNames names;
    names.add(OfPort{7}, "eth7");
    const auto m = parse_match("in_port=eth7,tcp", &names);
    ASSERT_TRUE(m);
    EXPECT_EQ(format_match(*m), "tcp,in_port=7");
    EXPECT_EQ(format_match(*m, &names), "tcp,in_port=eth7");
}

TEST(KeyText, tells_the_registers_that_are_not_zero) {
    FlowKey key{};
    key.packet.eth_type = Be16(0x1234);
    key.pipe.regs[1] = Be32(5);
    EXPECT_NE(format_key(key).find("reg1=0x5,"), std::string::npos) << format_key(key);
    EXPECT_EQ(format_key(key).find("reg0"), std::string::npos) << format_key(key);
}

}  // namespace
}  // namespace weft::flow
