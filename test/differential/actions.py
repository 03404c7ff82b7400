# SPDX-License-Identifier: Apache-2.0
"""Random action lists. A Context knows which headers the packet is certain to have, so that every list is valid."""
import dataclasses

import frames
import groups

SHORTEST_CUT = 34  # bytes that a truncated output keeps at least
# name for set_field, name for load and move, bits
ALWAYS = [("eth_src", "NXM_OF_ETH_SRC", 48), ("eth_dst", "NXM_OF_ETH_DST", 48), ("reg0", "NXM_NX_REG0", 32), ("reg1", "NXM_NX_REG1", 32),
          ("reg7", "NXM_NX_REG7", 32), ("reg15", "NXM_NX_REG15", 32), ("metadata", "OXM_OF_METADATA", 64), ("pkt_mark", "NXM_NX_PKT_MARK", 32),
          ("tun_id", "NXM_NX_TUN_ID", 64), ("xreg1", "OXM_OF_PKT_REG1", 64), ("xxreg1", "NXM_NX_XXREG1", 128), ("in_port", "NXM_OF_IN_PORT", 16),
          ("tun_metadata0", "NXM_NX_TUN_METADATA0", 32), ("tun_metadata5", "NXM_NX_TUN_METADATA5", 64)]  # switches.TLV_MAP
IP = [("ip_src", "NXM_OF_IP_SRC", 32), ("ip_dst", "NXM_OF_IP_DST", 32)]
IP6 = [("ipv6_src", "NXM_NX_IPV6_SRC", 128), ("ipv6_dst", "NXM_NX_IPV6_DST", 128), ("ipv6_label", "NXM_NX_IPV6_LABEL", 20)]
ANY_IP = [("nw_ttl", "NXM_NX_IP_TTL", 8), ("nw_ecn", "NXM_NX_IP_ECN", 2), ("ip_dscp", "OXM_OF_IP_DSCP", 6)]
ARP = [("arp_op", "NXM_OF_ARP_OP", 16), ("arp_spa", "NXM_OF_ARP_SPA", 32), ("arp_tpa", "NXM_OF_ARP_TPA", 32), ("arp_sha", "NXM_NX_ARP_SHA", 48),
       ("arp_tha", "NXM_NX_ARP_THA", 48)]
PORTS = {"tcp": [("tcp_src", "NXM_OF_TCP_SRC", 16), ("tcp_dst", "NXM_OF_TCP_DST", 16)],
         "udp": [("udp_src", "NXM_OF_UDP_SRC", 16), ("udp_dst", "NXM_OF_UDP_DST", 16)],
         "sctp": [("sctp_src", "OXM_OF_SCTP_SRC", 16), ("sctp_dst", "OXM_OF_SCTP_DST", 16)],
         "icmp": [("icmp_type", "NXM_OF_ICMP_TYPE", 8), ("icmp_code", "NXM_OF_ICMP_CODE", 8)],
         "icmp6": [("icmpv6_type", "NXM_NX_ICMPV6_TYPE", 8), ("icmpv6_code", "NXM_NX_ICMPV6_CODE", 8)]}
MPLS = [("mpls_label", "OXM_OF_MPLS_LABEL", 20), ("mpls_tc", "OXM_OF_MPLS_TC", 3)]
VALUES = {"in_port": [1, 2, 3], "nw_ttl": [1, 2, 9], "arp_op": [1, 2], "ipv6_label": [0, 7], "mpls_label": [3, 500], "icmp_type": [0, 8]}
ADDRESSES = {"eth_src": frames.MACS, "eth_dst": frames.MACS, "arp_sha": frames.MACS, "arp_tha": frames.MACS, "ip_src": frames.IPS, "ip_dst": frames.IPS,
             "arp_spa": frames.IPS, "arp_tpa": frames.IPS, "ipv6_src": frames.IP6S, "ipv6_dst": frames.IP6S}


LAST_TABLE = 4


