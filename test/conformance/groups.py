# SPDX-License-Identifier: Apache-2.0
"""Instructions, groups and meters of OpenFlow 1.3. Each has a frame that it does something to and one that it leaves alone."""
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

from actions import dec_ttl, pop_vlan, push_mpls, push_vlan
from controller import TO_CONTROLLER, apply, bucket, flow, group, meter, output, set_field, write
from frames import MPLS, VLAN, frame, icmp, tcp
from matches import PRESENT, TCP, V4

goto, set_group, use_meter = parse.OFPInstructionGotoTable, parse.OFPActionGroup, parse.OFPInstructionMeter
CLEAR = parse.OFPInstructionActions(of.OFPIT_CLEAR_ACTIONS, [])


def metadata(value, mask=of.OFPTT_ALL):
    return parse.OFPInstructionWriteMetadata(value, mask)


def note(number):
    """Marks a frame by the destination's address."""
    return set_field(eth_dst=f"02:00:00:00:00:{number:02x}")


def marked(number, **changes):
    return tcp(eth_dst=f"02:00:00:00:00:{number:02x}", **changes)


TAIL = flow({}, apply(TO_CONTROLLER), table_id=9)

# name: requests; what the controller gets of a TCP frame by port 1; and of an ICMP frame by port 1 (nothing: it is dropped).
INSTRUCTIONS = {
    "apply_actions": ([flow(TCP, apply(note(7), TO_CONTROLLER))], [marked(7)], []),
    "apply_actions twice in tables": ([flow(V4, apply(note(7)), goto(9)), TAIL], [marked(7)], [icmp(eth_dst="02:00:00:00:00:07")]),
    "goto_table": ([flow(TCP, goto(9)), TAIL], [tcp()], []),
    "goto_table of a chain": ([flow(V4, goto(3)), flow(TCP, goto(9), table_id=3), TAIL], [tcp()], []),
    "goto_table misses": ([flow(V4, goto(3)), flow({"eth_type": 0x806}, goto(9), table_id=3), TAIL], [], []),
    "write_metadata": ([flow(V4, metadata(5), goto(3)), flow({"metadata": 5, **TCP}, goto(9), table_id=3), TAIL], [tcp()], []),
    "write_metadata masked": ([flow(V4, metadata(0xff), goto(1)), flow({}, metadata(0, 0x0f), goto(3), table_id=1),
                               flow({"metadata": 0xf0, **TCP}, goto(9), table_id=3), TAIL], [tcp()], []),
    "write_metadata of another": ([flow(V4, metadata(5), goto(3)), flow({"metadata": 6}, goto(9), table_id=3), TAIL], [], []),
    "write_actions": ([flow(TCP, write(note(7), TO_CONTROLLER))], [marked(7)], []),
    "write_actions overwritten": ([flow(V4, write(note(7), TO_CONTROLLER), goto(3)), flow(TCP, write(note(8)), table_id=3),
                                   flow({}, CLEAR, table_id=3, priority=1)], [marked(8)], []),
    "write_actions then apply": ([flow(TCP, write(note(7), TO_CONTROLLER), apply(note(8), TO_CONTROLLER))], [marked(8), marked(7)], []),
    "clear_actions": ([flow(V4, write(note(7), TO_CONTROLLER), goto(3)), flow({"ip_proto": 1, **V4}, CLEAR, table_id=3),
                       flow({}, table_id=3, priority=1)], [marked(7)], []),
    "clear_actions before write": ([flow(V4, write(note(7), TO_CONTROLLER), goto(3)), flow(TCP, CLEAR, write(TO_CONTROLLER), table_id=3),
                                    flow({}, CLEAR, table_id=3, priority=1)], [tcp()], []),
    "meter": ([meter(parse.OFPMeterBandDrop(rate=1000)), flow(TCP, use_meter(1), apply(TO_CONTROLLER))], [tcp()], []),
    # The order of the action set (5.10): pop, push MPLS, push VLAN, TTL, set, queue, group, output.
    "order: pop before set": ([flow(TCP, apply(push_vlan(VLAN), set_field(vlan_vid=PRESENT | 5)), write(TO_CONTROLLER, note(7), pop_vlan()))],
                              [marked(7)], []),
    "order: MPLS before VLAN": ([flow(TCP, write(TO_CONTROLLER, push_vlan(VLAN), push_mpls(MPLS)))],
                                [frame("tcp", [(VLAN, 0, 0)], [(0, 0, 1, 64)])], []),
    "order: push before set": ([flow(TCP, write(TO_CONTROLLER, push_vlan(VLAN), set_field(vlan_vid=PRESENT | 5)))], [tcp((VLAN, 5, 0))], []),
    "order: TTL before output": ([flow(TCP, write(TO_CONTROLLER, dec_ttl()))], [tcp(ttl=63)], []),
    "order: group, and no output": ([group(of.OFPGT_INDIRECT, bucket(note(7), TO_CONTROLLER)), flow(TCP, write(output(2), TO_CONTROLLER, set_group(1)))],
                                    [marked(7)], []),
    "order: set before group": ([group(of.OFPGT_INDIRECT, bucket(TO_CONTROLLER)), flow(TCP, write(set_group(1), note(7)))], [marked(7)], []),
    "no output in the set": ([flow(TCP, write(note(7)))], [], []),
    "priority": ([flow(TCP, apply(note(7), TO_CONTROLLER), priority=20), flow(V4, priority=19)], [marked(7)], []),
}

