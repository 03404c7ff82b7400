// SPDX-License-Identifier: Apache-2.0
// encap and decap. The datapath actions are Open vSwitch 3.1's for the same flows and packets
// (ofproto/trace).
#include <gtest/gtest.h>

#include "action/dp_action_text.h"
#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

const std::string nsh = "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x0,si=255,c1=0x0,c2=0x0,c3=0x0,c4=0x0)";
const std::string eth = "push_eth(src=00:00:00:00:00:00,dst=00:00:00:00:00:00)";

struct Case {
    const char *flow, *packet;
    std::string actions;
};

TEST(Encap, puts_headers_around_the_packet_as_open_vswitch_does) {
    const Case cases[] = {
        {"actions=encap(nsh(md_type=1)),set_field:0x1234->nsh_spi,set_field:7->nsh_c1,encap(ethernet),"
         "set_field:11:22:33:44:55:66->dl_dst,5",
         "tcp",
         "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1234,si=255,c1=0x7,c2=0x0,c3=0x0,c4=0x0),"
         "push_eth(src=00:00:00:00:00:00,dst=11:22:33:44:55:66),5"},
        {"actions=encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfedcba9876543210))),encap("
         "ethernet),5",
         "tcp",
         "push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x0,si=255,md2="
         "0x10000a041234567820001408fedcba9876543210)," +
             eth + ",5"},
        {"actions=encap(nsh(md_type=2,tlv(0x1000,10,0x123456))),encap(ethernet),5", "dl_type=0x88cc",
         "push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x0,si=255,md2=0x10000a0312345600)," + eth + ",5"},
        {"ip,actions=decap(),encap(ethernet),5", "ip", "pop_eth," + eth + ",5"},
        {"tcp,actions=decap(),encap(nsh()),encap(ethernet),5", "tcp",
         "pop_eth,push_nsh(flags=0,ttl=63,mdtype=1,np=1,spi=0x0,si=255,c1=0x0,c2=0x0,c3=0x0,c4=0x0)," + eth +
             ",5"},
        {"icmp,actions=decap(),encap(mpls),encap(ethernet),5", "icmp",
         "pop_eth,add_mpls(label=0,tc=0,ttl=64,bos=1,eth_type=0x8847)," + eth + ",5"},
        {"udp6,actions=decap(),encap(mpls),encap(ethernet),5", "udp6",
         "pop_eth,add_mpls(label=2,tc=0,ttl=64,bos=1,eth_type=0x8847)," + eth + ",5"},
        {"arp,actions=encap(mpls),encap(mpls_mc),encap(ethernet),5", "arp",
         "add_mpls(label=0,tc=0,ttl=64,bos=1,eth_type=0x8847),add_mpls(label=0,tc=0,ttl=64,bos=0,eth_type="
         "0x8848)," +
             eth + ",5"},
        {"arp,actions=encap(nsh()),encap(nsh(md_type=2)),encap(ethernet),5", "arp",
         nsh + ",push_nsh(flags=0,ttl=63,mdtype=2,np=4,spi=0x0,si=255,md2=0)," + eth + ",5"},
        {"mpls,actions=decap(),encap(mpls),set_field:9->mpls_label,encap(ethernet),5",
         "mpls,mpls_label=7,mpls_bos=1",
         "pop_eth,add_mpls(label=9,tc=0,ttl=0,bos=0,eth_type=0x8847)," + eth + ",5"},
        {"ip,actions=set_field:11:22:33:44:55:66->dl_dst,set_field:9.9.9.9->nw_src,decap(),encap(ethernet),5",
         "ip,nw_proto=77", "set(eth(dst=11:22:33:44:55:66)),set(ipv4(src=9.9.9.9)),pop_eth," + eth + ",5"},
        {"actions=push_vlan:0x8100,encap(nsh()),encap(ethernet),5", "dl_type=0x88cc",
         "push_vlan(vid=0,pcp=0)," + nsh + "," + eth + ",5"},
        {"actions=clone(decap(),encap(ethernet),2),3", "udp", "clone(pop_eth," + eth + ",2),3"},
        {"actions=clone(encap(nsh),encap(ethernet),2),encap(nsh),clone(encap(ethernet),2),encap(ethernet),5",
         "dl_type=0x88cc", "clone(" + nsh + "," + eth + ",2)," + nsh + ",clone(" + eth + ",2)," + eth + ",5"},
        {"actions=encap(nsh),encap(ethernet),2,set_field:11:22:33:44:55:66->eth_dst,3", "arp",
         nsh + "," + eth + ",2,set(eth(dst=11:22:33:44:55:66)),3"},
        {"actions=encap(nsh),encap(ethernet),clone(output:2),3", "arp", nsh + "," + eth + ",2,3"},
        {"actions=encap(nsh),encap(ethernet),write_actions(output:3)", "arp", nsh + "," + eth + ",3"},
    };
    for (const Case& c : cases) {
        World w = world_of_five_ports();
        w.add_flow("br0", c.flow);
        EXPECT_EQ(w.actions("br0", std::string("in_port=1,") + c.packet), c.actions) << c.flow;
    }
}

