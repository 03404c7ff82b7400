# SPDX-License-Identifier: Apache-2.0
"""What a run has met, read from the oracle's traces: fields that matched, actions done, ports output to, packets forwarded."""
import collections
import re

WORDS = "ip tcp udp icmp sctp ipv6 tcp6 udp6 icmp6 sctp6 arp rarp mpls mplsm".split()
# Of a packet that has just come in by an Ethernet port these are 0, but for the input port.
PIPELINE = ["in_port", "in_port_oxm", "actset_output", "packet_type", "metadata", "pkt_mark", "tun_id", "tun_src", "tun_dst",
            *(f"reg{i}" for i in range(16)), *(f"xreg{i}" for i in range(8)), *(f"xxreg{i}" for i in range(4))]
HEADERS = """dl_src dl_dst dl_type dl_vlan dl_vlan_pcp vlan_tci vlan_vid vlan_pcp mpls_label mpls_tc mpls_bos mpls_ttl
    nw_src nw_dst nw_proto nw_tos ip_dscp nw_ecn nw_ttl ip_frag ipv6_src ipv6_dst ipv6_label arp_op arp_spa arp_tpa arp_sha arp_tha
    tcp_src tcp_dst tcp_flags udp_src udp_dst sctp_src sctp_dst icmp_type icmp_code icmpv6_type icmpv6_code
    nd_target nd_sll nd_tll nd_reserved nd_options_type nsh_flags nsh_ttl nsh_mdtype nsh_np nsh_spi nsh_si nsh_c1 nsh_c2 nsh_c3 nsh_c4""".split()
FRAGMENTS = [f"ip_frag={kind}" for kind in ("no", "yes", "first", "later", "not_later")]
FIELDS = WORDS + PIPELINE + HEADERS + FRAGMENTS + ["conj_id"]
PORTS = "CONTROLLER NORMAL FLOOD ALL LOCAL IN_PORT".split()
ACTIONS = PORTS + """output output(max_len) output:field controller() enqueue set_queue pop_queue drop set_field load move
    mod_dl_src mod_dl_dst mod_nw_src mod_nw_dst mod_nw_tos mod_nw_ecn mod_nw_ttl mod_tp_src mod_tp_dst mod_vlan_vid mod_vlan_pcp
    push_vlan pop_vlan push_mpls pop_mpls set_mpls_label set_mpls_tc set_mpls_ttl dec_mpls_ttl dec_ttl dec_ttl() set_tunnel
    resubmit goto_table write_actions clear_actions write_metadata learn learn(limit) learn(delete_learned) note exit clone push pop group
    multipath bundle bundle_load check_pkt_larger sample ct_clear""".split()
ENCAPS = ["encap", "decap"]  # in cases of their own (actions.Style), so that no theme is about them
# Reserved ports that only a register can name beside those: TABLE, NONE.
REGISTER_PORTS = ["output port is 65529", "output port is 65535"]
_SPELLINGS = {"strip_vlan": "pop_vlan"}
# Actions that are told as what OpenFlow has for them in the version in use.
_TOLD_AS_SET = {"mod_nw_ecn": r"IP_ECN\[\]|->nw_ecn", "set_tunnel": "->tun_id", "set_mpls_label": r"MPLS_LABEL\[\]|->mpls_label", "set_mpls_tc": r"MPLS_TC\[\]|->mpls_tc"}
_RULE = re.compile(r"\s*\d+\. .*cookie (0x[0-9a-f]+)")
_ACTION = re.compile(r"\s{4,}([a-zA-Z_]\w*)(.?)")


def names_of(flow):
    """The match fields of a flow as it was written, and its cookie."""
    text = flow.partition(",actions=")[0]
    parts = [p.partition("=")[::2] for p in re.split(r",(?![^(]*\))", text)]
    names = {name for name, _ in parts} - {"table", "priority", "cookie"}
    return int(dict(parts)["cookie"], 0), names | {f"ip_frag={value}" for name, value in parts if name == "ip_frag"}


def action_names(line):
    """What a line of a trace does, by the names of ACTIONS."""
    word, after = _ACTION.match(line).groups()
    names = [_SPELLINGS.get(word, word)]
    if word in ("load", "set_field"):
        names += [name for name, told in _TOLD_AS_SET.items() if re.search(told, line)]
    if word == "learn":
        names += [f"learn({option})" for option in ("limit", "delete_learned") if option in line]
    if after == "(" and word in ("controller", "dec_ttl"):
        names.append(f"{word}()")
    if word == "output":
        names += ["output(max_len)"] * (after == "(") + ["output:field"] * ("[" in line)
    return names


class Coverage:
    def __init__(self):
        self.fields, self.actions, self.packets, self.forwarded = collections.Counter(), collections.Counter(), 0, 0

    def add(self, trace, flows):
        """`flows`: names_of() each of the case's flows."""
        self.packets += 1
        final = re.search(r"Datapath actions: (.*)", trace)
        self.forwarded += final is not None and final[1] != "drop"
        for line in trace.split("Final flow:")[0].splitlines():
            rule = _RULE.match(line)
            if rule:
                self.fields.update(flows.get(int(rule[1], 0), ()))
            elif _ACTION.match(line):
                self.actions.update(action_names(line))
            self.actions.update(p for p in REGISTER_PORTS if line.endswith(p))

    def missing(self, least):
        """Names met fewer than `least` times, with their counts."""
        return {f"{kind} {name}": counter[name] for kind, counter, names in (
            ("field", self.fields, FIELDS), ("action", self.actions, ACTIONS + ENCAPS + REGISTER_PORTS)) for name in names if counter[name] < least}
