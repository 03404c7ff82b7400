# SPDX-License-Identifier: Apache-2.0
"""Match fields of OpenFlow 1.3 (7.2.3.7): name -> the match, a frame that it matches, a frame that it does not. Flows lie in table 1;
table 0 gives what comes in by port 1 metadata 5 and tunnel 7, what comes in by port 2 metadata 6 and tunnel 8."""
from frames import ARP, IPV4, IPV6, MPLS, MPLS_MULTICAST, PBB, SVLAN, VLAN
from frames import arp, frame, hop6, icmp, icmp6, na, ns, other, pbb_frame, sctp, sctp6, tcp, tcp6, udp, udp6

V4, V6 = {"eth_type": IPV4}, {"eth_type": IPV6}
TCP, UDP, SCTP, ICMP = ({**V4, "ip_proto": n} for n in (6, 17, 132, 1))
TCP6, UDP6, SCTP6, ICMP6 = ({**V6, "ip_proto": n} for n in (6, 17, 132, 58))
NS, NA = {**ICMP6, "icmpv6_type": 135}, {**ICMP6, "icmpv6_type": 136}
ARPS, LABELLED = {"eth_type": ARP}, {"eth_type": MPLS}
PRESENT = 0x1000
A, B, HIGH = "02:00:00:00:00:01", "02:00:00:00:00:03", "ff:ff:ff:00:00:00"


def by2(data):
    """The frame comes in by port 2."""
    return 2, data


def labelled(label=100, tc=2, bos=1, ttl=64, **more):
    return frame("tcp", labels=[(label, tc, bos, ttl)] + ([] if bos else [(7, 0, 1, 9)]), **more)


