# SPDX-License-Identifier: Apache-2.0
"""ovs-testcontroller: Debian's and ours make both switches do the same."""
import contextlib
import subprocess

import pytest

import process
from conftest import DUMMY
from normal import DUMMY_ADDRESS, assert_same, text
from stack import ORACLE, WEFT, Stack

A, B, ALL, RESERVED = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "ff:ff:ff:ff:ff:ff", "01:80:c2:00:00:00"


def frame(source, destination):
    return (f"in_port(1),eth(src={source},dst={destination}),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),"
            "udp(src=1,dst=2)")


@contextlib.contextmanager
def controlled(switch, controller, version, options):
    """A switch of one flavor whose controller, of one flavor, awaits it."""
    with Stack(switch, switch_options=DUMMY) as stack:
        stack.add_dummy(protocols=version)
        socket = stack.folder / "controller"
        running = subprocess.Popen([controller.program("ovs-testcontroller"), *options, f"punix:{socket}", "--unixctl=none"], env=None,
                                   stderr=subprocess.PIPE, text=True)
        with process.killed_after(running):
            process.until(socket.exists, "the controller's socket")
            stack.vsctl("set-controller", "br0", f"unix:{socket}")
            process.until(lambda: stack.get("Controller", ".", "is_connected") == "true", "the connection")
            yield stack


def sent(stack, port):
    """Frames that have left by the port."""
    return int(stack.ofctl("-O", "OpenFlow10,OpenFlow13,OpenFlow15", "dump-ports", "br0", port).split("tx pkts=")[1].split(",")[0])


def outcome(switch, controller, version, options):
    """Where each of four packets goes, and the flows there are then."""
    with controlled(switch, controller, version, options) as stack:
        if version != "OpenFlow10" and "--mute" not in options:
            process.until(lambda: "actions" in stack.ofctl("-O", version, "dump-flows", "br0"), "the first flow")
        went = []
        for port, source, destination in (("p1", A, B), ("p2", B, A), ("p1", A, B), ("p3", A, RESERVED), ("p2", B, ALL)):
            before = [sent(stack, f"p{i}") for i in (1, 2, 3)]
            stack.receive(port, frame(source, destination))
            expected = "--mute" not in options and destination != RESERVED
            if expected:
                process.until(lambda: [sent(stack, f"p{i}") for i in (1, 2, 3)] != before, "the packet leaves")
            went.append([after - was for after, was in zip((sent(stack, f"p{i}") for i in (1, 2, 3)), before)])
        flows = stack.ofctl("-O", version, "--no-stats", "--no-names", "--sort", "dump-flows", "br0")
        return [went, sorted(text(flows, DUMMY_ADDRESS).splitlines())]


CASES = [("OpenFlow10", []), ("OpenFlow13", []), ("OpenFlow15", []), ("OpenFlow10", ["-n"]), ("OpenFlow13", ["-H"]), ("OpenFlow10", ["-w"]),
         ("OpenFlow13", ["-w"]), ("OpenFlow13", ["--max-idle=permanent"]), ("OpenFlow10", ["-H", "-n"]), ("OpenFlow10", ["--max-idle=17", "-w3000f0"])]


@pytest.mark.parametrize("version, options", CASES)
@pytest.mark.parametrize("switch", [ORACLE, WEFT], ids=str)
def test_ours_makes_a_switch_do_what_debians_makes_it_do(switch, version, options):
    assert_same(outcome(switch, WEFT, version, options), outcome(switch, ORACLE, version, options))


def test_normal_is_for_known_stations():
    with controlled(WEFT, WEFT, "OpenFlow10", ["-N"]) as stack:
        for port, source, destination in (("p1", A, B), ("p2", B, A)):
            stack.receive(port, frame(source, destination))
        process.until(lambda: "actions=NORMAL" in stack.ofctl("dump-flows", "br0"), "a flow to NORMAL")


def test_a_queue_and_flows_of_files_are_used(tmp_path):
    flows = tmp_path / "flows"
    flows.write_text("table=0,priority=7,arp,actions=drop\ntable=0,priority=0,actions=controller\n")
    with controlled(WEFT, WEFT, "OpenFlow13", ["-q", "3", f"--with-flows={flows}"]) as stack:
        process.until(lambda: "priority=7,arp" in stack.ofctl("-O", "OpenFlow13", "dump-flows", "br0"), "the file's flows")
        for port, source, destination in (("p1", A, B), ("p2", B, A)):
            stack.receive(port, frame(source, destination))
        process.until(lambda: "actions=set_queue:3,output:1" in stack.ofctl("-O", "OpenFlow13", "dump-flows", "br0"), "a flow with a queue")


@pytest.mark.parametrize("words", [[], ["foo"], ["unix:/nonexistent"], ["--max-idle=x", "ptcp:0"], ["-Q", "foo", "ptcp:0"], ["--with-flows=/nonexistent", "ptcp:0"]])
def test_what_cannot_work_is_told_as_by_debians(words):
    runs = [(r"\S+Z\|\d+\|", "T|")]
    said = [process.result([flavor.program("ovs-testcontroller"), "--unixctl=none", *words], env={"OVS_SYSLOG_METHOD": "null"}) for flavor in (ORACLE, WEFT)]
    theirs, ours = ([one.returncode, one.stdout, text(one.stderr, *runs)] for one in said)
    assert_same(ours, theirs)
