# SPDX-License-Identifier: Apache-2.0
"""Actions of OpenFlow 1.3 (5.12), each on a frame of its flow, and on one of no flow, which nothing may happen to."""
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

from controller import output, set_field
from frames import IPV4, MPLS, PBB, SVLAN, VLAN
from frames import arp, frame, icmp, icmp6, na, ns, sctp, sctp6, tcp, tcp6, udp, udp6
from matches import ARPS, ICMP, ICMP6, LABELLED, NA, NS, PRESENT, SCTP, SCTP6, TCP, TCP6, UDP, UDP6, V4, V6, B, labelled

TAGGED = {"vlan_vid": (PRESENT, PRESENT)}
push_vlan, push_mpls, push_pbb = parse.OFPActionPushVlan, parse.OFPActionPushMpls, parse.OFPActionPushPbb
pop_vlan, pop_mpls, pop_pbb = parse.OFPActionPopVlan, parse.OFPActionPopMpls, parse.OFPActionPopPbb
dec_ttl, set_ttl = parse.OFPActionDecNwTtl, parse.OFPActionSetNwTtl
dec_mpls_ttl, set_mpls_ttl = parse.OFPActionDecMplsTtl, parse.OFPActionSetMplsTtl


def two(top, below):
    """A frame with two labels, of such TTLs."""
    return frame("tcp", labels=[(100, 2, 0, top), (7, 0, 1, below)])


def inner(ttl):
    return frame("tcp", labels=[(100, 2, 1, 64)], ttl=ttl)


