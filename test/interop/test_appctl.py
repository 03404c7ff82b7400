# SPDX-License-Identifier: Apache-2.0
"""ovs-appctl: what scripts parse (trace, fdb, datapath flows, logs) reads as the oracle's."""
import contextlib
import re

import pytest

import process
from normal import assert_same, flood_order, said, text

MEGAFLOW = (r"Megaflow: .*", "Megaflow: ...")
UDP = "in_port=1,udp,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=64,udp_src=1,udp_dst=2"
TCP = UDP.replace("udp", "tcp")
ARP = "in_port=2,arp,dl_src=02:00:00:00:00:02,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.2"
NSH = "in_port=1,dl_type=0x894f,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nsh_mdtype=1,nsh_np=3,nsh_ttl=9,nsh_spi=0x5,nsh_si=3"
TAGGED = UDP.replace("udp,", "udp,dl_vlan=5,dl_vlan_pcp=3,")

# The flows of the tables, and the packet traced through them.
TRACES = {
    "no flow": ([], UDP),
    "output": (["in_port=1,actions=2"], UDP),
    "outputs": (["actions=1,2,3,LOCAL"], UDP),
    "drop": (["priority=7,cookie=0x5,udp,actions=drop"], UDP),
    "normal": (["actions=NORMAL"], UDP),
    "normal broadcast": (["actions=NORMAL"], ARP),
    "flood": (["actions=flood"], UDP),
    "all": (["actions=all"], UDP),
    "in_port": (["actions=in_port"], UDP),
    "controller": (["actions=controller:64"], UDP),
    "resubmit": (["actions=resubmit(,1),3", "table=1,priority=3,tcp,actions=2", "table=1,priority=2,ip,actions=LOCAL"], UDP),
    "resubmit deep": (["actions=resubmit(,1)", "table=1,actions=resubmit(,2),2", "table=2,actions=set_field:9->reg0,resubmit(,3)",
                       "table=3,reg0=9,actions=1,3"], UDP),
    "resubmit port": (["in_port=1,actions=resubmit:2", "in_port=2,actions=3"], UDP),
    "resubmit miss": (["actions=resubmit(,9),2"], UDP),
    "goto": (["actions=2,goto_table:5", "table=5,actions=3"], UDP),
    "write actions": (["actions=write_actions(set_field:02:00:00:00:00:07->eth_src,output:3),goto_table:5", "table=5,actions=2"], UDP),
    "clear actions": (["actions=write_actions(output:3),goto_table:5", "table=5,actions=clear_actions,write_actions(output:2)"], UDP),
    "metadata": (["actions=write_metadata:0x5,goto_table:1", "table=1,metadata=5,actions=2"], UDP),
    "set ethernet": (["actions=mod_dl_src:02:00:00:00:00:07,mod_dl_dst:02:00:00:00:00:08,2"], UDP),
    "set ip": (["ip,actions=mod_nw_src:1.2.3.4,mod_nw_tos:184,dec_ttl,2"], UDP),
    "set ports": (["udp,actions=mod_tp_src:80,mod_tp_dst:81,2"], UDP),
    "set then back": (["ip,actions=mod_nw_src:1.2.3.4,2,mod_nw_src:10.0.0.1,3"], UDP),
    "set the same": (["ip,actions=mod_nw_src:10.0.0.1,3"], UDP),
    "push vlan": (["actions=push_vlan:0x8100,set_field:4101->vlan_vid,2"], UDP),
    "set vlan": (["actions=mod_vlan_vid:7,mod_vlan_pcp:2,2,strip_vlan,3"], UDP),
    "pop vlan": (["dl_vlan=5,actions=strip_vlan,2"], TAGGED),
    "match vlan": (["dl_vlan=6,actions=2", "dl_vlan=5,dl_vlan_pcp=3,actions=3"], TAGGED),
    "push mpls": (["ip,actions=push_mpls:0x8847,set_field:9->mpls_label,2"], UDP),
    "ttl expires": (["ip,actions=dec_ttl,2"], UDP.replace("nw_ttl=64", "nw_ttl=1")),
    "move": (["actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],in_port"], UDP),
    "load": (["ip,actions=load:0x0a0000ff->NXM_OF_IP_DST[],2"], UDP),
    "arp reply": (["arp,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],load:2->NXM_OF_ARP_OP[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],in_port"], ARP),
    "stack": (["actions=push:NXM_OF_IN_PORT[],pop:NXM_NX_REG0[0..15],resubmit(,1)", "table=1,reg0=1,actions=2"], UDP),
    "stack empty": (["actions=pop:NXM_NX_REG0[],2"], UDP),
    "clone": (["ip,actions=clone(mod_nw_src:1.2.3.4,2),3"], UDP),
    "exit": (["actions=2,exit,3"], UDP),
    "note": (["actions=note:aa.bb,2"], UDP),
    "learn": (["actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),2"], UDP),
    "output reg": (["actions=set_field:3->reg0,output:NXM_NX_REG0[0..15]"], UDP),
    "bundle": (["actions=bundle(eth_src,0,active_backup,ofport,members:77,3)"], UDP),
    "bundle of none": (["actions=bundle(eth_src,0,hrw,ofport,members:77),2"], UDP),
    "bundle back": (["actions=bundle(symmetric_l4,0,hrw,ofport,members:in_port)"], UDP),
    "bundle load": (["actions=bundle_load(nw_src,0,active_backup,ofport,reg0[0..15],members:77,3),output:reg0"], UDP),
    "multipath": (["actions=multipath(symmetric_l3l4+udp,0,modulo_n,1,0,reg0[0..3]),2"], UDP),
    "check_pkt_larger": (["actions=mod_dl_src:02:00:00:00:00:09,check_pkt_larger(100)->reg0[0],resubmit(,1)", "table=1,reg0=1,actions=2",
                          "table=1,reg0=0,priority=5,actions=mod_dl_dst:02:00:00:00:00:08,3"], UDP),
    "check_pkt_larger twice": (["actions=check_pkt_larger(100)->reg0[0],check_pkt_larger(200)->reg0[1],2,resubmit(,9)"], UDP),
    "check_pkt_larger called": (["actions=resubmit(,1),2", "table=1,actions=check_pkt_larger(100)->reg0[0],resubmit(,2)", "table=2,reg0=1,actions=3,exit"],
                                UDP),
    "check_pkt_larger in a clone": (["actions=clone(check_pkt_larger(100)->reg0[0],2),3"], UDP),
    "sample": (["actions=sample(probability=65535,collector_set_id=1),2"], UDP),
    "ct_clear": (["actions=ct_clear,2"], UDP),
    "nsh": (["dl_type=0x894f,actions=dec_nsh_ttl,set_field:0x1234->nsh_spi,load:1->nsh_flags[0],set_field:1->nsh_c2,2"], NSH),
    "nsh ttl expires": (["dl_type=0x894f,actions=dec_nsh_ttl,2"], NSH.replace("nsh_ttl=9", "nsh_ttl=1")),
    "encap(ethernet)": (["actions=encap(ethernet),2"], UDP),
    "decap of a tag": (["actions=decap,2"], TAGGED),
    "output nowhere": (["actions=output:77"], UDP),
    "loop": (["actions=push:NXM_NX_REG0[],resubmit(,0)"], UDP),  # the stack grows: else ours finds it at the second round
    "arp": (["arp,arp_op=1,arp_tpa=10.0.0.2,actions=3"], ARP),
    "tcp": (["tcp,tcp_dst=2,actions=3"], TCP),
    "cidr": (["ip,nw_dst=10.0.0.0/8,actions=3", "priority=40000,ip,nw_dst=10.0.1.0/24,actions=2"], UDP),
    "fragments": (["ip,ip_frag=later,actions=2", "priority=3,actions=3"], UDP.replace("nw_ttl=64,udp_src=1,udp_dst=2", "nw_ttl=64,nw_frag=later")),
    "ipv6": (["ipv6,ipv6_dst=fe80::/16,actions=dec_ttl,3"], "in_port=1,tcp6,ipv6_src=fe80::1,ipv6_dst=fe80::2,nw_ttl=9,tcp_src=1,tcp_dst=2"),
    "icmp": (["icmp,icmp_type=8,actions=2"], "in_port=1,icmp,nw_src=1.1.1.1,nw_dst=2.2.2.2,nw_ttl=5,icmp_type=8,icmp_code=0"),
    "icmp6 nd": (["icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::9,actions=2"],
                 "in_port=1,icmp6,ipv6_src=fe80::1,ipv6_dst=fe80::2,nw_ttl=255,icmpv6_type=135,icmpv6_code=0,nd_target=fe80::9"),
    "mpls": (["mpls,mpls_label=5,actions=dec_mpls_ttl,2"], "in_port=1,mpls,mpls_label=5,mpls_tc=1,mpls_ttl=9,mpls_bos=1"),
}


