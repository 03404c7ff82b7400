# SPDX-License-Identifier: Apache-2.0
"""The switch is killed and started again, on the eBPF datapath, while numbered packets run through it."""
import itertools
import json
import pathlib
import re
import struct
import sys

import pytest

import process
from net import Net
from stack import EBPF, WEFT, Stack
from test_traffic import throughput

DATAGRAMS = pathlib.Path(__file__).resolve().parents[1] / "harness" / "datagrams.py"
PER_SECOND = 5000  # of each of two streams
SECONDS = 7
MAX_IDLE_MS = 1000


class SharedMounts(Net):
    """As Net, but the switch sees the machine's own mounts: what it pins outlives it."""

    def prefix(self):
        return ["nsenter", f"--net=/run/netns/{self.switch}"]


class Kept(Stack):
    """A switch that keeps its programs in a BPF file system of its own."""

    def __init__(self, net):
        super().__init__(EBPF, net=net)
        self.pins = self.folder / "bpf"
        self.pins.mkdir()
        process.run(["mount", "-t", "bpf", "bpf", self.pins])
        self.switch_options = (f"--bpf-folder={self.pins}/weft",)
        self.switch = self.make_switch(EBPF)

    def close(self):
        self.switch.stop()
        process.result(["umount", self.pins])
        super().close()

    def restart(self, how, *options):
        if how == "kill":
            self.switch.kill()
        else:
            self.appctl("exit")
            process.until(lambda: not self.switch.alive(), "the switch exits")
        self.switch_options = (f"--bpf-folder={self.pins}/weft", *options)
        self.switch = self.make_switch(EBPF)
        self.switch.start()

    def pinned(self):
        return sorted(str(p.relative_to(self.pins)) for p in (self.pins / "weft").rglob("*") if not p.is_dir())

    def state(self):
        """What controllers asked for, as ovs-ofctl shows it."""
        return [sorted(self.ofctl("--no-stats", "dump-flows", "br0").splitlines()), self.ofctl("-OOpenFlow13", "dump-groups", "br0"),
                self.ofctl("-OOpenFlow13", "dump-meters", "br0").splitlines()[1:]]


_marks = itertools.count()


def saved(stack):
    """Waits until a checkpoint has all that there is now."""
    path = stack.folder / "ovs-vswitchd.checkpoint"
    mark = f"MARK{next(_marks):04}".encode()
    stack.ofctl("add-flow", "br0", f"table=9,cookie=0x{mark.hex()},actions=drop")
    process.until(lambda: path.exists() and mark in path.read_bytes(), "the checkpoint is written", 3)


@pytest.fixture
def kept(request):
    """br0 between h1 and h2, which drops what no rule says: plain forwarding by a group, and a select group that recirculates. The
    programs are at the hook that the parameter asks for."""
    hook = getattr(request, "param", "auto")
    with SharedMounts() as net:
        net.host("h1", "10.0.0.1/24")
        net.host("h2", "10.0.0.2/24")
        net.run("h2", "ip", "addr", "add", "10.0.0.3/24", "dev", "eth0")
        with Kept(net) as stack:
            request.node.stacks = [stack]
            stack.vsctl("set", "Open_vSwitch", ".", f"other_config:max-idle={MAX_IDLE_MS}")
            stack.add_bridge("br0", "h1", "h2", fail_mode="secure")
            port1, port2 = stack.ofport("h1"), stack.ofport("h2")
            for name in ("h1", "h2"):
                net.run(name, "ethtool", "-K", "eth0", "gro", "on")
                if hook == "xdp":
                    net.run("sw", "ethtool", "-K", name, "tso", "off")
                stack.vsctl("set", "interface", name, f"other_config:ebpf-hook={hook}")
            for group in ("group_id=1,type=all,bucket=output:{}", "group_id=2,type=select,bucket=output:{0},bucket=output:{0}"):
                stack.ofctl("-OOpenFlow13", "add-group", "br0", group.format(port2))
            stack.ofctl("-OOpenFlow13", "add-meter", "br0", "meter=7 kbps bands=type=drop rate=1000000")
            for flow in ("arp,actions=NORMAL", "ip,nw_dst=10.0.0.2,actions=group:1", "ip,nw_dst=10.0.0.3,actions=group:2",
                         f"cookie=0x5,idle_timeout=600,ip,in_port={port2},actions=resubmit(,5)", f"table=5,actions=output:{port1}"):
                stack.ofctl("-OOpenFlow13", "add-flow", "br0", flow)
            stack.net = net
            net.reaches("h1", "10.0.0.2")
            net.reaches("h1", "10.0.0.3")
            saved(stack)
            yield stack