@dataclasses.dataclass(frozen=True)
class Style:
    """`old`: only what OpenFlow 1.0 with Nicira's extensions has. `calm`: nothing that remembers packets. `fields` and `actions`: what
    shall be met most (coverage.py). `encaps`: frames get other headers, and there are no clones: behind nested ones Debian's switch
    encapsulates what is encapsulated (seed 2, case 0, when any case had both)."""
    old: bool
    calm: bool
    fields: tuple
    actions: tuple
    encaps: bool = False


class Context:
    def __init__(self, random, word, vlan, table, style, learns=0):
        self.random, self.word, self.vlan, self.table, self.style = random, word, vlan, table, style
        self.final = False  # after pop_mpls only outputs follow: Debian's switch loses what comes after it in clones
        self.learns = learns  # the priority of the next learned flow: no two that overlap have the same

    @property
    def ip(self):
        return self.word in ("ip", "tcp", "udp", "sctp", "icmp")

    @property
    def ip6(self):
        return self.word in ("ipv6", "tcp6", "udp6", "sctp6", "icmp6")

    def fields(self):
        found = list(ALWAYS)
        found += IP + ANY_IP if self.ip else IP6 + ANY_IP if self.ip6 else []
        found += ARP if self.word == "arp" else MPLS if self.word in ("mpls", "mplsm") else []
        found += PORTS.get(self.word if self.word == "icmp6" else self.word.rstrip("6"), [])
        return found + ([("vlan_vid", "OXM_OF_VLAN_VID", 12), ("vlan_pcp", "OXM_OF_VLAN_PCP", 3)] if self.vlan else [])


def _bits(random, bits):
    """A range [a..b] of a field of so many bits, or [] for all of it."""
    if random.random() < 0.5 or bits < 4:
        return "[]", bits
    low = random.randrange(bits - 1)
    high = min(bits - 1, low + random.randrange(min(bits, 24)))
    return f"[{low}..{high}]", high - low + 1


def _field(c):
    own = [f for f in c.fields() if f not in ALWAYS]
    return c.random.choice(own if own and c.random.random() < 0.6 else ALWAYS)


def port(c):
    return c.random.choice(["1", "2", "3", "4", "5", "6", "LOCAL"])


def output(c):
    reserved = ["in_port", "local", "flood", "all", f"controller:{c.random.choice([64, 65535])}"] + ["normal"] * (not c.style.calm)
    return c.random.choice([f"output:{port(c)}"] * 4 + reserved)


def output_register(c):
    """Also the reserved ports, which a register may name: in_port, normal, flood, all, controller, local, none."""
    number = c.random.choice([1, 2, 3, 4, 77, *(n for n in range(0xfff8, 0x10000) if n != 0xfffa or not c.style.calm)])
    return f"load:{number}->NXM_NX_REG7[],output:NXM_NX_REG7[0..15]"


def set_field(c):
    name, _, bits = _field(c)
    if name in ADDRESSES:
        return f"set_field:{c.random.choice(ADDRESSES[name])}->{name}"
    if name in VALUES:
        return f"set_field:{c.random.choice(VALUES[name])}->{name}"
    if name == "vlan_vid":
        return f"set_field:{4096 + c.random.choice(frames.VLANS)}->vlan_vid"
    if bits >= 32 and c.random.random() < 0.4:
        mask = c.random.getrandbits(bits)
        return f"set_field:0x{c.random.getrandbits(bits) & mask:x}/0x{mask:x}->{name}"
    return f"set_field:0x{c.random.choice([0, 1, 2, c.random.getrandbits(bits)]) & (1 << bits) - 1:x}->{name}"


def load(c):
    name, long, bits = _field(c)
    if name == "vlan_vid":
        return f"load:{c.random.choice(frames.VLANS)}->NXM_OF_VLAN_TCI[0..11]"
    part, width = _bits(c.random, bits)
    if name in VALUES:
        part, width = "[]", bits
    width = min(width, 64)
    if part == "[]" and bits > 64:
        part = "[0..63]"
    if part == "[]" and name.startswith("tun_metadata"):  # a client does not know how long it is
        part = f"[0..{width - 1}]"
    value = c.random.choice(VALUES.get(name, [0, 1, 2, c.random.getrandbits(width)])) & (1 << width) - 1
    return f"load:0x{value:x}->{long}{part}"