# name: match, actions, a frame and what it becomes, a frame that the flow does not match.
ACTIONS = {
    "push_vlan": ({}, [push_vlan(VLAN)], tcp(), tcp((VLAN, 0, 0)), None),
    "push_vlan and a tag": (V4, [push_vlan(VLAN), set_field(vlan_vid=PRESENT | 5)], tcp(), tcp((VLAN, 5, 0)), tcp6()),
    "push_vlan of a service": (V4, [push_vlan(SVLAN), set_field(vlan_vid=PRESENT | 5)], tcp(), tcp((SVLAN, 5, 0)), tcp6()),
    "push_vlan on a tag": (TAGGED, [push_vlan(SVLAN)], tcp((VLAN, 5, 3)), tcp((SVLAN, 5, 3), (VLAN, 5, 3)), tcp()),
    "pop_vlan": (TAGGED, [pop_vlan()], tcp((VLAN, 5, 3)), tcp(), tcp()),
    "pop_vlan of two": (TAGGED, [pop_vlan()], tcp((SVLAN, 5, 3), (VLAN, 6, 0)), tcp((VLAN, 6, 0)), tcp()),
    "push_mpls": (V4, [push_mpls(MPLS)], tcp(), frame("tcp", labels=[(0, 0, 1, 64)]), arp()),
    "push_mpls and a label": (V4, [push_mpls(MPLS), set_field(mpls_label=9), set_field(mpls_tc=3)], tcp(), frame("tcp", labels=[(9, 3, 1, 64)]), arp()),
    "push_mpls on a label": (LABELLED, [push_mpls(MPLS)], labelled(), frame("tcp", labels=[(100, 2, 0, 64), (100, 2, 1, 64)]), tcp()),
    "push_mpls of IPv6": (V6, [push_mpls(MPLS)], tcp6(), frame("tcp6", labels=[(2, 0, 1, 64)]), tcp()),
    "pop_mpls": ({**LABELLED, "mpls_bos": 1}, [pop_mpls(IPV4)], labelled(), tcp(), labelled(bos=0)),
    "pop_mpls of two": ({**LABELLED, "mpls_bos": 0}, [pop_mpls(MPLS)], labelled(bos=0), frame("tcp", labels=[(7, 0, 1, 9)]), labelled()),
    "push_pbb": (V4, [push_pbb(PBB)], tcp(), None, arp()),
    "pop_pbb": ({"eth_type": PBB}, [pop_pbb()], frame("pbb"), None, tcp()),
    "set_mpls_ttl": (LABELLED, [set_mpls_ttl(9)], labelled(), labelled(ttl=9), tcp()),
    "dec_mpls_ttl": (LABELLED, [dec_mpls_ttl()], labelled(), labelled(ttl=63), tcp()),
    "copy_ttl_out": (LABELLED, [parse.OFPActionCopyTtlOut()], two(64, 9), two(9, 9), tcp()),
    "copy_ttl_in": (LABELLED, [parse.OFPActionCopyTtlIn()], two(64, 9), two(64, 64), tcp()),
    "copy_ttl_out of IP": (LABELLED, [parse.OFPActionCopyTtlOut()], inner(20), frame("tcp", labels=[(100, 2, 1, 20)], ttl=20), tcp()),
    "set_nw_ttl": (V4, [set_ttl(9)], tcp(), tcp(ttl=9), arp()),
    "set_nw_ttl of IPv6": (V6, [set_ttl(9)], tcp6(), tcp6(ttl=9), tcp()),
    "dec_nw_ttl": (V4, [dec_ttl()], tcp(), tcp(ttl=63), arp()),
    "dec_nw_ttl twice": (V4, [dec_ttl(), dec_ttl()], tcp(), tcp(ttl=62), arp()),
    "dec_nw_ttl of IPv6": (V6, [dec_ttl()], tcp6(), tcp6(ttl=63), tcp()),
    "set_queue": (V4, [parse.OFPActionSetQueue(3)], tcp(), tcp(), arp()),
    "several in order": (V4, [set_field(ipv4_dst="10.0.0.7"), set_field(ipv4_dst="10.0.0.8"), dec_ttl()], tcp(), tcp(ipv4_dst="10.0.0.8", ttl=63), arp()),
    "set eth_dst": ({}, [set_field(eth_dst=B)], tcp(), tcp(eth_dst=B), None),
    "set eth_src": (V4, [set_field(eth_src=B)], tcp(), tcp(eth_src=B), arp()),
    "set vlan_vid": (TAGGED, [set_field(vlan_vid=PRESENT | 9)], tcp((VLAN, 5, 3)), tcp((VLAN, 9, 3)), tcp()),
    "set vlan_pcp": (TAGGED, [set_field(vlan_pcp=6)], tcp((VLAN, 5, 3)), tcp((VLAN, 5, 6)), tcp()),
    "set ip_dscp": (V4, [set_field(ip_dscp=12)], tcp(ecn=1), tcp(dscp=12, ecn=1), arp()),
    "set ip_dscp of IPv6": (V6, [set_field(ip_dscp=12)], tcp6(ecn=1), tcp6(dscp=12, ecn=1), arp()),
    "set ip_ecn": (V4, [set_field(ip_ecn=2)], tcp(dscp=7), tcp(dscp=7, ecn=2), arp()),
    "set ip_ecn of IPv6": (V6, [set_field(ip_ecn=2)], tcp6(dscp=7), tcp6(dscp=7, ecn=2), arp()),
    "set ip_proto": (V4, [set_field(ip_proto=99)], tcp(), None, arp()),
    "set ipv4_src": (V4, [set_field(ipv4_src="10.9.9.9")], tcp(), tcp(ipv4_src="10.9.9.9"), arp()),
    "set ipv4_dst": (V4, [set_field(ipv4_dst="10.9.9.9")], udp(), udp(ipv4_dst="10.9.9.9"), arp()),
    "set tcp_src": (TCP, [set_field(tcp_src=9)], tcp(), tcp(src=9), udp()),
    "set tcp_dst": (TCP, [set_field(tcp_dst=9)], tcp(), tcp(dst=9), udp()),
    "set tcp_dst of IPv6": (TCP6, [set_field(tcp_dst=9)], tcp6(), tcp6(dst=9), udp()),
    "set udp_src": (UDP, [set_field(udp_src=9)], udp(), udp(src=9), tcp()),
    "set udp_dst": (UDP, [set_field(udp_dst=9)], udp(), udp(dst=9), tcp()),
    "set udp_src of IPv6": (UDP6, [set_field(udp_src=9)], udp6(), udp6(src=9), tcp()),
    "set sctp_src": (SCTP, [set_field(sctp_src=9)], sctp(), sctp(src=9), tcp()),
    "set sctp_dst": (SCTP, [set_field(sctp_dst=9)], sctp(), sctp(dst=9), tcp()),
    "set sctp_dst of IPv6": (SCTP6, [set_field(sctp_dst=9)], sctp6(), sctp6(dst=9), tcp()),
    "set icmpv4_type": (ICMP, [set_field(icmpv4_type=0)], icmp(), icmp(type=0), tcp()),
    "set icmpv4_code": (ICMP, [set_field(icmpv4_code=1)], icmp(), icmp(code=1), tcp()),
    "set arp_op": (ARPS, [set_field(arp_op=2)], arp(), arp(op=2), tcp()),
    "set arp_spa": (ARPS, [set_field(arp_spa="10.9.9.9")], arp(), arp(spa="10.9.9.9"), tcp()),
    "set arp_tpa": (ARPS, [set_field(arp_tpa="10.9.9.9")], arp(), arp(tpa="10.9.9.9"), tcp()),
    "set arp_sha": (ARPS, [set_field(arp_sha=B)], arp(), arp(sha=B), tcp()),
    "set arp_tha": (ARPS, [set_field(arp_tha=B)], arp(), arp(tha=B), tcp()),
    "set ipv6_src": (V6, [set_field(ipv6_src="fd00::99")], tcp6(), tcp6(ipv6_src="fd00::99"), tcp()),
    "set ipv6_dst": (V6, [set_field(ipv6_dst="fd00::99")], udp6(), udp6(ipv6_dst="fd00::99"), tcp()),
    "set ipv6_flabel": (V6, [set_field(ipv6_flabel=0x54321)], tcp6(), tcp6(flabel=0x54321), tcp()),
    "set icmpv6_type": (ICMP6, [set_field(icmpv6_type=129)], icmp6(), icmp6(type6=129), tcp()),
    "set icmpv6_code": (ICMP6, [set_field(icmpv6_code=1)], icmp6(), icmp6(code=1), tcp()),
    "set ipv6_nd_target": (NS, [set_field(ipv6_nd_target="fd00::7")], ns(), ns(target="fd00::7"), na()),
    "set ipv6_nd_sll": (NS, [set_field(ipv6_nd_sll=B)], ns(), ns(ll=B), na()),
    "set ipv6_nd_tll": (NA, [set_field(ipv6_nd_tll=B)], na(), na(ll=B), ns()),
    "set mpls_label": (LABELLED, [set_field(mpls_label=9)], labelled(), labelled(label=9), tcp()),
    "set mpls_tc": (LABELLED, [set_field(mpls_tc=7)], labelled(), labelled(tc=7), tcp()),
    "set mpls_bos": (LABELLED, [set_field(mpls_bos=0)], labelled(), None, tcp()),
    "set pbb_isid": ({"eth_type": PBB}, [set_field(pbb_isid=9)], frame("pbb"), frame("pbb", isid=9), tcp()),
    "set tunnel_id": (V4, [set_field(tunnel_id=9)], tcp(), tcp(), arp()),
}

