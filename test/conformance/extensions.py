# SPDX-License-Identifier: Apache-2.0
"""Actions that Open vSwitch adds to OpenFlow, and those of older versions, in ovs-ofctl's words: name -> flows, a TCP frame that comes in by
port 1 (or another frame), and what leaves by port 2, in this order."""
from frames import VLAN, tcp, tcp6

A, B = "02:00:00:00:00:01", "02:00:00:00:00:99"
TO_B = "set_field:02:00:00:00:00:99->eth_dst"
FRAME, CHANGED = tcp(), tcp(eth_dst=B)
TAGGED = tcp((VLAN, 5, 3))

GROUPS = ["group_id=1,type=all,bucket=output:2,bucket=mod_dl_dst:02:00:00:00:00:99,output:2",
          "group_id=2,type=indirect,bucket=mod_dl_dst:02:00:00:00:00:99,output:2",
          "group_id=3,type=select,selection_method=hash,fields(ip_src),bucket=mod_dl_dst:02:00:00:00:00:99,output:2",
          "group_id=4,type=select,selection_method=dp_hash,bucket=weight:1,mod_dl_dst:02:00:00:00:00:99,output:2",
          "group_id=5,type=ff,bucket=watch_port:77,output:2,bucket=watch_port:2,mod_dl_dst:02:00:00:00:00:99,output:2"]

EXTENSIONS = {
    "move": ("ip,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],output:2", FRAME, [tcp(eth_dst=A)]),
    "move bits": ("ip,actions=move:NXM_OF_IP_SRC[0..7]->NXM_OF_IP_DST[8..15],output:2", FRAME, [tcp(ipv4_dst="10.0.1.2")]),
    "load": ("ip,actions=load:0x0a000009->NXM_OF_IP_DST[],output:2", FRAME, [tcp(ipv4_dst="10.0.0.9")]),
    "load bits": ("ip,actions=load:0x7->NXM_OF_IP_DST[8..15],output:2", FRAME, [tcp(ipv4_dst="10.0.7.2")]),
    "set_field masked": ("actions=set_field:00:00:00:00:00:99/00:00:00:00:00:ff->eth_dst,output:2", FRAME, [CHANGED]),
    "set_field of IPv6 masked": ("ipv6,actions=set_field:::7/::ffff->ipv6_dst,output:2", tcp6(), [tcp6(ipv6_dst="fd00::7")]),
    "stack": ("actions=push:NXM_OF_ETH_SRC[],pop:NXM_OF_ETH_DST[],output:2", FRAME, [tcp(eth_dst=A)]),
    "resubmit": (f"actions=resubmit(,5)\ntable=5,actions={TO_B},output:2", FRAME, [CHANGED]),
    "resubmit by another port": (f"in_port=1,actions=resubmit(9,5)\ntable=5,in_port=9,actions={TO_B},output:2", FRAME, [CHANGED]),
    "resubmit and back": (f"actions=resubmit(,5),output:2\ntable=5,actions={TO_B}", FRAME, [CHANGED]),
    "clone": (f"actions=clone({TO_B},output:2),output:2", FRAME, [CHANGED, FRAME]),
    "output by a register": ("actions=load:2->NXM_NX_REG0[],output:NXM_NX_REG0[]", FRAME, [FRAME]),
    "output cut short": ("actions=output(port=2,max_len=40),output:2", FRAME, [FRAME[:40], FRAME]),
    "enqueue": ("actions=enqueue:2:7", FRAME, [FRAME]),
    "set_queue and pop_queue": ("actions=set_queue:7,output:2,pop_queue,output:2", FRAME, [FRAME, FRAME]),
    "mod_dl": (f"actions=mod_dl_src:{B},mod_dl_dst:{B},output:2", FRAME, [tcp(eth_src=B, eth_dst=B)]),
    "mod_nw": ("ip,actions=mod_nw_src:10.1.0.1,mod_nw_dst:10.1.0.2,mod_nw_tos:12,mod_nw_ecn:1,mod_nw_ttl:5,output:2", FRAME,
               [tcp(ipv4_src="10.1.0.1", ipv4_dst="10.1.0.2", dscp=3, ecn=1, ttl=5)]),
    "mod_tp": ("tcp,actions=mod_tp_src:7,mod_tp_dst:8,output:2", FRAME, [tcp(src=7, dst=8)]),
    "mod_vlan": ("actions=mod_vlan_vid:5,mod_vlan_pcp:3,output:2", FRAME, [TAGGED]),
    "strip_vlan": ("actions=strip_vlan,output:2", TAGGED, [FRAME]),
    "dec_ttl with controllers": ("ip,actions=dec_ttl(1,2),output:2", FRAME, [tcp(ttl=63)]),
    "learn": ("actions=learn(table=7,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),output:2", FRAME, [FRAME]),
    "conjunction": ("ip,nw_src=10.0.0.1,actions=conjunction(1,1/2)\nip,nw_dst=10.0.0.2,actions=conjunction(1,2/2)\n"
                    f"conj_id=1,ip,actions={TO_B},output:2", FRAME, [CHANGED]),
    "multipath": ("actions=multipath(eth_src,50,modulo_n,1,0,NXM_NX_REG0[0..15]),output:2", FRAME, [FRAME]),
    "bundle": ("actions=bundle(eth_src,0,active_backup,ofport,members:77,2)", FRAME, [FRAME]),
    "bundle_load": ("actions=bundle_load(eth_src,0,hrw,ofport,NXM_NX_REG0[],members:2),output:NXM_NX_REG0[]", FRAME, [FRAME]),
    "fin_timeout": ("tcp,idle_timeout=60,actions=fin_timeout(idle_timeout=5),output:2", FRAME, [FRAME]),
    "sample": ("actions=sample(probability=65535,collector_set_id=1,obs_domain_id=1,obs_point_id=1),output:2", FRAME, [FRAME]),
    "check_pkt_larger": (f"actions=check_pkt_larger(50)->NXM_NX_REG0[0],resubmit(,5)\ntable=5,reg0=1,actions={TO_B},output:2", FRAME, [CHANGED]),
    "check_pkt_larger is not": (f"actions=check_pkt_larger(500)->NXM_NX_REG0[0],resubmit(,5)\ntable=5,reg0=0,actions={TO_B},output:2", FRAME, [CHANGED]),
    "note": ("actions=note:01.02.03,output:2", FRAME, [FRAME]),
    "exit": ("actions=resubmit(,5),output:2\ntable=5,actions=output:2,exit,output:2", FRAME, [FRAME]),
    "controller": ("actions=controller,output:2", FRAME, [FRAME]),
    "ct_clear": ("actions=ct_clear,output:2", FRAME, [FRAME]),
    "write_actions": (f"actions=write_actions(output:2,{TO_B})", FRAME, [CHANGED]),
    "meter": ("actions=meter:1,output:2", FRAME, [FRAME]),
    "set_tunnel": ("actions=set_tunnel:5,output:2", FRAME, [FRAME]),
    **{f"group {kind}": (f"actions=group:{n},output:2", FRAME, [*([FRAME] if n == 1 else []), CHANGED, FRAME])
       for n, kind in enumerate(("all", "indirect", "select by fields", "select by hash", "failover"), 1)},
}
OF10 = ("strip_vlan",)  # later versions have another word for it
