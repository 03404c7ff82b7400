# SPDX-License-Identifier: Apache-2.0
"""Ports whose program runs at XDP, and ports at tc, of one bridge."""
import re
import subprocess
import sys
import pathlib

import pytest

import process
from stack import EBPF
from test_traffic import seen, throughput

HERE = pathlib.Path(__file__).resolve().parent
HOSTS = {"h1": "xdp", "h2": "xdp", "h3": "tc"}


def status(stack, port, key="ebpf_hook"):
    return stack.vsctl("get", "interface", port, f"status:{key}").strip('"\n')


def set_hook(stack, port, hook):
    stack.vsctl("set", "interface", port, f"other_config:ebpf-hook={hook}")


def wait_for_hook(stack, port, hook):
    process.until(lambda: status(stack, port) == hook, f"hook {hook} of {port}")


def redirected(net, port):
    """Frames that XDP programs have sent on from a device."""
    return sum(map(int, re.findall(r"rx_queue_\d+_xdp_redirect: (\d+)", net.run("sw", "ethtool", "-S", port))))


def has_xdp(net, port):
    return "prog/xdp" in net.run("sw", "ip", "-d", "link", "show", port)


@pytest.fixture(params=[False, True], ids=["offloads off", "offloads on"])
def hooked(request, net, make_stack):
    """br0 with h1 and h2 at XDP and h3 at tc; all hosts' devices run NAPI, those of h1 and h2 have one queue."""
    stack = make_stack(EBPF, net=net)
    for i, name in enumerate(HOSTS, 1):
        net.host(name, f"10.0.0.{i}/24", offloads=request.param)
        net.run(name, "ethtool", "-K", "eth0", "gro", "on")
    for name in ("h1", "h2"):
        net.run("sw", "ethtool", "-K", name, "tso", "off")
    stack.add_bridge("br0", *HOSTS)
    for name, hook in HOSTS.items():
        set_hook(stack, name, hook)
    for name, hook in HOSTS.items():
        wait_for_hook(stack, name, hook)
    net.reaches("h1", "10.0.0.2")
    return stack


def test_ports_at_both_hooks_reach_each_other_and_frames_go_the_short_way(hooked, net):
    for port, hook in HOSTS.items():
        assert has_xdp(net, port) == (hook == "xdp")
        assert "ebpf-hook" in status(hooked, port, "ebpf_hook_reason") or hook == "tc"
    for source in HOSTS:
        for i, other in enumerate(HOSTS, 1):
            assert other == source or net.pings(source, f"10.0.0.{i}", 20)
    before = redirected(net, "h1")
    assert net.pings("h1", "10.0.0.2", 20) and net.pings("h1", "10.0.0.3", 20)
    assert 20 <= redirected(net, "h1") - before < 40
    net.run("sw", "ethtool", "-K", "h3", "tso", "off")

    def straight_to_tc_port():
        before = redirected(net, "h1")
        return net.pings("h1", "10.0.0.3", 5) and redirected(net, "h1") >= before + 5

    process.until(straight_to_tc_port, "frames to h3 are sent on by XDP")
    for port, way in (("h1", "rx"), ("h2", "tx")):
        counts = hooked.ofctl("dump-ports", "br0", port)
        assert int(re.search(rf"{way} pkts=(\d+)", counts).group(1)) >= 40, counts


@pytest.mark.parametrize("server,client", [("h1", "h2"), ("h1", "h3"), ("h3", "h1")])
def test_tcp_and_udp_pass_between_hooks_whatever_the_hosts_leave_to_devices(hooked, net, server, client):
    address = f"10.0.0.{server[1]}"
    net.reaches(client, address)
    assert throughput(net, server, client, address) > 0.05
    assert throughput(net, server, client, address, "-R") > 0.05
    assert throughput(net, server, client, address, "-u", "-b", "50M", "-l", "1400") > 0.04


def test_vlans_are_told_apart_and_tags_are_pushed(hooked, net):
    hooked.vsctl("set", "port", "h1", "tag=10", "--", "set", "port", "h2", "tag=10", "--", "set", "port", "h3", "tag=20")
    net.reaches("h1", "10.0.0.2")
    assert not net.pings("h1", "10.0.0.3", 1)
    hooked.vsctl("clear", "port", "h2", "tag", "--", "set", "port", "h2", "trunks=10")
    net.run("h1", "ip", "neigh", "replace", "10.0.0.2", "lladdr", "02:00:00:00:00:77", "dev", "eth0")


def test_what_xdp_changes_on_the_way_arrives_whole(hooked, net):
    """Addresses and hop limits rewritten, metered: replies come if all checksums are right."""
    def add(*what):
        hooked.ofctl("-O", "OpenFlow13", *what)

    add("add-meter", "br0", "meter=1,kbps,burst,bands=type=drop,rate=10000000,burst_size=1000000")
    add("add-flow", "br0", "priority=9,ip,in_port=h1,actions=meter:1,set_field:10.0.0.9->ip_src,dec_ttl,output:h2")
    add("add-flow", "br0", "priority=9,ip,in_port=h2,nw_dst=10.0.0.9,actions=set_field:10.0.0.1->ip_dst,dec_ttl,output:h1")
    for host in ("h1", "h2"):
        mac = net.run("h2" if host == "h1" else "h1", "cat", "/sys/class/net/eth0/address").strip()
        for address in ("10.0.0.1", "10.0.0.2", "10.0.0.9"):
            net.run(host, "ip", "neigh", "replace", address, "lladdr", mac, "dev", "eth0")
    net.reaches("h1", "10.0.0.2")
    before = redirected(net, "h1"), redirected(net, "h2")
    assert net.pings("h1", "10.0.0.2", 20)
    assert redirected(net, "h1") >= before[0] + 20 and redirected(net, "h2") >= before[1] + 20
    counts = hooked.ofctl("-O", "OpenFlow13", "meter-stats", "br0")
    assert int(re.search(r"packet_in_count:(\d+)", counts).group(1)) >= 20, counts
    add("add-flow", "br0", "priority=20,in_port=h1,actions=push_vlan:0x8100,set_field:4106->vlan_vid,output:h2")

    def tagged_by_xdp():
        before = redirected(net, "h1")
        return "vlan 10" in seen(net, "h2", "h1", "10.0.0.2") and redirected(net, "h1") >= before + 3

    process.until(tagged_by_xdp, "frames get their tag at XDP")


