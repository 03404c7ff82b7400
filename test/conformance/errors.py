# SPDX-License-Identifier: Apache-2.0
"""Errors of OpenFlow 1.3 (7.4.4): name -> type and code, requests of which the last gets it (bytes, or a function of the switch)."""
import struct

from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

from controller import DATAPATH, apply, bucket, encode, flow, group, meter, output, raw, set_field
from groups import goto, set_group, use_meter
from matches import V4

REQUEST, ACTION, INSTRUCTION, MATCH, FLOW = (of.OFPET_BAD_REQUEST, of.OFPET_BAD_ACTION, of.OFPET_BAD_INSTRUCTION, of.OFPET_BAD_MATCH,
                                             of.OFPET_FLOW_MOD_FAILED)
GROUP, PORT, TABLE, QUEUE = of.OFPET_GROUP_MOD_FAILED, of.OFPET_PORT_MOD_FAILED, of.OFPET_TABLE_MOD_FAILED, of.OFPET_QUEUE_OP_FAILED
CONFIG, ROLE, METER, FEATURES = (of.OFPET_SWITCH_CONFIG_FAILED, of.OFPET_ROLE_REQUEST_FAILED, of.OFPET_METER_MOD_FAILED,
                                 of.OFPET_TABLE_FEATURES_FAILED)
NO_BUFFER, EXPERIMENTER = 0xffffffff, struct.pack(">II", 0x00abcdef, 1)
drop = parse.OFPMeterBandDrop


def multipart(kind, body=b"", flags=0):
    return raw(of.OFPT_MULTIPART_REQUEST, struct.pack(">HH4x", kind, flags) + body)


def features(length, table, properties=b""):
    """A request to change what a table can do."""
    return multipart(of.OFPMP_TABLE_FEATURES, struct.pack(">HB5x32sQQII", length, table, b"x", 0, 0, 0, 0) + properties)


def packet_out(*actions, buffer=NO_BUFFER, port=1, data=bytes(60)):
    return encode(parse.OFPPacketOut(DATAPATH, buffer, port, list(actions), data if buffer == NO_BUFFER else None))


def flow_of(match=b"\0\1\0\4\0\0\0\0", instructions=b"", table=0, command=0, flags=0, buffer=NO_BUFFER):
    """A flow_mod made by hand of its last parts."""
    return raw(of.OFPT_FLOW_MOD, struct.pack(">QQBBHHHIIIHxx", 0, 0, table, command, 0, 0, 10, buffer, of.OFPP_ANY, of.OFPG_ANY, flags)
               + match + instructions)


def match_of(*oxms, length=None):
    """A match made by hand: each OXM is (class, field * 2 + has a mask, value)."""
    body = b"".join(struct.pack(">HBB", c, f, len(v)) + v for c, f, v in oxms)
    size = 4 + len(body)
    return struct.pack(">HH", 1, size if length is None else length) + body + bytes(-size % 8)


def apply_of(actions):
    return struct.pack(">HH4x", 4, 8 + len(actions)) + actions


def action(kind, rest=bytes(4), length=None):
    return struct.pack(">HH", kind, 4 + len(rest) if length is None else length) + rest


def acts(data):
    return flow_of(instructions=apply_of(data))


def does(*actions, match=None):
    return flow(match or {}, apply(*actions))


def oxm(field, value, mask=False):
    return 0x8000, field << 1 | mask, value


def hard(value, kind=of.OFPGT_ALL):
    return struct.pack(">HBxI", value, kind, 1)


def role(kind, generation=0):
    return encode(parse.OFPRoleRequest(DATAPATH, kind, generation))


def set_config(flags):
    return encode(parse.OFPSetConfig(DATAPATH, flags, of.OFPCML_NO_BUFFER))


def port_mod(port, address="00:00:00:00:00:00", config=0, mask=0, advertise=0):
    return encode(parse.OFPPortMod(DATAPATH, port, address, config, mask, advertise))


