# SPDX-License-Identifier: Apache-2.0
"""Packets between namespaces: learning, VLANs, devices that come late, vanish or move, daemons killed under load."""
import json
import pathlib
import re

import pytest

import datagrams
import process
from stack import EBPF, ORACLE, USER


@pytest.fixture(params=[ORACLE, USER, EBPF], ids=str)
def flavor(request):
    return request.param


@pytest.fixture(params=[USER, EBPF], ids=str)
def ours(request, net, make_stack):
    return make_stack(request.param, net=net)


def hosts(net, *names, **options):
    """Hosts NAMES with addresses 10.0.0.1, 10.0.0.2, ..."""
    for i, name in enumerate(names, 1):
        net.host(name, f"10.0.0.{i}/24", **options)


def silent(net, name, address):
    """Whether host `name` gets no answer from `address`."""
    return net.result(name, "ping", "-n", "-q", "-c", "2", "-i", "0.2", "-W", "1", address).returncode != 0


def test_hosts_reach_each_other_and_their_addresses_are_learned(stack, net):
    hosts(net, "h1", "h2", "h3")
    stack.add_bridge("br0", "h1", "h2", "h3")
    net.reaches("h1", "10.0.0.2")
    assert net.pings("h1", "10.0.0.2", 20) and net.pings("h3", "10.0.0.1", 20)
    learned = stack.appctl("fdb/show", "br0")
    for name in ("h1", "h2", "h3"):
        mac = re.search(r"link/ether (\S+)", net.run(name, "ip", "-o", "link", "show", "eth0")).group(1)
        assert re.search(rf"^ *{stack.ofport(name)} +0 +{mac} +\d+$", learned, re.M), learned
    counts = stack.ofctl("dump-ports", "br0", "h1")
    assert int(re.search(r"rx pkts=(\d+)", counts).group(1)) >= 20


@pytest.mark.parametrize("size", [0, 56, 1400, 1472])
def test_packets_of_every_size_pass(stack, net, size):
    hosts(net, "h1", "h2")
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    assert "0% packet loss" in net.run("h1", "ping", "-n", "-q", "-c", "5", "-i", "0.05", "-W", "1", "-M", "do", "-s", str(size), "10.0.0.2")


def test_ipv6_and_fragments_of_both_versions_pass(stack, net):
    hosts(net, "h1", "h2")
    for i, name in enumerate(("h1", "h2"), 1):
        net.run(name, "sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0")
        net.run(name, "ip", "addr", "add", f"fd00::{i}/64", "dev", "eth0", "nodad")
    stack.add_bridge("br0", "h1", "h2")
    process.until(lambda: net.result("h1", "ping", "-n", "-q", "-c", "1", "-W", "1", "fd00::2").returncode == 0, "neighbours find each other")
    net.reaches("h1", "10.0.0.2")
    for address in ("fd00::2", "10.0.0.2"):
        for size in ("56", "4000"):
            assert "0% packet loss" in net.run("h1", "ping", "-n", "-q", "-c", "5", "-i", "0.05", "-W", "2", "-s", size, address), (address, size)


def test_a_multicast_frame_reaches_each_of_fifty_ports_once(stack, net):
    hosts(net, "h1")
    far = net.space("far")
    names = [f"m{i}" for i in range(50)]
    for name in names:
        net.run("sw", "ip", "link", "add", "name", name, "type", "veth", "peer", "name", name, "netns", far)
        net.run("sw", "ip", "link", "set", name, "up")
        net.run("far", "ip", "link", "set", name, "up")
    stack.add_bridge("br0", "h1", *names)
    process.until(lambda: all(stack.ofport(name) > 0 for name in names), "fifty ports")

    def counts():
        return {link["ifname"]: link["stats64"]["rx"]["packets"] for link in json.loads(net.run("far", "ip", "-j", "-s", "link")) if link["ifname"] in names}

    before = counts()
    net.result("h1", "ping", "-n", "-q", "-c", "20", "-i", "0.02", "-W", "0.2", "-I", "eth0", "224.0.0.5")
    process.until(lambda: set(counts()[name] - before[name] for name in names) == {20}, "each has the 20 frames")


def test_the_local_port_is_a_host_too(stack, net):
    hosts(net, "h1")
    stack.add_bridge("br0", "h1")
    net.run("sw", "ip", "addr", "add", "10.0.0.9/24", "dev", "br0")
    net.run("sw", "ip", "link", "set", "br0", "up")
    net.reaches("h1", "10.0.0.9")
    assert net.pings("sw", "10.0.0.1", 10)


