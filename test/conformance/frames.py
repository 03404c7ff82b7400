# SPDX-License-Identifier: Apache-2.0
"""Frames, by os-ken's packet library. Every field has a value of its own, which a case may change by name."""
import struct

from os_ken.lib.packet import arp as arp_header
from os_ken.lib.packet import ethernet, icmp as icmp_header, icmpv6, ipv4, ipv6, mpls, packet, pbb, sctp as sctp_header, vlan
from os_ken.lib.packet import tcp as tcp_header
from os_ken.lib.packet import udp as udp_header

IPV4, ARP, IPV6, VLAN, SVLAN, MPLS, MPLS_MULTICAST, PBB = 0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8848, 0x88e7
PAYLOAD = bytes(range(20))

DEFAULTS = {
    "eth_src": "02:00:00:00:00:01", "eth_dst": "02:00:00:00:00:02", "ipv4_src": "10.0.0.1", "ipv4_dst": "10.0.0.2", "ttl": 64, "dscp": 0, "ecn": 0,
    "ipv6_src": "fd00::1", "ipv6_dst": "fd00::2", "flabel": 0, "src": 1000, "dst": 2000, "type": 8, "type6": 128, "code": 0, "isid": 5,
    "op": 1, "sha": "02:00:00:00:00:01", "tha": "02:00:00:00:00:02", "spa": "10.0.0.1", "tpa": "10.0.0.2", "target": "fd00::9", "ll": "02:00:00:00:00:0a",
}


def ip4(o, proto, *inner):
    return IPV4, [ipv4.ipv4(proto=proto, src=o["ipv4_src"], dst=o["ipv4_dst"], ttl=o["ttl"], tos=o["dscp"] << 2 | o["ecn"], identification=7), *inner]


def ip6(o, proto, *inner, **more):
    return IPV6, [ipv6.ipv6(nxt=proto, src=o["ipv6_src"], dst=o["ipv6_dst"], hop_limit=o["ttl"], flow_label=o["flabel"],
                            traffic_class=o["dscp"] << 2 | o["ecn"], **more), *inner]


def nd(o, kind, body, option):
    body = body(dst=o["target"], option=option(hw_src=o["ll"]))
    return ip6(o | {"ttl": 255}, 58, icmpv6.icmpv6(type_=kind, code=0, data=body))


def crc32c(data):
    """SCTP's checksum (RFC 9260, appendix A), as it lies in the packet; os-ken 2.5's own is wrong."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return int.from_bytes((crc ^ 0xffffffff).to_bytes(4, "little"), "big")


def sctp_layer(o):
    """A packet that says no more than that a cookie was echoed."""
    checksum = crc32c(struct.pack(">HHII", o["src"], o["dst"], 0, 0) + bytes.fromhex("0b000004"))
    return sctp_header.sctp(o["src"], o["dst"], csum=checksum, chunks=[sctp_header.chunk_cookie_ack()])


# The layers of each kind of frame above its tags: (Ethernet type, [headers ...]).
KINDS = {
    "tcp": lambda o: ip4(o, 6, tcp_header.tcp(o["src"], o["dst"]), PAYLOAD),
    "udp": lambda o: ip4(o, 17, udp_header.udp(o["src"], o["dst"]), PAYLOAD),
    "sctp": lambda o: ip4(o, 132, sctp_layer(o)),
    "icmp": lambda o: ip4(o, 1, icmp_header.icmp(o["type"], o["code"], data=icmp_header.echo(1, 1, PAYLOAD))),
    "tcp6": lambda o: ip6(o, 6, tcp_header.tcp(o["src"], o["dst"]), PAYLOAD),
    "udp6": lambda o: ip6(o, 17, udp_header.udp(o["src"], o["dst"]), PAYLOAD),
    "sctp6": lambda o: ip6(o, 132, sctp_layer(o)),
    "icmp6": lambda o: ip6(o, 58, icmpv6.icmpv6(type_=o["type6"], code=o["code"], data=icmpv6.echo(1, 1, PAYLOAD))),
    "ns": lambda o: nd(o, 135, icmpv6.nd_neighbor, icmpv6.nd_option_sla),
    "na": lambda o: nd(o, 136, icmpv6.nd_neighbor, icmpv6.nd_option_tla),
    "hop6": lambda o: ip6(o, 17, udp_header.udp(o["src"], o["dst"]), PAYLOAD, ext_hdrs=[ipv6.hop_opts(17, 0, [ipv6.option(1, 4, bytes(4))])]),
    "arp": lambda o: (ARP, [arp_header.arp(opcode=o["op"], src_mac=o["sha"], src_ip=o["spa"], dst_mac=o["tha"], dst_ip=o["tpa"])]),
    "pbb": lambda o: (PBB, [pbb.itag(sid=o["isid"]), ethernet.ethernet(o["eth_dst"], o["eth_src"], 0x1234), PAYLOAD]),
    "other": lambda o: (0x1234, [PAYLOAD * 3]),
}


def frame(kind, tags=(), labels=(), mpls_type=MPLS, **changes):
    """The frame's bytes, the outermost tag (tpid, vid, pcp) and label (label, tc, bos, ttl) first."""
    o = DEFAULTS | changes
    ethertype, layers = KINDS[kind](o)
    types = [t[0] for t in tags] + [mpls_type if labels else ethertype]
    headers = [ethernet.ethernet(o["eth_dst"], o["eth_src"], types[0])]
    headers += [vlan.vlan(pcp, 0, vid, after) for (_, vid, pcp), after in zip(tags, types[1:])]
    headers += [mpls.mpls(exp=tc, label=label, bsb=bos, ttl=ttl) for label, tc, bos, ttl in labels]
    built = packet.Packet(protocols=[*headers, *layers])
    built.serialize()
    return bytes(built.data)


def maker(kind):
    return lambda *tags, **changes: frame(kind, tags, **changes)


tcp, udp, sctp, icmp, tcp6, udp6, sctp6, icmp6, ns, na, hop6, arp, pbb_frame, other = map(
    maker, ("tcp", "udp", "sctp", "icmp", "tcp6", "udp6", "sctp6", "icmp6", "ns", "na", "hop6", "arp", "pbb", "other"))
