# SPDX-License-Identifier: Apache-2.0
"""Flows added by ovs-ofctl in each version of OpenFlow are listed as the oracle lists them, and refused as it refuses them."""
import pytest

from normal import assert_same, said, text

VERSIONS = ("OpenFlow10", "OpenFlow13", "OpenFlow15")

MATCHES = [
    "", "in_port=1", "in_port=LOCAL", "dl_src=02:00:00:00:00:01", "dl_dst=02:00:00:00:00:01/ff:ff:00:00:00:00", "dl_type=0x88cc",
    "eth_dst=01:00:00:00:00:00/01:00:00:00:00:00", "dl_vlan=5", "dl_vlan=0xffff", "dl_vlan=5,dl_vlan_pcp=3", "vlan_tci=0x1005",
    "vlan_tci=0x1000/0x1000", "vlan_tci=0", "vlan_vid=0x1005/0x1fff", "vlan_pcp=2,dl_vlan=7", "vlan_tci=0x1123/0x1fff", "ip", "ipv6", "arp", "rarp",
    "ip,nw_src=10.0.0.1", "ip,nw_dst=10.0.0.0/8", "ip,nw_src=10.0.0.5/255.0.0.255", "ip,nw_proto=89", "ip,nw_tos=0xb8", "ip,ip_dscp=46",
    "ip,nw_ecn=3", "ip,nw_ttl=64", "ip,ip_frag=no", "ip,ip_frag=yes", "ip,ip_frag=first", "ip,ip_frag=later", "ip,ip_frag=not_later",
    "tcp,tp_src=80", "tcp,tp_dst=0x400/0xfc00", "tcp,tcp_flags=+syn-ack", "tcp,tcp_flags=0x012", "tcp6,tcp_dst=443", "udp,udp_src=53",
    "udp6,udp_dst=53/0xfff", "sctp,sctp_dst=7", "sctp6,tp_src=9", "icmp,icmp_type=8", "icmp,icmp_type=3,icmp_code=4", "icmp6,icmp_type=135",
    "icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1", "icmp6,icmp_type=135,icmp_code=0,nd_sll=02:00:00:00:00:01",
    "icmp6,icmp_type=136,icmp_code=0,nd_tll=02:00:00:00:00:01", "ipv6,ipv6_src=fe80::1", "ipv6,ipv6_dst=2001:db8::/32", "ipv6,ipv6_label=0x12345",
    "ipv6,ipv6_src=::1/ff::ff", "arp,arp_op=1", "arp,arp_spa=10.0.0.1,arp_tpa=10.0.0.0/24", "arp,arp_sha=02:00:00:00:00:01",
    "arp,arp_tha=02:00:00:00:00:01", "mpls,mpls_label=100", "mpls,mpls_tc=3,mpls_bos=1", "mplsm,mpls_label=5", "mpls,mpls_ttl=9",
    "reg0=5", "reg3=0x10/0xf0", "reg15=1", "xreg1=0x100000002", "xxreg2=0x1/0xff", "metadata=0x1234", "metadata=0x1/0xff", "pkt_mark=7",
    "pkt_mark=0x1/0x3", "tun_id=9", "tun_id=0x10/0xf0", "tun_src=1.2.3.4", "ct_state=+trk+est", "ct_zone=5", "ct_mark=1", "conj_id=3",
    "actset_output=2", "packet_type=(0,0)", "dp_hash=5", "ip,in_port=2,nw_src=1.2.3.4,dl_vlan=9,dl_dst=02:00:00:00:00:01",
    # Refused
    "nw_src=10.0.0.1", "tp_src=80", "ip,tcp_dst=80", "in_port=99999", "dl_vlan=5000", "ip,nw_tos=3", "nosuch=1", "ip,arp_op=1", "vlan_pcp=9",
    "ip,nw_ecn=4", "mpls_label=5", "nd_target=fe80::1",
]