# name: actions, and how many copies of a TCP frame that came in by port 1 leave by port 1, 2, 3, LOCAL and to the controller. A frame of
# another kind is dropped. Port 3 has NO_FWD in "to a port that does not forward", see PORT_CONFIG.
OUTPUTS = {
    "output": ([output(2)], (0, 1, 0, 0, 0)),
    "output twice": ([output(2), output(2)], (0, 2, 0, 0, 0)),
    "output to several": ([output(2), output(3)], (0, 1, 1, 0, 0)),
    "output to the ingress port": ([output(1), output(2)], (0, 1, 0, 0, 0)),
    "output to no port": ([output(77), output(2)], (0, 1, 0, 0, 0)),
    "output IN_PORT": ([output(of.OFPP_IN_PORT)], (1, 0, 0, 0, 0)),
    "output ALL": ([output(of.OFPP_ALL)], (0, 1, 1, 1, 0)),
    "output FLOOD": ([output(of.OFPP_FLOOD)], (0, 1, 1, 1, 0)),
    "output LOCAL": ([output(of.OFPP_LOCAL)], (0, 0, 0, 1, 0)),
    "output CONTROLLER": ([output(of.OFPP_CONTROLLER)], (0, 0, 0, 0, 1)),
    "output NORMAL": ([output(of.OFPP_NORMAL)], (0, 1, 1, 1, 0)),
    "output and CONTROLLER": ([output(3), output(of.OFPP_CONTROLLER)], (0, 0, 1, 0, 1)),
    "no action": ([], (0, 0, 0, 0, 0)),
}

# name: the configuration of port 3, actions, copies as above.
CONFIGS = {
    "NO_FWD": (of.OFPPC_NO_FWD, [output(2), output(3)], (0, 1, 0, 0, 0)),
    "PORT_DOWN": (of.OFPPC_PORT_DOWN, [output(2), output(3)], (0, 1, 0, 0, 0)),
    "ALL with NO_FWD": (of.OFPPC_NO_FWD, [output(of.OFPP_ALL)], (0, 1, 0, 1, 0)),
}
