# SPDX-License-Identifier: Apache-2.0
"""Random OpenFlow tables, as lines for ovs-ofctl add-flows -O OpenFlow13, whose flows mostly match the frames they were drawn with."""
import ipaddress

import actions
import frames

PORTS = 6
TABLES = 5
REGISTERS = {"reg0": 32, "reg1": 32, "reg7": 32, "reg15": 32, "metadata": 64, "pkt_mark": 32, "tun_id": 64, "xreg1": 64, "xxreg1": 128}
IP_PROTOCOLS = {"ip", "tcp", "udp", "icmp", "sctp"}
FORMS = {"mac": lambda v: ":".join(f"{v:012x}"[i:i + 2] for i in range(0, 12, 2)), "ip": lambda v: str(ipaddress.IPv4Address(v)),
         "ip6": lambda v: str(ipaddress.IPv6Address(v)), "int": str, "hex": hex}
UPPER = ("tcp", "udp", "sctp", "icmp", "nd_", "arp", "mpls")
# Fields of every frame: drawn less often, so that those of few frames are met often enough.
FREQUENT = {"dl_src", "dl_dst", "vlan_tci", "nw_ecn", "ip_dscp", "nw_ttl"}
RARE = {"nd_sll", "nd_tll", "nw_proto", "dl_type", "arp_tha", "tcp_flags"}
# What ovs-ofctl takes no mask for.
UNMASKED = {"dl_vlan", "dl_vlan_pcp", "nw_proto", "ip_dscp", "nw_ecn", "nw_ttl", "icmp_type", "icmp_code", "icmpv6_type", "icmpv6_code", "arp_op",
            "mpls_label", "mpls_tc", "mpls_bos", "mpls_ttl", "dl_type", "ip_frag"}


def mask_of(random, bits, form):
    """A mask for a field: most often a prefix, else any bits (of IPv6 the low ones: a mask's text may not begin with a digit)."""
    if random.random() < 0.6:
        return (1 << bits) - (1 << random.choice([bits - 1, bits // 2, bits // 4, 1]))
    return random.getrandbits(16 if form == "ip6" else bits)


def mask_text(mask, bits, form):
    if form == "ip6" and mask >> bits - 1:
        return str(bin(mask).count("1"))
    return FORMS[form](mask)


def one_field(random, name, value, bits, form):
    if form == "word":
        return f"{name}=0x{value:x}" if isinstance(value, int) else f"{name}={value}"
    if name == "tcp_flags" or (name not in UNMASKED and random.random() < 0.3):
        mask = mask_of(random, bits, form)
        if form == "int" and name.endswith(("_src", "_dst")) or name in REGISTERS or form == "hex":
            return f"{name}=0x{value & mask:x}/0x{mask:x}"
        return f"{name}={FORMS[form](value & mask)}/{mask_text(mask, bits, form)}"
    return f"{name}={FORMS[form](value)}"


def prerequisites(frame, names):
    """The protocol's word that the fields need in front; "" where none does."""
    free = {"dl_src", "dl_dst", "dl_vlan", "dl_vlan_pcp", "vlan_tci", "dl_type"}
    if not names - free:
        return ""
    upper = {n for n in names if n.startswith(UPPER)}
    return frame.protocol if upper or frame.protocol not in frames.PROTOCOLS and not frame.protocol.endswith("6") else (
        "ipv6" if frame.protocol.endswith("6") else "ip")


def match(random, port, frame, table):
    """A match that covers the frame as it comes in by the port (but for registers), and its protocol's word."""
    pool = [name for name in sorted(frame.fields) for _ in range(1 if name in FREQUENT else 12 if name in RARE else 4)]
    names = {random.choice(pool) for _ in range(random.choice([0, 1, 1, 2, 2, 3]))}
    if "dl_vlan" in names or "dl_vlan_pcp" in names:
        names.discard("vlan_tci")
    if any(n.startswith("nd_") for n in names):
        names |= {"icmpv6_type", "icmpv6_code"}
    if "icmpv6_code" in names or "icmp_code" in names:
        names |= {n for n in ("icmpv6_type", "icmp_type") if n in frame.fields}
    if "nw_proto" in names:  # the protocol's word would say it already
        names = {n for n in names if not n.startswith(UPPER)}
    word = prerequisites(frame, names)
    if word in ("", "ip", "ipv6") and frame.protocol and "nw_proto" not in names and random.random() < 0.4:
        word = frame.protocol
    if "dl_type" in names:
        names -= {"ip_frag"}
    parts = ([word] if word else []) + [one_field(random, name, *frame.fields[name]) for name in sorted(names)]
    if random.random() < 0.15:
        parts.append(f"in_port={port[1:]}")
    if random.random() < 0.2:
        name = random.choice(sorted(REGISTERS))
        value = 0 if table == 0 else random.choice([0, 0, 1, 2])
        parts.append(one_field(random, name, value, REGISTERS[name], "hex"))
    return ",".join(parts), word


def flow(random, packet, table, priority, style):
    port, frame = packet
    text, word = match(random, port, frame, table)
    words = actions.draw(actions.Context(random, word or "", "dl_vlan" in text, table, style))
    cookie = f"cookie=0x{random.getrandbits(8):x}," if random.random() < 0.2 else ""
    return f"{cookie}table={table},priority={priority}{',' if text else ''}{text},actions={words}"


def draw(random, pool, style):
    """The lines of a random set of tables for a pool of (port, frame). No two flows of a table have one priority: what overlaps
    at one priority is undefined."""
    lines = []
    for table in range(TABLES):
        priorities = random.sample(range(2, 60000), random.choice([10, 14, 18] if table == 0 else [3, 6, 9]))
        lines += [flow(random, random.choice(pool), table, p, style) for p in priorities]
        if random.random() < 0.95:
            lines.append(f"table={table},priority=1,actions={actions.draw(actions.Context(random, '', False, table, style), onward=True)}")
    return lines