def test_an_attached_device_is_no_longer_the_hosts_own(ours, net):
    """The switch's kernel has the address of h1's network on the attached device: it must not answer itself."""
    hosts(net, "h1")
    net.run("sw", "ip", "addr", "add", "10.0.0.8/24", "dev", "h1")
    net.reaches("h1", "10.0.0.8")
    ours.add_bridge("br0", "h1")
    ours.ofctl("del-flows", "br0")
    process.until(lambda: silent(net, "h1", "10.0.0.8"), "the kernel leaves the frames to the switch")
    ours.vsctl("del-br", "br0")
    net.reaches("h1", "10.0.0.8")


def test_vlans_separate_access_ports_and_trunks_carry_tags(stack, net):
    hosts(net, "h1", "h2", "h3")
    stack.add_bridge("br0", "h1", "h2", "h3")
    stack.vsctl("set", "port", "h1", "tag=10", "--", "set", "port", "h2", "tag=10", "--", "set", "port", "h3", "tag=20")
    net.reaches("h1", "10.0.0.2")
    assert silent(net, "h1", "10.0.0.3")
    stack.vsctl("set", "port", "h2", "tag=20")
    net.reaches("h2", "10.0.0.3")
    assert silent(net, "h1", "10.0.0.2")
    stack.vsctl("clear", "port", "h2", "tag", "--", "set", "port", "h2", "trunks=10")
    net.run("h1", "ip", "neigh", "replace", "10.0.0.2", "lladdr", "02:00:00:00:00:77", "dev", "eth0")
    assert "vlan 10" in seen(net, "h2", "h1", "10.0.0.2")
    stack.vsctl("set", "port", "h2", "vlan_mode=native-untagged", "tag=10", "--", "clear", "port", "h2", "trunks")
    assert "vlan 10" not in seen(net, "h2", "h1", "10.0.0.2")


def seen(net, at, sender, address):
    """What tcpdump at a host prints of a ping that a sender sends."""
    with net.background(at, "tcpdump", "-U", "-lenni", "eth0", "-c", "1", "icmp or (vlan and icmp)",
                        stdout=process.PIPE, stderr=process.PIPE) as watcher:
        process.until(lambda: "listening" in watcher.stderr.readline(), "tcpdump listens")
        net.result(sender, "ping", "-n", "-q", "-c", "3", "-i", "0.2", "-W", "1", address)
        return watcher.communicate(timeout=10)[0]


def test_protected_ports_do_not_talk_to_each_other(stack, net):
    hosts(net, "h1", "h2", "h3")
    stack.add_bridge("br0", "h1", "h2", "h3")
    stack.vsctl("set", "port", "h1", "protected=true", "--", "set", "port", "h2", "protected=true")
    net.reaches("h1", "10.0.0.3")
    assert silent(net, "h1", "10.0.0.2") and net.pings("h2", "10.0.0.3")


def test_patch_ports_join_two_bridges(stack, net):
    hosts(net, "h1", "h2")
    stack.add_bridge("br0", "h1")
    stack.add_bridge("br1", "h2")
    stack.vsctl("add-port", "br0", "p0", "--", "set", "interface", "p0", "type=patch", "options:peer=p1",
                "--", "add-port", "br1", "p1", "--", "set", "interface", "p1", "type=patch", "options:peer=p0")
    net.reaches("h1", "10.0.0.2")
    stack.vsctl("del-port", "p1")
    process.until(lambda: silent(net, "h1", "10.0.0.2"), "nothing passes a patch without peer")


def test_a_device_that_appears_late_comes_to_life(stack, net):
    hosts(net, "h1")
    stack.allowed += [r"\bh2\b"]
    stack.add_bridge("br0", "h1")
    stack.vsctl("--no-wait", "add-port", "br0", "h2")
    process.until(lambda: "h2" in stack.get("Interface", "h2", "error"), "the error of h2")
    net.host("h2", "10.0.0.2/24")
    net.reaches("h1", "10.0.0.2")
    assert stack.get("Interface", "h2", "error") == "[]"


# Debian's netdev datapath notices neither of the next two, so only ours is asked.
def test_a_device_that_vanishes_keeps_its_number_for_its_return(ours, net):
    hosts(net, "h1", "h2")
    ours.allowed += [r"\bh2\b"]
    ours.add_bridge("br0", "h2", "h1")
    net.reaches("h1", "10.0.0.2")
    number = ours.ofport("h2")
    net.run("sw", "ip", "link", "del", "h2")
    process.until(lambda: "(h2)" not in ours.ofctl("show", "br0"), "h2 is gone from the switch")
    net.space_end("h2")
    net.host("h2", "10.0.0.2/24")
    net.run("h1", "ip", "neigh", "flush", "dev", "eth0")  # the new one has another address
    net.reaches("h1", "10.0.0.2")
    assert ours.ofport("h2") == number