FIELDS = {
    "in_port": ({"in_port": 1}, tcp(), by2(tcp())),
    "in_phy_port": ({"in_port": 1, "in_phy_port": 1}, tcp(), by2(tcp())),
    "metadata": ({"metadata": 5}, tcp(), by2(tcp())),
    "metadata masked": ({"metadata": (1, 1)}, tcp(), by2(tcp())),
    "eth_dst": ({"eth_dst": B}, tcp(eth_dst=B), tcp()),
    "eth_dst masked": ({"eth_dst": ("01:00:00:00:00:00", "01:00:00:00:00:00")}, arp(eth_dst="ff:ff:ff:ff:ff:ff"), arp()),
    "eth_src": ({"eth_src": A}, tcp(), tcp(eth_src=B)),
    "eth_src masked": ({"eth_src": ("02:00:00:00:00:00", HIGH)}, tcp(), tcp(eth_src="02:00:01:00:00:01")),
    "eth_type": ({"eth_type": ARP}, arp(), tcp()),
    "eth_type of no known kind": ({"eth_type": 0x1234}, other(), tcp()),
    "eth_type below a tag": ({"eth_type": IPV4}, tcp((VLAN, 5, 0)), arp((VLAN, 5, 0))),
    "vlan_vid": ({"vlan_vid": PRESENT | 5}, tcp((VLAN, 5, 0)), tcp((VLAN, 6, 0))),
    "vlan_vid of an untagged frame": ({"vlan_vid": PRESENT | 5}, tcp((VLAN, 5, 3)), tcp()),
    "vlan_vid outermost": ({"vlan_vid": PRESENT | 5}, tcp((SVLAN, 5, 0), (VLAN, 6, 0)), tcp((SVLAN, 6, 0), (VLAN, 5, 0))),
    "vlan_vid none": ({"vlan_vid": 0}, tcp(), tcp((VLAN, 5, 0))),
    "vlan_vid any": ({"vlan_vid": (PRESENT, PRESENT)}, tcp((VLAN, 0, 0)), tcp()),
    "vlan_vid masked": ({"vlan_vid": (PRESENT | 4, PRESENT | 6)}, tcp((VLAN, 5, 0)), tcp((VLAN, 6, 0))),
    "vlan_pcp": ({"vlan_vid": PRESENT | 5, "vlan_pcp": 3}, tcp((VLAN, 5, 3)), tcp((VLAN, 5, 2))),
    "ip_dscp": ({**V4, "ip_dscp": 10}, tcp(dscp=10), tcp(dscp=11)),
    "ip_dscp of IPv6": ({**V6, "ip_dscp": 10}, tcp6(dscp=10, ecn=3), tcp6(dscp=11)),
    "ip_ecn": ({**V4, "ip_ecn": 2}, tcp(ecn=2, dscp=5), tcp(ecn=1)),
    "ip_ecn of IPv6": ({**V6, "ip_ecn": 2}, tcp6(ecn=2), tcp6(ecn=3)),
    "ip_proto": ({**V4, "ip_proto": 17}, udp(), tcp()),
    "ip_proto of IPv6": ({**V6, "ip_proto": 17}, udp6(), tcp6()),
    "ipv4_src": ({**V4, "ipv4_src": "10.0.0.1"}, tcp(), tcp(ipv4_src="10.0.0.3")),
    "ipv4_src masked": ({**V4, "ipv4_src": ("10.0.0.0", "255.255.0.0")}, tcp(), tcp(ipv4_src="10.1.0.1")),
    "ipv4_src masked anyhow": ({**V4, "ipv4_src": ("10.0.0.1", "255.0.0.255")}, tcp(ipv4_src="10.9.9.1"), tcp(ipv4_src="10.0.0.2")),
    "ipv4_dst": ({**V4, "ipv4_dst": "10.0.0.2"}, tcp(), tcp(ipv4_dst="10.0.0.3")),
    "ipv4_dst masked": ({**V4, "ipv4_dst": ("10.0.0.0", "255.255.255.0")}, tcp(), tcp(ipv4_dst="10.0.1.2")),
    "tcp_src": ({**TCP, "tcp_src": 1000}, tcp(), tcp(src=1001)),
    "tcp_dst": ({**TCP, "tcp_dst": 2000}, tcp(), tcp(dst=2001)),
    "tcp_src of IPv6": ({**TCP6, "tcp_src": 1000}, tcp6(), tcp6(src=1001)),
    "tcp_dst of IPv6": ({**TCP6, "tcp_dst": 2000}, tcp6(), tcp6(dst=2001)),
    "udp_src": ({**UDP, "udp_src": 1000}, udp(), udp(src=1001)),
    "udp_dst": ({**UDP, "udp_dst": 2000}, udp(), tcp()),
    "udp_src of IPv6": ({**UDP6, "udp_src": 1000}, udp6(), udp6(src=1001)),
    "udp_dst of IPv6": ({**UDP6, "udp_dst": 2000}, udp6(), udp6(dst=2001)),
    "sctp_src": ({**SCTP, "sctp_src": 1000}, sctp(), sctp(src=1001)),
    "sctp_dst": ({**SCTP, "sctp_dst": 2000}, sctp(), sctp(dst=2001)),
    "sctp_src of IPv6": ({**SCTP6, "sctp_src": 1000}, sctp6(), sctp6(src=1001)),
    "sctp_dst of IPv6": ({**SCTP6, "sctp_dst": 2000}, sctp6(), sctp6(dst=2001)),
    "icmpv4_type": ({**ICMP, "icmpv4_type": 8}, icmp(), icmp(type=0)),
    "icmpv4_code": ({**ICMP, "icmpv4_code": 0}, icmp(), icmp(code=1)),
    "arp_op": ({**ARPS, "arp_op": 1}, arp(), arp(op=2)),
    "arp_spa": ({**ARPS, "arp_spa": "10.0.0.1"}, arp(), arp(spa="10.0.0.9")),
    "arp_spa masked": ({**ARPS, "arp_spa": ("10.0.0.0", "255.0.0.0")}, arp(), arp(spa="11.0.0.1")),
    "arp_tpa": ({**ARPS, "arp_tpa": "10.0.0.2"}, arp(), arp(tpa="10.0.0.9")),
    "arp_tpa masked": ({**ARPS, "arp_tpa": ("10.0.0.0", "255.0.0.0")}, arp(), arp(tpa="11.0.0.1")),
    "arp_sha": ({**ARPS, "arp_sha": A}, arp(), arp(sha=B)),
    "arp_sha masked": ({**ARPS, "arp_sha": ("02:00:00:00:00:00", HIGH)}, arp(), arp(sha="02:00:01:00:00:01")),
    "arp_tha": ({**ARPS, "arp_tha": B}, arp(tha=B), arp()),
    "arp_tha masked": ({**ARPS, "arp_tha": ("02:00:00:00:00:00", HIGH)}, arp(), arp(tha="02:00:01:00:00:01")),
    "ipv6_src": ({**V6, "ipv6_src": "fd00::1"}, tcp6(), tcp6(ipv6_src="fd00::3")),
    "ipv6_src masked": ({**V6, "ipv6_src": ("fd00::", "ffff::")}, tcp6(), tcp6(ipv6_src="fd01::1")),
    "ipv6_dst": ({**V6, "ipv6_dst": "fd00::2"}, tcp6(), tcp6(ipv6_dst="fd00::3")),
    "ipv6_dst masked": ({**V6, "ipv6_dst": ("fd00::2", "ffff::ffff")}, tcp6(ipv6_dst="fd00:1::2"), tcp6(ipv6_dst="fd00::3")),
    "ipv6_flabel": ({**V6, "ipv6_flabel": 0x12345}, tcp6(flabel=0x12345), tcp6(flabel=0x12346)),
    "ipv6_flabel masked": ({**V6, "ipv6_flabel": (0x12300, 0xfff00)}, tcp6(flabel=0x12345), tcp6(flabel=0x22345)),
    "icmpv6_type": ({**ICMP6, "icmpv6_type": 128}, icmp6(), icmp6(type6=129)),
    "icmpv6_code": ({**ICMP6, "icmpv6_code": 0}, icmp6(), icmp6(code=1)),
    "ipv6_nd_target": ({**NS, "ipv6_nd_target": "fd00::9"}, ns(), ns(target="fd00::8")),
    "ipv6_nd_target of an advertisement": ({**NA, "ipv6_nd_target": "fd00::9"}, na(), ns()),
    "ipv6_nd_sll": ({**NS, "ipv6_nd_sll": "02:00:00:00:00:0a"}, ns(), ns(ll=B)),
    "ipv6_nd_tll": ({**NA, "ipv6_nd_tll": "02:00:00:00:00:0a"}, na(), na(ll=B)),
    "mpls_label": ({**LABELLED, "mpls_label": 100}, labelled(), labelled(label=101)),
    "mpls_label of multicast": ({"eth_type": MPLS_MULTICAST, "mpls_label": 100}, labelled(mpls_type=MPLS_MULTICAST), labelled()),
    "mpls_tc": ({**LABELLED, "mpls_tc": 2}, labelled(), labelled(tc=3)),
    "mpls_bos": ({**LABELLED, "mpls_bos": 0}, labelled(bos=0), labelled()),
    "pbb_isid": ({"eth_type": PBB, "pbb_isid": 5}, pbb_frame(), pbb_frame(isid=6)),
    "tunnel_id": ({"tunnel_id": 7}, tcp(), by2(tcp())),
    "tunnel_id masked": ({"tunnel_id": (1, 1)}, tcp(), by2(tcp())),
    "ipv6_exthdr": ({**V6, "ipv6_exthdr": 0x20}, hop6(), udp6()),
    "every field at once": ({**TCP, "in_port": 1, "metadata": 5, "eth_dst": "02:00:00:00:00:02", "eth_src": A, "vlan_vid": PRESENT | 5,
                             "vlan_pcp": 3, "ip_dscp": 4, "ip_ecn": 1, "ipv4_src": "10.0.0.1", "ipv4_dst": "10.0.0.2", "tcp_src": 1000, "tcp_dst": 2000},
                            tcp((VLAN, 5, 3), dscp=4, ecn=1), tcp((VLAN, 5, 3), dscp=4, ecn=1, dst=2001)),
    "nothing": ({}, other(), None),
}