ADD_METER = meter(drop(rate=5))
ADD_GROUP = group(of.OFPGT_ALL)
REQUESTS = {
    "bad version": ((REQUEST, of.OFPBRC_BAD_VERSION), raw(of.OFPT_FEATURES_REQUEST, version=3)),
    "bad type": ((REQUEST, of.OFPBRC_BAD_TYPE), raw(200)),
    "bad type: a switch's": ((REQUEST, of.OFPBRC_BAD_TYPE), raw(of.OFPT_FEATURES_REPLY, bytes(24))),
    "bad multipart": ((REQUEST, of.OFPBRC_BAD_MULTIPART), multipart(99)),
    "bad experimenter": ((REQUEST, of.OFPBRC_BAD_EXPERIMENTER), raw(of.OFPT_EXPERIMENTER, EXPERIMENTER)),
    "bad experimenter of multipart": ((REQUEST, of.OFPBRC_BAD_EXPERIMENTER), multipart(0xffff, EXPERIMENTER)),
    "bad type of experimenter": ((REQUEST, of.OFPBRC_BAD_EXP_TYPE), raw(of.OFPT_EXPERIMENTER, struct.pack(">II", 0x2320, 9999))),
    "bad length": ((REQUEST, of.OFPBRC_BAD_LEN), raw(of.OFPT_FEATURES_REQUEST, bytes(8))),
    "bad length of a flow mod": ((REQUEST, of.OFPBRC_BAD_LEN), raw(of.OFPT_FLOW_MOD, bytes(16))),
    "bad length of a multipart": ((REQUEST, of.OFPBRC_BAD_LEN), multipart(of.OFPMP_PORT_STATS, bytes(3))),
    "bad length of a role": ((REQUEST, of.OFPBRC_BAD_LEN), raw(of.OFPT_ROLE_REQUEST, bytes(4))),
    "bad length of masks": ((REQUEST, of.OFPBRC_BAD_LEN), raw(of.OFPT_SET_ASYNC, bytes(8))),
    "unknown buffer": ((REQUEST, of.OFPBRC_BUFFER_UNKNOWN), packet_out(output(2), buffer=99)),
    "unknown buffer of a flow mod": ((REQUEST, of.OFPBRC_BUFFER_UNKNOWN), flow_of(buffer=99)),
    "bad port": ((REQUEST, of.OFPBRC_BAD_PORT), packet_out(output(2), port=of.OFPP_FLOOD)),
    "bad packet": ((REQUEST, of.OFPBRC_BAD_PACKET), packet_out(output(2), data=b"short")),
    "is slave: flow mod": ((REQUEST, of.OFPBRC_IS_SLAVE), role(of.OFPCR_ROLE_SLAVE, 1), flow({})),
    "is slave: group mod": ((REQUEST, of.OFPBRC_IS_SLAVE), role(of.OFPCR_ROLE_SLAVE, 1), ADD_GROUP),
    "is slave: meter mod": ((REQUEST, of.OFPBRC_IS_SLAVE), role(of.OFPCR_ROLE_SLAVE, 1), ADD_METER),
    "is slave: port mod": ((REQUEST, of.OFPBRC_IS_SLAVE), role(of.OFPCR_ROLE_SLAVE, 1), port_mod(1)),
    "is slave: table mod": ((REQUEST, of.OFPBRC_IS_SLAVE), role(of.OFPCR_ROLE_SLAVE, 1), encode(parse.OFPTableMod(DATAPATH, 0, 0))),
    "is slave: packet out": ((REQUEST, of.OFPBRC_IS_SLAVE), role(of.OFPCR_ROLE_SLAVE, 1), packet_out(output(2))),
}

