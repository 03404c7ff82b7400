# SPDX-License-Identifier: Apache-2.0
"""Messages made by hand, right and wrong: both switches answer them with the same bytes."""
import struct

import pytest

import openflow
from normal import assert_same

VERSIONS = {"OpenFlow10": 1, "OpenFlow13": 4, "OpenFlow14": 5, "OpenFlow15": 6}
HELLO, SET_CONFIG, GET_CONFIG, FLOW_MOD, FLOW_REMOVED = 0, 9, 7, 14, 11


def answers(stack, version, *requests):
    """What the requests get on a connection of their own, as hexadecimal digits."""
    with openflow.Connection(stack, version) as connection:
        return connection.ask(*requests)


def flow_mod(match, command=0):
    """An OpenFlow 1.3 flow_mod with a match of these OXM bytes."""
    oxm = struct.pack(">HH", 1, 4 + len(match)) + match
    fixed = struct.pack(">QQBBHHHIIIHH", 0, 0, 0, command, 0, 0, 5, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0)
    return FLOW_MOD, fixed + oxm + bytes(-len(oxm) % 8)


def port_mod(version, port, address, bits):
    if version == 1:
        return 15, struct.pack(">H6sIII4x", port, address, bits, bits, 0)
    tail = struct.pack(">I4x", 0) if version < 5 else b""
    return 16, struct.pack(">I4x6s2xII", port, address, bits, bits) + tail


LOCAL_ADDRESS = bytes.fromhex("020000000099")


def table_mods(version):
    """What a table's configuration may be told, and what not, each in a message of its own. Left out: unknown properties, and those that are cut
    short, which Debian's switch answers with OFPET_BAD_REQUEST instead of OFPET_BAD_PROPERTY, as OpenFlow 1.4 wants."""
    for table in (0, 253, 254, 255):
        for config in (0, 1, 2, 3, 4, 8, 12, 16, 0x80000000):
            yield f"table {table:x}, configuration {config:x}", [(17, struct.pack(">B3xI", table, config))]
    if version >= 5:
        for name, tail in (("flags", "0002000800000001"), ("other flags", "0002000800000008"), ("thresholds", "000300080a140000"),
                           ("thresholds the wrong way", "00030008140a0000"), ("thresholds over 100", "000300080a650000"), ("a vacancy", "000300080a140005"),
                           ("one without room", "0003000400000000"), ("one of length 0", "0002000000000000")):
            for config in (0, 4, 8, 12):
                yield f"property {name}, configuration {config:x}", [(17, struct.pack(">B3xI", 1, config) + bytes.fromhex(tail))]


def cases(version):
    yield "a type that does not exist, quoted whole", [(200, b"\xaa" * 300)]
    yield "the longest message, quoted as far as it fits", [(200, b"\xaa" * (0xffff - 8))]
    yield "a second hello", [(HELLO,)]
    if version > 1:
        yield from table_mods(version)
    for flags in (0, 1, 2, 3, 4, 7, 8):
        yield f"set-config with flags {flags}", [(SET_CONFIG, struct.pack(">HH", flags, 77)), (GET_CONFIG,), (SET_CONFIG, bytes(4))]
    yield "a set-config that is cut", [(SET_CONFIG, b"\0\0")]
    for port, address in ((99, bytes(6)), (1, bytes(6)), (0xfffe if version == 1 else 0xfffffffe, LOCAL_ADDRESS)):
        yield f"a port-mod of port {port:x}", [port_mod(version, port, address, 0)]
    if version == 4:
        for match in ("80000a020800", "80000d020005", "0000000400000001", "800006050102030405", "80000c0200ff", "8000ff0100", "80001a0106",
                      "0001280400000005", "80000a02080080001908" + "01020304ff000000"):
            yield f"a match of {match}", [flow_mod(bytes.fromhex(match)), flow_mod(bytes.fromhex(match), command=4)]


