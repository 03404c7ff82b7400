// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "action/dp_action_text.h"
#include "action/dp_alike.h"

namespace weft::action::dp {
namespace {

// Observed in the oracle's ofproto/trace and dpctl/dump-flows.
TEST(DpActionText, the_oracles_text_reads_back_unchanged) {
    const std::string_view texts[] = {
        "drop",
        "1,2",
        "push_vlan(vid=5,pcp=3),2",
        "push_vlan(tpid=0x88a8,vid=5,pcp=3,cfi=0)",
        "pop_vlan",
        "push_mpls(label=7,tc=4,ttl=5,bos=1,eth_type=0x8847),2",
        "pop_mpls(eth_type=0x800)",
        "set(eth(src=00:11:22:33:44:55,dst=00:11:22:33:44:66))",
        "set(eth(src=00:11:22:33:44:55/ff:ff:ff:00:00:00))",
        "set(ipv4(src=1.2.3.4,dst=2.3.4.5/255.0.0.0,tos=0x10,ttl=5))",
        "set(ipv4(dst=1.2.3.4,tos=0x10/0xfc,ttl=5))",
        "set(ipv4(tos=0,ttl=64))",
        "set(ipv6(src=fe80::1,label=0x5,tclass=0x8/0xfc,hlimit=63)),set(tcp(dst=5))",
        "set(ipv6(src=fe80::/ffff::,label=0x5/0xf))",
        "set(arp(sip=1.2.3.4,tip=1.2.3.5,op=1,sha=00:11:22:33:44:55,tha=00:11:22:33:44:55))",
        "set(nd(target=::1,sll=00:11:22:33:44:55,tll=00:11:22:33:44:55))",
        "set(nsh(flags=2,ttl=7,spi=0x1234,si=3,c1=0x1,c4=0x2)),4",
        "set(nsh(flags=0x01/0x01,spi=0x1/0x0000000f,c2=0x10/0x000000f0)),5",
        "set(nsh(ttl=9,c1=0x0,c2=0x0))",
        "set(tcp(src=5/0xff))",
        "set(udp(dst=6))",
        "set(sctp(dst=6))",
        "set(icmp(type=5,code=6))",
        "set(icmpv6(type=5))",
        "set(skb_mark(0x5)),2",
        "set(skb_mark(0x5/0xff))",
        "set(skb_priority(0x10005))",
        "trunc(100),1",
        "clone(1,push_vlan(vid=5,pcp=3)),3",
        "sample(sample=10.0%,actions(1))",
        "sample(sample=100.0%,actions(1,2))",
        "sample(sample=33.3%,actions(1))",
        "recirc(0x5)",
        "check_pkt_len(size=100,gt(drop),le(check_pkt_len(size=200,gt(2),le(drop)))),3",
        "ct,recirc(0x1),2",
        "ct(commit,zone=5,mark=0x1/0xffffffff,label=0x5/"
        "0xf,helper=ftp,timeout=foo,nat(src=1.1.1.1:5,random)),ct_clear,2",
        "ct(force_commit,mark=0/0xffffffff,helper=ftp,nat(dst=1.1.1.1-1.1.1.2:5-6,random)),2",
        "ct(commit,label=0x30000000000000000/0xffffffffffffffff0000000000000000),ct(commit,nat),ct(nat)",
        "ct(commit,zone=5,nat(src=[fe80::1]-[fe80::9]:1-2)),2",
        "meter(3)",
        "userspace(pid=0,controller(reason=1,dont_send=1,continuation=0,recirc_id=1,rule_cookie=0x1234,"
        "controller_id=5,max_len=100)),2",
        "userspace(pid=0,slow_path(lacp,controller))",
    };
    for (const std::string_view text : texts) {
        const auto actions = parse_actions(text);
        ASSERT_TRUE(actions) << text << ": " << actions.error().message;
        EXPECT_EQ(to_text(*actions), text);
    }
}

TEST(DpActionText, parts_of_a_label_stack_entry_may_be_set) {
    const auto actions = parse_actions("set(mpls(label=5/0xf,tc=1))");
    ASSERT_TRUE(actions);
    const auto& set = std::get<Set<MplsHeader>>((*actions)[0].v);
    EXPECT_EQ(set.mask.lse, Be32(0xf << 12 | 7 << 9));
    EXPECT_EQ(to_text(*actions), "set(mpls(label=5/0xf,tc=1/7))");
}

TEST(DpActionText, wrong_items_are_named) {
    for (const char* bad : {"foo", "set(foo(1))", "set(eth(src=1))", "set(eth(type=1))",
                            "push_vlan(vid=5000)", "userspace(x)", "sample(sample=200%)", "hash(x)",
                            "set(ipv4(src=1.2.3))", "trunc(x)", "recirc()", "set()", "clone(clone(foo))"}) {
        const auto actions = parse_actions(bad);
        ASSERT_FALSE(actions) << bad;
        EXPECT_FALSE(actions.error().message.empty());
    }
}

TEST(DpActionText, ports_may_have_names) {
    const PortNaming names{.name = [](DpPort p) -> std::optional<std::string> {
                               if (p.value == 3) return "p3";
                               return std::nullopt;
                           },
                           .number = [](std::string_view n) -> std::optional<DpPort> {
                               if (n == "p3") return DpPort{3};
                               return std::nullopt;
                           }};
    const auto actions = parse_actions("p3,4", names);
    ASSERT_TRUE(actions);
    EXPECT_EQ(to_text(*actions, names), "p3,4");
    EXPECT_EQ(to_text(*actions), "3,4");
}

TEST(DpAction, lists_are_alike_that_differ_in_bits_which_one_leaves_alone) {
    const auto list = [](const char* text) { return parse_actions(text).value(); };
    EXPECT_TRUE(alike(list("set(ipv4(tos=0x2/0x3)),3"), list("set(ipv4(tos=0x2)),3")));
    EXPECT_FALSE(alike(list("set(ipv4(tos=0x2/0x3)),3"), list("set(ipv4(tos=0x3)),3")));
    EXPECT_FALSE(alike(list("set(ipv4(tos=0x2)),3"), list("3,set(ipv4(tos=0x2))")));
    EXPECT_TRUE(alike(list("clone(set(ipv4(ttl=1/0xf)),2)"), list("clone(set(ipv4(ttl=1)),2)")));
    EXPECT_FALSE(alike(list("clone(set(ipv4(ttl=1/0xf)),2)"), list("clone(set(ipv4(ttl=2)),2)")));
    EXPECT_FALSE(alike(list("1"), list("1,2")));
}

}  // namespace
}  // namespace weft::action::dp