def load(stack, flows):
    stack.ofctl("del-flows", "br0")
    stack.appctl("fdb/flush", "br0")
    stack.ofctl("-O", "OpenFlow13", "add-flows", "br0", "-", stdin="\n".join(flows))


def traced(stack, name, *more):
    flows, packet = TRACES[name]
    load(stack, flows)
    printed = text(stack.appctl("ofproto/trace", "br0", packet, *more), MEGAFLOW)
    return flood_order(printed) if re.search("NORMAL|flood|all", " ".join(flows)) else printed


SLOW_PATH = "This flow is handled by the userspace slow path because it:\n  - Uses action(s) not supported by datapath.\n"


@pytest.mark.parametrize("name", TRACES)
def test_trace_reads_as_the_oracles(both, name):
    oracle, ours = (traced(stack, name) for stack in both)
    if name == "arp reply":  # Debian's sends each such packet up, for its kernel's sake; our datapath does it itself
        assert oracle.endswith(SLOW_PATH)
        oracle = oracle.removesuffix(SLOW_PATH)
    assert_same(ours, oracle)


@pytest.mark.parametrize("ethertype", ["802.1q", "802.1ad", ""])
def test_a_tunnelled_vlan_has_the_ethertype_that_its_port_asks_for(both, ethertype):
    told = []
    for stack in both:
        load(stack, ["actions=NORMAL"])
        stack.vsctl("set", "port", "p1", "vlan_mode=dot1q-tunnel", "tag=5", *([f"other_config:qinq-ethtype={ethertype}"] if ethertype else []))
        told.append(stack.appctl("ofproto/trace", "br0", "in_port=1,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,dl_type=0x1234").splitlines()[-1])
        stack.vsctl("clear", "port", "p1", "vlan_mode", "tag", "other_config")
    assert sorted(told[1].split(",")) == sorted(told[0].split(","))  # a flood has no order
    assert ("tpid=0x88a8" in told[1]) == (ethertype != "802.1q") and "push_vlan" in told[1]


