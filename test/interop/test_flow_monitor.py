# SPDX-License-Identifier: Apache-2.0
"""Flow monitors: what `ovs-ofctl monitor br0 watch:` prints while flows change, and answers to requests made by hand. Both switches say the same."""
import struct

import pytest

import openflow
import process
from monitor import Monitor
from normal import assert_same
from stack import ORACLE, WEFT

FORMS = {"OpenFlow10": 1, "OpenFlow12": 3, "OpenFlow13": 4, "OpenFlow14": 5}
FLOW = "table=3,ip,priority=9,idle_timeout=100,cookie=5,actions=2"

# Each on a bridge with FLOW; groups 1 and meter 1 are there.
CHANGES = {
    "add": ["add-flow br0 table=1,udp,actions=3"],
    "add the same again": [f"add-flow br0 {FLOW}"],
    "replace": ["add-flow br0 table=3,ip,priority=9,cookie=6,actions=3"],
    "modify": ["mod-flows br0 table=3,actions=3"],
    "modify nothing": ["mod-flows br0 table=3,actions=2"],
    "modify strict": ["--strict mod-flows br0 table=3,ip,priority=9,actions=1,2"],
    "delete": ["del-flows br0 ip"],
    "add and delete": ["add-flow br0 table=3,tcp,actions=1", "del-flows br0 table=3,tcp", "del-flows br0"],
    "flows go with their group": ["add-flow br0 table=1,ip,actions=group:1", "del-groups br0 group_id=1"],
    "flows go with their meter": ["add-flow br0 table=1,ip,actions=meter:1,output:2", "del-meter br0 meter=1"],
    "instructions": ["add-flow br0 table=1,ip,actions=set_field:7->reg1,write_actions(output:2),write_metadata:0x5,goto_table:7"],
    "several at once": ["--bundle add-flows br0 @file"],
    "cookie and priority": ["add-flow br0 table=0,priority=0,cookie=0xffff,actions=drop"],
    "vlan": ["add-flow br0 dl_vlan=5,actions=strip_vlan,2", "add-flow br0 vlan_tci=0x1000/0x1000,actions=2"],
}
WATCHES = ["watch:", "watch:!initial", "watch:!add,!actions", "watch:!delete", "watch:!modify", "watch:table=3", "watch:ip", "watch:out_port=2"]


def prepare(stack):
    stack.ofctl("del-flows", "br0")
    stack.result("ovs-ofctl", "-O", "OpenFlow13", "del-groups", "br0")
    stack.result("ovs-ofctl", "-O", "OpenFlow13", "del-meters", "br0")
    stack.ofctl("-O", "OpenFlow13", "add-group", "br0", "group_id=1,type=all,bucket=actions=2")
    stack.ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=1,kbps,band=type=drop,rate=100")
    stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", FLOW)


def watched(stack, tmp_path, version, watch, commands, client=ORACLE):
    prepare(stack)
    (tmp_path / "flows").write_text("in_port=1,actions=3\ntable=9,udp,actions=drop\n")
    with Monitor(stack, tmp_path, "-O", version, "monitor", "br0", *watch.split(), client=client) as monitor:
        for command in commands:
            flows_version = "OpenFlow14" if "--bundle" in command else "OpenFlow13"
            stack.ofctl("-O", flows_version, *command.replace("@file", str(tmp_path / "flows")).split())
        return monitor.said()


@pytest.mark.parametrize("version,name", [(v, n) for v in FORMS for n in CHANGES if (v, n) != ("OpenFlow12", "instructions")])  # has no form for them
def test_a_monitor_is_told_of_changes_as_by_the_oracle(both, tmp_path, version, name):
    oracle, ours = (watched(stack, tmp_path, version, "watch:", CHANGES[name]) for stack in both)
    assert_same(ours, oracle)
    assert "FLOW_MONITOR reply" in oracle


@pytest.mark.parametrize("version", FORMS)
@pytest.mark.parametrize("watch", WATCHES)
def test_a_monitor_is_told_what_it_asked_for(both, tmp_path, version, watch):
    commands = ["add-flow br0 table=3,udp,actions=2", "mod-flows br0 table=3,actions=3", "add-flow br0 table=4,in_port=1,actions=2", "del-flows br0"]
    oracle, ours = (watched(stack, tmp_path, version, watch, commands) for stack in both)
    assert_same(ours, oracle)


@pytest.mark.parametrize("version", FORMS)
@pytest.mark.parametrize("watch", [*WATCHES, "watch:!own,out_port=2", "watch:table=3 watch:udp", "watch:out_group=1", "watch:,,"])
def test_our_client_watches_and_prints_as_debians(both, tmp_path, version, watch):
    """On either switch."""
    commands = ["add-flow br0 table=3,udp,actions=2", "mod-flows br0 table=3,actions=3", "del-flows br0"]
    for stack in both:
        theirs, ours = (watched(stack, tmp_path, version, watch, commands, client) for client in (ORACLE, WEFT))
        assert_same(ours, theirs)
        assert "FLOW_MONITOR reply" in ours