def move(c):
    fields = [f for f in c.fields() if f[0] not in ("vlan_vid", "in_port")]
    source, target = c.random.choice(fields), c.random.choice(fields)
    if target[0] in VALUES or source == target:
        target = ALWAYS[2]
    width = c.random.randint(1, min(source[2], target[2]))
    low = [c.random.randint(0, f[2] - width) for f in (source, target)]
    return f"move:{source[1]}[{low[0]}..{low[0] + width - 1}]->{target[1]}[{low[1]}..{low[1] + width - 1}]"


def vlan(c):
    kind = c.random.choice(["mod_vlan_vid", "mod_vlan_pcp"] + ["push"] * (not c.style.old) + ["strip"] * (2 * c.vlan))
    if kind == "strip":
        c.vlan = False
        return "strip_vlan"
    if kind == "push":
        if c.vlan:
            return f"strip_vlan,push_vlan:{c.random.choice(['0x8100', '0x88a8'])}"
        c.vlan = True
        return f"push_vlan:0x8100,set_field:{4096 + c.random.choice(frames.VLANS)}->vlan_vid"
    c.vlan = True
    return f"{kind}:{c.random.choice([5, 9, 100] if kind == 'mod_vlan_vid' else [0, 3, 7])}"


def legacy(c):
    """What OpenFlow 1.0 has actions for; later versions send the same as set_field."""
    choices = ["mod_dl_src:02:00:00:00:00:0a", "mod_dl_dst:02:00:00:00:00:0b"]
    if c.ip and c.random.random() < 0.8:
        choices = []
    if c.ip:
        choices += ["mod_nw_src:10.9.9.9", "mod_nw_dst:10.8.8.8", "mod_nw_tos:184", "mod_nw_ecn:2", "mod_nw_ttl:33"]
    if c.word in ("tcp", "udp", "sctp"):
        choices += ["mod_tp_src:4000", "mod_tp_dst:4001"] * 3
    return c.random.choice(choices)


def dec_ttl(c):
    return c.random.choice(["dec_ttl", "dec_ttl", "dec_ttl(1,2)"]) if c.ip or c.ip6 else "dec_mpls_ttl" if c.word in ("mpls", "mplsm") else legacy(c)


def mpls(c):
    r = c.random
    if c.word in ("mpls", "mplsm"):
        kind = r.choice(["label", "tc", "ttl", "dec", "push"] + ["pop"] * (4 * c.style.old))  # an action set would follow
        if kind == "pop":
            c.final, c.word = True, ""
            return "pop_mpls:0x0800"
        return {"label": f"set_mpls_label:{r.choice([9, 1000])}", "tc": f"set_mpls_tc:{r.choice([1, 6])}", "ttl": f"set_mpls_ttl:{r.choice([3, 77])}",
                "dec": "dec_mpls_ttl", "push": "push_mpls:0x8847"}[kind]
    if not c.word or c.vlan:
        return legacy(c)
    c.word = r.choice(["mpls", "mplsm"])
    return f"push_mpls:0x{8847 if c.word == 'mpls' else 8848}" + (f",set_field:{r.choice([5, 1000])}->mpls_label" if r.random() < 0.6 else "")


SENT = "output:LOCAL"  # no frame comes in by it, so it is never left out


def encap(c):
    """Other headers, and an Ethernet header in front again: ports take nothing else. It is sent at once: Debian's switch does not forget at
    the end of a clone, bucket or branch that a header was still to be pushed there, pushes it onto what follows, and ends by that."""
    if c.style.old:
        return legacy(c)
    return f"{_headers(c, c.random)},{SENT}"


def _headers(c, r):
    if c.word and c.word not in ("mpls", "mplsm") and not c.vlan and r.random() < 0.6:
        return "decap(),encap(ethernet)"
    # What Debian's switch does to frames with labels is wrong, and to those with tags (outcome.forgets_tags): it must not learn from them.
    if c.word and c.word not in ("mpls", "mplsm") and c.style.calm and r.random() < 0.4:
        inside = "decap()," if not c.vlan and r.random() < 0.5 else ""
        c.word, c.vlan = "mpls", False
        return f"{inside}encap(mpls),set_field:{r.choice([5, 1000])}->mpls_label,encap(ethernet)"
    c.word, c.vlan = "", False
    kind = r.choice(["nsh", "nsh(md_type=1)", "nsh(md_type=2,tlv(0x1000,10,0x12345678))"])
    return f"encap({kind})" + r.choice(["", ",set_field:0x1234->nsh_spi"]) + ",encap(ethernet)" + r.choice(["", ",set_field:02:00:00:00:00:0a->eth_dst"])