ACTIONS = {
    "type": ((ACTION, of.OFPBAC_BAD_TYPE), acts(action(99))),
    "type of the switch's own": ((ACTION, of.OFPBAC_BAD_TYPE), acts(action(30))),
    "length 0": ((ACTION, of.OFPBAC_BAD_LEN), acts(action(0, bytes(12), 0))),
    "length beyond": ((ACTION, of.OFPBAC_BAD_LEN), acts(action(0, bytes(12), 64))),
    "length of a kind": ((ACTION, of.OFPBAC_BAD_LEN), acts(action(0, bytes(4)))),
    "length of no multiple of 8": ((ACTION, of.OFPBAC_BAD_LEN), acts(action(24, bytes(12), 12))),
    "experimenter": ((ACTION, of.OFPBAC_BAD_EXPERIMENTER), acts(action(0xffff, struct.pack(">I", 0xabcdef) + bytes(8)))),
    "type of experimenter": ((ACTION, of.OFPBAC_BAD_EXP_TYPE), acts(action(0xffff, struct.pack(">IH", 0x2320, 9999) + bytes(6)))),
    "output to port 0": ((ACTION, of.OFPBAC_BAD_OUT_PORT), does(output(0))),
    "output to ANY": ((ACTION, of.OFPBAC_BAD_OUT_PORT), does(output(of.OFPP_ANY))),
    "output to a reserved port": ((ACTION, of.OFPBAC_BAD_OUT_PORT), does(output(0xffffff55))),
    "push_vlan of no tag": ((ACTION, of.OFPBAC_BAD_ARGUMENT), does(parse.OFPActionPushVlan(0x1234))),
    "push_mpls of no label": ((ACTION, of.OFPBAC_BAD_ARGUMENT), does(parse.OFPActionPushMpls(0x1234))),
    "group that is not there": ((ACTION, of.OFPBAC_BAD_OUT_GROUP), does(set_group(77))),
    "group ALL": ((ACTION, of.OFPBAC_BAD_OUT_GROUP), does(set_group(of.OFPG_ALL))),
    "TTL of no IP": ((ACTION, of.OFPBAC_MATCH_INCONSISTENT), does(parse.OFPActionDecNwTtl())),
    "set a field of no IP": ((ACTION, of.OFPBAC_MATCH_INCONSISTENT), does(set_field(ipv4_src="10.0.0.1"))),
    "set a field of no TCP": ((ACTION, of.OFPBAC_MATCH_INCONSISTENT), does(set_field(tcp_src=1), match=V4)),
    "pop_mpls of no label": ((ACTION, of.OFPBAC_MATCH_INCONSISTENT), does(parse.OFPActionPopMpls(0x800), match=V4)),
    "set a tag's field of no tag": ((ACTION, of.OFPBAC_MATCH_INCONSISTENT), does(set_field(vlan_pcp=1), match=V4)),
    "set_field of a field that is not known": ((ACTION, of.OFPBAC_BAD_SET_TYPE), acts(action(25, struct.pack(">HBB", 0x8000, 99 << 1, 4) + bytes(8)))),
    "set_field of a field that cannot be set": ((ACTION, of.OFPBAC_BAD_SET_TYPE), does(set_field(in_port=1))),
    "set_field of the Ethernet type": ((ACTION, of.OFPBAC_BAD_SET_TYPE), does(set_field(eth_type=0x800))),
    "set_field of a wrong length": ((ACTION, of.OFPBAC_BAD_SET_LEN), acts(action(25, struct.pack(">HBB", 0x8000, 3 << 1, 4) + bytes(8)))),
    "set_field of a value too large": ((ACTION, of.OFPBAC_BAD_SET_ARGUMENT), acts(action(25, struct.pack(">HBBB", 0x8000, 7 << 1, 1, 9) + bytes(7)))),
    "set_field with a mask": ((ACTION, of.OFPBAC_BAD_SET_TYPE), acts(action(25, struct.pack(">HBB", 0x8000, 3 << 1 | 1, 12) + bytes(12 + 4)))),
}