TEST(Encap, what_a_header_hid_is_known_after_recirculation) {
    const Case cases[] = {
        {"dl_type=0x894f,actions=decap(),decap(),5", "dl_type=0x894f,nsh_mdtype=1,nsh_np=3",
         "pop_eth,pop_nsh(),recirc(0x1)"},
        {"dl_type=0x894f,actions=decap(),decap(),5", "dl_type=0x894f,nsh_mdtype=1,nsh_np=1",
         "pop_eth,pop_nsh(),recirc(0x1)"},
        {"mpls,actions=decap(),decap(packet_type(ns=1,type=0x800)),encap(ethernet),5", "mpls,mpls_bos=1",
         "pop_eth,pop_mpls(eth_type=0x800),recirc(0x1)"},
        {"mpls,actions=decap(),decap(packet_type(ns=0,type=0)),5", "mpls,mpls_bos=1",
         "pop_eth,pop_mpls(eth_type=0x6558),recirc(0x1)"},
        {"actions=encap(nsh()),decap(),5", "sctp", nsh + ",pop_nsh(),recirc(0x1)"},
    };
    for (const Case& c : cases) {
        World w = world_of_five_ports();
        w.add_flow("br0", c.flow);
        EXPECT_EQ(w.actions("br0", std::string("in_port=1,") + c.packet), c.actions) << c.flow;
    }
}

TEST(Encap, goes_on_with_the_packet_that_comes_back) {
    World w = world_of_five_ports();
    w.add_flow("br0", "dl_type=0x894f,actions=decap(),decap(),mod_nw_dst:1.2.3.4,encap(ethernet),5");
    const auto first = w.translate("br0", World::key("in_port=1,dl_type=0x894f,nsh_mdtype=1,nsh_np=1"));
    ASSERT_EQ(first.recircs.size(), 1u);
    flow::FlowKey inner = World::key("in_port=1,ip");
    inner.packet.packet_type = Be32(0x10800);
    inner.packet.recirc_id = Be32(first.recircs[0]->id);
    inner.packet.nw_proto = 17;
    const auto second = w.translate("br0", inner);
    EXPECT_EQ(action::dp::to_text(second.actions), "set(ipv4(dst=1.2.3.4))," + eth + ",5");
}

TEST(Encap, drops_what_cannot_be) {
    struct Refused {
        const char *flow, *packet, *told;
    };
    const Refused cases[] = {
        {"actions=encap(ethernet),5", "ip",
         "Dropping packet as encap(ethernet) is not supported for packet type ethernet."},
        {"dl_vlan=5,actions=decap,5", "ip,dl_vlan=5",
         "Dropping packet, cannot decap Ethernet if VLAN is present."},
        {"ipv6,actions=decap,decap,5", "ipv6",
         "Dropping packet as the decap() does not support packet type (1,0x86dd)"},
        {"arp,actions=decap,encap(nsh),5", "arp",
         "Dropping packet as encap(nsh) is not supported for packet type (1,0x806)"},
        {"dl_type=0x894f,actions=decap,decap,5", "dl_type=0x894f,nsh_np=7,nsh_mdtype=1",
         "Dropping packet as NSH next protocol 7 is not supported"},
    };
    for (const Refused& c : cases) {
        World w = world_of_five_ports();
        w.add_flow("br0", c.flow);
        const std::string packet = std::string("in_port=1,") + c.packet;
        EXPECT_EQ(w.translate("br0", World::key(packet)).drop, Drop::unsupported_packet_type) << c.flow;
        EXPECT_NE(w.trace("br0", packet).find(c.told), std::string::npos) << w.trace("br0", packet);
    }
}

TEST(Encap, what_cannot_be_in_a_bucket_ends_the_bucket) {
    World w = world_of_five_ports();
    w.add_group("br0", "1,type=all,bucket=resubmit(,3),bucket=output:4");
    w.add_flow("br0", "actions=2,group:1,5");
    w.add_flow("br0", "table=3,actions=3,decap,2");
    EXPECT_EQ(w.actions("br0", "in_port=1,ip,dl_vlan=5"), "2,3,4,5") << "as Open vSwitch 3.1";
}

TEST(Encap, ports_take_ethernet_only) {
    World w = world_of_five_ports();
    w.add_flow("br0", "actions=decap(),5");
    EXPECT_EQ(w.actions("br0", "in_port=1,ip"), "drop");
    EXPECT_NE(w.trace("br0", "in_port=1,ip")
                  .find(">> Trying to send non-Ethernet packet through legacy L2 port. Dropping packet."),
              std::string::npos);
}

TEST(Encap, rules_mean_ethernet_unless_they_name_another_packet_type) {
    World w = world_of_five_ports();
    w.add_flow("br0", "actions=decap(),resubmit(,1)");
    w.add_flow("br0", "table=1,priority=9,ip,actions=2");
    w.add_flow("br0", "table=1,priority=8,actions=3");
    w.add_flow("br0", "table=1,priority=1,packet_type=(1,0x800),actions=encap(ethernet),5");
    EXPECT_EQ(w.actions("br0", "in_port=1,ip"), "pop_eth," + eth + ",5");
    w.add_flow("br0", "priority=40000,in_port=3,actions=resubmit(,1)");
    EXPECT_EQ(w.actions("br0", "in_port=3,ip"), "2");
}

TEST(Encap, a_made_header_costs_no_wildcards) {
    World w = world_of_five_ports();
    w.add_flow("br0", "actions=encap(nsh),encap(ethernet),set_field:11:22:33:44:55:66->eth_dst,5");
    const auto t = w.translate("br0", World::key("in_port=1,tcp,dl_dst=02:00:00:00:00:01"));
    EXPECT_EQ(t.mask.packet.eth_dst, Mac{});
    EXPECT_EQ(t.mask.packet.vlan[0].tci, Be16());
}

}  // namespace
}  // namespace weft::pipeline::testing