def resubmit(c):
    if c.table >= LAST_TABLE or c.random.random() < 0.05:
        return "resubmit(,99)" if c.random.random() < 0.3 else legacy(c)
    table = c.random.choice([c.table + 1, c.table + 1, c.random.randint(c.table + 1, LAST_TABLE)])
    return f"resubmit({c.random.choice(['', '', '', '', '1', '2', 'in_port'])},{table})"


def nested(c):
    if c.style.encaps:
        return encap(c)
    inner = Context(c.random, c.word, c.vlan, c.table, c.style, c.learns + 4)
    return f"clone({_list(inner, 2)})"


def stack(c):
    fields = [f for f in c.fields() if f[0] not in VALUES]
    source, target = c.random.choice(fields), c.random.choice(fields)
    width = min(source[2], target[2])
    return f"push:{source[1]}[0..{width - 1}],pop:{target[1]}[0..{width - 1}]" if c.random.random() < 0.9 else "pop:NXM_NX_REG1[]"


def learn(c):
    if c.style.calm:
        return set_field(c)
    r = c.random
    c.learns += 1
    parts = [f"table={r.choice([8, 9])}", f"priority={c.learns}", r.choice(["", "idle_timeout=60", "hard_timeout=90", "cookie=0x7777",
                                                                           "limit=3", "delete_learned,cookie=0x7788"])]
    parts += r.sample(["NXM_OF_VLAN_TCI[0..11]", "NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]", "NXM_OF_ETH_SRC[]", "NXM_NX_REG0[0..7]=NXM_NX_REG1[8..15]",
                       "NXM_OF_IN_PORT[]"], r.randint(1, 2))
    if c.ip:
        parts += ["eth_type=0x800", r.choice(["NXM_OF_IP_SRC[]=NXM_OF_IP_DST[]", "NXM_OF_IP_DST[]"])]
    parts += r.sample(["output:NXM_OF_IN_PORT[]", "load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15]", "load:0x5->NXM_NX_REG1[0..7]",
                       "load:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]"], r.randint(0, 2))
    return f"learn({','.join(p for p in parts if p)})" + r.choice(["", ",resubmit(,8)", ",resubmit(,9)"])


def note(c):
    return "note:" + ".".join(f"{b:02x}" for b in c.random.randbytes(c.random.choice([1, 6, 14])))


def leave(c):
    return "exit"


def queue(c):
    return c.random.choice([f"set_queue:{c.random.choice([0, 1, 5])}", "pop_queue", f"enqueue:{port(c)}:{c.random.choice([1, 2])}"])


def output_otherwise(c):
    """Truncated, or told to one controller with data of its own."""
    return c.random.choice([f"output(port={port(c)},max_len={c.random.choice([SHORTEST_CUT, 60, 1500])})",
                            f"controller(max_len={c.random.choice([60, 128])},id={c.random.choice([0, 7])})", "controller(userdata=01.02.03)"])


def choice(c):
    """Where no hash decides: among one link, among one port, or by what is alive."""
    fields = c.random.choice(["eth_src", "symmetric_l4", "symmetric_l3l4", "symmetric_l3l4+udp", "symmetric_l3", "nw_src", "nw_dst"])
    start = f"{fields},{c.random.choice([0, 50])}"
    members = c.random.choice([f"hrw,ofport,%smembers:{port(c)}", f"active_backup,ofport,%smembers:{c.random.choice(['', '77,'])}{port(c)},{port(c)}"])
    return c.random.choice([f"multipath({start},{c.random.choice(['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'])},1,0,NXM_NX_REG1[0..15])",
                            f"bundle({start},{members % ''})", f"bundle_load({start},{members % 'NXM_NX_REG1[0..15],'})"])