INSTRUCTIONS = {
    "unknown": ((INSTRUCTION, of.OFPBIC_UNKNOWN_INST), flow_of(instructions=struct.pack(">HH4x", 99, 8))),
    "bad length": ((INSTRUCTION, of.OFPBIC_BAD_LEN), flow_of(instructions=struct.pack(">HH4x", 1, 16))),
    "bad length of a kind": ((INSTRUCTION, of.OFPBIC_BAD_LEN), flow_of(instructions=struct.pack(">HH12x", 1, 16))),
    "bad length 0": ((INSTRUCTION, of.OFPBIC_BAD_LEN), flow_of(instructions=struct.pack(">HH4x", 1, 0))),
    "bad experimenter": ((INSTRUCTION, of.OFPBIC_BAD_EXPERIMENTER), flow_of(instructions=struct.pack(">HHI", 0xffff, 8, 0xabcdef))),
    "goto an earlier table": ((INSTRUCTION, of.OFPBIC_BAD_TABLE_ID), flow({}, goto(3), table_id=5)),
    "goto the same table": ((INSTRUCTION, of.OFPBIC_BAD_TABLE_ID), flow({}, goto(5), table_id=5)),
    "goto table 255": ((INSTRUCTION, of.OFPBIC_BAD_TABLE_ID), flow({}, goto(255))),
    "two of a kind": ((INSTRUCTION, of.OFPBIC_UNSUP_INST), flow({}, goto(3), goto(4))),
    "meter that is not there": ((METER, of.OFPMMFC_INVALID_METER), flow({}, use_meter(77))),
    "meter 0": ((METER, of.OFPMMFC_INVALID_METER), flow({}, use_meter(0))),
}

IP, PROTO = oxm(5, b"\x08\x00"), oxm(10, b"\x06")
MATCHES = {
    "type not known": ((MATCH, of.OFPBMC_BAD_TYPE), flow_of(struct.pack(">HH4x", 9, 4))),
    "length": ((MATCH, of.OFPBMC_BAD_LEN), flow_of(match_of((0x8000, 0, bytes(3))))),
    "length of the whole": ((MATCH, of.OFPBMC_BAD_LEN), flow_of(match_of(length=400))),
    "length of a part": ((MATCH, of.OFPBMC_BAD_LEN), flow_of(match_of(oxm(0, bytes(4)), length=10))),
    "field": ((MATCH, of.OFPBMC_BAD_FIELD), flow_of(match_of(oxm(99, bytes(4))))),
    "field of another class": ((MATCH, of.OFPBMC_BAD_FIELD), flow_of(match_of((0x7777, 0, bytes(4))))),
    "value too large": ((MATCH, of.OFPBMC_BAD_VALUE), flow_of(match_of(oxm(6, b"\x10\x05"), oxm(7, b"\x09")))),
    "value of DSCP": ((MATCH, of.OFPBMC_BAD_VALUE), flow_of(match_of(IP, oxm(8, b"\x40")))),
    "value of a VLAN": ((MATCH, of.OFPBMC_BAD_VALUE), flow_of(match_of(oxm(6, b"\x20\x05")))),
    "wildcards: bits outside of the mask": ((MATCH, of.OFPBMC_BAD_WILDCARDS), flow_of(match_of(IP, oxm(11, b"\x0a\0\0\1\xff\xff\xff\0", True)))),
    "mask of a field without": ((MATCH, of.OFPBMC_BAD_MASK), flow_of(match_of(oxm(0, b"\0\0\0\1\0\0\0\1", True)))),
    "mask of the protocol": ((MATCH, of.OFPBMC_BAD_MASK), flow_of(match_of(IP, oxm(10, b"\6\6", True)))),
    "prerequisite": ((MATCH, of.OFPBMC_BAD_PREREQ), flow_of(match_of(oxm(11, b"\x0a\0\0\1")))),
    "prerequisite of a port": ((MATCH, of.OFPBMC_BAD_PREREQ), flow_of(match_of(IP, oxm(13, b"\0\x50")))),
    "prerequisite of another protocol": ((MATCH, of.OFPBMC_BAD_PREREQ), flow_of(match_of(IP, PROTO, oxm(15, b"\0\x50")))),
    "prerequisite that comes later": ((MATCH, of.OFPBMC_BAD_PREREQ), flow_of(match_of(oxm(11, b"\x0a\0\0\1"), IP))),
    "prerequisite of VLAN": ((MATCH, of.OFPBMC_BAD_PREREQ), flow_of(match_of(oxm(7, b"\1")))),
    "duplicate": ((MATCH, of.OFPBMC_DUP_FIELD), flow_of(match_of(IP, IP))),
}

