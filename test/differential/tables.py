# SPDX-License-Identifier: Apache-2.0
"""Random OpenFlow tables, as lines for ovs-ofctl add-flows -O OpenFlow13, whose flows mostly match the frames they were drawn with."""
import ipaddress
import re

import actions
import coverage
import frames
import themes

PORTS = 6
TABLES = 5
REGISTERS = {**{f"reg{i}": 32 for i in range(16)}, **{f"xreg{i}": 64 for i in range(8)}, **{f"xxreg{i}": 128 for i in range(4)},
             "metadata": 64, "pkt_mark": 32, "tun_id": 64, "tun_metadata0": 32, "tun_metadata5": 64}
IP_PROTOCOLS = {"ip", "tcp", "udp", "icmp", "sctp"}
FORMS = {"mac": lambda v: ":".join(f"{v:012x}"[i:i + 2] for i in range(0, 12, 2)), "ip": lambda v: str(ipaddress.IPv4Address(v)),
         "ip6": lambda v: str(ipaddress.IPv6Address(v)), "int": str, "hex": hex}
UPPER = ("tcp", "udp", "sctp", "icmp", "nd_", "arp", "mpls")
# Other names for the same bits: at most one of each is in a match.
ALIASES = [("vlan_tci", "dl_vlan", "vlan_vid"), ("vlan_tci", "dl_vlan_pcp", "vlan_pcp"), ("nw_tos", "ip_dscp"), ("in_port", "in_port_oxm")]
# Fields of every frame: drawn less often, so that those of few frames are met often enough.
FREQUENT = {"dl_src", "dl_dst", "vlan_tci", "nw_ecn", "ip_dscp", "nw_tos", "nw_ttl", "ip_frag"}
# What ovs-ofctl takes no mask for.
UNMASKED = {"dl_vlan", "dl_vlan_pcp", "nw_proto", "ip_dscp", "nw_ecn", "nw_ttl", "icmp_type", "icmp_code", "icmpv6_type", "icmpv6_code", "arp_op",
            "mpls_label", "mpls_tc", "mpls_bos", "mpls_ttl", "dl_type", "ip_frag", "nw_tos", "vlan_pcp", "nd_reserved", "nd_options_type",
            "nsh_flags", "nsh_ttl", "nsh_mdtype", "nsh_np", "nsh_spi", "nsh_si"}


