# SPDX-License-Identifier: Apache-2.0
"""Flow tables as OpenFlow 1.3-1.5 tell and change them: features, descriptions, vacancy events, eviction. Both switches say the same."""
import struct

import pytest

import openflow
from normal import assert_same, said, text

TABLE_FEATURES, STATS_REQUEST, SET_CONFIG, SET_ASYNC = 12, 18, 9, 28
FLOW_MOD, ADD, DELETE_STRICT = 14, 0, 4
NEW = {"OpenFlow13": 4, "OpenFlow14": 5, "OpenFlow15": 6}


@pytest.mark.parametrize("version", NEW)
@pytest.mark.parametrize("command", ["dump-table-features", "dump-table-desc", "dump-tables"])
def test_tables_are_told_as_by_the_oracle(both, version, command):
    assert_same(*(said(stack.result("ovs-ofctl", "-O", version, command, "br0")) for stack in reversed(both)))


@pytest.mark.parametrize("version", ["OpenFlow14", "OpenFlow15"])
@pytest.mark.parametrize("setting", ["evict", "noevict", "vacancy:20,80", "vacancy:50,50", "vacancy:80,20", "novacancy"])
@pytest.mark.parametrize("table", ["3", "all", "254"])
def test_a_table_mod_changes_what_the_oracle_changes(both, version, setting, table):
    told = []
    for stack in both:
        told.append([said(stack.result("ovs-ofctl", "-O", version, "mod-table", "br0", table, setting)),
                     text(stack.ofctl("-O", version, "dump-table-desc", "br0"))])
        for undo in ("noevict", "novacancy"):
            stack.ofctl("-O", version, "mod-table", "br0", "all", undo)
    assert_same(told[1], told[0])


def with_limit(stack, *settings):
    """Table 3 gets a row of the database."""
    stack.vsctl("clear", "bridge", "br0", "flow_tables", "--", "--id=@t", "create", "flow_table", *settings, "--",
                "set", "bridge", "br0", "flow_tables:3=@t")


def properties(*pairs):
    return b"".join(struct.pack(">HHI", kind, 8, mask) for kind, mask in pairs)


@pytest.mark.parametrize("version", [5, 6])
def test_room_in_a_table_is_told_as_by_the_oracle(both, version):
    told = []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        with_limit(stack, "flow_limit=10")
        with openflow.Connection(stack, version) as c:
            said_now = [c.ask((SET_CONFIG, struct.pack(">HH", 0, 128)), (SET_ASYNC, properties((8, 0x18), (9, 0x18))))]
            stack.ofctl("-O", "OpenFlow14", "mod-table", "br0", "3", "vacancy:30,60")
            for port in range(1, 13):
                added = stack.result("ovs-ofctl", "add-flow", "br0", f"table=3,in_port={port},actions=1")
                said_now.append((added.returncode, c.sync()))
            for port in range(1, 11):
                stack.ofctl("del-flows", "br0", f"table=3,in_port={port}")
                said_now.append(c.sync())
        stack.ofctl("-O", "OpenFlow14", "mod-table", "br0", "all", "novacancy")
        stack.vsctl("clear", "bridge", "br0", "flow_tables")
        told.append(said_now)
    assert_same(told[1], told[0])
    assert any(told[0][n][1] for n in range(1, 11)), "the oracle tells of a table that fills up"


def flow_mod(command, port):
    """Of a flow of table 3."""
    match = struct.pack(">HHIIi", 1, 12, 0x80000004, port, 0)
    return FLOW_MOD, struct.pack(">QQBBHHHIIIHH", 0, 0, 3, command, 0, 0, 100, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0) + match


@pytest.mark.parametrize("version", [5, 6])
def test_room_is_told_as_each_request_leaves_it_however_they_come(both, version):
    ups_and_downs = [(command, port) for command in (ADD, DELETE_STRICT, ADD) for port in range(1, 10)]
    told = []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        with_limit(stack, "flow_limit=10")
        with openflow.Connection(stack, version) as c:
            c.ask((SET_CONFIG, struct.pack(">HH", 0, 128)), (SET_ASYNC, properties((8, 0x18), (9, 0x18))))
            stack.ofctl("-O", "OpenFlow14", "mod-table", "br0", "3", "vacancy:30,60")
            told.append(c.ask(*(flow_mod(*change) for change in ups_and_downs)))
        stack.ofctl("-O", "OpenFlow14", "mod-table", "br0", "all", "novacancy")
        stack.vsctl("clear", "bridge", "br0", "flow_tables")
    assert_same(told[1], told[0])
    assert len(told[0]) == 3, "the oracle tells that there is little room, enough, and little again"


# What is added to a table of at most four flows, and what remains then.
EVICTIONS = {
    "refuse": (["flow_limit=4"], [("in_port=%d", 10) for _ in range(6)]),
    "none may be": (["flow_limit=0"], [("in_port=%d", 10)]),
    "soonest goes": (["flow_limit=4", "overflow_policy=evict"], [("in_port=%d", t) for t in (50, 20, 30, 40, 60, 70)]),
    "permanent stay": (["flow_limit=4", "overflow_policy=evict"], [("in_port=%d", t) for t in (0, 0, 30, 0, 60, 70)]),
    "all permanent": (["flow_limit=4", "overflow_policy=evict"], [("in_port=%d", 0) for _ in range(5)]),
    "importance first": (["flow_limit=4", "overflow_policy=evict"],
                         [("in_port=%d,importance=" + str(i), t) for i, t in ((5, 10), (1, 90), (7, 20), (1, 80), (3, 5), (0, 6))]),
    "the largest group": (["flow_limit=4", "overflow_policy=evict", 'groups="NXM_OF_ETH_TYPE[]"'],
                          [(f"in_port=%d,{kind}", t) for kind, t in (("ip", 30), ("ip", 20), ("ip", 40), ("arp", 10), ("ip", 60), ("ip", 70))]),
    "groups by part of a field": (["flow_limit=4", "overflow_policy=evict", 'groups="NXM_OF_IN_PORT[0..1]"'],
                                  [(f"tcp,tp_src=%d,in_port={p}", t) for p, t in ((4, 30), (8, 20), (12, 40), (1, 10), (16, 60), (20, 70))]),
    "an unknown group": (["flow_limit=4", "overflow_policy=evict", 'groups="nonsense"'], [("in_port=%d", t) for t in (30, 20, 40, 10, 5, 50)]),
}