def test_a_device_that_moves_to_another_namespace_and_back_works_again(ours, net):
    hosts(net, "h1", "h2")
    ours.allowed += [r"\bh2\b"]
    ours.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    number = ours.ofport("h2")
    other = net.space("other")
    net.run("sw", "ip", "link", "set", "h2", "netns", other)
    process.until(lambda: "(h2)" not in ours.ofctl("show", "br0"), "h2 is gone from the switch")
    net.run("other", "ip", "link", "set", "h2", "netns", net.switch)
    net.run("sw", "ip", "link", "set", "h2", "up")
    net.reaches("h1", "10.0.0.2", 20)
    assert ours.ofport("h2") == number


def test_an_internal_port_that_moves_to_another_namespace_stays_a_port(net, make_stack):
    """As network agents do. Debian's netdev datapath loses it, ours in user space too, so only the eBPF datapath is asked."""
    stack = make_stack(EBPF, net=net)
    hosts(net, "h1")
    stack.add_bridge("br0", "h1")
    stack.vsctl("add-port", "br0", "in0", "--", "set", "interface", "in0", "type=internal", "mac=\"02:00:00:00:01:09\"")
    number, other = stack.ofport("in0"), net.space("other")
    net.run("sw", "ip", "link", "set", "in0", "netns", other)
    net.run("other", "ip", "link", "set", "in0", "name", "eth0", "mtu", "1400")
    net.run("other", "ip", "addr", "add", "10.0.0.9/24", "dev", "eth0")
    net.run("other", "ip", "link", "set", "eth0", "up")
    net.reaches("other", "10.0.0.1")
    assert net.pings("h1", "10.0.0.9", 10)
    process.until(lambda: stack.vsctl("get", "interface", "in0", "link_state").strip() == "up", "the link's state is told")
    assert stack.ofport("in0") == number and stack.vsctl("get", "interface", "in0", "mac_in_use").strip('"\n') == "02:00:00:00:01:09"
    stack.switch.kill()
    stack.switch.start()
    net.reaches("other", "10.0.0.1")
    assert stack.ofport("in0") == number
    net.run("other", "ip", "link", "set", "eth0", "down")
    net.run("other", "ip", "link", "set", "eth0", "name", "in0", "netns", net.switch)
    net.run("sw", "ip", "addr", "add", "10.0.0.9/24", "dev", "in0")
    net.run("sw", "ip", "link", "set", "in0", "up")
    net.reaches("sw", "10.0.0.1")
    stack.vsctl("del-port", "in0")
    assert "in0" not in net.run("sw", "ip", "link")


@pytest.mark.parametrize("daemon", ["switch", "server"])
def test_a_daemon_killed_under_load_comes_back_and_forwards(stack, net, daemon):
    """Nobody tells the new process anything: the database has it all."""
    hosts(net, "h1", "h2")
    stack.allowed += [r"connection|send error|receive error|Connection refused|No such file", r"another ovs-vswitchd process is running"]
    stack.add_bridge("br0", "h1", "h2")
    stack.vsctl("set", "port", "h1", "tag=5", "--", "set", "port", "h2", "tag=5")
    net.reaches("h1", "10.0.0.2")
    numbers = [stack.ofport("h1"), stack.ofport("h2")]
    with net.background("h1", "ping", "-n", "-q", "-f", "10.0.0.2"):
        for _ in range(2):
            victim = getattr(stack, daemon)
            victim.kill()
            victim.start()
            net.reaches("h1", "10.0.0.2")
            assert [stack.ofport("h1"), stack.ofport("h2")] == numbers
            stack.vsctl("add-port", "br0", "h3", "--", "set", "interface", "h3", "type=internal", "--", "del-port", "h3")


def test_ports_come_and_go_under_traffic_without_leak(stack, net):
    hosts(net, "h1", "h2", "h3")
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    with net.background("h1", "ping", "-n", "-q", "-f", "10.0.0.2"):
        files = None
        for i in range(12):
            stack.vsctl("add-port", "br0", "h3")
            stack.vsctl("del-port", "h3", "--", "add-br", "br1", "--", "set", "bridge", "br1", "datapath_type=netdev")
            stack.vsctl("del-br", "br1")
            files = files or (process.open_files(stack.switch.pid) if i == 2 else None)
        assert net.pings("h1", "10.0.0.2")
    # A checkpoint may be written just now, and a device that sends much has a socket more.
    process.until(lambda: process.open_files(stack.switch.pid) <= files, f"no more than {files} open files")