def mask_of(random, bits, form):
    """A mask for a field: most often a prefix, else any bits (of IPv6 the low ones: a mask's text may not begin with a digit)."""
    if random.random() < 0.6:
        return (1 << bits) - (1 << random.choice([bits - 1, bits // 2, bits // 4, 1]))
    return random.getrandbits(16 if form == "ip6" else bits)


def mask_text(mask, bits, form):
    if form == "ip6" and mask >> bits - 1:
        return str(bin(mask).count("1"))
    return FORMS[form](mask)


def vlan_mask(random, name, value, old):
    """In OXM a VLAN match has the tag's presence in it, and the priority wholly or not at all; NXM takes every mask."""
    if old and name == "vlan_tci":
        return random.choice([0x1000, 0x0fff, 0xe000, 0xffff, random.getrandbits(16)])
    return random.choice([0x1000, 0x1fff, 0x1000 | random.getrandbits(12)]) | (0xe000 if name == "vlan_tci" and value and random.random() < 0.3 else 0)


def one_field(random, name, field, old):
    value, bits, form = field
    if form == "word":
        return f"{name}=0x{value:x}" if isinstance(value, int) else f"{name}={value}"
    if name == "tcp_flags" or (name not in UNMASKED and random.random() < 0.3):
        mask = vlan_mask(random, name, value, old) if name.startswith("vlan_") else mask_of(random, bits, form)
        if form == "int" and name.endswith(("_src", "_dst")) or name in REGISTERS or form == "hex":
            return f"{name}=0x{value & mask:x}/0x{mask:x}"
        return f"{name}={FORMS[form](value & mask)}/{mask_text(mask, bits, form)}"
    return f"{name}={FORMS[form](value)}"


def pipeline_field(random, name, port, table):
    """A field that no header has, with the value that a frame coming in by the port has, or that actions may have given it."""
    if name in ("in_port", "in_port_oxm"):
        return f"{name}={port[1:]}"
    if name in ("tun_src", "tun_dst"):
        return f"{name}=0.0.0.0"
    if name == "packet_type":
        return "packet_type=(0,0)"
    if name == "actset_output":
        return f"{name}={random.choice(['unset', 'unset', port[1:]]) if table else 'unset'}"
    return one_field(random, name, (0 if table == 0 else random.choice([0, 0, 0, 1, 2]), REGISTERS[name], "hex"), True)


def prerequisites(frame, names):
    """The protocol's word that the fields need in front; "" where none does."""
    free = {"dl_src", "dl_dst", "dl_vlan", "dl_vlan_pcp", "vlan_tci", "dl_type"}
    if not names - free:
        return ""
    upper = {n for n in names if n.startswith(UPPER)}
    return frame.protocol if upper or frame.protocol not in frames.PROTOCOLS and not frame.protocol.endswith("6") else (
        "ipv6" if frame.protocol.endswith("6") else "ip")


def header_names(random, frame, focus):
    """Names of some of the frame's fields, those in focus first, with what they need beside them."""
    pool = [name for name in sorted(frame.fields) for _ in range(1 if name in FREQUENT else 4)]
    names = {random.choice(pool) for _ in range(random.choice([0, 1, 1, 2, 2]))}
    wanted = [name.partition("=")[0] for name in focus if themes.fits(frame, name) and name.partition("=")[0] in frame.fields]
    if wanted and random.random() < 0.8:
        names.add(random.choice(wanted))
    for aliases in ALIASES:
        names -= set(sorted(names & set(aliases), key=lambda n: n not in focus)[1:])
    if any(n.startswith("nd_") for n in names):
        names |= {"icmpv6_type", "icmpv6_code"}
    if "icmpv6_code" in names or "icmp_code" in names:
        names |= {n for n in ("icmpv6_type", "icmp_type") if n in frame.fields}
    if any(n.startswith("nsh_") for n in names):
        names |= {"dl_type"} | {"nsh_mdtype" for n in names if n.startswith("nsh_c")}
    if "nw_proto" in names:  # the protocol's word would say it already
        names = {n for n in names if not n.startswith(UPPER)}
    return names - {"ip_frag"} if "dl_type" in names else names


def match(random, packet, table, style):
    """A match that covers the packet as it comes in (but for registers), and its protocol's word."""
    port, frame = packet
    names = header_names(random, frame, style.fields)
    word = prerequisites(frame, names)
    if word in ("", "ip", "ipv6") and frame.protocol and "nw_proto" not in names and random.random() < (0.8 if frame.protocol in style.fields else 0.4):
        word = frame.protocol
    parts = ([word] if word else []) + [one_field(random, name, frame.fields[name], style.old) for name in sorted(names)]
    wanted = [name for name in style.fields if name in coverage.PIPELINE]
    if wanted and random.random() < 0.5:
        parts.append(pipeline_field(random, random.choice(wanted), port, table))
    elif random.random() < 0.3:
        parts.append(pipeline_field(random, random.choice(coverage.PIPELINE), port, table))
    return ",".join(parts), word


def has_vlan(text):
    return re.search(r"dl_vlan|vlan_vid=0x1|vlan_pcp", text) is not None


class Flow:
    """A flow whose priority comes later: those that match what the case is about shall be met first, most often."""

    def __init__(self, random, packet, table, style):
        self.text, self.word = match(random, packet, table, style)
        self.table, self.style = table, style
        _, names = coverage.names_of(f"cookie=0,{self.text},actions=")
        self.is_in_focus = bool(names & set(style.fields))

    def line(self, random, priority):
        c = actions.Context(random, self.word or "", has_vlan(self.text), self.table, self.style, learns=priority * 8)
        return f"table={self.table},priority={priority}{',' if self.text else ''}{self.text},actions={actions.draw(c)}"


def draw(random, pool, style):
    """The lines of a random set of tables for a pool of (port, frame). No two flows of a table have one priority: what overlaps
    at one priority is undefined. Each flow's cookie is its place in the list."""
    lines = []
    unused = iter(random.sample(range(2, 8000), 100))
    for table in range(TABLES):
        priorities = [next(unused) for _ in range(random.choice([10, 14, 18] if table == 0 else [3, 6, 9]))]
        flows = [Flow(random, random.choice(pool), table, style) for _ in priorities]
        flows.sort(key=lambda f: random.random() + 0.6 * f.is_in_focus)
        lines += [f.line(random, p) for f, p in zip(flows, sorted(priorities))]
        if random.random() < 0.95:
            c = actions.Context(random, "", False, table, style, learns=next(unused) * 8)
            lines.append(f"table={table},priority=1,actions={actions.draw(c, onward=True)}")
    return [f"cookie=0x{i + 1:x},{line}" for i, line in enumerate(lines)]