def raise_mtu(net, name):
    """At the switch's end, then at the other, which must not be larger while XDP at the former takes no frames in pieces."""
    other_end = [name, "ip", "link", "set", "eth0", "mtu", "9000"]
    refused = net.result(*other_end).returncode != 0
    net.run("sw", "ip", "link", "set", name, "mtu", "9000")
    process.until(lambda: net.result(*other_end).returncode == 0, f"the kernel lets the other end of {name} follow")
    return refused


@pytest.mark.parametrize("raised_first", [True, False])
def test_jumbo_frames_go_by_xdp_in_pieces(net, make_stack, raised_first):
    stack = make_stack(EBPF, net=net)
    names = ("h1", "h2")
    for i, name in enumerate(names, 1):
        net.host(name, f"10.0.0.{i}/24")
        net.run(name, "ethtool", "-K", "eth0", "gro", "on")
        net.run("sw", "ethtool", "-K", name, "tso", "off")
        assert not raised_first or not raise_mtu(net, name)
    stack.add_bridge("br0", *names)
    for name in names:
        set_hook(stack, name, "xdp")
        wait_for_hook(stack, name, "xdp")
        assert raised_first or raise_mtu(net, name)
        assert has_xdp(net, name)
    net.reaches("h1", "10.0.0.2")
    for size in ("56", "3600", "8972"):
        before = redirected(net, "h1")
        net.run("h1", "ping", "-n", "-q", "-M", "do", "-s", size, "-c", "20", "-i", "0.02", "-W", "2", "10.0.0.2")
        assert redirected(net, "h1") >= before + 19, size
    stack.ofctl("del-flows", "br0")
    stack.ofctl("add-flow", "br0", "actions=normal")
    # A flow's first packet goes up whole, too.
    net.run("h1", "ping", "-n", "-q", "-M", "do", "-s", "8972", "-c", "5", "-i", "0.02", "-W", "2", "10.0.0.2")


def test_a_device_without_napi_behind_it_is_reached_by_tc(hooked, net):
    net.run("h2", "ethtool", "-K", "eth0", "gro", "off")

    def by_tc():
        before = redirected(net, "h1")
        return net.pings("h1", "10.0.0.2", 5) and redirected(net, "h1") == before

    process.until(by_tc, "frames to h2 go by tc")


def test_the_hook_may_change_while_packets_run(hooked, net):
    with net.background("h2", "ping", "-n", "-q", "-f", "10.0.0.1"):
        for hook in ("tc", "xdp", "auto", "xdp"):
            set_hook(hooked, "h1", hook)
            wait_for_hook(hooked, "h1", "xdp" if hook == "xdp" else "tc")
            assert has_xdp(net, "h1") == (hook == "xdp")
            assert net.pings("h1", "10.0.0.3", 10)
    hooked.vsctl("del-port", "h1")
    assert not has_xdp(net, "h1")


def test_where_xdp_cannot_be_tc_serves_and_the_reason_is_told(net, make_stack):
    stack = make_stack(EBPF, net=net)
    for i, name in enumerate(("h1", "h2", "h3"), 1):
        net.host(name, f"10.0.0.{i}/24")
    net.run("sw", "ethtool", "-K", "h2", "tso", "off")
    stack.add_bridge("br0", "h1", "h3")
    with net.background("sw", sys.executable, HERE / "attach_xdp.py", "h2", stdout=subprocess.PIPE) as attached:
        assert attached.stdout.readline() == "attached\n"
        stack.vsctl("add-port", "br0", "h2", "--", "set", "interface", "h2", "other_config:ebpf-hook=xdp")
        set_hook(stack, "h3", "xdp")
        for port, reason in (("h2", "another XDP program"), ("h3", "ethtool -K h3 tso off")):
            process.until(lambda port=port, reason=reason: reason in status(stack, port, "ebpf_hook_reason"), f"the reason of {port}")
            assert status(stack, port) == "tc"
    net.reaches("h1", "10.0.0.3")


def test_a_word_that_is_no_hook_is_complained_of(net, make_stack):
    stack = make_stack(EBPF, net=net)
    net.host("h1", "10.0.0.1/24")
    stack.allowed.append("other_config:ebpf-hook")
    stack.add_bridge("br0", "h1")
    set_hook(stack, "h1", "fast")
    process.until(lambda: 'column other_config:ebpf-hook is "fast", and should be one of auto tc xdp: auto is used instead' in stack.switch.log(), "the complaint")
    assert status(stack, "h1") == "tc"