@pytest.mark.parametrize("words", [["br0", "in_port=1,frob=1"], ["br9", "in_port=1"], ["br0"], [], ["br0", "in_port=1", "-frob"],
                                   ["br0", "in_port=1", "-generate"], ["br0", "in_port=1", "zz"], ["ovs-system", "in_port(1),eth(),eth_type(0x1234)"],
                                   ["in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x88cc)"], ["br0", "in_port=1", "ff" * 14],
                                   ["br0", "in_port=1", "--ct-next", "trk,new"], ["br0", "in_port=1", "--ct-next", "frob"],
                                   *[["br0", "in_port=1", "--ct-next", state] for state in
                                     ("new", "new,est", "inv,rpl", "trk", "trk,inv,rel", "trk new est rpl inv", "trk,est,rpl", "trk|new")],
                                   ["br0", "in_port=1", "--ct-next"], ["br0", "in_port=1", "-consistent"], ["br0", "in_port=1", "--no-names"],
                                   ["br0", "in_port=p1", "--names"], ["br0", "in_port=1", "--l7", "foo"], ["br0", "in_port=1", "--l7-len", "3"],
                                   ["br0", "in_port=1", "020"], ["br0", "in_port=1", "0200"], ["br0", "in_port=1", "ff" * 14, "more"],
                                   ["br0", "in_port=1", "-generate", "ff" * 14], ["a", "b", "c", "d"], ["in_port=1"], ["nosuch@foo", "in_port(1),eth()"],
                                   ["in_port(77),eth(),eth_type(0x1234)"], ["in_port(p1),eth(),eth_type(0x1234)"],
                                   ["in_port(1)", "020000000002020000000001080045000014000000004011aaaa0a0000010a000002"],
                                   ["br0", "nw_src=1.2.3.4"], ["br0", "tcp,nw_src=foo"], ["br0", "tcp,tcp_dst=99999"], ["br0", "in_port=nosuch"],
                                   ["br0", "frob"]], ids=str)