ICMP_TO_CONTROLLER = flow({**V4, "ip_proto": 1}, apply(TO_CONTROLLER))


def grouped(*requests, number=1):
    """The requests, and flows: TCP goes to the group, ICMP to the controller."""
    return [*requests, flow(TCP, apply(set_group(number))), ICMP_TO_CONTROLLER]


def copy(number, **options):
    return bucket(note(number), TO_CONTROLLER, **options)


# name: requests, what the controller gets of a TCP frame, and of an ICMP frame. A set: one of these.
GROUPS = {
    "all": (grouped(group(of.OFPGT_ALL, copy(7), copy(8))), [marked(7), marked(8)], [icmp()]),
    "all: each bucket has its own copy": (grouped(group(of.OFPGT_ALL, bucket(dec_ttl(), TO_CONTROLLER), copy(8))), [tcp(ttl=63), marked(8)], [icmp()]),
    "all without bucket": (grouped(group(of.OFPGT_ALL)), [], [icmp()]),
    "indirect": (grouped(group(of.OFPGT_INDIRECT, copy(7))), [marked(7)], [icmp()]),
    "select": (grouped(group(of.OFPGT_SELECT, copy(7, weight=1), copy(8, weight=1))), {marked(7), marked(8)}, [icmp()]),
    "select of weight 0": (grouped(group(of.OFPGT_SELECT, copy(7, weight=0), copy(8, weight=5))), [marked(8)], [icmp()]),
    "select without bucket": (grouped(group(of.OFPGT_SELECT)), [], [icmp()]),
    "fast failover": (grouped(group(of.OFPGT_FF, copy(7, port=1), copy(8, port=2))), [marked(7)], [icmp()]),
    "fast failover of no live port": (grouped(group(of.OFPGT_FF, copy(7, port=77), copy(8, port=2))), [marked(8)], [icmp()]),
    "fast failover of nothing live": (grouped(group(of.OFPGT_FF, copy(7, port=77), copy(8, port=78))), [], [icmp()]),
    "fast failover watches a group": (grouped(group(of.OFPGT_FF, copy(6, port=77), number=2), group(of.OFPGT_FF, copy(7, watch=2), copy(8, port=2))),
                                      [marked(8)], [icmp()]),
    "chain": (grouped(group(of.OFPGT_INDIRECT, copy(7), number=2), group(of.OFPGT_ALL, bucket(set_group(2)), copy(8))), [marked(7), marked(8)], [icmp()]),
    "modified": (grouped(group(of.OFPGT_ALL, copy(7)), group(of.OFPGT_ALL, copy(8), command=of.OFPGC_MODIFY)), [marked(8)], [icmp()]),
    "deleted with its flows": ([*grouped(group(of.OFPGT_ALL, copy(7))), group(of.OFPGT_ALL, command=of.OFPGC_DELETE)], [], [icmp()]),
    "frame goes on unchanged": ([group(of.OFPGT_ALL, copy(7)), flow(TCP, apply(set_group(1), TO_CONTROLLER)), ICMP_TO_CONTROLLER],
                                [marked(7), tcp()], [icmp()]),
    "in a bucket's set of tags": (grouped(group(of.OFPGT_ALL, bucket(push_vlan(VLAN), set_field(vlan_vid=PRESENT | 5), TO_CONTROLLER))),
                                  [tcp((VLAN, 5, 0))], [icmp()]),
}

# name: the port whose link goes down, what then comes of a TCP frame; the group of "fast failover" above.
FAILOVER = {"the first port down": (1, [marked(8)]), "the second port down": (2, [marked(7)])}

drop, remark = parse.OFPMeterBandDrop, parse.OFPMeterBandDscpRemark
KB, PK, BURST, STATS = of.OFPMF_KBPS, of.OFPMF_PKTPS, of.OFPMF_BURST, of.OFPMF_STATS

# name: the meter, frames sent at one moment of a metered and of another flow, and those that pass.
METERS = {
    "drop, packets": (meter(drop(rate=5), flags=PK | STATS), 20, 5),
    "drop, packets and a burst": (meter(drop(rate=5, burst_size=9), flags=PK | BURST | STATS), 20, 9),
    "drop, kilobits": (meter(drop(rate=4), flags=KB | STATS), 20, 4000 // (8 * len(tcp()))),
    "drop, within the rate": (meter(drop(rate=1000), flags=PK | STATS), 20, 20),
    "drop, two bands": (meter(drop(rate=12), drop(rate=5), flags=PK | STATS), 20, 5),
    "no band": (meter(flags=PK | STATS), 20, 20),
    "dscp_remark": (meter(remark(rate=5, prec_level=1), flags=PK | STATS), 20, 20),
    "experimenter": (meter(parse.OFPMeterBandExperimenter(rate=5, experimenter=1), flags=PK), 20, 20),
}