ACTIONS = [
    "drop", "", "1", "output:2", "LOCAL", "in_port", "normal", "NORMAL", "flood", "all", "controller", "CONTROLLER:128", "table", "none",
    "controller(max_len=77,reason=action,id=5)", "controller(userdata=01.02.03,id=3)", "controller(reason=invalid_ttl)", "controller(pause)",
    "1,2,3", "output:1,output:LOCAL", "output:reg0[0..15]", "output:NXM_NX_REG1[16..31]", "output(port=2,max_len=100)",
    "mod_vlan_vid:5,1", "mod_vlan_pcp:3,1", "strip_vlan,1", "pop_vlan,1", "push_vlan:0x8100,set_field:4101->vlan_vid,2", "push_vlan:0x88a8,1",
    "mod_dl_src:02:00:00:00:00:07,1", "mod_dl_dst:02:00:00:00:00:07,1", "set_field:02:00:00:00:00:07->eth_src,1",
    "set_field:5->reg0,1", "set_field:0x5/0xff->reg0,1", "set_field:0x1234->metadata,1", "set_field:7->pkt_mark", "set_field:9->tun_id,1",
    "load:5->NXM_NX_REG0[]", "load:0x7->NXM_NX_REG3[4..8]", "load:1->NXM_OF_IN_PORT[],2", "load:0x1->OXM_OF_METADATA[0..31]",
    "move:NXM_NX_REG0[]->NXM_NX_REG1[]", "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],in_port", "move:NXM_NX_REG0[0..11]->NXM_OF_VLAN_TCI[0..11],1",
    "resubmit:2", "resubmit(,3)", "resubmit(1,4)", "resubmit(in_port,7)", "resubmit(,5),resubmit(,6)",
    "note:01.02.03.04.05.06", "note:aa", "conjunction(7,1/2)", "conjunction(7,2/3),note:01,conjunction(8,64/64)",
    "conjunction(7,1/2),output:1", "write_actions(conjunction(7,1/2))", "exit", "1,exit,2", "clone(1,mod_dl_src:02:00:00:00:00:01,2)", "clone(clone(1),2)",
    "push:NXM_NX_REG0[],pop:NXM_NX_REG1[]", "push:NXM_NX_REG2[1..5]", "set_queue:3,1", "pop_queue", "enqueue:1:3",
    "learn(table=1,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])",
    "learn(table=2,idle_timeout=10,hard_timeout=20,priority=7,cookie=0x9,send_flow_rem,fin_idle_timeout=1,in_port=5,load:3->NXM_NX_REG0[0..5])",
    "learn(table=3,eth_type=0x800,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15]),1",
    "learn(table=4,delete_learned,NXM_OF_ETH_SRC[])", "learn(table=4,limit=3,result_dst=NXM_NX_REG0[1],dl_type=0x800)",
    "goto_table:3", "write_actions(output:2)", "apply_actions(1),write_actions(set_field:1->reg0,output:3),goto_table:9", "clear_actions",
    "write_metadata:0x1234", "write_metadata:0x1/0xff,goto_table:5", "clear_actions,write_actions(drop)", "1,clear_actions,goto_table:4",
    "multipath(eth_src,50,modulo_n,16,0,NXM_NX_REG0[0..3]),1", "multipath(symmetric_l3l4+udp,0,iter_hash,8,9,reg2[0..7])",
    "multipath(nw_src,1,hrw,65536,0,NXM_NX_REG0[]),2", "bundle(eth_src,0,hrw,ofport,members:1,2)", "bundle(symmetric_l4,60,active_backup,ofport,slaves:)",
    "bundle(nw_dst,0,active_backup,ofport,members:normal,0,none)", "bundle_load(symmetric_l3,0,hrw,ofport,reg0[16..31],members:1,LOCAL,in_port),1",
    "sample(probability=12345,collector_set_id=1,obs_domain_id=2,obs_point_id=3),1", "sample(probability=1,sampling_port=1,egress),1",
    "check_pkt_larger(1500)->reg0[0],1", "check_pkt_larger:100->NXM_NX_XXREG1[100],resubmit(,1)", "check_pkt_larger(100)->nw_src[0],1", "ct_clear,1",
    "encap(nsh),set_field:0x1234->nsh_spi,encap(ethernet),1", "encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0x123456)))",
    "encap(mpls),encap(ethernet),1", "encap(mpls_mc)", "encap(ethernet)", "decap,1", "decap(packet_type(ns=1,type=0x800)),1",
    "write_actions(decap,encap(nsh),output:1)", "dec_nsh_ttl",
    # Refused
    "multipath(eth_src,0,modulo_n,17,0,NXM_NX_REG0[0..3])", "multipath(eth_src,0,modulo_n,16,0,nw_src)", "multipath(eth_src,0,modulo_n,16,0,ct_state[])",
    "bundle(eth_src,0,hrw,ofport,members:controller)", "bundle_load(eth_src,0,hrw,ofport,reg0[0..14],members:1)",
    "bundle_load(eth_src,0,hrw,ofport,ct_state,members:1)", "sample(probability=0)", "check_pkt_larger(1500)->reg0[0..3]",
    "check_pkt_larger(1500)->ct_state[0]", "delete_field:tun_metadata0,1", "delete_field:reg0", "write_actions(multipath(eth_src,0,modulo_n,2,0,reg0))",
    "write_actions(check_pkt_larger(1)->reg0[0])", "ct(commit)", "nat(src=1.2.3.4)", "set_field:1->ct_mark", "clone(load:1->NXM_NX_CT_MARK[])",
    "goto_table:0", "output:99999", "mod_vlan_vid:5000", "resubmit(,256)", "push_vlan:0x1234", "load:0x100->NXM_OF_VLAN_TCI[0..3]",
    "move:NXM_NX_REG0[]->NXM_OF_VLAN_TCI[]", "nosuch", "set_field:1->eth_type", "load:1->NXM_NX_CT_STATE[]", "write_actions(resubmit:1)",
    "goto_table:3,1", "set_field:1->nosuch", "output:reg0[0..40]", "note:zz", "clone(",
]