def test_arguments_of_trace_are_taken_or_refused_as_by_the_oracle(both, words):
    for stack in both:
        load(stack, ["actions=2"])
    replies = [said(s.result("ovs-appctl", "ofproto/trace", *words)) for s in both]
    assert_same(*([text(str(part), MEGAFLOW).replace(str(stack.folder), "RUN") for part in reply] for stack, reply in zip(both[::-1], replies[::-1])))


@pytest.mark.parametrize("words", [["br0"], ["br0", "in_port=1"], ["br0", "in_port=1", "3"], ["br0", "in_port=1", "frob"],
                                   ["br0", "in_port=1,udp", "resubmit(,0)"], ["-consistent", "br0", "in_port=1", "resubmit(,0),3"],
                                   ["br0", "in_port=1", "-generate", "3"], ["br0", "in_port=1,ip", "mod_nw_src:1.2.3.4,resubmit(,1)"],
                                   ["in_port(1),eth(),eth_type(0x1234)", "3"], ["br0", "in_port=controller,ip", "2,3"],
                                   ["br0", "in_port=1", "020000000002020000000001080045000014000000004011aaaa0a0000010a000002", "3"]], ids=str)
def test_trace_of_a_packet_out_reads_as_the_oracles(both, words):
    replies = []
    for stack in both:
        load(stack, ["actions=2", "table=1,actions=resubmit(,2),1", "table=2,ip,actions=3"])
        replies.append([text(str(part), MEGAFLOW).replace(str(stack.folder), "RUN")
                        for part in said(stack.result("ovs-appctl", "ofproto/trace-packet-out", *words))])
    assert_same(replies[1], replies[0])



PACKETS = ["in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)",
           "in_port(1),eth(src=02:00:00:00:00:01,dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=1,sha=02:00:00:00:00:01,tha=00:00:00:00:00:00)",
           "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x8100),vlan(vid=9,pcp=1),encap(eth_type(0x86dd),ipv6(src=fe80::1,dst=fe80::2,label=0,proto=58,tclass=0,hlimit=255,frag=no),icmpv6(type=135,code=0),nd(target=fe80::2,sll=02:00:00:00:00:01,tll=00:00:00:00:00:00))"]


def test_learned_addresses_read_as_the_oracles(both):
    texts = []
    for stack in both:
        load(stack, ["actions=NORMAL"])
        for i, packet in enumerate(PACKETS):
            stack.receive(f"p{i + 1}", packet.replace("src=02:00:00:00:00:01", f"src=02:00:00:00:00:1{i}", 1))
        process.until(lambda s=stack: s.appctl("fdb/show", "br0").count("\n") == 4, "three addresses are learned")
        texts.append([re.sub(r" +\d+$", " AGE", line) for line in sorted(stack.appctl("fdb/show", "br0").splitlines())])
        texts[-1].append(stack.appctl("fdb/flush", "br0"))
        texts[-1].append(stack.appctl("fdb/show", "br0"))
        texts[-1].append(said(stack.result("ovs-appctl", "fdb/show", "br9")))
    assert_same(texts[1], texts[0])


def test_static_addresses_are_added_and_deleted_as_in_the_oracle(both):
    texts = []
    for stack in both:
        load(stack, ["actions=NORMAL"])
        rows = [said(stack.result("ovs-appctl", *words)) for words in (
            ["fdb/add", "br0", "p1", "0", "02:00:00:00:00:50"], ["fdb/add", "br0", "p9", "0", "02:00:00:00:00:51"], ["fdb/show", "br0"],
            ["fdb/del", "br0", "0", "02:00:00:00:00:50"], ["fdb/del", "br0", "0", "02:00:00:00:00:50"], ["fdb/show", "br0"], ["fdb/add", "br0"])]
        texts.append(rows)
    assert_same(texts[1], texts[0])


