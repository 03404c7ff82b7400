# SPDX-License-Identifier: Apache-2.0
"""Messages made by hand, right and wrong: both switches answer them with the same bytes."""
import contextlib
import socket
import struct

import pytest

from normal import assert_same

VERSIONS = {"OpenFlow10": 1, "OpenFlow13": 4, "OpenFlow14": 5, "OpenFlow15": 6}
HELLO, SET_CONFIG, GET_CONFIG, FLOW_MOD, XID = 0, 9, 7, 14, 0x77


def message(version, kind, body=b""):
    return struct.pack(">BBHI", version, kind, 8 + len(body), XID) + body


def received(stream):
    """The next message, whole."""
    head = stream.recv(8, socket.MSG_WAITALL)
    return head + stream.recv(struct.unpack(">H", head[2:4])[0] - 8, socket.MSG_WAITALL)


def answers(stack, version, *requests):
    """What the requests get on a connection of their own, as hexadecimal digits; a barrier ends it."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as stream:
        stream.settimeout(10)
        stream.connect(str(stack.folder / "br0.mgmt"))
        barrier = 18 if version == 1 else 20
        stream.sendall(message(version, HELLO) + b"".join(message(version, *r) for r in (*requests, (barrier,))))
        assert received(stream)[1] == HELLO
        got = []
        while (one := received(stream))[1] != barrier + 1:
            got.append(one.hex())
        return got


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


def cases(version):
    yield "a type that does not exist, quoted whole", [(200, b"\xaa" * 300)]
    yield "the longest message, quoted as far as it fits", [(200, b"\xaa" * (0xffff - 8))]
    yield "a second hello", [(HELLO,)]
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