def forwarded(stack, address):
    """Packets to the address that the datapath has counted."""
    flows = stack.appctl("dpctl/dump-flows").splitlines()
    return sum(int(n) for flow in flows if f"dst={address}," in flow for n in re.findall(r"packets:(\d+)", flow))


def run_through(stack, during, sender="h1"):
    """Two streams run; `during` happens in the middle. What became of their packets."""
    net, each = stack.net, PER_SECOND * SECONDS
    with net.background("h2", sys.executable, DATAGRAMS, "receive", str(2 * each), stdout=process.PIPE) as receiver:
        assert receiver.stdout.readline() == "listening\n"
        senders = [process.background(["ip", "netns", "exec", f"{net.name}{sender}", sys.executable, DATAGRAMS, "send", address, "1", str(each),
                                       str(PER_SECOND)]) for address in ("10.0.0.2", "10.0.0.3")]
        process.until(lambda: min(forwarded(stack, "10.0.0.2"), forwarded(stack, "10.0.0.3")) > 1000, "the streams run")
        during()
        for sender in senders:
            sender.wait(timeout=60)
        told = json.loads(receiver.stdout.readline())
    return 2 * each - told["received"], told["reordered"]


@pytest.mark.parametrize("kept", ["tc", "xdp"], indirect=True)
@pytest.mark.parametrize("how", ["kill", "exit"])
def test_no_packet_is_lost_or_reordered_while_the_switch_is_restarted(kept, how):
    before = kept.state()
    after = []

    def again():
        kept.restart(how)
        after.append(kept.state())

    assert run_through(kept, again) == (0, 0)
    assert after[0] == before
    assert "adopted" in kept.switch.log()


def test_packets_are_lost_where_nothing_is_adopted(kept):
    """The proof that the test above can fail."""
    lost, _ = run_through(kept, lambda: kept.restart("kill", "--no-adoption"))
    assert lost > 0


def test_packets_flow_while_no_switch_runs(kept):
    kept.switch.kill()
    assert kept.net.pings("h1", "10.0.0.2", count=20)


HOST = "10.0.0.9"


@pytest.fixture
def host(kept):
    """The machine itself, by br0."""
    net = kept.net
    net.run("sw", "ip", "addr", "add", f"{HOST}/24", "dev", "br0")
    net.run("sw", "ip", "link", "set", "br0", "up")
    net.run("sw", "ip", "route", "add", "10.7.0.0/16", "via", "10.0.0.2")
    kept.ofctl("add-flow", "br0", f"priority=40000,ip,nw_dst={HOST},actions=NORMAL")
    kept.ofctl("add-flow", "br0", "priority=40000,ip,in_port=LOCAL,nw_dst=10.0.0.1,actions=NORMAL")
    net.reaches("sw", "10.0.0.1")
    net.reaches("sw", "10.0.0.2")
    net.reaches("sw", "10.0.0.3")
    saved(kept)
    return kept


def of_host(net):
    return [net.run("sw", "ip", *words) for words in (("-o", "addr", "show", "dev", "br0"), ("route",), ("-o", "link", "show", "br0"))]


def test_the_hosts_own_packets_flow_while_no_switch_runs_and_its_addresses_and_routes_stay(host):
    net = host.net
    before = of_host(net)
    host.switch.kill()
    assert net.pings("sw", "10.0.0.1", count=20)
    assert throughput(net, "h1", "sw", "10.0.0.1") > 0.05 and throughput(net, "sw", "h1", HOST) > 0.05
    assert of_host(net) == before
    host.switch.start()
    net.reaches("sw", "10.0.0.1")
    assert of_host(net) == before