def comparable(dump):
    """A dump without counts and flood order; of what a mask leaves out, the value is not compared (-m shows that of any packet)."""
    dump = re.sub(r"[0-9a-fx:.]+/(?:0x0+|0+|00:00:00:00:00:00|0\.0\.0\.0|::)(?=[,)])", "*", dump)
    dump = re.sub(r"miniflow_bits\(\d+,\d+\)", "miniflow_bits(MASK)", dump)
    return flood_order(re.sub(r"packets:\d+, bytes:\d+", "COUNT", dump))


@pytest.mark.parametrize("flows", [["actions=2"], ["ip,actions=mod_nw_ttl:7,2", "arp,actions=drop", "priority=1,actions=controller"], ["actions=NORMAL"],
                                   ["actions=push_vlan:0x8100,set_field:4101->vlan_vid,2,3"], ["actions=drop"]], ids=str)
def test_datapath_flows_read_as_the_oracles(both, flows):
    """Masks are compared by the differential test, not as text: what they leave out of the key is left out here too."""
    texts = []
    for stack in both:
        load(stack, flows)
        stack.appctl("revalidator/purge")
        stack.receive("p1", PACKETS[0], PACKETS[0], PACKETS[0])
        process.until(lambda s=stack: "packets:" in s.appctl("dpctl/dump-flows"), "the flow is installed")
        rows = []
        for words in (["dpctl/dump-flows"], ["dpctl/dump-flows", "--names"], ["dpctl/dump-flows", "-m"], ["dpif/dump-flows", "br0"],
                      ["dpif/dump-flows", "-m", "br0"], ["dpif/dump-flows", "--names", "br0"], ["dpctl/dump-flows", "-m", "--no-names"],
                      ["dpctl/dump-flows", "filter=udp"], ["dpctl/dump-flows", "filter=tcp"], ["dpctl/dump-flows", "system@ovs-system"],
                      ["dpctl/dump-flows", "filter=in_port=p1,udp"], ["dpctl/dump-flows", "filter=in_port(1),eth_type(0x0800)"],
                      ["dpctl/dump-flows", "filter=frob"], ["dpctl/dump-flows", "filter=tcp,nw_src=foo"], ["dpctl/dump-flows", "type=all"],
                      ["dpctl/dump-flows", "type=tc"], ["dpctl/dump-flows", "type=non-offloaded"], ["dpctl/dump-flows", "type=frob"],
                      ["dpctl/dump-flows", "pmd=0"], ["dpctl/dump-flows", "pmd=-1"], ["dpctl/dump-flows", "-x"], ["dpctl/dump-flows", "nosuch"]):
            rows += [words, *said(stack.result("ovs-appctl", *words))]
        texts.append([comparable(row) if isinstance(row, str) else row for row in rows])
    assert_same(texts[1], texts[0])