IP_ACTIONS = [
    "mod_nw_src:1.2.3.4,1", "mod_nw_dst:1.2.3.4,1", "mod_nw_tos:184,1", "mod_nw_ecn:2,1", "mod_nw_ttl:9,1", "dec_ttl,1", "dec_ttl(1,2),1",
    "set_field:1.2.3.4->ip_src,1", "set_field:10.0.0.0/255.0.0.0->ip_dst,1", "set_field:46->ip_dscp", "set_field:3->nw_ecn", "set_field:9->nw_ttl",
    "load:0x01020304->NXM_OF_IP_SRC[]", "move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],1", "push_mpls:0x8847,set_field:7->mpls_label,1",
    "push_mpls:0x8848,1", "mod_tp_src:80", "set_field:80->tcp_dst",
]
MPLS_ACTIONS = ["pop_mpls:0x0800,1", "set_mpls_label:5,1", "set_mpls_tc:3,1", "set_mpls_ttl:9,1", "dec_mpls_ttl,1", "set_field:5->mpls_label", "push_mpls:0x8847,1"]
TCP_ACTIONS = ["mod_tp_src:80,1", "mod_tp_dst:80,1", "set_field:80->tcp_src,1", "load:5->NXM_OF_TCP_DST[],1", "set_field:80->udp_src",
               "ct(commit,table=3,alg=ftp),1", "ct(commit,alg=tftp)"]

SETTINGS = [
    "priority=0,actions=1", "priority=65535,actions=1", "table=7,actions=2", "table=253,actions=2", "cookie=0x123456789abcdef,actions=1",
    "idle_timeout=60,actions=1", "hard_timeout=600,actions=1", "idle_timeout=5,hard_timeout=9,actions=drop", "send_flow_rem,actions=1",
    "check_overlap,actions=1", "reset_counts,actions=1", "no_packet_counts,no_byte_counts,actions=1", "importance=9,actions=1",
    "table=254,actions=1", "table=255,actions=1", "priority=65536,actions=1", "cookie=1/2,actions=1", "out_port=1,actions=1", "buffer_id=5,actions=1",
    "priority=5", "actions=1,actions=2", "idle_timeout=70000,actions=1",
]

FLOWS = [f"{m}{',' if m else ''}actions=1" for m in MATCHES] + [f"actions={a}" for a in ACTIONS] + [f"ip,actions={a}" for a in IP_ACTIONS] + [
    f"ipv6,actions={a}" for a in ("dec_ttl,1", "set_field:fe80::1->ipv6_src,1", "set_field:0x5->ipv6_label,1", "mod_nw_src:1.2.3.4",
                                     "ct(commit,nat(src=[fe80::1]-[fe80::9]:1-2)),1", "ct(commit,nat(src=1.2.3.4))")] + [
    f"mpls,actions={a}" for a in MPLS_ACTIONS] + [f"tcp,actions={a}" for a in TCP_ACTIONS] + SETTINGS + [
    "dl_type=0x894f,actions=dec_nsh_ttl,1", "dl_type=0x894f,actions=set_field:2->nsh_flags,load:5->NXOXM_NSH_SI[],set_field:0x1/0xf->nsh_c1,1",
    "dl_type=0x894f,actions=set_field:2->nsh_mdtype", "packet_type=(1,0x894f),actions=dec_nsh_ttl,1",
    "arp,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],load:2->NXM_OF_ARP_OP[],set_field:02:00:00:00:00:01->arp_sha,in_port",
    "icmp6,icmp_type=135,icmp_code=0,actions=set_field:fe80::5->nd_target,set_field:02:00:00:00:00:01->nd_sll,1", "icmp,actions=set_field:0->icmp_type,1",
    "udp,actions=set_field:53->udp_src,1", "sctp,actions=set_field:53->sctp_src,1"]


def added(stack, version, flow):
    """Exit code and complaint of adding the flow, and then all flows."""
    stack.ofctl("-O", version, "del-flows", "br0")
    done = stack.result("ovs-ofctl", "-O", version, "add-flow", "br0", flow)
    return said(done) + sorted(text(stack.ofctl("-O", version, "dump-flows", "br0")).splitlines())


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_is_listed_or_refused_as_by_the_oracle(both, flow):
    for version in VERSIONS:
        assert_same([version, *added(both[1], version, flow)], [version, *added(both[0], version, flow)])