@pytest.mark.parametrize("name", EVICTIONS)
def test_a_full_table_makes_room_as_the_oracles_does(both, name):
    settings, flows = EVICTIONS[name]
    left = []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        with_limit(stack, *settings)
        codes = [stack.result("ovs-ofctl", "-O", "OpenFlow14", "add-flow", "br0",
                              f"table=3,{match % number},{f'idle_timeout={timeout},' if timeout else ''}actions=1").returncode
                 for number, (match, timeout) in enumerate(flows, 1)]
        left.append([codes, sorted(text(stack.ofctl("-O", "OpenFlow14", "--no-stats", "dump-flows", "br0")).splitlines())])
        stack.vsctl("clear", "bridge", "br0", "flow_tables")
    assert_same(left[1], left[0])


def features(connection):
    """All tables' features, one string of bytes each."""
    tables, rest = [], b"".join(bytes.fromhex(m)[16:] for m in connection.ask((STATS_REQUEST, struct.pack(">HH4x", TABLE_FEATURES, 0))))
    while rest:
        length = struct.unpack(">H", rest[:2])[0]
        tables.append(rest[:length])
        rest = rest[length:]
    return tables


def in_parts(tables, size=60000):
    """A table-features request of several messages."""
    bodies = [b""]
    for t in tables:
        if len(bodies[-1]) + len(t) > size:
            bodies.append(b"")
        bodies[-1] += t
    return [(STATS_REQUEST, struct.pack(">HH4x", TABLE_FEATURES, n < len(bodies) - 1) + body) for n, body in enumerate(bodies)]


def renamed(table, name, command=0):
    return table[:3] + bytes([command]) + table[4:8] + name.ljust(32, b"\0") + table[40:]


def with_entries(table, n):
    return table[:60] + struct.pack(">I", n) + table[64:]


def bare(table):
    return b"\0\x40" + table[2:64]


def first_property(table, times):
    """The first of a table's properties so many times."""
    length = struct.unpack(">H", table[66:68])[0]
    end = 64 + length + -length % 8
    body = table[64:end] * times + table[end:]
    return struct.pack(">H", 64 + len(body)) + table[2:64] + body


REQUESTS = {
    "all as they are": lambda t: t,
    "without properties": lambda t: [bare(x) for x in t],
    "one without properties": lambda t: [bare(t[0]), *t[1:]],
    "a property that is not told": lambda t: [first_property(t[0], 0), *t[1:]],
    "a property twice": lambda t: [first_property(t[0], 2), *t[1:]],
    "another order": lambda t: t[::-1],
    "a name": lambda t: [renamed(t[0], b"hello"), *t[1:]],
    "fewer tables": lambda t: t[:-1],
    "a table twice": lambda t: [t[0], t[0]],
    "other sizes": lambda t: [with_entries(t[0], 5), *t[1:]],
    "a table that is none": lambda t: [t[0][:2] + b"\xff" + t[0][3:]],
    "table 254": lambda t: [t[0][:2] + b"\xfe" + t[0][3:]],
    "cut": lambda t: [t[0][:70]],
    "too short a length": lambda t: [b"\0\x08" + t[0][2:]],
    **{f"command {c}": lambda t, c=c: [renamed(t[3], b"three", c)] for c in range(5)},
}


@pytest.mark.parametrize("version", NEW.values())
@pytest.mark.parametrize("name", REQUESTS)
def test_table_features_are_changed_as_by_the_oracle(both, version, name):
    told = []
    for stack in both:
        stack.ofctl("del-flows", "br0")  # some have timeouts
        with openflow.Connection(stack, version) as c:
            answers = c.ask(*in_parts(REQUESTS[name](features(c))))
            errors = [openflow.error_of(a) for a in answers]
            told.append([errors if any(errors) else "features", text(stack.ofctl("--no-names", "dump-tables", "br0"))])
            c.ask(*in_parts([renamed(t, b"") for t in features(c)]))
    assert_same(told[1], told[0])


@pytest.mark.parametrize("version", NEW.values())
def test_requests_in_parts_are_answered_as_by_the_oracle(both, version):
    def part(kind, more, body=b""):
        return STATS_REQUEST, struct.pack(">HH4x", kind, more) + body

    told = []
    for stack in both:
        with openflow.Connection(stack, version) as c:
            flows = struct.pack(">B3xII4xQQHH4x", 0xff, 0xffffffff, 0xffffffff, 0, 0, 1, 4)
            told.append([c.ask(part(0, 1)), [a[:48] for a in c.ask(part(0, 0))], [openflow.error_of(a) for a in c.ask(part(1, 1, flows), part(1, 0, flows))],
                         openflow.error_of(c.ask(part(TABLE_FEATURES, 1), part(0, 0))[0]), len(c.ask(part(TABLE_FEATURES, 0))) > 0])
            c.send(part(TABLE_FEATURES, 1))
            told[-1].append(openflow.error_of(c.receive().hex()))  # the rest does not come
    assert_same(told[1], told[0])
