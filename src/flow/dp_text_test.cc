// SPDX-License-Identifier: Apache-2.0
// Expected texts are those that the oracle's dpctl/dump-flows (with -m: verbose) prints for the same flows.
#include "flow/dp_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/compose.h"
#include "flow/extract.h"

namespace weft::flow {
namespace {

const std::string start = "recirc_id(0),in_port(1),eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),";

std::string reprint(const std::string& text, bool verbose = false) {
    const auto m = parse_dp_flow(text);
    return m ? format_dp_flow(m->key, m->mask, {.verbose = verbose}) : "error: " + m.error().message;
}

TEST(DpText, flows_print_as_the_oracle_prints_them) {
    const char* const same[] = {
        "eth_type(0x1234)",
        "eth_type(0x0800),ipv4(src=1.2.3.4,dst=5.6.7.8,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)",
        "eth_type(0x0800),ipv4(frag=no)",
        "eth_type(0x0800),ipv4(proto=6,frag=no),tcp(dst=80),tcp_flags(+syn-ack)",
        "eth_type(0x0800),ipv4(proto=6,frag=first),tcp(src=1,dst=80/0xff),tcp_flags(syn|ack)",
        "eth_type(0x0800),ipv4(proto=6,frag=no),tcp_flags(0)",
        "eth_type(0x0800),ipv4(proto=6,frag=later)",
        "eth_type(0x0800),ipv4(tos=0x1/0x3,frag=no)",
        "eth_type(0x0800),ipv4(proto=1,frag=no),icmp(type=8,code=0)",
        "eth_type(0x0800),ipv4(proto=132,frag=no),sctp(src=1,dst=2)",
        "eth_type(0x8100),vlan(vid=5,pcp=3),encap(eth_type(0x0800),ipv4(src=1.1.1.1,frag=no))",
        "eth_type(0x8100),vlan(vid=5),encap(eth_type(0x0806),arp(sip=1.1.1.1,tip=2.2.0.0/255.255.0.0,op=1,"
        "sha=00:00:00:00:00:05,tha=00:00:00:00:00:06/00:00:00:00:00:ff))",
        "eth_type(0x88a8),vlan(vid=5,pcp=3),encap(eth_type(0x8100),vlan(vid=6,pcp=1),encap(eth_type(0x0800),"
        "ipv4(frag=no)))",
        "eth_type(0x86dd),ipv6(src=::1,dst=fe80::/ffff::,proto=58,tclass=0/0x3,hlimit=64,frag=no),"
        "icmpv6(type=135,code=0),nd(target=::1,sll=00:00:00:00:00:05,tll=00:00:00:00:00:00)",
        "eth_type(0x86dd),ipv6(proto=17,frag=no),udp(src=1)",
        "eth_type(0x8847),mpls(label=100,tc=0,ttl=64,bos=1)",
        "eth_type(0x8847),mpls(label=100/0xfffff,tc=0/0,ttl=0/0x0,bos=0/0,label=0/0x0,tc=0/0,ttl=0/0x0,bos=0/"
        "0,"
        "label=0/0x0,tc=0/0,ttl=0/0x0,bos=0/0)",
        "eth_type(0x8035),arp(sip=1.1.1.1,tip=2.2.2.2,op=3,sha=00:00:00:00:00:05,tha=00:00:00:00:00:06)",
        "eth_type(0/0xffff)",
    };
    for (const char* text : same) EXPECT_EQ(reprint(start + text), start + text);
    const char* const whole[] = {
        "skb_priority(0x3),skb_mark(0x5),recirc_id(0x7),dp_hash(0x3/0xf),in_port(1),eth(),eth_type(0x1234)",
        "ct_state(+new+trk),ct_zone(0x5),ct_mark(0x3/0xf),ct_label(0x5/0xff),recirc_id(0x1),in_port(1),"
        "eth(),eth_type(0x0800),ipv4(proto=132,frag=no),sctp(src=1,dst=2)",
        "ct_state(+trk),ct_tuple4(src=1.1.1.1,dst=2.2.2.2,proto=6,tp_src=1,tp_dst=2),recirc_id(0),in_port(1),"
        "eth(),eth_type(0x0800),ipv4(frag=no)",
        "recirc_id(0),in_port(1),packet_type(ns=1,id=0x800),eth_type(0x0800),ipv4(frag=no)",
        "recirc_id(0),in_port(1),packet_type(ns=0,id=0),eth(src=00:00:00:00:00:01/"
        "00:00:00:00:00:ff),eth_type(0x1234)",
    };
    for (const char* text : whole) EXPECT_EQ(reprint(text), text);
}

TEST(DpText, verbose_shows_what_is_wildcarded) {
    const std::string head =
        "skb_priority(0/0),skb_mark(0/0),ct_state(0/0),ct_zone(0/0),ct_mark(0/0),ct_label(0/0),recirc_id(0),"
        "dp_hash(0/0),in_port(1),packet_type(ns=0/0,id=0/"
        "0),eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),";
    const std::pair<const char*, const char*> cases[] = {
        {"eth_type(0x0800),ipv4(frag=no)",
         "eth_type(0x0800),ipv4(src=0.0.0.0/0.0.0.0,dst=0.0.0.0/0.0.0.0,proto=0/0,tos=0/0,ttl=0/0,frag=no)"},
        {"eth_type(0x0800),ipv4(proto=6,frag=no),tcp_flags(+syn)",
         "eth_type(0x0800),ipv4(src=0.0.0.0/0.0.0.0,dst=0.0.0.0/0.0.0.0,proto=6,tos=0/0,ttl=0/0,frag=no),"
         "tcp(src=0/0,dst=0/0),tcp_flags(+syn)"},
        {"eth_type(0x86dd),ipv6(proto=17,frag=no),udp(src=1)",
         "eth_type(0x86dd),ipv6(src=::/::,dst=::/::,label=0/0,proto=17,tclass=0/0,hlimit=0/"
         "0,frag=no),udp(src=1,dst=0/0)"},
        {"eth_type(0x8100),vlan(vid=5),encap(eth_type(0x1234))",
         "eth_type(0x8100),vlan(vid=5,pcp=0/0x0),encap(eth_type(0x1234))"},
        {"eth_type(0x8847)",
         "eth_type(0x8847),mpls(label=0/0x0,tc=0/0,ttl=0/0x0,bos=0/0,label=0/0x0,tc=0/0,"
         "ttl=0/0x0,bos=0/0,label=0/0x0,tc=0/0,ttl=0/0x0,bos=0/0)"},
    };
    for (const auto& [in, out] : cases) EXPECT_EQ(reprint(start + in, true), head + out);
    EXPECT_THAT(reprint("ct_state(+new+trk),in_port(1),eth_type(0x1234)", true),
                testing::HasSubstr(",ct_state(0x21/0x21),ct_zone"));
}

TEST(DpText, a_whole_key_shows_through_its_wildcards) {
    FlowKey key = *parse_dp_key(start +
                                "eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,"
                                "frag=no),tcp(src=8,dst=10)");
    const FlowMask mask = parse_dp_flow(start + "eth_type(0x0800),ipv4(frag=no)")->mask;
    EXPECT_THAT(
        format_dp_flow(key, mask, {.verbose = true}),
        testing::EndsWith(",eth_type(0x0800),ipv4(src=192.168.0.1/0.0.0.0,dst=192.168.0.2/0.0.0.0,proto=6/0,"
                          "tos=0/0,ttl=64/0,frag=no),tcp(src=8/0,dst=10/0)"));
    EXPECT_EQ(format_dp_flow(key, mask), start + "eth_type(0x0800),ipv4(frag=no)");
}

TEST(DpText, an_ethertype_says_that_no_more_vlan_tags_are_there) {
    const auto none = parse_dp_flow(start + "eth_type(0x0800)");
    EXPECT_EQ(none->mask.packet.vlan[0].tci, be_max<Be16>);
    const auto one = parse_dp_flow(start + "eth_type(0x8100),vlan(vid=5,pcp=0),encap(eth_type(0x0800))");
    EXPECT_EQ(one->key.packet.vlan[0].tci, Be16(0x1005));
    EXPECT_EQ(one->key.packet.vlan[0].tpid, Be16(0x8100));
    EXPECT_EQ(one->mask.packet.vlan[1].tci, be_max<Be16>);
    EXPECT_EQ(one->key.packet.eth_type, Be16(0x0800));
}

TEST(DpText, errors_say_where_the_syntax_is_wrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"bogus(1)", "syntax error at bogus(1)"},
        {"in_port(1", "syntax error at in_port(1"},
        {"in_port(1),eth_type(0x0800),ipv4(bogus=1)", "syntax error at ipv4(bogus=1)"},
        {"eth_type(0x0800),ipv4(frag=yes)", "syntax error at ipv4(frag=yes)"},
        {"eth_type(0x0800),ipv4(src=),tcp()", "syntax error at ipv4(src=),tcp()"},
        {"zzz", "syntax error at zzz"},
        {"tcp,in_port=1", "syntax error at tcp,in_port=1"},
        {"encap(eth_type(0x0800))", "syntax error at encap(eth_type(0x0800))"},
        {"in_port(1),in_port(2)", "duplicate attribute in_port: name it once"},
    };
    for (const auto& [in, message] : cases) EXPECT_EQ(reprint(in), std::string("error: ") + message);
}

TEST(DpText, ports_have_names_if_the_datapath_gives_them) {
    const DpPortNames names{
        .name = [](DpPort p) { return p == DpPort{1} ? std::optional<std::string>("p1") : std::nullopt; },
        .number = [](std::string_view n) { return n == "p1" ? std::optional(DpPort{1}) : std::nullopt; }};
    const auto m = parse_dp_flow("in_port(p1),eth_type(0x1234)", &names);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->key.dp_in_port(), DpPort{1});
    EXPECT_EQ(format_dp_flow(m->key, m->mask, {.ports = &names}),
              "recirc_id(0),in_port(p1),eth(),eth_type(0x1234)");
}

TEST(DpText, a_key_composes_into_a_packet_that_has_it) {
    const std::string text =
        start +
        "eth_type(0x8100),vlan(vid=5,pcp=3),encap(eth_type(0x0800),ipv4(src=1.1.1.1,dst=2.2.2.2,"
        "proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2))";
    const auto key = parse_dp_key(text);
    ASSERT_TRUE(key);
    FlowKey back{};
    extract(compose_packet(*key), back.packet);
    back.set_in_port(DpPort{1});
    EXPECT_EQ(back, *key);
}

}  // namespace
}  // namespace weft::flow
