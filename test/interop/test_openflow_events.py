# SPDX-License-Identifier: Apache-2.0
"""What connections hear of each other: roles, requests of others, asynchronous masks; and tunnel options, flushes, Nicira's flow_mods. Both switches say the same."""
import struct

import pytest

import openflow
from normal import assert_same, text

SET_CONFIG, SET_ASYNC, GET_ASYNC, ROLE, NICIRA_MESSAGE = 9, 28, 26, 24, 4


def prop(kind, mask):
    return struct.pack(">HHI", kind, 8, mask)


def listening(connection):
    """A management connection hears of events once it asks for bytes of packets."""
    connection.ask((SET_CONFIG, struct.pack(">HH", 0, 128)))
    return connection


def role(which, generation):
    return ROLE, struct.pack(">I4xQ", which, generation)


@pytest.mark.parametrize("versions", [(4, 4), (5, 5), (5, 6), (6, 4), (3, 4)])
@pytest.mark.parametrize("masks", [None, (0, 0), (7, 0), (0, 7)])
def test_who_loses_the_first_role_is_told_as_by_the_oracle(both, versions, masks):
    told = []
    for stack in both:
        with openflow.Connection(stack, versions[0]) as a, openflow.Connection(stack, versions[1]) as b:
            a.generation = getattr(stack, "generation", 0) + 2
            stack.generation = a.generation
            if masks and versions[0] >= 5:
                listening(a).ask((SET_ASYNC, prop(6, masks[0]) + prop(7, masks[1])))
            told.append([a.ask(role(2, a.generation)), b.ask(role(2, a.generation + 1)), a.sync(), b.ask(role(3, a.generation + 1)), a.sync()])
    assert_same(told[1], told[0])


CHANGES = [
    ["OpenFlow13", "add-group", "br0", "group_id=7,type=all,bucket=actions=2"],
    ["OpenFlow15", "add-group", "br0", "group_id=8,type=select,bucket=bucket_id=1,actions=2"],
    ["OpenFlow15", "insert-buckets", "br0", "group_id=8,command_bucket_id=first,bucket=bucket_id=7,actions=3"],
    ["OpenFlow15", "remove-buckets", "br0", "group_id=8,command_bucket_id=7"],
    ["OpenFlow10", "mod-group", "br0", "group_id=7,type=all,bucket=actions=3"],
    ["OpenFlow14", "--bundle", "add-groups", "br0", "-"],
    ["OpenFlow13", "add-meter", "br0", "meter=1,kbps,burst,band=type=drop,rate=100,burst_size=10"],
    ["OpenFlow13", "add-group", "br0", "group_id=7,type=all,bucket=actions=2"],
    ["OpenFlow13", "del-meters", "br0"],
    ["OpenFlow13", "del-groups", "br0"],
]


@pytest.mark.parametrize("version", [5, 6])
def test_requests_of_others_are_told_as_by_the_oracle(both, version):
    told = []
    for stack in both:
        with openflow.Connection(stack, version) as c, openflow.Connection(stack, version) as deaf:
            listening(c).ask((SET_ASYNC, prop(10, 3) + prop(11, 3)))
            listening(deaf)
            heard = []
            for of_version, *words in CHANGES:
                stack.result("ovs-ofctl", "-O", of_version, *words, stdin="group_id=12,type=all,bucket=actions=2\n" if "-" in words else None)
                heard.append(c.sync())
            assert deaf.sync() == []
            told.append(heard)
    assert_same(told[1], told[0])


@pytest.mark.parametrize("version", [5, 6])
@pytest.mark.parametrize("body", [prop(12, 1), prop(0, 0x40), prop(2, 8), prop(4, 0x40), prop(8, 1), prop(10, 4), prop(0, 1) + prop(0, 2), b"\0\0",
                                  struct.pack(">HHI", 0, 7, 0), struct.pack(">HH", 0, 4), struct.pack(">HHIQ", 0xffff, 12, 0x2320, 0), prop(0xffff, 1),
                                  b"".join(prop(kind, 7 if kind not in (8, 9) else 0x18) for kind in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9))])
def test_asynchronous_masks_are_set_as_by_the_oracle(both, version, body):
    told = []
    for stack in both:
        with openflow.Connection(stack, version) as c:
            told.append([c.ask((SET_ASYNC, body)), c.ask((GET_ASYNC,))])
    assert_same(told[1], told[0])


@pytest.mark.parametrize("version", [1, 3, 4, 5, 6])
@pytest.mark.parametrize("body", [prop(0, 7), prop(0, 8), prop(1, 0x3f), prop(4, 0x3f), prop(8, 0x18), prop(10, 4), prop(12, 1), prop(0xfffe, 1),
                                  struct.pack(">HHIQ", 0xffff, 12, 0x2320, 0), prop(1, 0) + prop(0x55, 1), b""])
