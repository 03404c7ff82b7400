// SPDX-License-Identifier: Apache-2.0
// What datapath actions come out: cases recorded from Open vSwitch 3.1 (ofproto/trace), flood order aside.
#include <gtest/gtest.h>

#include <regex>

#include "pipeline/oracle_world.h"

namespace weft::pipeline::testing {
namespace {

struct Case {
    const char *what, *flows, *packet, *actions;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.what; }

/// In short: `punt(reason=2,id=0)`. Numbers that name a packet-in (recirc_id) are anybody's choice.
std::string in_short(const std::string& actions) {
    static const std::regex punt(
        "userspace\\(pid=0,controller\\(reason=([0-9]+),dont_send=0,continuation=0,recirc_id=[0-9]+,rule_"
        "cookie=0,"
        "controller_id=([0-9]+),max_len=65535\\)\\)");
    return std::regex_replace(actions, punt, "punt(reason=$1,id=$2)");
}

class Oracle : public ::testing::TestWithParam<Case> {};

TEST_P(Oracle, gives_these_datapath_actions) {
    World w = oracle_world();
    add_flows(w, "br0", GetParam().flows);
    EXPECT_EQ(in_short(w.actions("br0", GetParam().packet)), GetParam().actions)
        << w.trace("br0", GetParam().packet);
}

const Case control[] = {
    {"goto a table that is none", "actions=write_actions(output:2),goto_table:255", "in_port=1,ip", "2"},
    {"resubmit and goto, set left out where the next packet has it anyway",
     R"(ip,actions=resubmit(,10),resubmit(,11),2
table=10,tcp,actions=resubmit(3,12),resubmit(,12),dec_ttl,1,4
table=12,in_port=3,actions=mod_dl_dst:00:00:00:00:00:01,2
table=12,in_port=1,actions=write_metadata:0x5,goto_table:13)",
     "in_port=1,tcp,nw_ttl=5,dl_dst=00:00:00:00:00:02",
     "set(eth(dst=00:00:00:00:00:01)),2,set(ipv4(ttl=4)),4,2"},
    {"the input port is left out", "actions=1,4", "in_port=1,ip", "4"},
    {"in_port sends it back", "actions=local,17,in_port", "in_port=1,ip", "100,1"},
    {"a changed in_port decides what is left out", "actions=load:9->OXM_OF_IN_PORT[],2,9", "in_port=1,ip",
     "2"},
    {"exit ends all lists", "actions=resubmit(,1),5\ntable=1,actions=4,exit", "in_port=1,ip", "4"},
    {"exit in a clone holds outside too", "actions=clone(load:1->NXM_NX_REG0[],exit,2),3", "in_port=1,ip",
     "drop"},
    {"the stack is left-padded",
     "actions=load:0x12345678->NXM_NX_REG0[],push:NXM_NX_REG0[0..3],pop:NXM_OF_IN_PORT[],output:NXM_OF_IN_"
     "PORT[],4",
     "in_port=1,ip", "4"},
    {"popping an empty stack changes nothing", "actions=pop:NXM_NX_REG0[],2", "in_port=1,ip", "2"},
    {"output to a register's port",
     "actions=output:NXM_NX_REG0[0..15],load:2->NXM_NX_REG0[],output:NXM_NX_REG0[],output(port=3,max_len="
     "100)",
     "in_port=1,ip", "2,trunc(100),3"},
    {"a register beyond 16 bits is no port", "actions=load:0x12345678->NXM_NX_REG0[],output:NXM_NX_REG0[],3",
     "in_port=1,ip", "3"},
    {"queues", "actions=set_queue:3,4,enqueue:5:7", "in_port=1,ip",
     "set(skb_priority(0x3)),4,set(skb_priority(0x7)),5"},
    {"a queue is put back", "actions=enqueue:1:3,enqueue:in_port:4,enqueue:66:5,pop_queue,3", "in_port=1,ip",
     "set(skb_priority(0x4)),1,set(skb_priority(0)),3"},
    {"marks", "actions=load:5->NXM_NX_PKT_MARK[],2,set_tunnel:4,3,load:0->NXM_NX_PKT_MARK[],4",
     "in_port=1,ip", "set(skb_mark(0x5)),2,3,set(skb_mark(0)),4"},
    {"no rule", "", "in_port=1,ip", "drop"},
    {"recursion without end sends nothing", "actions=2,resubmit(,0)", "in_port=1,ip", "drop"},
    {"recursion across a patch ends there, and what was sent stays sent",
     "in_port=9,actions=2\nin_port=1,actions=9,3", "in_port=1,ip", "101,6,7,3"},
    {"the action set runs at the end, in its own order",
     "actions=4,write_actions(output:2,mod_dl_src:00:00:00:00:00:01,push_vlan:0x8100,pop_vlan)",
     "in_port=1,ip", "4,set(eth(src=00:00:00:00:00:01)),push_vlan(vid=0,pcp=0),2"},
    {"a cleared action set runs nothing",
     "actions=write_actions(output:3),goto_table:7\ntable=7,actions=clear_actions", "in_port=1,ip", "drop"},
    {"after an exit the action set does not run",
     "actions=write_actions(output:3),goto_table:7\ntable=7,actions=2,exit", "in_port=1,ip", "2"},
    {"rules can match on the action set's output",
     "actset_output=unset,actions=2,write_actions(output:3),goto_table:7\n"
     "table=7,actset_output=3,actions=4,clear_actions,goto_table:8\ntable=8,actset_output=unset,actions=5",
     "in_port=1,ip", "2,4,5"},
    {"an action set without output runs nothing", "actions=write_actions(set_field:1->reg0)", "in_port=1,ip",
     "drop"},
};
INSTANTIATE_TEST_SUITE_P(Control, Oracle, ::testing::ValuesIn(control));

const Case fields[] = {
    {"whole fields and a change that is none", "ip,actions=mod_dl_dst:00:00:00:00:00:00,mod_nw_src:1.2.3.4,2",
     "in_port=1,tcp,nw_ttl=5", "set(ipv4(src=1.2.3.4)),2"},
    {"the order of sets",
     "tcp,actions=load:5->NXM_NX_PKT_MARK[],set_queue:3,mod_tp_dst:5,mod_nw_src:1.2.3.4,mod_dl_src:00:00:00:"
     "00:00:01,"
     "mod_vlan_vid:3,mod_nw_tos:8,4",
     "in_port=1,tcp,nw_ttl=64",
     "set(eth(src=00:00:00:00:00:01)),set(ipv4(src=1.2.3.4,tos=0x8/"
     "0xfc)),set(tcp(dst=5)),push_vlan(vid=3,pcp=0),"
     "set(skb_priority(0x3)),set(skb_mark(0x5)),4"},
    {"parts of fields",
     "tcp,actions=load:5->NXM_OF_IP_SRC[0..7],load:1->NXM_OF_IP_TOS[2..3],load:1->NXM_OF_ETH_DST[0..3],"
     "load:1->NXM_OF_TCP_SRC[4],load:1->NXM_OF_VLAN_TCI[0],load:1->NXM_NX_PKT_MARK[3],4",
     "in_port=1,tcp,nw_ttl=64",
     "set(eth(dst=00:00:00:00:00:01/00:00:00:00:00:0f)),set(ipv4(src=0.0.0.5/0.0.0.255,tos=0x4/0xc)),"
     "set(tcp(src=16/0x10)),set(skb_mark(0x8/0x8)),4"},
    {"nd", "icmp6,icmp_type=135,actions=set_field:::1->nd_target,set_field:00:00:00:00:00:03->nd_sll,4",
     "in_port=1,icmp6,icmp_type=135,icmp_code=0", "set(nd(target=::1,sll=00:00:00:00:00:03)),4"},
    {"arp",
     "arp,actions=move:NXM_OF_ETH_SRC[]->NXM_NX_ARP_THA[],load:2->NXM_OF_ARP_OP[],load:5->NXM_OF_ARP_SPA[],4",
     "in_port=1,arp,arp_op=1,dl_src=00:00:00:00:00:01", "set(arp(sip=0.0.0.5,op=2,tha=00:00:00:00:00:01)),4"},
    {"ipv6",
     "ipv6,actions=load:5->NXM_NX_IPV6_LABEL[],load:1->NXM_NX_IPV6_SRC[0..7],load:1->NXM_NX_IP_ECN[],dec_ttl,"
     "4",
     "in_port=1,tcp6,nw_ttl=9", "set(ipv6(src=::1/::ff,label=0x5,tclass=0x1/0x3,hlimit=8)),4"},
    {"sctp", "sctp,actions=mod_tp_src:4,4", "in_port=1,sctp", "set(sctp(src=4)),4"},
    {"a packet without the field stays as it is", "actions=mod_nw_src:1.2.3.4,2", "in_port=1,arp", "2"},
    {"later fragments have no ports", "actions=mod_tp_src:4,2", "in_port=1,udp,nw_frag=later", "2"},
    {"later fragments have a TTL", "ip,actions=load:4->NXM_NX_IP_TTL[],4", "in_port=1,sctp,nw_frag=later",
     "set(ipv4(ttl=4)),4"},
    {"a clone that truncates is one of the datapath",
     "ip,actions=mod_dl_dst:00:00:00:00:00:05,clone(dec_ttl,output(port=2,max_len=50)),3",
     "in_port=1,tcp,nw_ttl=5", "set(eth(dst=00:00:00:00:00:05)),clone(trunc(50),set(ipv4(ttl=4)),2),3"},
    {"a clone that truncates is none where nothing follows",
     "ip,actions=push_vlan:0x8100,clone(dec_ttl,output(port=2,max_len=50))", "in_port=1,tcp,nw_ttl=5",
     "trunc(50),set(ipv4(ttl=4)),push_vlan(vid=0,pcp=0),2"},
    {"a clone is undone, where it was seen", "actions=clone(mod_dl_dst:00:00:00:00:00:05,2),3",
     "in_port=1,tcp,nw_ttl=5", "set(eth(dst=00:00:00:00:00:05)),2,set(eth(dst=00:00:00:00:00:00)),3"},
    {"an exhausted TTL ends its list only", "ip,actions=resubmit(,1),3\ntable=1,ip,actions=dec_ttl,2",
     "in_port=1,ip,nw_ttl=1",
     "punt(reason=2,id=0)"
     ",3"},
    {"an exhausted TTL goes to each controller", "ip,actions=dec_ttl(1,2),4", "in_port=1,ip,nw_ttl=1",
     "punt(reason=2,id=1)"
     ","
     "punt(reason=2,id=2)"},
};
INSTANTIATE_TEST_SUITE_P(Fields, Oracle, ::testing::ValuesIn(fields));

const Case tags[] = {
    {"what a clone did under a label it pushed is undone", "ip,actions=clone(dec_ttl,push_mpls:0x8847,2),3",
     "in_port=1,udp,nw_ttl=64",
     "set(ipv4(ttl=63)),push_mpls(label=0,tc=0,ttl=63,bos=1,eth_type=0x8847),2,pop_mpls(eth_type=0x800),"
     "set(ipv4(ttl=64)),3"},
    {"what was so before a clone pushed a label is not set again",
     "ip,actions=dec_ttl,clone(push_mpls:0x8847,2),3", "in_port=1,udp,nw_ttl=64",
     "set(ipv4(ttl=63)),push_mpls(label=0,tc=0,ttl=63,bos=1,eth_type=0x8847),2,pop_mpls(eth_type=0x800),3"},
    {"rewriting a tag", "actions=mod_vlan_vid:4,2,mod_vlan_pcp:3,3,strip_vlan,4,strip_vlan,5",
     "in_port=1,udp,dl_vlan=7,dl_vlan_pcp=1",
     "pop_vlan,push_vlan(vid=4,pcp=1),2,pop_vlan,push_vlan(vid=4,pcp=3),3,pop_vlan,4,5"},
    {"two tags, as deep as the key sees",
     "actions=push_vlan:0x88a8,set_field:4100->vlan_vid,2,push_vlan:0x8100,3",
     "in_port=1,udp,dl_vlan=7,dl_vlan_pcp=1",
     "push_vlan(tpid=0x88a8,vid=4,pcp=0),2,pop_vlan,pop_vlan,push_vlan(tpid=0x88a8,vid=4,pcp=0),push_vlan("
     "vid=0,pcp=0),3"},
    {"mpls behind a tag",
     "ip,actions=push_vlan:0x88a8,set_field:4100->vlan_vid,push_mpls:0x8847,set_mpls_ttl(7),2",
     "in_port=1,udp",
     "push_vlan(tpid=0x88a8,vid=4,pcp=0),push_mpls(label=0,tc=0,ttl=7,bos=1,eth_type=0x8847),2"},
    {"labels grow",
     "ip,actions=push_mpls:0x8847,2,load:5->OXM_OF_MPLS_LABEL[],3,push_mpls:0x8847,push_mpls:0x8847,4,5",
     "in_port=1,tcp,nw_ttl=5",
     "push_mpls(label=0,tc=0,ttl=5,bos=1,eth_type=0x8847),2,set(mpls(label=5,tc=0,ttl=5,bos=1)),3,"
     "push_mpls(label=5,tc=0,ttl=5,bos=0,eth_type=0x8847),push_mpls(label=5,tc=0,ttl=5,bos=0,eth_type=0x8847)"
     ",4,5"},
    {"a fourth label is too many",
     "ip,actions=push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,4", "in_port=1,tcp",
     "drop"},
    {"a label's traffic class comes from DSCP", "ip,actions=mod_nw_tos:4,push_mpls:0x8847,2",
     "in_port=1,udp,nw_ttl=64",
     "set(ipv4(tos=0x4/0xfc)),push_mpls(label=0,tc=1,ttl=64,bos=1,eth_type=0x8847),2"},
    {"labels pushed and popped leave no trace", "ip,actions=clone(push_mpls:0x8847,2),3",
     "in_port=1,tcp,nw_ttl=5",
     "push_mpls(label=0,tc=0,ttl=5,bos=1,eth_type=0x8847),2,pop_mpls(eth_type=0x800),3"},
    {"the last label popped", "mpls,actions=pop_mpls:0x0800,2", "in_port=1,mpls,mpls_bos=1,mpls_ttl=3",
     "pop_mpls(eth_type=0x800),2"},
    {"a lookup behind the last label waits for the packet to come back",
     "mpls,actions=pop_mpls:0x0800,2,resubmit(,1),3", "in_port=1,mpls,mpls_bos=1,mpls_ttl=3",
     "pop_mpls(eth_type=0x800),2,recirc(0x1)"},
    {"a label's TTL", "mpls,actions=pop_mpls:0x8847,dec_mpls_ttl,2",
     "in_port=1,mpls,mpls_bos=1,mpls_label=5,mpls_ttl=64",
     "pop_mpls(eth_type=0x8847),"
     "punt(reason=2,id=0)"},
    {"an 802.1ad packet-out to the controller", "actions=push_vlan:0x8100,controller,strip_vlan,3",
     "in_port=1,arp",
     "push_vlan(vid=0,pcp=0),"
     "punt(reason=1,id=0)"
     ",pop_vlan,3"},
};
INSTANTIATE_TEST_SUITE_P(Tags, Oracle, ::testing::ValuesIn(tags));

const Case normal[] = {
    {"an access port's frames are tagged for trunks", "actions=normal",
     "in_port=2,arp,dl_src=00:00:00:00:00:01", "push_vlan(vid=10,pcp=0),100,1,3,4,5,101,6,7"},
    {"a trunk's frames are untagged for access ports", "actions=normal",
     "in_port=3,dl_vlan=10,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:07,dl_type=0x1234",
     "100,1,pop_vlan,2,push_vlan(vid=10,pcp=0),4,5,101,6,7"},
    {"VLANs that a trunk does not carry", "actions=normal", "in_port=3,ip,dl_vlan=5,dl_vlan_pcp=3", "drop"},
    {"tagged frames on an access port", "actions=normal", "in_port=2,ip,dl_vlan=4,dl_vlan_pcp=3", "drop"},
    {"a priority tag on an access port keeps its priority", "actions=normal",
     "in_port=2,ip,dl_vlan=0,dl_vlan_pcp=3", "pop_vlan,push_vlan(vid=10,pcp=3),100,1,3,4,5,101,6,7"},
    {"a priority tag between trunks stays", "actions=normal", "in_port=1,ip,dl_vlan=0,dl_vlan_pcp=3",
     "100,4,5,101,6,7"},
    {"an empty tag goes", "actions=normal", "in_port=1,ip,dl_vlan=0,dl_vlan_pcp=0",
     "pop_vlan,100,4,5,101,6,7"},
    {"reserved groups", "actions=normal", "in_port=1,ip,dl_dst=01:80:c2:00:00:00", "drop"},
    {"a port that does not exist", "actions=normal", "in_port=99,ip", "drop"},
    {"the input port may be another", "actions=load:2->NXM_OF_IN_PORT[],normal", "in_port=1,ip,nw_ttl=64",
     "push_vlan(vid=10,pcp=0),100,1,3,4,5,101,6,7"},
    {"flood", "actions=flood", "in_port=1,ip", "2,3,4,5,101,6,7,100"},
};
INSTANTIATE_TEST_SUITE_P(Normal, Oracle, ::testing::ValuesIn(normal));

}  // namespace
}  // namespace weft::pipeline::testing