UFID = "ufid:00000000-0000-0000-0000-000000000001"
COMMANDS = {
    "dpif/show": [["dpif/show"]], "dpctl/show": [["dpctl/show"], ["dpctl/show", "-s"], ["dpctl/show", "nosuch"]],
    "dpctl/dump-dps": [["dpctl/dump-dps"], ["dpif/dump-dps"]], "ofproto/list": [["ofproto/list"]], "version": [["version"]],
    "bridge/dump-flows": [["bridge/dump-flows", "br0"], ["bridge/dump-flows", "br9"], ["bridge/dump-flows"]],
    "coverage of an unknown counter": [["coverage/read-counter", "nosuch"]], "coverage": [["coverage/read-counter", "dp_packet_batch_grow"]],
    "unknown command": [["frob"]], "vlog errors": [["vlog/set", "frob"], ["vlog/set", "nosuch:file:dbg"], ["vlog/set", "bridge:nowhere:dbg"]],
    "vlog levels": [["vlog/set", "bridge:file:dbg"], ["vlog/set", "bridge:file:info"], ["vlog/set", "file:info"]],
    "datapath flows by hand": [["dpctl/add-flow", "in_port(2),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x1234)", "1"], ["dpctl/dump-flows", "filter=in_port=2"],
                               ["dpctl/mod-flow", "in_port(2),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x1234)", "3"], ["dpctl/dump-flows", "filter=in_port=2"],
                               ["dpctl/del-flow", "in_port(2),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x1234)"], ["dpctl/del-flow", "in_port(2),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x1234)"],
                               ["dpctl/add-flow", "in_port(2)frob", "1"], ["dpctl/del-flows"], ["dpctl/dump-flows"]],
    "one datapath flow": [["dpctl/add-flow", UFID + ",in_port(2),eth(),eth_type(0x1234)", "1"], ["dpctl/get-flow", UFID],
                          ["dpctl/get-flow", "-m", UFID], ["dpctl/get-flow", "--names", "system@ovs-system", UFID], ["dpctl/get-flow", "frob"],
                          ["dpctl/get-flow"], ["dpctl/get-flow", UFID[:-1] + "2"], ["dpctl/mod-flow", "-s", UFID + ",in_port(2),eth(),eth_type(0x1234)", "3"],
                          ["dpctl/mod-flow", "--clear", UFID + ",in_port(2),eth(),eth_type(0x1234)", "3"], ["dpctl/del-flow", "-s", UFID],
                          ["dpctl/del-flow", UFID], ["dpctl/mod-flow", "in_port(3),eth(),eth_type(0x1239)", "3"],
                          ["dpctl/mod-flow", "--may-create", "in_port(3),eth(),eth_type(0x1239)", "3"], ["dpctl/dump-flows"],
                          ["dpctl/add-flow", "in_port(3),eth(),eth_type(0x1239)", "3"], ["dpctl/add-flow", "in_port(3),eth(),eth_type(0x1240)", "frob"],
                          ["dpctl/add-flow", "nosuch", "in_port(3),eth(),eth_type(0x1240)", "1"], ["dpctl/del-flow"], ["dpctl/del-flows"]],
    "flows of no file": [["dpctl/add-flows"], ["dpctl/mod-flows", "/nonexistent"], ["dpctl/del-flows", "/nonexistent"], ["dpctl/add-flows", "-"]],
    "actions made normal": [["dpctl/normalize-actions", "in_port(1),eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),eth_type(0x88cc)", "1,2"],
                            ["dpctl/normalize-actions", "frob", "1"], ["dpctl/normalize-actions", "in_port(1)"], ["dpctl/normalize-actions"]],
    "ports of datapaths": [["dpctl/add-dp", "dummy@other", "q1,type=dummy"], ["dpctl/show", "-s", "dummy@other"], ["dpctl/dump-dps"],
                           ["dpctl/show"], ["dpctl/dump-flows"], ["dpctl/add-if", "dummy@other", "q2,type=dummy,port_no=7"], ["dpctl/show", "dummy@other"],
                           ["dpctl/add-if", "dummy@other", "q3,type=frob"], ["dpctl/add-if", "nosuch", "q4"], ["dpctl/set-if", "dummy@other", "q1,type=dummy"],
                           ["dpctl/set-if", "dummy@other", "q1,type=frob"], ["dpctl/set-if", "dummy@other", "nosuch"],
                           ["dpctl/set-if", "dummy@other", "q1,port_no=9"], ["dpctl/del-if", "dummy@other", "q1"], ["dpctl/del-if", "dummy@other", "q1"],
                           ["dpctl/del-if", "dummy@other", "99"], ["dpctl/add-dp", "dummy@other"], ["dpctl/add-dp", "frob@third"], ["dpctl/add-dp"],
                           ["dpctl/add-flow", "dummy@other", "in_port(1),eth(),eth_type(0x1234)", "1"], ["dpctl/dump-flows", "dummy@other"],
                           ["dpctl/del-dp", "dummy@other"], ["dpctl/del-dp", "dummy@other"], ["dpctl/del-dp"], ["dpctl/show", "frob@nosuch"],
                           ["dpctl/show", "-x"], ["dpctl/cache-get-size"], ["dpctl/cache-set-size", "system@ovs-system", "x", "3"], ["dpctl/offload-stats-show"]],
    "features of the datapath": [["dpif/set-dp-features", "br9"], ["dpif/set-dp-features"], ["dpif/set-dp-features", "br0", "ufid", "true"],
                                 ["dpif/set-dp-features", "br0", "ufid", "frob"], ["dpif/set-dp-features", "br0", "nosuch", "true"],
                                 ["dpif/show-dp-features", "br9"]],
    "no spanning tree": [["stp/show"], ["stp/show", "br0"], ["stp/tcn"], ["stp/tcn", "br9"], ["rstp/show"], ["rstp/show", "br9"], ["rstp/tcn"]],
    "no bonds": [["lacp/show"], ["lacp/show", "x"], ["lacp/show-stats", "x"], ["bond/show"], ["bond/show", "x"], ["bond/list"],
                 ["bond/migrate", "a", "b", "c"], ["bond/enable-member", "a", "b"], ["bond/set-active-member", "a", "b"], ["bond/enable-member"]],
    "no fault detection": [["bfd/show"], ["bfd/show", "x"], ["bfd/set-forwarding", "true"], ["bfd/set-forwarding", "x", "true"],
                           ["bfd/set-forwarding", "x", "frob"], ["cfm/show", "x"], ["cfm/set-fault", "true"], ["cfm/set-fault", "x", "true"]],
    "no connections": [["dpctl/dump-conntrack"], ["dpctl/ct-get-nconns"], ["dpctl/ct-stats-show"], ["dpctl/flush-conntrack"]],
    "no routes": [["ovs/route/show"], ["ovs/route/lookup", "1.1.1.1"], ["ovs/route/del", "1.1.1.0/24"], ["tnl/ports/show"], ["tnl/neigh/show"],
                  ["tnl/neigh/flush"], ["tnl/arp/show"], ["ofproto/list-tunnels"]],
    "addresses by hand": [["fdb/add", "br0", "p1", "5", "02:00:00:00:00:50"], ["fdb/add", "br0", "p1", "5000", "02:00:00:00:00:50"],
                          ["fdb/add", "br0", "p1", "0", "frob"], ["fdb/add", "br9", "p1", "0", "02:00:00:00:00:01"], ["fdb/show", "br0"],
                          ["fdb/del", "br0", "6", "02:00:00:00:00:50"], ["fdb/del", "br0", "5", "frob"], ["fdb/del", "br0", "5", "02:00:00:00:00:50"],
                          ["fdb/stats-clear"], ["fdb/stats-clear", "br9"], ["fdb/stats-show", "br9"], ["fdb/flush", "br9"], ["mdb/show", "br0"],
                          ["mdb/show", "br9"], ["mdb/flush", "br9"], ["mdb/flush"]],
    "bridges": [["bridge/dump-flows", "--offload-stats", "br0"], ["bridge/reconnect"], ["bridge/reconnect", "br9"], ["qos/show", "p1"],
                ["qos/show", "nosuch"], ["qos/show-types", "p1"], ["ofproto/list", "x"]],
    "upcalls": [["upcall/set-flow-limit"], ["upcall/disable-megaflows"], ["upcall/enable-megaflows"], ["upcall/disable-ufid"], ["upcall/enable-ufid"]],
    "dummy devices": [["netdev-dummy/conn-state"], ["netdev-dummy/conn-state", "p1"], ["netdev-dummy/conn-state", "nosuch"],
                      ["netdev-dummy/ip4addr", "p1", "10.0.0.1/24"], ["netdev-dummy/ip4addr", "nosuch", "10.0.0.1/24"],
                      ["netdev-dummy/ip4addr", "p1", "frob"], ["netdev-dummy/ip6addr", "p1", "frob"],
                      ["netdev-dummy/receive", "p1", "in_port(1),eth(),eth_type(0x1234)", "--len", "frob"]],
    "time": [["time/warp"], ["time/warp", "frob"], ["time/warp", "1", "2", "3"], ["time/stop", "x"]],
    "datapath actions": [["dpctl/parse-actions", "1,push_vlan(vid=5,pcp=0),2"], ["dpctl/parse-actions", "frob"]],
    "datapaths by hand": [["dpctl/add-dp", "dummy@other"], ["dpctl/dump-dps"], ["dpctl/del-dp", "dummy@other"], ["dpctl/del-dp", "dummy@other"]],
    "revalidator": [["revalidator/pause"], ["revalidator/resume"], ["revalidator/wait"], ["revalidator/purge"]],
    "receive errors": [["netdev-dummy/receive", "nosuch", "00"], ["netdev-dummy/receive", "p1", "zz"], ["netdev-dummy/receive"]],
    "admin state": [["netdev-dummy/set-admin-state", "p1", "down"], ["netdev-dummy/set-admin-state", "p1", "up"],
                    ["netdev-dummy/set-admin-state", "p1", "frob"]],
}


