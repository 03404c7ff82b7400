// SPDX-License-Identifier: Apache-2.0
// Whole texts of ofproto/trace, recorded from Open vSwitch 3.1.
#include <gtest/gtest.h>

#include "pipeline/oracle_world.h"

namespace weft::pipeline::testing {
namespace {

TEST(Trace, of_resubmits_and_gotos) {
    World w = oracle_world();
    add_flows(w, "br0", R"(ip,actions=resubmit(,10),resubmit(,11),2
table=10,tcp,actions=resubmit(3,12),resubmit(,12),dec_ttl,1,4
table=12,in_port=3,actions=set_field:00:00:00:00:00:01->eth_dst,2
table=12,in_port=1,actions=write_metadata:0x5,goto_table:13)");
    EXPECT_EQ(
        w.trace("br0", "in_port=1,tcp,nw_ttl=5,dl_dst=00:00:00:00:00:02"),
        R"(Flow: tcp,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:02,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_tos=0,nw_ecn=0,nw_ttl=5,nw_frag=no,tp_src=0,tp_dst=0,tcp_flags=0

bridge("br0")
-------------
 0. ip, priority 32768
    resubmit(,10)
    10. tcp, priority 32768
            resubmit(3,12)
            12. in_port=3, priority 32768
                    set_field:00:00:00:00:00:01->eth_dst
                    output:2
            resubmit(,12)
            12. in_port=1, priority 32768
                    write_metadata:0x5
                    goto_table:13
                13. No match.
                    drop
            dec_ttl
            output:1
             >> skipping output to input port
            output:4
    resubmit(,11)
    11. No match.
            drop
    output:2

Final flow: tcp,metadata=0x5,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:01,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_tos=0,nw_ecn=0,nw_ttl=4,nw_frag=no,tp_src=0,tp_dst=0,tcp_flags=0
Megaflow: recirc_id=0,eth,tcp,in_port=1,dl_dst=00:00:00:00:00:02,nw_ttl=5,nw_frag=no
Datapath actions: set(eth(dst=00:00:00:00:00:01)),2,set(ipv4(ttl=4)),4,2
)");
}

TEST(Trace, of_an_action_set_and_writes) {
    World w = oracle_world();
    add_flows(w, "br0",
              "ip,actions=push:NXM_OF_IN_PORT[],pop:NXM_NX_REG4[0..15],4,write_actions(output:2,push_vlan:"
              "0x8100,pop_vlan)"
              ",goto_table:1");
    EXPECT_EQ(
        w.trace("br0", "in_port=1,ip,nw_ttl=64"),
        R"(Flow: ip,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no

bridge("br0")
-------------
 0. ip, priority 32768
    push:NXM_OF_IN_PORT[]
    pop:NXM_NX_REG4[0..15]
     -> NXM_NX_REG4[0..15] is now 0x1
    output:4
    write_actions(output:2,push_vlan:0x8100,pop_vlan)
     -> action set is: pop_vlan,push_vlan:0x8100,output:2
    goto_table:1
     1. No match.
            drop
--. Executing action set:
    pop_vlan
    push_vlan:0x8100
    output:2

Final flow: ip,reg4=0x1,in_port=1,dl_vlan=0,dl_vlan_pcp=0,vlan_tci1=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no
Megaflow: recirc_id=0,eth,ip,in_port=1,nw_frag=no
Datapath actions: 4,push_vlan(vid=0,pcp=0),2
)");
}

TEST(Trace, of_a_patch_port_shows_the_other_bridge) {
    World w = oracle_world();
    add_flows(w, "br0", "actions=2,9,3");
    EXPECT_EQ(
        w.trace("br0", "in_port=1,ip,nw_ttl=64"),
        R"(Flow: ip,in_port=1,vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,nw_src=0.0.0.0,nw_dst=0.0.0.0,nw_proto=0,nw_tos=0,nw_ecn=0,nw_ttl=64,nw_frag=no

bridge("br0")
-------------
 0. priority 32768
    output:2
    output:9

    bridge("br1")
    -------------
         0. priority 0
            NORMAL
             -> no learned MAC for destination, flooding
    output:3

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port=1,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,nw_frag=no
Datapath actions: 2,101,6,7,3
)");
}

TEST(Trace, with_a_packet_learns_and_says_so) {
    World w = oracle_world();
    add_flows(w, "br0", "priority=1,actions=normal");
    const char* packet =
        "in_port=3,dl_vlan=10,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:07,dl_type=0x1234";
    EXPECT_NE(w.trace("br0", packet, true).find(R"(
 0. priority 1
    NORMAL
     -> learned that 00:00:00:00:00:01 is on port p3 in VLAN 10
     -> no learned MAC for destination, flooding
)"),
              std::string::npos);
    EXPECT_NE(
        w.trace("br0", "in_port=2,dl_src=00:00:00:00:00:05,dl_dst=00:00:00:00:00:01,dl_type=0x1234").find(R"(
 0. priority 1
    NORMAL
     -> forwarding to learned port

Final flow: unchanged
Megaflow: recirc_id=0,eth,in_port=2,dl_src=00:00:00:00:00:05,dl_dst=00:00:00:00:00:01,dl_type=0x1234
Datapath actions: push_vlan(vid=10,pcp=0),3
)"),
        std::string::npos);
}

TEST(Trace, of_learn_tells_the_flow_and_without_packet_leaves_it) {
    World w = oracle_world();
    add_flows(
        w, "br0",
        "actions=learn(table=1,idle_timeout=10,priority=5,cookie=0x44,limit=1,result_dst=NXM_NX_REG1[3],"
        "NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15],"
        "output:NXM_OF_IN_PORT[])");
    EXPECT_NE(w.trace("br0", "in_port=1,ip").find(" >> suppressing side effects, so learn action ignored\n"),
              std::string::npos);
    EXPECT_NE(w.trace("br0", "in_port=1,ip", true).find(R"(
     -> table=1 vlan_tci=0x0000/0x0fff,dl_dst=00:00:00:00:00:00 priority=5 cookie=0x44 idle=10 actions=load:0x1->NXM_NX_REG0[0..15],output:1
     -> NXM_NX_REG1[3] is now 0x1
)"),
              std::string::npos);
    EXPECT_NE(w.trace("br0", "in_port=1,ip,dl_src=00:00:00:00:00:01", true).find(R"(
     -> NXM_NX_REG1[3] is now 0
     -> Limit exceeded, learn failed
)"),
              std::string::npos);
}

TEST(Trace, ends_with_the_reason_when_translation_gives_up) {
    World w = oracle_world();
    add_flows(w, "br0", "actions=2,resubmit(,0)");
    const std::string text = w.trace("br0", "in_port=1,ip");
    EXPECT_NE(text.find(R"(    resubmit(,0)
     >>>> table 0 gets the same packet again: a loop <<<<

Final flow: unchanged
Megaflow: recirc_id=0,eth,ip,in_port=1,nw_frag=no
Datapath actions: drop
Translation failed (Recursion too deep), packet is dropped.
)"),
              std::string::npos)
        << text;
}

TEST(Trace, goes_deep_where_each_step_changes_the_packet) {
    World w = oracle_world();
    add_flows(w, "br0",
              "priority=1,ip,actions=dec_ttl,resubmit(,0)\npriority=2,ip,nw_ttl=1,actions=2\n"
              "priority=2,arp,actions=push:reg0,pop:reg1,resubmit(,0)");
    EXPECT_NE(w.trace("br0", "in_port=1,ip,nw_ttl=60").find("Datapath actions: "), std::string::npos);
    EXPECT_EQ(w.trace("br0", "in_port=1,ip,nw_ttl=60").find("failed"), std::string::npos);
    EXPECT_NE(w.trace("br0", "in_port=1,ip,nw_ttl=70").find("over max translation depth 64"),
              std::string::npos);
    EXPECT_NE(w.trace("br0", "in_port=1,arp").find("table 0 gets the same packet again: a loop"),
              std::string::npos);
}

TEST(Trace, of_a_loop_through_a_stack_that_grows_ends_at_the_depth) {
    World w = oracle_world();
    add_flows(w, "br0", "actions=push:reg0,resubmit(,0)");
    EXPECT_NE(w.trace("br0", "in_port=1,ip").find("over max translation depth 64"), std::string::npos);
}

TEST(Trace, of_as_many_resubmits_as_the_limit_is_cut) {
    World w = oracle_world();
    std::string nine;
    for (int i = 0; i < 9; ++i) nine += "resubmit(,%),";
    for (int table = 0; table < 6; ++table) {  // 9^5 + ... is within 65536, 9^6 is not
        std::string list = nine;
        for (size_t at; (at = list.find('%')) != std::string::npos;)
            list.replace(at, 1, std::to_string(table + 1));
        w.add_flow("br0", "table=" + std::to_string(table) + ",actions=" + list + "2");
    }
    EXPECT_TRUE(w.trace("br0", "in_port=1,ip")
                    .ends_with("Translation failed (Too many resubmits), packet is dropped.\n"));
}

struct MissCase {
    Miss miss;
    bool controller_wants, port_refuses;
    const char *line, *actions;
};

TEST(Trace, of_a_miss_depends_on_the_table_and_the_controllers) {
    const std::string asks = "No match, and a \"packet-in\" is called for.\n    controller(reason=)\n";
    const MissCase cases[] = {
        {Miss::as_connected, false, false, " 0. No match.\n    drop\n", "drop"},
        {Miss::as_connected, true, false, " 0. No match, and", "userspace"},
        {Miss::as_connected, true, true, " 0. No match.\n    drop\n", "drop"},
        {Miss::controller, false, false, " 0. No match, and", "userspace"},
        {Miss::drop, true, false, " 0. No match.\n    drop\n", "drop"},
        {Miss::next_table, false, false, " 1. No match.\n    drop\n", "drop"},
    };
    for (const MissCase& c : cases) {
        World w = oracle_world();
        auto& br0 = w.bridge("br0");
        br0.bridge.miss_to_controller = c.controller_wants;
        if (c.port_refuses) br0.port(1).config = port_config::no_packet_in;
        br0.bridge.tables->set_config(0, {.name = {}, .miss = c.miss});
        w.publish();
        const std::string text = w.trace("br0", "in_port=1,arp");
        EXPECT_NE(text.find(c.line), std::string::npos) << text;
        EXPECT_NE(text.find(std::string("\nDatapath actions: ") + c.actions), std::string::npos) << text;
    }
    World w = oracle_world();
    for (uint8_t t = 0; t < internal_table; ++t)
        w.bridge("br0").bridge.tables->set_config(t, {.name = {}, .miss = Miss::next_table});
    EXPECT_NE(w.trace("br0", "in_port=1,arp").find("253. " + asks), std::string::npos)
        << w.trace("br0", "in_port=1,arp");
}

}  // namespace
}  // namespace weft::pipeline::testing
