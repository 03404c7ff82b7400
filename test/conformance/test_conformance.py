# SPDX-License-Identifier: Apache-2.0
"""OpenFlow 1.3, from its specification (README.md)."""
import contextlib

import pytest
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

import process
from actions import ACTIONS, CONFIGS, OUTPUTS
from bench import CASE, MISS
from controller import DATAPATH, TO_CONTROLLER, Controller, apply, flow, output
from errors import ALL
from frames import arp, icmp, tcp
from groups import FAILOVER, GROUPS, INSTRUCTIONS, METERS, use_meter
from matches import FIELDS, TCP, V4
from otherwise import otherwise

# Cases, those that Debian's switch passes, and those that ours passes.
COUNTS = {"field": (74, 71, 71), "action": (66, 57, 57), "output": (16, 15, 15), "instruction": (22, 22, 22), "group": (18, 18, 18),
          "meter": (8, 5, 5), "error": (121, 103, 104)}


@contextlib.contextmanager
def counted(results, switch, kind, refused):
    """Counts a case: `refused` is the (type, code) that this switch gives, where it does not do what the case asks for."""
    row = results.setdefault((switch.flavor.name, kind), [0, 0])
    row[1] += 1
    yield
    row[0] += refused is None


def expect(switch, kind, name):
    return otherwise(switch.flavor.name, kind, name)


@pytest.mark.parametrize("name", FIELDS)
def test_field(switch, results, name):
    match, hit, miss = FIELDS[name]
    wanted = flow(match, apply(TO_CONTROLLER), table_id=1, cookie=CASE)
    refused = expect(switch, "field", name)
    with counted(results, switch, "field", refused):
        if refused:
            assert switch.controller.errors(wanted) == [refused]
            return
        switch.catch_all()
        switch.load(wanted)
        for sent, cookie in ((hit, CASE), (miss, MISS)):
            if sent is not None:
                port, data = sent if isinstance(sent, tuple) else (1, sent)
                assert switch.sent(data, port)[0] == cookie
                assert switch.sent(data, port)[0] == cookie, "the second frame, by the datapath's flow"


@pytest.mark.parametrize("name", ACTIONS)
def test_action(switch, results, name):
    match, actions, before, after, other = ACTIONS[name]
    wanted = flow(match, apply(*actions, TO_CONTROLLER), table_id=1, cookie=CASE)
    refused = expect(switch, "action", name)
    with counted(results, switch, "action", refused):
        if isinstance(refused, tuple):
            assert switch.controller.errors(wanted) == [refused]
            return
        switch.catch_all()
        switch.load(wanted)
        for _ in range(2):
            cookie, _, data = switch.sent(before)
            assert (cookie, data.hex()) == (CASE, (refused or after).hex())
        if other:
            cookie, _, data = switch.sent(other)
            assert (cookie, data.hex()) == (MISS, other.hex())


@pytest.mark.parametrize("name", OUTPUTS)
def test_output(switch, results, name):
    actions, copies = OUTPUTS[name]
    with counted(results, switch, "output", None):
        switch.load(flow({"in_port": 1, "eth_type": 0x800}, apply(*actions)))
        switch.copies(copies, lambda: switch.receive(tcp()))
        switch.copies((0, 0, 0, 0, 0), lambda: switch.receive(arp()))


@pytest.mark.parametrize("name", CONFIGS)
def test_output_by_a_configured_port(switch, results, name):
    config, actions, copies = CONFIGS[name]
    seen = expect(switch, "output", name)
    with counted(results, switch, "output", seen):
        switch.load(flow({"in_port": 1, "eth_type": 0x800}, apply(*actions)))
        switch.config(3, config)
        try:
            switch.copies(seen or copies, lambda: switch.receive(tcp()))
        finally:
            switch.config(3, 0)
        switch.copies((0, 1, 1, copies[3], 0), lambda: switch.receive(tcp()))


def got(switch, data, number):
    switch.receive(data)
    return sorted(bytes(p.data).hex() for p in switch.controller.take_packets(number)) if number else switch.nothing()


def check(switch, data, expected):
    """Twice: by the tables, and by the datapath's flow."""
    for _ in range(2):
        if isinstance(expected, set):
            assert got(switch, data, 1)[0] in {e.hex() for e in expected}
        else:
            assert got(switch, data, len(expected)) == sorted(e.hex() for e in expected)


@pytest.mark.parametrize("kind,name", [("instruction", n) for n in INSTRUCTIONS] + [("group", n) for n in GROUPS])
def test_instruction_or_group(switch, results, kind, name):
    requests, of_tcp, of_icmp = (INSTRUCTIONS if kind == "instruction" else GROUPS)[name]
    with counted(results, switch, kind, expect(switch, kind, name)):
        switch.load(*requests)
        check(switch, tcp(), of_tcp)
        check(switch, icmp(), of_icmp)


@pytest.mark.parametrize("name", FAILOVER)
def test_failover(switch, results, name):
    port, after = FAILOVER[name]
    with counted(results, switch, "group", None):
        switch.load(*GROUPS["fast failover"][0])
        before, wanted = GROUPS["fast failover"][1], [after[0].hex()]
        switch.config(port, of.OFPPC_PORT_DOWN)
        try:
            process.until(lambda: got(switch, tcp(), 1) == wanted, "the group goes by the port's state", 5)
            check(switch, tcp(), after)
        finally:
            switch.config(port, 0)
        process.until(lambda: got(switch, tcp(), 1) == [before[0].hex()], "the group goes by the port's return", 5)


@pytest.mark.parametrize("name", METERS)
def test_meter(switch, results, name):
    request, sent, passed = METERS[name]
    refused = expect(switch, "meter", name)
    with counted(results, switch, "meter", refused):
        if refused:
            assert switch.controller.errors(request) == [refused]
            return
        switch.load(request, flow({"in_port": 1, **TCP}, use_meter(1), apply(output(2))), flow({**V4, "ip_proto": 1}, apply(output(3))))
        switch.call("time/warp", "2000")
        switch.copies((0, passed, 0, 0, 0), lambda: [switch.receive(tcp()) for _ in range(sent)])
        switch.copies((0, 0, sent, 0, 0), lambda: [switch.receive(icmp()) for _ in range(sent)])
        row = switch.controller.stats(parse.OFPMeterStatsRequest(DATAPATH, 0, 1))[0]
        assert (row.packet_in_count, sum(b.packet_band_count for b in row.band_stats)) == (sent, sent - passed)


@pytest.mark.parametrize("name", ALL)
def test_error(switch, results, name):
    wanted, *requests = ALL[name]
    seen = expect(switch, "error", name)
    with counted(results, switch, "error", seen), Controller(switch.stack) as controller:
        *before, last = [r(switch) if callable(r) else r for r in requests]
        controller.do(*before)
        assert controller.errors(last) == ([wanted] if seen is None else [s for s in [seen] if s])
        controller.do()


def test_counts(results):
    """What the README says, if all cases of a kind ran."""
    for (flavor, kind), (passed, ran) in results.items():
        cases, *expected = COUNTS[kind]
        if ran == cases:
            assert passed == expected[flavor == "weft"], (flavor, kind)
        print(f"{flavor}: {kind}: {passed} of {ran} cases as the specification has it")