def counted(text):
    """Without numbers that depend on what was sent before, and without our own name in the version."""
    text = re.sub(r"(packets|bytes|hit|missed|lost|flows)([:=])\s*\d+( \([\d.]+ [KMG]iB\))?", r"\1\2N", text)
    return re.sub(r"^Weft [\d.]+\n", "", text, flags=re.M)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_answers_as_the_oracles(both, name):
    texts = []
    makes_flows = any(words[0] == "dpctl/add-flow" for words in COMMANDS[name])
    for stack in both:
        load(stack, [])
        stack.appctl("dpctl/del-flows")
        with stack.without_revalidation() if makes_flows else contextlib.nullcontext():
            texts.append([[counted(part).replace(str(stack.folder), "RUN") if isinstance(part, str) else part
                           for part in said(stack.result("ovs-appctl", *words))] for words in COMMANDS[name]])
    assert_same(texts[1], texts[0])


def test_commands_that_scripts_use_are_all_there(both):
    """By name and usage; what Debian's has for parts that are not in Weft is not asked for."""
    wanted = re.compile(r"^  (coverage/|dpctl/(add|del|mod|dump-flows|dump-dps|get-flow|show|parse|normalize)|dpif/|exit|fdb/(show|flush|stats|add|del)|"
                        r"list-commands|memory/|netdev-dummy/(receive|set-admin)|ofproto/(list |trace)|revalidator/|time/|upcall/show|version|vlog/|"
                        r"bridge/dump-flows|bridge/reconnect)")
    oracle, ours = ({line for line in s.appctl("list-commands").splitlines()} for s in both)
    assert {line for line in oracle if wanted.match(line)} - ours == set()