def check_length(c):
    return f"check_pkt_larger({c.random.choice([40, 60, 64, 100])})->NXM_NX_REG1[{c.random.choice([0, 1])}]"


def sample(c):
    """Without collectors there is nothing to see of it."""
    return f"sample(probability={c.random.choice([1, 65535])},collector_set_id={c.random.choice([0, 1])})"


def clear_connection(c):
    return "ct_clear"


KINDS = [output] * 6 + [set_field] * 3 + [load] * 2 + [move] * 2 + [vlan] * 2 + [legacy] * 2 + [mpls] * 2 + [resubmit] * 4 + [
    groups.action, dec_ttl, dec_ttl, nested, stack, learn, note, output_register, leave, queue, output_otherwise, choice, check_length]
ENCAPS = KINDS + [encap] * 3
# Who makes what coverage.ACTIONS names. What is not here is made by _instructions, or by chance often enough.
MAKERS = {"controller()": output_otherwise, "output(max_len)": output_otherwise, "output:field": output_register, "enqueue": queue,
          "set_queue": queue, "pop_queue": queue, "set_field": set_field, "load": load, "move": move, "dec_ttl": dec_ttl, "dec_ttl()": dec_ttl,
          "resubmit": resubmit, "learn": learn, "learn(limit)": learn, "learn(delete_learned)": learn, "note": note, "clone": nested, "group": groups.action,
          "push": stack, "pop": stack, "multipath": choice, "bundle": choice, "bundle_load": choice, "check_pkt_larger": check_length,
          "sample": sample, "ct_clear": clear_connection, "set_tunnel": lambda c: f"set_tunnel:{c.random.choice([0, 5])}",
          **dict.fromkeys(["mod_vlan_vid", "mod_vlan_pcp", "push_vlan", "pop_vlan"], vlan),
          **dict.fromkeys(["mod_dl_src", "mod_dl_dst", "mod_nw_src", "mod_nw_dst", "mod_nw_tos", "mod_nw_ecn", "mod_nw_ttl", "mod_tp_src", "mod_tp_dst"],
                          legacy),
          **dict.fromkeys(["push_mpls", "pop_mpls", "set_mpls_label", "set_mpls_tc", "set_mpls_ttl", "dec_mpls_ttl"], mpls)}


def _list(c, most):
    words = []
    for _ in range(c.random.randint(1, most)):
        wanted = [MAKERS[name] for name in c.style.actions if name in MAKERS]
        own = c.random.choice(wanted if wanted and c.random.random() < 0.4 else ENCAPS if c.style.encaps else KINDS)
        if c.random.random() < 0.2:
            own = mpls if c.word in ("mpls", "mplsm") else legacy if c.style.old else own
        words.append(f"output:{port(c)}" if c.final else own(c))
    return ",".join(words)


def _instructions(c):
    """What follows the action list in OpenFlow 1.1 and later."""
    random, later = c.random, []
    if random.random() < 0.08:
        later.append("clear_actions")
    if random.random() < 0.15:
        written = random.choice(["", legacy(c) + ",", legacy(c) + ","]) + random.choice(
            [f"output:{port(c)}", "all" if c.style.calm else "normal", "controller:90", "in_port"])
        later.append(f"write_actions({written})")
    if random.random() < 0.12:
        later.append(f"write_metadata:0x{random.choice([0, 1, 2]):x}" + random.choice(["", "/0xff"]))
    if c.table < LAST_TABLE and random.random() < 0.4:
        later.append(f"goto_table:{random.choice([c.table + 1, random.randint(c.table + 1, LAST_TABLE)])}")
    return later


def draw(c, onward=False):
    """The text of an action list for a flow whose match makes the context; `onward`: it most often goes on to the next table."""
    if c.random.random() < 0.04:
        return "drop"
    words = [legacy(c) for _ in range(3)] if c.style.old and c.ip else []
    words.append(_list(c, 4))
    if c.random.random() < (0.9 if onward else 0.4) and not c.final:
        words.append(resubmit(c))
    if c.random.random() < 0.4 and not c.final:
        words.append(f"output:{port(c)}")
    return ",".join(words if c.style.old or c.final else words + _instructions(c))