def test_no_packet_of_the_host_is_lost_or_reordered_while_the_switch_is_killed(host):
    assert run_through(host, lambda: host.restart("kill"), "sw") == (0, 0)


def test_a_tap_for_the_host_is_dead_without_the_switch(kept):
    """The proof that the tests above can fail: where the device is a tap already, user space reads it."""
    net = kept.net
    net.run("sw", "ip", "tuntap", "add", "in0", "mode", "tap")
    kept.vsctl("add-port", "br0", "in0", "--", "set", "interface", "in0", "type=internal")
    process.until(lambda: "add it again" in kept.vsctl("get", "interface", "in0", "status:ebpf_hook_reason"), "the remedy is told")
    net.run("sw", "ip", "addr", "add", f"{HOST}/24", "dev", "in0")
    net.run("sw", "ip", "link", "set", "in0", "up")
    kept.ofctl("add-flow", "br0", "priority=50000,actions=NORMAL")
    net.reaches("sw", "10.0.0.1")
    kept.switch.kill()
    assert not net.pings("sw", "10.0.0.1", count=2)


def test_counters_and_addresses_survive_a_crash(kept):
    kept.net.run("h1", "ping", "-q", "-c", "3", "-i", "0.05", "10.0.0.2")
    kept.appctl("revalidator/wait")
    process.until(lambda: "n_packets=0," not in kept.ofctl("dump-flows", "br0", "ip,nw_dst=10.0.0.2"), "the rule counts")
    fdb = [line.split()[:3] for line in kept.appctl("fdb/show", "br0").splitlines()]
    saved(kept)
    kept.restart("kill")
    assert "n_packets=0," not in kept.ofctl("dump-flows", "br0", "ip,nw_dst=10.0.0.2")
    assert [line.split()[:3] for line in kept.appctl("fdb/show", "br0").splitlines()] == fdb


def counts(stack):
    """Packets and bytes that group 1, its bucket, meter 7 and table 0 (packets looked up and matched) have counted."""
    group = re.search(r"packet_count=(\d+),byte_count=(\d+),bucket0:packet_count=(\d+),byte_count=(\d+)",
                      stack.ofctl("-OOpenFlow13", "dump-group-stats", "br0", "group_id=1"))
    meter = re.search(r"packet_in_count[=:](\d+) byte_in_count[=:](\d+)", stack.ofctl("-OOpenFlow13", "meter-stats", "br0", "meter=7"))
    table = re.search(r"active=\d+, lookup=(\d+), matched=(\d+)", stack.ofctl("dump-tables", "br0"))
    pairs = [group.groups()[:2], group.groups()[2:], meter.groups(), table.groups()]
    return [tuple(map(int, pair)) for pair in pairs]


def test_counts_of_groups_meters_and_tables_survive_a_crash(kept):
    """The checkpoint follows counts too, while nobody changes anything."""
    kept.ofctl("-OOpenFlow13", "add-flow", "br0", "priority=40000,icmp,nw_dst=10.0.0.2,actions=meter:7,group:1")
    kept.net.run("h1", "ping", "-q", "-c", "5", "-i", "0.05", "10.0.0.2")
    path = kept.folder / "ovs-vswitchd.checkpoint"

    def all_saved():
        now = counts(kept)
        return now if all(struct.pack(">QQ", *pair) in path.read_bytes() for pair in now) else None
    before = process.until(all_saved, "the checkpoint has all counts", 10)
    assert all(packets >= 5 for packets, _ in before)
    kept.restart("kill")
    after = counts(kept)
    assert after[:3] == before[:3]
    assert after[3] >= before[3], "a host may have sent something meanwhile"
    kept.net.run("h1", "ping", "-q", "-c", "1", "10.0.0.2")
    process.until(lambda: all(now[0] > then[0] for now, then in zip(counts(kept), before)), "they go on")


