// SPDX-License-Identifier: Apache-2.0
// multipath, bundle and bundle_load, check_pkt_larger, and what connection tracking does without a tracker.
#include <gtest/gtest.h>

#include <set>

#include "pipeline/oracle_world.h"

namespace weft::pipeline::testing {
namespace {

/// The link that a packet from this station gets.
uint64_t link(World& w, int station) {
    const auto key = World::key("in_port=1,dl_src=02:00:00:00:00:" + std::to_string(10 + station));
    return w.translate("br0", key).final_key.pipe.regs[0].host();
}

TEST(Multipath, uses_every_link_and_no_other) {
    for (const char* algorithm : {"modulo_n,7,0", "hash_threshold,7,0", "hrw,7,0", "iter_hash,7,9",
                                  "iter_hash,7,0", "iter_hash,7,1000", "hrw,70,0"}) {
        World w = oracle_world();
        w.add_flow("br0", std::string("actions=multipath(eth_src,3,") + algorithm + ",NXM_NX_REG0[]),2");
        std::set<uint64_t> links;
        for (int i = 0; i < 80; ++i) links.insert(link(w, i));
        const bool seven = std::string_view(algorithm).find(",7,") != std::string_view::npos;
        EXPECT_EQ(*links.rbegin(), seven ? 6u : *links.rbegin()) << algorithm;
        EXPECT_LT(*links.rbegin(), 70u);
        EXPECT_GE(links.size(), seven ? 7u : 30u) << algorithm;
    }
}

TEST(Multipath, goes_by_the_basis_too) {
    World w = oracle_world();
    w.add_flow("br0", "actions=multipath(eth_src,1,modulo_n,65536,0,NXM_NX_REG0[])");
    World other = oracle_world();
    other.add_flow("br0", "actions=multipath(eth_src,2,modulo_n,65536,0,NXM_NX_REG0[])");
    EXPECT_NE(link(w, 1), link(other, 1));
    EXPECT_EQ(link(w, 1), link(w, 1));
}

TEST(Multipath, hrw_moves_only_the_packets_of_the_link_that_goes) {
    World seven = oracle_world(), six = oracle_world();
    seven.add_flow("br0", "actions=multipath(eth_src,0,hrw,7,0,NXM_NX_REG0[])");
    six.add_flow("br0", "actions=multipath(eth_src,0,hrw,6,0,NXM_NX_REG0[])");
    for (int i = 0; i < 80; ++i)
        if (link(seven, i) != 6) EXPECT_EQ(link(seven, i), link(six, i));
}

struct SymmetricCase {
    const char *fields, *one, *other;
    bool same;
};
TEST(Multipath, hashes_what_its_fields_say) {
    const SymmetricCase cases[] = {
        {"symmetric_l4", "tcp,nw_src=1.1.1.1,nw_dst=2.2.2.2,tp_src=5,tp_dst=6",
         "tcp,nw_src=2.2.2.2,nw_dst=1.1.1.1,tp_src=6,tp_dst=5", true},
        {"symmetric_l4", "tcp,tp_src=5", "tcp,tp_src=7", false},
        {"symmetric_l4", "udp,tp_src=5", "udp,tp_src=7", true},
        {"symmetric_l4", "ip,dl_src=00:00:00:00:00:01", "ip,dl_src=00:00:00:00:00:02", false},
        {"symmetric_l3l4", "tcp,dl_src=00:00:00:00:00:01", "tcp,dl_src=00:00:00:00:00:02", true},
        {"symmetric_l3l4", "udp,tp_src=5", "udp,tp_src=7", true},
        {"symmetric_l3l4+udp", "udp,tp_src=5", "udp,tp_src=7", false},
        {"symmetric_l3l4+udp", "udp,tp_src=5,tp_dst=7", "udp,tp_src=7,tp_dst=5", true},
        {"symmetric_l3", "tcp,tp_src=5", "udp,tp_src=7", true},
        {"symmetric_l3", "ipv6,ipv6_src=::1,ipv6_dst=::2", "ipv6,ipv6_src=::2,ipv6_dst=::1", true},
        {"symmetric_l3", "ipv6,ipv6_src=::1", "ipv6,ipv6_src=::3", false},
        {"nw_src", "ip,nw_src=1.1.1.1", "ip,nw_src=1.1.1.2", false},
        {"nw_src", "ip,nw_dst=1.1.1.1", "ip,nw_dst=1.1.1.2", true},
        {"nw_dst", "ipv6,ipv6_dst=::1", "ipv6,ipv6_dst=::2", false},
        {"nw_dst", "arp,arp_tpa=1.1.1.1", "arp,arp_tpa=1.1.1.2", true},
    };
    for (const auto& c : cases) {
        World w = oracle_world();
        w.add_flow("br0",
                   std::string("actions=multipath(") + c.fields + ",0,modulo_n,65536,0,NXM_NX_REG0[])");
        const auto of = [&](const char* packet) {
            return w.translate("br0", World::key(std::string("in_port=1,") + packet)).final_key.pipe.regs[0];
        };
        EXPECT_EQ(of(c.one) == of(c.other), c.same) << c.fields << ": " << c.one << " and " << c.other;
    }
}

TEST(Bundle, active_backup_takes_the_first_live_port) {
    World w = oracle_world();
    auto& br0 = w.bridge("br0");
    w.add_flow("br0", "actions=bundle(eth_src,0,active_backup,ofport,members:77,4,5)");
    EXPECT_EQ(w.actions("br0", "in_port=1,ip"), "4");
    EXPECT_EQ(w.actions("br0", "in_port=4,ip"), "drop") << "not back where it came from";
    br0.port(4).link_up = false;
    w.publish();
    EXPECT_EQ(w.actions("br0", "in_port=1,ip"), "5");
    br0.port(5).config = port_config::port_down;
    w.publish();
    EXPECT_EQ(w.actions("br0", "in_port=1,ip"), "drop");
}

TEST(Bundle, counts_the_reserved_ports_as_live) {
    World w = oracle_world();
    add_flows(w, "br0",
              "in_port=1,actions=bundle(eth_src,0,active_backup,ofport,members:in_port,2)\n"
              "in_port=4,actions=bundle(eth_src,0,hrw,ofport,members:local)");
    EXPECT_EQ(w.actions("br0", "in_port=1,ip"), "1");
    EXPECT_EQ(w.actions("br0", "in_port=4,ip"), "100");
}

TEST(Bundle, hrw_spreads_over_live_ports_and_keeps_what_it_can_when_one_goes) {
    World w = oracle_world();
    w.add_flow("br0", "actions=bundle_load(nw_src,0,hrw,ofport,NXM_NX_REG0[],members:2,4,5)");
    const auto member = [&](int i) {
        const auto key = World::key("in_port=1,ip,nw_src=10.0.0." + std::to_string(i));
        return w.translate("br0", key).final_key.pipe.regs[0].host();
    };
    std::map<int, uint32_t> before;
    for (int i = 0; i < 60; ++i) before[i] = member(i);
    std::set<uint32_t> used;
    for (const auto& [i, port] : before) used.insert(port);
    EXPECT_EQ(used, (std::set<uint32_t>{2, 4, 5}));
    w.bridge("br0").port(4).link_up = false;
    w.publish();
    for (const auto& [i, port] : before)
        if (port != 4)
            EXPECT_EQ(member(i), port);
        else
            EXPECT_NE(member(i), 4u);
}

TEST(Bundle, load_of_no_live_port_stores_none) {
    World w = oracle_world();
    w.add_flow("br0", "actions=bundle_load(nw_src,0,hrw,ofport,reg0[0..15],members:77),output:reg0");
    const std::string text = w.trace("br0", "in_port=1,ip");
    EXPECT_NE(text.find(R"(
    bundle_load(nw_src,0,hrw,ofport,NXM_NX_REG0[0..15],members:77)
     -> NXM_NX_REG0[0..15] is now 0xffff
    output:NXM_NX_REG0[]
     -> output port is 65535
)"),
              std::string::npos)
        << text;
}

// All texts were recorded from Open vSwitch.
TEST(CheckPktLarger, makes_two_branches_of_what_follows) {
    World w = oracle_world();
    add_flows(w, "br0", R"(actions=resubmit(,1),4
table=1,actions=check_pkt_larger(100)->reg0[0],resubmit(,2)
table=2,priority=10,reg0=1,actions=5,exit
table=2,priority=9,reg0=0,actions=set_field:00:00:00:00:00:02->eth_dst,5)");
    const std::string text = w.trace("br0", "in_port=1,tcp");
    EXPECT_NE(text.find(R"( 0. priority 32768
    resubmit(,1)
 1. priority 32768
    check_pkt_larger(100)->NXM_NX_REG0[0]
    resubmit(,2)
     2. reg0=0x1, priority 10
            output:5
            exit
    resubmit(,2)
 2. reg0=0, priority 9
    set_field:00:00:00:00:00:02->eth_dst
    output:5

Final flow: unchanged
)"),
              std::string::npos)
        << text;
    EXPECT_EQ(w.actions("br0", "in_port=1,tcp"),
              "check_pkt_len(size=100,gt(5),le(set(eth(dst=00:00:00:00:00:02)),5))");
}

struct LengthCase {
    const char *flows, *actions;
};
TEST(CheckPktLarger, carries_out_before_it_branches_what_was_changed_and_goes_on_behind_it) {
    const LengthCase cases[] = {
        {"actions=mod_dl_src:00:00:00:00:00:01,check_pkt_larger(100)->reg0[0],5",
         "set(eth(src=00:00:00:00:00:01)),check_pkt_len(size=100,gt(5),le(5))"},
        {"actions=4,check_pkt_larger(100)->reg0[0]", "4,check_pkt_len(size=100,gt(drop),le(drop))"},
        {"actions=check_pkt_larger(100)->reg0[0],check_pkt_larger(200)->reg0[1],5",
         "check_pkt_len(size=100,gt(check_pkt_len(size=200,gt(5),le(5))),"
         "le(check_pkt_len(size=200,gt(5),le(5))))"},
        {"actions=clone(check_pkt_larger(100)->reg0[0],4),5", "check_pkt_len(size=100,gt(4),le(4)),5"},
        {"actions=check_pkt_larger(100)->reg0[0],goto_table:1\ntable=1,reg0=1,actions=5",
         "check_pkt_len(size=100,gt(5),le(drop))"},
        {"actions=check_pkt_larger(100)->reg0[0],write_actions(output:4),goto_table:1\n"
         "table=1,reg0=1,actions=5",
         "check_pkt_len(size=100,gt(5,4),le(4))"},
        {"actions=resubmit(,1),4\ntable=1,actions=check_pkt_larger(100)->reg0[0],5",
         "check_pkt_len(size=100,gt(5),le(5)),4"},
        // Open vSwitch sends longer packets to port 4 twice.
        {"actions=write_actions(output:4),goto_table:1\ntable=1,actions=check_pkt_larger(100)->reg0[0],5",
         "check_pkt_len(size=100,gt(5,4),le(5,4))"},
    };
    for (const LengthCase& c : cases) {
        World w = oracle_world();
        add_flows(w, "br0", c.flows);
        EXPECT_EQ(w.actions("br0", "in_port=1,tcp"), c.actions) << c.flows;
    }
}

TEST(CheckPktLarger, leaves_the_packet_as_it_was_to_what_called_it) {
    World w = oracle_world();
    add_flows(w, "br0",
              "actions=resubmit(,1),output:reg0[0..15]\n"
              "table=1,actions=load:4->reg0[],check_pkt_larger(100)->reg1[0],load:5->reg0[]");
    EXPECT_EQ(w.actions("br0", "in_port=1,tcp"), "check_pkt_len(size=100,gt(drop),le(drop)),4");
}

TEST(CheckPktLarger, recirculates_from_each_branch) {
    World w = oracle_world();
    w.add_flow("br0", "mpls,actions=pop_mpls:0x0800,check_pkt_larger(100)->reg0[0],resubmit(,9)");
    const auto waits = w.translate("br0", World::key("in_port=1,mpls,mpls_bos=1"));
    EXPECT_EQ(waits.recircs.size(), 1u) << "what is below the label decides in all that follows";
    World both = oracle_world();
    both.add_flow("br0", "mpls,actions=check_pkt_larger(100)->reg0[0],pop_mpls:0x0800,resubmit(,9)");
    const auto out = both.translate("br0", World::key("in_port=1,mpls,mpls_bos=1"));
    EXPECT_EQ(out.recircs.size(), 2u);
    EXPECT_EQ(out.actions.size(), 1u);
}

TEST(CheckPktLarger, many_in_a_row_end_at_the_limit_of_work) {
    World w = oracle_world();
    std::string list;
    for (int i = 0; i < 40; ++i) list += "check_pkt_larger(" + std::to_string(i) + ")->reg0[0],";
    w.add_flow("br0", "actions=" + list + "5");
    const auto out = w.translate("br0", World::key("in_port=1,tcp"));
    EXPECT_EQ(out.drop, Drop::too_many_resubmit);
}

TEST(Conntrack, drops_what_needs_it_and_says_why) {
    World w = oracle_world();
    w.add_flow("br0", "ip,actions=4,ct(commit,nat(src=1.2.3.4)),5");
    const auto out = w.translate("br0", World::key("in_port=1,tcp"));
    EXPECT_EQ(out.drop, Drop::needs_conntrack);
    EXPECT_TRUE(out.failed);
    const std::string text = w.trace("br0", "in_port=1,tcp");
    EXPECT_TRUE(
        text.ends_with("Datapath actions: drop\nTranslation failed (needs connection tracking, which this "
                       "datapath does not have yet), packet is dropped.\n"))
        << text;
}

struct NshCase {
    const char *flow, *packet, *actions;
};
// As Open vSwitch traces them.
TEST(Nsh, fields_are_set_and_the_ttl_counts_down) {
    const NshCase cases[] = {
        {"actions=dec_nsh_ttl,5", "nsh_ttl=6", "set(nsh(ttl=5)),5"},
        {"actions=set_field:5->nsh_si,5", "nsh_ttl=6", "set(nsh(si=5)),5"},
        {"actions=set_field:5->nsh_si,5", "nsh_si=5", "5"},
        {"nsh_mdtype=1,actions=set_field:0x1234->nsh_spi,set_field:3->nsh_si,set_field:2->nsh_flags,"
         "set_field:7->nsh_ttl,set_field:1->nsh_c1,set_field:2->nsh_c4,5",
         "nsh_spi=0x99,nsh_ttl=6", "set(nsh(flags=2,ttl=7,spi=0x1234,si=3,c1=0x1,c4=0x2)),5"},
        {"nsh_mdtype=1,actions=load:1->nsh_spi[0..3],set_field:0x10/0xf0->nsh_c2,load:1->nsh_flags[0],5",
         "nsh_spi=0x1234", "set(nsh(flags=0x01/0x01,spi=0x1/0x0000000f,c2=0x10/0x000000f0)),5"},
    };
    for (const NshCase& c : cases) {
        World w = oracle_world();
        w.add_flow("br0", std::string("dl_type=0x894f,") + c.flow);
        EXPECT_EQ(w.actions("br0", std::string("in_port=1,dl_type=0x894f,nsh_mdtype=1,") + c.packet),
                  c.actions)
            << c.flow;
    }
}

TEST(Nsh, ttl_that_runs_out_goes_to_the_controllers_instead) {
    World w = oracle_world();
    w.add_flow("br0", "dl_type=0x894f,actions=dec_nsh_ttl,5");
    const auto out = w.translate("br0", World::key("in_port=1,dl_type=0x894f,nsh_ttl=1"));
    ASSERT_EQ(out.punts.size(), 1u);
    EXPECT_EQ(out.punts[0].reason, Reason::invalid_ttl);
    EXPECT_EQ(out.actions.size(), 1u) << "port 5 gets nothing";
}

TEST(Conntrack, clear_is_no_more_than_what_an_untracked_packet_is) {
    World w = oracle_world();
    w.add_flow("br0", "ip,actions=ct_clear,5");
    EXPECT_EQ(w.actions("br0", "in_port=1,tcp"), "5");
}

}  // namespace
}  // namespace weft::pipeline::testing