@pytest.mark.parametrize("version,name", [(v, name) for v, n in VERSIONS.items() for name, _ in cases(n)])
def test_bytes_are_answered_as_by_the_oracle(both, version, name):
    number = VERSIONS[version]
    requests = dict(cases(number))[name]
    assert_same(answers(both[1], number, *requests), answers(both[0], number, *requests))


def test_a_long_stream_of_changes_is_worked_through(both):
    """More than is done in one turn, with nothing to send or to read in between."""
    for stack in both:
        flows = [flow_mod(struct.pack(">II", 0x80000004, port)) for port in range(1, 3001)]
        assert answers(stack, VERSIONS["OpenFlow13"], *flows) == []
        assert int(stack.ofctl("dump-aggregate", "br0").split("flow_count=")[1]) >= len(flows)
        stack.ofctl("del-flows", "br0")


def numbered_flow_mod(version, priority, command, out_port, flags=0):
    """A flow_mod that matches all packets and outputs to a port; its cookie is its priority."""
    if version == 1:
        wild = struct.pack(">I36x", 0x3fffff)
        action = struct.pack(">HHHH", 0, 8, out_port, 0)
        return FLOW_MOD, wild + struct.pack(">QHHHHIHH", priority, command, 0, 0, priority, 0xffffffff, 0xffff, flags) + action
    action = struct.pack(">HHIH6x", 0, 16, out_port, 0)
    fixed = struct.pack(">QQBBHHHIIIHH", priority, 0, 0, command, 0, 0, priority, 0xffffffff, 0xffffffff, 0xffffffff, flags, 0)
    return FLOW_MOD, fixed + struct.pack(">HH4x", 1, 4) + struct.pack(">HH4x", 4, 24) + action


@pytest.mark.parametrize("version", [1, 4, 5])
def test_flow_mods_that_come_together_are_answered_one_by_one(both, version):
    """Errors and barriers in order; two are told to be gone, which the oracle tells some time later; and what is left."""
    add, modify, delete_strict, tells, overlap = 0, 1, 4, 1, 2
    buffered = FLOW_MOD, numbered_flow_mod(version, 3, add, 1)[1].replace(b"\xff\xff\xff\xff", b"\0\0\0\5", 1)
    told, left = [], []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        with openflow.Connection(stack, version) as c:
            c.ask((SET_CONFIG, struct.pack(">HH", 0, 128)))  # it hears of flows that go
            requests = [numbered_flow_mod(version, i, add, 1, tells) for i in range(10, 300)]
            requests[50:50] = [numbered_flow_mod(version, 20, add, 1, overlap), numbered_flow_mod(version, 5, add, 1, overlap)]
            requests[90:90] = [(c.barrier,), numbered_flow_mod(version, 1, 9, 1), buffered]
            requests += [numbered_flow_mod(version, 30, delete_strict, 1), numbered_flow_mod(version, 30, add, 2, tells),
                         numbered_flow_mod(version, 31, add, 3), numbered_flow_mod(version, 32, delete_strict, 1), (c.barrier,),
                         numbered_flow_mod(version, 0, modify, 2), (FLOW_MOD, b"\0\0")]
            c.stream.sendall(b"".join(c.message(*r, xid=i + 1000) for i, r in enumerate(requests)))
            c.send((c.barrier,), xid=0x99)
            answers = c.until(lambda m: m[1] == c.barrier + 1 and m[4:8] == b"\0\0\0\x99")
            gone = [m for m in answers if m[1] == FLOW_REMOVED]
            told.append([m.hex() for m in answers if m[1] != FLOW_REMOVED])
        left.append([line.split("priority=")[-1] for line in stack.ofctl("dump-flows", "br0", "--no-stats", "--sort").splitlines()])
        stack.ofctl("del-flows", "br0")
    assert_same(told[1], told[0])
    assert_same(left[1], left[0])
    assert len(gone) == 2 and len(told[0]) == 6 and len(left[0]) > 280