FLOWS = {
    "overlap": ((FLOW, of.OFPFMFC_OVERLAP), flow(V4), flow({"in_port": 1}, flags=of.OFPFF_CHECK_OVERLAP)),
    "bad command": ((FLOW, of.OFPFMFC_BAD_COMMAND), flow_of(command=9)),
    "bad flags": ((FLOW, of.OFPFMFC_BAD_FLAGS), flow_of(flags=0x8000)),
    "bad table": ((FLOW, of.OFPFMFC_BAD_TABLE_ID), flow_of(table=255)),
    "bad table to modify": ((FLOW, of.OFPFMFC_BAD_TABLE_ID), flow_of(table=255, command=of.OFPFC_MODIFY)),
    "table of the switch's own": ((FLOW, of.OFPFMFC_EPERM), flow_of(table=254)),
}

GROUPS = {
    "exists": ((GROUP, of.OFPGMFC_GROUP_EXISTS), ADD_GROUP, ADD_GROUP),
    "invalid id": ((GROUP, of.OFPGMFC_INVALID_GROUP), group(of.OFPGT_ALL, number=of.OFPG_ALL)),
    "invalid: indirect of two": ((GROUP, of.OFPGMFC_INVALID_GROUP), group(of.OFPGT_INDIRECT, bucket(), bucket())),
    "invalid: indirect of none": ((GROUP, of.OFPGMFC_INVALID_GROUP), group(of.OFPGT_INDIRECT)),
    "weight of no select": ((GROUP, of.OFPGMFC_INVALID_GROUP), group(of.OFPGT_ALL, bucket(weight=5))),
    "loop": ((GROUP, of.OFPGMFC_LOOP), group(of.OFPGT_ALL), group(of.OFPGT_ALL, bucket(set_group(1)), number=2),
             group(of.OFPGT_ALL, bucket(set_group(2)), command=of.OFPGC_MODIFY)),
    "unknown": ((GROUP, of.OFPGMFC_UNKNOWN_GROUP), group(of.OFPGT_ALL, command=of.OFPGC_MODIFY)),
    "chained": ((GROUP, of.OFPGMFC_CHAINED_GROUP), ADD_GROUP, group(of.OFPGT_ALL, bucket(set_group(1)), number=2),
                group(of.OFPGT_ALL, command=of.OFPGC_DELETE)),
    "bad type": ((GROUP, of.OFPGMFC_BAD_TYPE), group(9)),
    "bad command": ((GROUP, of.OFPGMFC_BAD_COMMAND), group(of.OFPGT_ALL, command=9)),
    "bad bucket": ((GROUP, of.OFPGMFC_BAD_BUCKET), raw(of.OFPT_GROUP_MOD, hard(0) + struct.pack(">HHIII", 4, 0, 0, 0, 0))),
    "bad watch": ((GROUP, of.OFPGMFC_BAD_WATCH), group(of.OFPGT_FF, bucket(output(2)))),
    "bad watch of ALL": ((GROUP, of.OFPGMFC_BAD_WATCH), group(of.OFPGT_FF, bucket(output(2), port=of.OFPP_ALL))),
    "bad action in a bucket": ((ACTION, of.OFPBAC_BAD_OUT_GROUP), group(of.OFPGT_ALL, bucket(set_group(77)))),
}