def test_memory_show_counts_the_cells_of_the_replica(both):
    cells = [[word for word in stack.appctl("memory/show").split() if word.startswith("idl-")] for stack in both]
    assert cells[0] == cells[1] and cells[0][0].startswith("idl-cells-Open_vSwitch:")


def test_logs_are_set_read_and_reopened(dummy):
    dummy.appctl("vlog/set", "vconn:file:dbg")
    assert re.search(r"^vconn +OFF +OFF +DBG$", dummy.appctl("vlog/list"), re.M)
    moved = dummy.folder / "moved.log"
    (dummy.folder / "ovs-vswitchd.log").rename(moved)
    dummy.appctl("vlog/reopen")
    assert (dummy.folder / "ovs-vswitchd.log").exists() and re.match(r"\S+Z\|00001\|vlog\|INFO\|opened log file ", moved.read_text())
    dummy.appctl("vlog/set", "PATTERN:file:%m")
    dummy.appctl("vlog/set", "ANY:file:info")


def test_time_stands_still_and_is_warped(dummy):
    dummy.add_dummy()
    dummy.appctl("time/stop")
    dummy.ofctl("add-flow", "br0", "hard_timeout=100,actions=1")
    dummy.appctl("time/warp", "90000", "1000")
    assert "duration=90" in dummy.ofctl("dump-flows", "br0")
    dummy.appctl("time/warp", "20000", "1000")
    process.until(lambda: "hard_timeout" not in dummy.ofctl("dump-flows", "br0"), "the flow times out")