@pytest.mark.parametrize("kept", ["tc", "xdp"], indirect=True)
def test_nothing_is_left_of_a_bridge_that_is_removed(kept):
    assert kept.pinned()
    kept.vsctl("del-br", "br0")
    assert kept.pinned() == []


def test_exit_with_cleanup_leaves_nothing(kept):
    kept.appctl("exit", "--cleanup")
    process.until(lambda: not kept.switch.alive(), "the switch exits")
    assert kept.pinned() == []
    assert not (kept.folder / "ovs-vswitchd.checkpoint").exists()
    assert "br0" not in process.run(["ip", "-n", kept.net.switch, "link"])


def test_cleanup_removes_what_a_killed_switch_left(kept):
    words = [*kept.net.prefix(), WEFT.program("weft"), "cleanup", f"--bpf-folder={kept.pins}/weft"]
    assert "left alone" in process.run(words), "the switch runs"
    assert kept.pinned()
    kept.switch.kill()
    told = process.run([*words, "--dry-run"])
    assert "would remove the program on device h1" in told and kept.pinned()
    told = process.run(words)
    assert "removed promiscuous mode of device h1" in told
    assert "removed the program on device h1" in told and "removed the maps" in told and "removed the internal port br0" in told
    assert kept.pinned() == []
    assert process.run(words) == "nothing to clean up\n"


@pytest.mark.parametrize("damage", ["cut", "garbage", "version"])
def test_a_checkpoint_that_makes_no_sense_is_set_aside(kept, damage):
    saved(kept)
    kept.switch.kill()
    path = kept.folder / "ovs-vswitchd.checkpoint"
    good = path.read_bytes()
    path.write_bytes({"cut": good[:-10], "garbage": good[:40] + b"\xff" * (len(good) - 40), "version": good[:11] + b"\x63" + good[12:]}[damage])
    kept.allowed.append("cannot use .*checkpoint")
    kept.restart("kill")
    assert "cannot use" in kept.switch.log()
    assert (kept.folder / "ovs-vswitchd.checkpoint.bad").exists()
    assert kept.ofctl("--no-stats", "dump-flows", "br0").strip() == ""


def test_flow_restore_wait_leaves_packets_to_the_flows_before(kept):
    """As the manual says: the tables start empty, and until the option goes nothing that was installed is touched."""
    kept.vsctl("set", "Open_vSwitch", ".", "other_config:flow-restore-wait=true")
    flows = kept.ofctl("--no-stats", "dump-flows", "br0")
    kept.restart("exit")
    assert kept.ofctl("--no-stats", "dump-flows", "br0").strip() == ""
    assert kept.net.pings("h1", "10.0.0.2"), "by what was installed"
    for group in ("group_id=1,type=all,bucket=output:h2", "group_id=2,type=select,bucket=output:h2"):
        kept.ofctl("-OOpenFlow13", "add-group", "br0", group)
    kept.ofctl("add-flows", "br0", "-", stdin="\n".join(line.strip() for line in flows.splitlines()) + "\n")
    kept.vsctl("remove", "Open_vSwitch", ".", "other_config", "flow-restore-wait")
    assert kept.net.pings("h1", "10.0.0.2")
    assert kept.net.pings("h1", "10.0.0.3")


@pytest.mark.parametrize("how", ["kill", "exit"])
def test_the_userspace_datapath_has_its_flows_back_after_a_crash_only(how, make_stack):
    """An operator who stops it gets the empty tables that Open vSwitch starts with."""
    stack = make_stack(WEFT, switch_options=("--enable-dummy=override", "--disable-system"))
    stack.add_dummy()
    stack.ofctl("add-flow", "br0", "cookie=0x7,priority=7,in_port=1,actions=2")
    saved(stack)
    before = stack.ofctl("--no-stats", "dump-flows", "br0")
    if how == "kill":
        stack.switch.kill()
    else:
        stack.appctl("exit")
        process.until(lambda: not stack.switch.alive(), "the switch exits")
    stack.switch.start()
    assert stack.ofctl("--no-stats", "dump-flows", "br0").splitlines() == (before.splitlines() if how == "kill" else [])