METERS = {
    "exists": ((METER, of.OFPMMFC_METER_EXISTS), ADD_METER, ADD_METER),
    "invalid": ((METER, of.OFPMMFC_INVALID_METER), meter(drop(rate=5), number=0)),
    "invalid ALL": ((METER, of.OFPMMFC_INVALID_METER), meter(drop(rate=5), number=of.OFPM_ALL)),
    "unknown": ((METER, of.OFPMMFC_UNKNOWN_METER), meter(drop(rate=5), command=of.OFPMC_MODIFY)),
    "unknown in statistics": ((METER, of.OFPMMFC_UNKNOWN_METER), encode(parse.OFPMeterStatsRequest(DATAPATH, 0, 77))),
    "bad command": ((METER, of.OFPMMFC_BAD_COMMAND), meter(command=9)),
    "bad flags": ((METER, of.OFPMMFC_BAD_FLAGS), meter(drop(rate=5), flags=0x100)),
    "packets and kilobits": ((METER, of.OFPMMFC_BAD_FLAGS), meter(drop(rate=5), flags=of.OFPMF_PKTPS | of.OFPMF_KBPS)),
    "bad band": ((METER, of.OFPMMFC_BAD_BAND), raw(of.OFPT_METER_MOD, struct.pack(">HHIHHIII", 0, of.OFPMF_PKTPS, 1, 77, 16, 5, 0, 0))),
    "out of bands": ((METER, of.OFPMMFC_OUT_OF_BANDS), meter(*[drop(rate=5 + i) for i in range(9)])),
}

REST = {
    "port: not there": ((PORT, of.OFPPMFC_BAD_PORT), port_mod(77)),
    "port: another address": ((PORT, of.OFPPMFC_BAD_HW_ADDR), port_mod(1, "00:00:00:00:00:01")),
    "port: configuration": ((PORT, of.OFPPMFC_BAD_CONFIG), lambda switch: port_mod(1, switch.addresses[1], 1 << 20, 1 << 20)),
    "table: not there": ((TABLE, of.OFPTMFC_BAD_TABLE), encode(parse.OFPTableMod(DATAPATH, 254, 3))),
    "queue: no such port": ((QUEUE, of.OFPQOFC_BAD_PORT), encode(parse.OFPQueueStatsRequest(DATAPATH, 0, 77, of.OFPQ_ALL))),
    "queue: no such queue": ((QUEUE, of.OFPQOFC_BAD_QUEUE), encode(parse.OFPQueueStatsRequest(DATAPATH, 0, 1, 5))),
    "queue: configuration of no such port": ((QUEUE, of.OFPQOFC_BAD_PORT), encode(parse.OFPQueueGetConfigRequest(DATAPATH, 77))),
    "config: flags": ((CONFIG, of.OFPSCFC_BAD_FLAGS), set_config(0x30)),
    "config: length": ((CONFIG, of.OFPSCFC_BAD_LEN), raw(of.OFPT_SET_CONFIG, bytes(2))),
    "role: stale": ((ROLE, of.OFPRRFC_STALE), role(of.OFPCR_ROLE_MASTER, 1), role(of.OFPCR_ROLE_MASTER, 0)),
    "role: bad": ((ROLE, of.OFPRRFC_BAD_ROLE), role(77)),
    "features: table that is not there": ((FEATURES, of.OFPTFFC_BAD_TABLE), features(64, 254)),
    "features: length": ((FEATURES, of.OFPTFFC_BAD_LEN), features(200, 0)),
    "features: type of property": ((FEATURES, of.OFPTFFC_BAD_TYPE), features(72, 0, struct.pack(">HH4x", 0x7777, 4))),
}

ALL = {f"{kind}: {name}": row for kind, rows in (("request", REQUESTS), ("action", ACTIONS), ("instruction", INSTRUCTIONS), ("match", MATCHES),
                                                  ("flow", FLOWS), ("group", GROUPS), ("meter", METERS), ("other", REST)) for name, row in rows.items()}
