# SPDX-License-Identifier: Apache-2.0
"""What a switch does instead of what the specification says, by case: the (type, code) of an error, () for none where one is due, or what
comes out. Where ours and Debian's do the same it stands in BOTH; programs are written for what they find, so ours keeps to it."""
from os_ken.ofproto import ofproto_v1_3 as of

from frames import SVLAN, VLAN, tcp

NO_FIELD, NO_ACTION = (of.OFPET_BAD_MATCH, of.OFPBMC_BAD_FIELD), (of.OFPET_BAD_ACTION, of.OFPBAC_BAD_TYPE)
NOT_SET, NO_BAND = (of.OFPET_BAD_ACTION, of.OFPBAC_BAD_SET_ARGUMENT), (of.OFPET_METER_MOD_FAILED, of.OFPMMFC_BAD_BAND)
INVALID_GROUP = (of.OFPET_GROUP_MOD_FAILED, of.OFPGMFC_INVALID_GROUP)
VENDOR = of.OFPET_EXPERIMENTER

BOTH = {
    # Fields and actions that the specification makes optional, and Open vSwitch does not have.
    ("field", "in_phy_port"): NO_FIELD, ("field", "pbb_isid"): NO_FIELD, ("field", "ipv6_exthdr"): NO_FIELD,
    ("action", "push_pbb"): NO_ACTION, ("action", "pop_pbb"): NO_ACTION, ("action", "copy_ttl_out"): NO_ACTION,
    ("action", "copy_ttl_in"): NO_ACTION, ("action", "copy_ttl_out of IP"): NO_ACTION,
    ("action", "set ip_proto"): NOT_SET, ("action", "set mpls_bos"): NOT_SET,
    ("meter", "dscp_remark"): NO_BAND, ("meter", "experimenter"): NO_BAND,
    ("meter", "no band"): (of.OFPET_METER_MOD_FAILED, of.OFPMMFC_OUT_OF_BANDS),
    # A pushed tag does not take the VLAN and priority of the one below.
    ("action", "push_vlan on a tag"): tcp((SVLAN, 0, 0), (VLAN, 5, 3)),
    # A dummy port that is down sends all the same.
    ("output", "PORT_DOWN"): (0, 1, 1, 0, 0),
    # Taken, where the specification has an error.
    ("error", "request: bad packet"): (), ("error", "action: output to port 0"): (), ("error", "instruction: goto table 255"): (),
    ("error", "group: chained"): (), ("error", "group: bad watch of ALL"): (), ("error", "group: bad action in a bucket"): (),
    ("error", "other: port: configuration"): (),
    # Another code.
    ("error", "action: set_field of a field that cannot be set"): NOT_SET, ("error", "action: set_field of the Ethernet type"): NOT_SET,
    ("error", "action: set_field with a mask"): (VENDOR, 4250), ("error", "instruction: two of a kind"): (VENDOR, 2600),
    ("error", "match: length"): NO_FIELD, ("error", "flow: table of the switch's own"): (of.OFPET_BAD_REQUEST, of.OFPBRC_EPERM),
    ("error", "group: bad watch"): INVALID_GROUP, ("error", "other: config: length"): (of.OFPET_BAD_REQUEST, of.OFPBRC_BAD_LEN),
    ("error", "other: table: not there"): (of.OFPET_TABLE_MOD_FAILED, of.OFPTMFC_EPERM),
    ("error", "other: features: table that is not there"): (VENDOR, 10),  # it tells no properties, which comes first
}

ONE = {
    ("oracle", "action", "set pbb_isid"): (of.OFPET_BAD_ACTION, of.OFPBAC_BAD_SET_LEN),
    ("weft", "action", "set pbb_isid"): (of.OFPET_BAD_ACTION, of.OFPBAC_BAD_SET_TYPE),
    ("oracle", "error", "group: loop"): (),
}


def otherwise(flavor, kind, name):
    """None: it does what the specification says."""
    return ONE.get((flavor, kind, name), BOTH.get((kind, name)))