def throughput(net, server, client, address, *options, seconds=2):
    """Gbit/s of a TCP transfer by iperf3."""
    with net.background(server, "iperf3", "-s", "-1", "--forceflush", stdout=process.PIPE) as listening:
        process.until(lambda: "listening" in listening.stdout.readline(), "iperf3 listens")
        report = net.run(client, "iperf3", "-c", address, "-t", str(seconds), "-f", "g", *options)
        return float(re.findall(r"([\d.]+) Gbits/sec.*receiver", report)[-1])


@pytest.mark.parametrize("offloads", [True, False], ids=["offloads on", "offloads off"])
def test_tcp_passes_both_ways(stack, net, flavor, offloads):
    """With its guests' offloads on, Debian's datapath passes no TCP; ours has to, out of the box."""
    if flavor is ORACLE and offloads:
        stack.vsctl("set", "Open_vSwitch", ".", "other_config:userspace-tso-enable=true")
        stack.switch.stop()
        stack.switch.start()
    hosts(net, "h1", "h2", offloads=offloads)
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    assert throughput(net, "h1", "h2", "10.0.0.1") > 0.05
    assert throughput(net, "h1", "h2", "10.0.0.1", "-R") > 0.05
    net.run("sw", "ip", "addr", "add", "10.0.0.9/24", "dev", "br0")
    net.run("sw", "ip", "link", "set", "br0", "up")
    if flavor is not ORACLE:
        assert throughput(net, "sw", "h1", "10.0.0.9") > 0.05


def test_packets_of_one_flow_keep_their_order_across_a_miss(stack, net, flavor):
    """h1 and h3 send numbered datagrams of ever new flows, 20 in each, to two poll threads; h2 must see each flow's numbers rise."""
    hosts(net, "h1", "h2", "h3")
    if flavor is not ORACLE:  # Debian's threads never sleep: two of them leave nothing of two cores to the hosts
        stack.vsctl("set", "Open_vSwitch", ".", "other_config:pmd-cpu-mask=3")
    stack.add_bridge("br0", "h1", "h2", "h3")
    net.reaches("h1", "10.0.0.2")
    net.reaches("h3", "10.0.0.2")
    script = pathlib.Path(datagrams.__file__)
    with net.background("h2", "/usr/bin/python3", script, "receive", "8000", stdout=process.PIPE) as receiver:
        process.until(lambda: "listening" in receiver.stdout.readline(), "the receiver listens")
        with net.background("h3", "/usr/bin/python3", script, "send", "10.0.0.2", "200", "20") as other:
            net.run("h1", "/usr/bin/python3", script, "send", "10.0.0.2", "200", "20")
            other.wait(timeout=30)
        counted = json.loads(receiver.communicate(timeout=30)[0])
    assert counted["reordered"] == 0
    assert counted["received"] > (7200 if flavor is not ORACLE else 1000)  # Debian's switch loses more than half while it learns flows


def test_the_slowpath_meter_limits_what_the_kernel_leaves_to_user_space(ours, net):
    """A look at the packet's length, which the programs cannot do; the way back they can. In user space there is no slow path."""
    hosts(net, "h1", "h2")
    ours.add_bridge("br0", "h1", "h2", fail_mode="secure")
    assert [ours.ofport(name) for name in ("h1", "h2")] == [1, 2]
    ours.ofctl("add-flow", "br0", "in_port=1,actions=check_pkt_larger(1500)->NXM_NX_REG0[0],output:2")
    ours.ofctl("add-flow", "br0", "in_port=2,actions=output:1")

    def answered():
        return int(re.search(r"(\d+) received", net.result("h1", "ping", "-n", "-q", "-c", "30", "-i", "0.02", "-W", "1", "10.0.0.2").stdout)[1])

    net.reaches("h1", "10.0.0.2")
    assert answered() == 30
    ours.ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=slowpath,pktps,burst,stats,band=type=drop,rate=1,burst_size=5")
    got, counted = answered(), ours.ofctl("-O", "OpenFlow13", "meter-stats", "br0", "meter=slowpath")
    if ours.switch_flavor is EBPF:
        assert 5 <= got < 12 and int(re.search(r"packet_in_count:(\d+)", counted)[1]) >= 30
    else:
        assert got == 30 and "packet_in_count:0 " in counted
    ours.ofctl("-O", "OpenFlow13", "del-meter", "br0", "meter=slowpath")
    assert answered() == 30
