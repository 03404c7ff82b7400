# SPDX-License-Identifier: Apache-2.0
"""What a run has met, read from the oracle's traces: fields that matched, actions done, ports output to, packets forwarded."""
import collections
import re

FIELDS = """in_port dl_src dl_dst dl_type dl_vlan dl_vlan_pcp vlan_tci nw_src nw_dst nw_tos nw_ecn nw_ttl nw_frag nw_proto tp_src tp_dst tcp_flags
    icmp_type icmp_code ipv6_src ipv6_dst ipv6_label nd_target nd_sll nd_tll arp_spa arp_tpa arp_op arp_sha arp_tha mpls_label mpls_tc mpls_bos
    mpls_ttl reg0 reg1 reg2 reg4 reg15 metadata pkt_mark tun_id ip tcp udp icmp sctp ipv6 tcp6 udp6 icmp6 sctp6 arp rarp mpls mplsm""".split()
ACTIONS = """output CONTROLLER NORMAL FLOOD ALL LOCAL IN_PORT drop set_field load move mod_vlan_vid mod_vlan_pcp push_vlan pop_vlan
    push_mpls pop_mpls set_mpls_ttl dec_mpls_ttl dec_ttl mod_nw_src mod_nw_tos mod_tp_dst resubmit goto_table write_actions clear_actions write_metadata
    learn note exit clone push pop""".split()
_SPELLINGS = {"strip_vlan": "pop_vlan", "move": "move", "set_mpls_label": "set_field", "set_mpls_tc": "set_field"}


class Coverage:
    def __init__(self):
        self.fields, self.actions, self.packets, self.forwarded = collections.Counter(), collections.Counter(), 0, 0

    def add(self, trace):
        self.packets += 1
        final = re.search(r"Datapath actions: (.*)", trace)
        self.forwarded += final is not None and final[1] != "drop"
        for line in trace.split("Final flow:")[0].splitlines():
            rule = re.match(r"\s*\d+\. (.*?)(?:, |^)priority ", line.replace(" priority", ", priority") if re.match(r"\s*\d+\. priority", line) else line)
            if rule:
                self.fields.update({re.split(r"[=]", part)[0] for part in re.split(r",(?![^(]*\))", rule[1]) if part})
            elif re.match(r"\s{4,}[a-zA-Z_]", line):
                word = re.match(r"\s*([a-zA-Z_]+)", line)[1]
                self.actions[_SPELLINGS.get(word, word)] += 1

    def missing(self, least):
        """Names met fewer than `least` times, with their counts."""
        return {f"{kind} {name}": counter[name] for kind, counter, names in (("field", self.fields, FIELDS), ("action", self.actions, ACTIONS))
                for name in names if counter[name] < least}
