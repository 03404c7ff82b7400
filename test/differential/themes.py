# SPDX-License-Identifier: Apache-2.0
"""Pools of frames. Most are of all kinds; some are of one kind only, so that rare fields are met often enough."""
import frames

ONLY = {
    "any": lambda f: True,
    "neighbours": lambda f: "nd_target" in f.fields,
    "mpls": lambda f: f.protocol in ("mpls", "mplsm"),
    "arp": lambda f: f.protocol in ("arp", "rarp"),
    "vlan": lambda f: "dl_vlan" in f.fields,
    "fragments": lambda f: "ip_frag" in f.fields,
    "icmp": lambda f: f.protocol in ("icmp", "icmp6"),
    "ipv6": lambda f: "ipv6_src" in f.fields,
    "sctp": lambda f: f.protocol.startswith("sctp"),
    "other": lambda f: "dl_type" in f.fields,
    "ports": lambda f: f.protocol in ("tcp", "tcp6", "udp", "udp6"),
}
ORDER = ["any", "neighbours", "mpls", "arp", "vlan", "any", "ports", "fragments", "mpls", "neighbours", "icmp", "ipv6", "sctp", "neighbours", "other"]


def pool(random, index, size):
    """The frames of table set number `index`."""
    wanted = ONLY[ORDER[index % len(ORDER)]]
    found = []
    while len(found) < size:
        frame = frames.draw(random)
        if wanted(frame):
            found.append(frame)
    return found