@pytest.mark.parametrize("spec", ["foo", "!foo", "table=x", "initial", "nw_src=x", "priority=3", "cookie=3/3", "actions=drop"])
def test_a_bad_watch_is_refused_as_by_debians_client(both, spec):
    told = [process.result([client.program("ovs-ofctl"), "monitor", "br0", f"watch:{spec}"], env=both[0].env) for client in (ORACLE, WEFT)]
    theirs, ours = ((t.returncode, t.stdout, t.stderr.rpartition("ovs-ofctl: ")[2]) for t in told)
    assert ours == theirs
    assert ours[0] == 1


class Watcher(openflow.Connection):
    """Makes monitors by hand."""
    def watch(self, number, flags, table=0xff, command=0):
        if self.version >= 5:
            return 18, struct.pack(">HH4xIIIHBBHH4x", 16, 0, number, 0xffffffff, 0xffffffff, flags, table, command, 1, 4)
        if self.version == 4:
            return 18, struct.pack(">HH4xIIIHHIB3xHH4x", 0xffff, 0, 0x4f4e4600, 1870, number, flags, 4, 0xffffffff, table, 1, 4)
        head = struct.pack(">HHII4x", 0xffff, 0, 0x2320, 2) if self.version == 1 else struct.pack(">HH4xII", 0xffff, 0, 0x2320, 2)
        return 16 if self.version == 1 else 18, head + struct.pack(">IHHHB5x", number, flags, 0xffff, 0, table)

    def cancel(self, number):
        if self.version >= 5:
            return self.watch(number, 1, command=2)
        return 4, struct.pack(">III", *((0x4f4e4600, 1870) if self.version == 4 else (0x2320, 21)), number)

    def add(self, priority, count=1):
        fixed = struct.pack(">QQBBHHHIIIHH", 0, 0, 7, 0, 0, 0, priority, 0xffffffff, 0xffffffff, 0xffffffff, 0, 0)
        assert self.version > 1
        return [(14, fixed + struct.pack(">HHII4x", 1, 12, 0x80000004, port)) for port in range(1, count + 1)]


ADD, OWN = 2, {1: 0x20, 3: 0x20, 4: 0x20, 5: 0x40}


@pytest.mark.parametrize("version", FORMS.values())
def test_monitors_by_hand_are_answered_as_by_the_oracle(both, version):
    told = []
    for stack in both:
        prepare(stack)
        with Watcher(stack, version) as w:
            told.append([w.ask(w.watch(1, 0x1f)), w.ask(w.watch(2, ADD, table=7)), w.ask(w.watch(3, ADD, table=254)), w.ask(w.cancel(2)),
                         w.ask(w.watch(2, 0x1f, table=3))])
    assert_same(told[1], told[0])


@pytest.mark.parametrize("version", [5, 6])
def test_what_a_deletion_says_beside_its_number_means_nothing(both, version):
    """Whatever its flags and table: then the number is free again."""
    told = []
    for stack in both:
        with Watcher(stack, version) as w:
            told.append([w.ask(w.watch(1, ADD), w.watch(1, flags, table, command=2), w.watch(1, ADD), w.watch(1, 0, command=2))
                         for flags in (0, 1, 0x10, 0x20, 0x80, 0xffff) for table in (3, 0xff)])
    assert_same(told[1], told[0])
    assert not any(openflow.error_of(a) for answers in told[1] for a in answers)


@pytest.mark.parametrize("version", FORMS.values())
def test_bad_monitors_are_refused(both, version):
    """With the oracle's codes; it answers in version 1.0 with bytes that are not the request's."""
    with Watcher(both[1], version) as w:
        codes = [[openflow.error_of(a) for a in w.ask(*requests)] for requests in (
            [w.watch(1, ADD), w.watch(1, ADD)], [w.watch(2, 0)], [w.watch(2, 0x10)], [w.watch(2, 0x100)], [w.cancel(9)])]
    exists, flags, unknown = {1: ((0x2320, 1, 517), (0x2320, 1, 518), (0x2320, 1, 519)), 5: ((0, 16, 1), (0, 16, 5), (0, 16, 3))}.get(
        version, ((0x2320, 6, 0), (0x2320, 7, 0), (0x2320, 8, 0)))
    assert codes == [[None, exists], [flags], [flags], [flags], [unknown]]


@pytest.mark.parametrize("version", [3, 4, 5])
def test_changes_of_its_own_are_abbreviated(both, version):
    told = []
    for stack in both:
        prepare(stack)
        with Watcher(stack, version) as w:
            said = w.ask(w.watch(1, ADD), *w.add(5, 3))
        with Watcher(stack, version) as w:
            told.append(said + w.ask(w.watch(1, ADD | OWN[version]), *w.add(6, 3)))
    assert_same(told[1], told[0])


@pytest.mark.parametrize("version", [3, 4, 5])
def test_a_slow_reader_is_paused_and_told_the_rest_later(dummy, version):
    """All flows are told in the end, once, and the switch does not keep what is not read."""
    dummy.add_dummy()
    n = 20000
    with Watcher(dummy, version) as slow, Watcher(dummy, version) as busy:
        slow.ask(slow.watch(1, ADD))
        busy.ask(*busy.add(5, n))
        messages = slow.until(lambda m: openflow.monitor_state(m) == "resumed")
    states = [openflow.monitor_state(m) for m in messages]
    assert states.count("paused") == states.count("resumed") >= 1
    assert sum(openflow.n_updates(m) for m in messages if openflow.monitor_state(m) is None) == n