def test_niciras_asynchronous_properties_are_set_as_by_the_oracle(both, version, body):
    told = []
    for stack in both:
        with openflow.Connection(stack, version) as c:
            told.append([c.ask((NICIRA_MESSAGE, struct.pack(">II", openflow.NICIRA, 27) + body)), c.ask((GET_ASYNC,)) if version >= 4 else []])
    assert_same(told[1], told[0])


@pytest.mark.parametrize("body", [bytes(24), b"\xff" * 24, bytes(20), bytes(28)])
def test_old_asynchronous_masks_are_set_as_by_the_oracle(both, body):
    told = []
    for stack in both:
        with openflow.Connection(stack, 4) as c:
            told.append([c.ask((GET_ASYNC,)), c.ask((SET_ASYNC, body)), c.ask((GET_ASYNC,)),
                         c.ask((NICIRA_MESSAGE, struct.pack(">II", openflow.NICIRA, 19) + body)), c.ask((GET_ASYNC,))])
    assert_same(told[1], told[0])


@pytest.mark.parametrize("version", [1, 4, 5])
def test_messages_of_a_switch_are_refused_as_by_the_oracle(both, version):
    """An error, an echo's answer and a features reply from a controller."""
    told = []
    for stack in both:
        with openflow.Connection(stack, version) as c:
            told.append([c.ask((1, struct.pack(">HH8x", 1, 1))), c.ask((3,)), c.ask((6, bytes(24)))])
    assert_same(told[1], told[0])


def tlv(command, *maps):
    return NICIRA_MESSAGE, struct.pack(">IIH6x", openflow.NICIRA, 24, command) + b"".join(struct.pack(">HBBH2x", *m) for m in maps)


TLV_MODS = [tlv(0, (0xffff, 0, 4, 0)), tlv(0, (0xffff, 0, 4, 1)), tlv(0, (0xfff1, 0, 4, 0)), tlv(0, (1, 1, 4, 5), (1, 1, 4, 6)), tlv(0, (1, 1, 4, 5), (1, 2, 4, 5)),
            tlv(0, (2, 1, 0, 5)), tlv(0, (2, 1, 6, 6)), tlv(0, (2, 1, 128, 6)), tlv(0, (2, 1, 4, 64)), tlv(0, (3, 1, 124, 7), (3, 2, 124, 8)), tlv(0, (3, 3, 8, 9)),
            tlv(1, (9, 9, 4, 9)), tlv(1, (3, 1, 124, 9)), tlv(1, (3, 2, 4, 8)), tlv(1, (0xffff, 0, 4, 0)), tlv(7, (3, 1, 4, 7)), tlv(0), tlv(2)]


@pytest.mark.parametrize("version", [1, 4])
def test_options_of_tunnels_are_mapped_as_by_the_oracle(both, version):
    request = NICIRA_MESSAGE, struct.pack(">II", openflow.NICIRA, 25)
    told = []
    for stack in both:
        with openflow.Connection(stack, version) as c:
            told.append([[c.ask(mod), c.ask(request)] for mod in TLV_MODS])
    assert_same(told[1], told[0])


@pytest.mark.parametrize("words", [["ct-flush-zone", "br0", "5"], ["ct-flush", "br0"], ["ct-flush", "br0", "zone=7"],
                                   ["ct-flush", "br0", "zone=7", "ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80", "ct_nw_src=10.0.0.2"]])
def test_connections_are_flushed_without_complaint(both, words):
    for stack in both:
        done = stack.result("ovs-ofctl", *words)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("version", [1, 2, 4, 6])
@pytest.mark.parametrize("command", range(5))
def test_niciras_flow_mods_work_in_every_version(both, version, command):
    match = bytes.fromhex("000006020800") + bytes(2)
    actions = struct.pack(">HHHH", 0, 8, 3, 0) if version == 1 else struct.pack(">HHI", 4, 24, 0) + struct.pack(">HHIHHI", 0, 16, 3, 0, 0, 0)
    body = struct.pack(">IIQHHHHIHHH6x", openflow.NICIRA, 13, 0x55, command, 0, 20, 7, 0xffffffff, 0xffff, 1, 6) + match + actions
    told = []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        stack.ofctl("add-flows", "br0", "-", stdin="priority=7,ip,actions=2\npriority=8,tcp,actions=2\n")
        with openflow.Connection(stack, version) as c:
            told.append([c.ask((NICIRA_MESSAGE, body)), sorted(text(stack.ofctl("--no-stats", "dump-flows", "br0")).splitlines())])
    assert_same(told[1], told[0])


@pytest.mark.parametrize("subtype", range(5))
def test_statistics_are_answered_in_the_form_they_were_asked_in(both, subtype):
    body = struct.pack(">HHII4x", 0xffff, 0, openflow.NICIRA, subtype) + (struct.pack(">HHB3x", 0xffff, 0, 0xff) if subtype < 2 else b"")
    told = []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        with openflow.Connection(stack, 1) as c:
            told.append([openflow.error_of(a) or a for a in c.ask((16, body))])
    if subtype != 2:  # a flow monitor's request without a body gets bytes that are not the request's from the oracle
        assert_same(told[1], told[0])
