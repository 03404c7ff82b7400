# SPDX-License-Identifier: Apache-2.0
"""Frames that go straight to a container, past the device of its port: only where nobody would miss them there."""
import contextlib
import re

import pytest

import process
from stack import EBPF
from test_traffic import hosts, silent, throughput


def counted(net, space, device, way):
    return int(re.search(rf"{way}:.*\n\s*\d+\s+(\d+)", net.run(space, "ip", "-s", "link", "show", device))[1])


def sent_by_device(net, port):
    return counted(net, "sw", port, "TX")


def sent_by_port(stack, port):
    return int(re.search(r"tx pkts=(\d+)", stack.ofctl("dump-ports", "br0", port))[1])


def goes_straight(net):
    """Whether the device is passed by; None: some frames pass it and some do not."""
    before = sent_by_device(net, "h2")
    assert net.pings("h1", "10.0.0.2", 5)
    return {0: True, 5: False}.get(sent_by_device(net, "h2") - before)


def wait_for_straight(net, straight):
    process.until(lambda: goes_straight(net) is straight, f"frames go {'straight' if straight else 'by the device'}")


@pytest.fixture
def stack(net, make_stack):
    stack = make_stack(EBPF, net=net)
    hosts(net, "h1", "h2", offloads=True)
    stack.add_bridge("br0", "h1", "h2")
    net.run("h1", "ip", "neigh", "replace", "10.0.0.2", "lladdr", address(net, "h2"), "dev", "eth0")  # no ARP among what is counted
    net.run("h2", "ip", "neigh", "replace", "10.0.0.1", "lladdr", address(net, "h1"), "dev", "eth0")
    net.reaches("h1", "10.0.0.2")
    wait_for_straight(net, True)
    return stack


def address(net, host):
    return re.search(r"link/ether (\S+)", net.run(host, "ip", "link", "show", "eth0"))[1]


def test_what_goes_straight_is_counted_once(stack, net):
    def counts():
        return sent_by_device(net, "h2"), sent_by_port(stack, "h2"), counted(net, "h2", "eth0", "RX")

    device, port, container = counts()
    assert net.pings("h1", "10.0.0.2", 20)
    assert counts() == (device, port + 20, container + 20)
    assert throughput(net, "h2", "h1", "10.0.0.2") > 0.05 and throughput(net, "h2", "h1", "10.0.0.2", "-R") > 0.05


@contextlib.contextmanager
def changed(net, space, on, off):
    net.run(space, *on)
    yield
    net.run(space, *off)


OBSTACLES = {
    "packet socket": lambda net: net.background("sw", "tcpdump", "-ni", "h2", stdout=process.PIPE, stderr=process.PIPE),
    "queue": lambda net: changed(net, "sw", "tc qdisc add dev h2 root pfifo".split(), "tc qdisc del dev h2 root".split()),
    "filter": lambda net: changed(net, "sw", "tc filter add dev h2 egress u32 match u32 0 0 flowid :1".split(), "tc filter del dev h2 egress".split()),
    "GRO": lambda net: changed(net, "h2", "ethtool -K eth0 gro on".split(), "ethtool -K eth0 gro off".split()),
}


@pytest.mark.parametrize("what", OBSTACLES)
def test_the_device_is_passed_again_while_somebody_looks_at_it(stack, net, what):
    if what == "filter":
        net.run("sw", "tc", "qdisc", "add", "dev", "h2", "clsact")
    with OBSTACLES[what](net):
        wait_for_straight(net, False)
    wait_for_straight(net, True)


def test_a_frame_for_another_station_is_not_taken_for_the_containers_own(stack, net):
    stack.ofctl("add-flow", "br0", f"priority=9,in_port={stack.ofport('h1')},actions=output:{stack.ofport('h2')}")
    wait_for_straight(net, True)
    net.run("h1", "ip", "neigh", "replace", "10.0.0.2", "lladdr", "02:00:00:00:00:77", "dev", "eth0")
    assert silent(net, "h1", "10.0.0.2")
    net.run("h2", "ip", "link", "set", "eth0", "address", "02:00:00:00:00:77")
    assert net.pings("h1", "10.0.0.2", 3), "by the device, until the new address is known"
    wait_for_straight(net, True)


def test_a_mark_of_the_host_stays_in_its_namespace(stack, net):
    net.run("sw", "ip", "addr", "add", "10.0.0.9/24", "dev", "br0")
    net.run("sw", "ip", "link", "set", "br0", "up")
    net.run("h2", "sysctl", "-qw", "net.ipv4.fwmark_reflect=1")
    net.run("h2", "ip", "rule", "add", "fwmark", "5", "prohibit")
    marked = ("ping", "-n", "-q", "-c", "5", "-i", "0.05", "-W", "2", "-m", "5", "10.0.0.2")
    net.reaches("sw", "10.0.0.2")
    net.run("h2", "ping", "-n", "-q", "-c", "1", "10.0.0.9")

    def passed_by():
        before = sent_by_device(net, "h2")
        net.run("sw", *marked)
        return sent_by_device(net, "h2") == before

    process.until(passed_by, "marked packets go straight, and are answered")


def test_a_device_that_is_down_lets_nothing_through(stack, net):
    net.run("sw", "ip", "link", "set", "h2", "down")
    process.until(lambda: silent(net, "h1", "10.0.0.2"), "nothing goes straight any more")
    net.run("sw", "ip", "link", "set", "h2", "up")
    net.reaches("h1", "10.0.0.2")


def test_without_a_switch_that_looks_who_watches_frames_pass_the_device(stack, net):
    with net.background("h1", "ping", "-n", "-q", "-f", "10.0.0.2"):
        process.run(["kill", "-STOP", str(stack.switch.pid)])
        try:
            before = sent_by_device(net, "h2")
            process.until(lambda: sent_by_device(net, "h2") > before, "frames pass the device")
        finally:
            process.run(["kill", "-CONT", str(stack.switch.pid)])
    wait_for_straight(net, True)
