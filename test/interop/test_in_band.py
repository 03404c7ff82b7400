# SPDX-License-Identifier: Apache-2.0
"""In-band control: the hidden flows that let the switch reach controllers and managers. Both switches have the same."""
import re

import pytest

import process
from normal import assert_same

TCP = "tcp:10.0.0.1:6653"
SETUPS = {
    "no controller": [],
    "a controller": [["set-controller", "br0", TCP]],
    "several": [["set-controller", "br0", TCP, "tcp:10.0.0.1:6654", "tcp:10.0.0.2:6654"]],
    "out of band": [["set-controller", "br0", TCP, "--", "set", "controller", "br0", "connection_mode=out-of-band"]],
    "in band by name": [["set-controller", "br0", TCP, "--", "set", "controller", "br0", "connection_mode=in-band"]],
    "a queue": [["set-controller", "br0", TCP, "--", "set", "bridge", "br0", "other_config:in-band-queue=5"]],
    "disabled": [["set-controller", "br0", TCP, "--", "set", "bridge", "br0", "other_config:disable-in-band=true"]],
    "disabled later": [["set-controller", "br0", TCP], ["set", "bridge", "br0", "other_config:disable-in-band=true"]],
    "a manager": [["set-manager", "tcp:10.0.0.9:6640", "ptcp:6641:127.0.0.1"]],
    "both": [["set-manager", "tcp:10.0.0.9:6640"], ["set-controller", "br0", TCP]],
    "unix": [["set-controller", "br0", "unix:/nowhere"]],
    "IPv6": [["set-controller", "br0", "tcp:[::1]:6653"]],
    "passive": [["set-controller", "br0", "ptcp:0:127.0.0.1"]],
    "another one": [["set-controller", "br0", TCP], ["set-controller", "br0", "tcp:10.0.0.3:1234"]],
    "another address": [["set-controller", "br0", TCP], ["set", "bridge", "br0", "other_config:hwaddr=02:00:00:00:00:77"]],
}
UNDO = ["--", "del-controller", "br0", "--", "del-manager", "--", "remove", "bridge", "br0", "other_config", "in-band-queue", "--", "remove", "bridge", "br0",
        "other_config", "disable-in-band", "--", "set", "bridge", "br0", "other_config:hwaddr=02:00:00:00:00:99"]


def hidden(stack):
    flows = stack.appctl("bridge/dump-flows", "br0").splitlines()
    return sorted(re.sub(r"duration=\d+s, ", "", f) for f in flows if "priority=18000" in f)


@pytest.mark.parametrize("name", SETUPS)
def test_hidden_flows_are_the_oracles(both, name):
    oracle, ours = both
    for stack in both:
        for words in SETUPS[name]:
            stack.vsctl(*words)
    try:
        # The oracle brings them up to date after it has told that it is configured.
        process.until(lambda: hidden(ours) == hidden(oracle), "the same hidden flows", seconds=8)
    except AssertionError:
        assert_same(hidden(ours), hidden(oracle))
    finally:
        for stack in both:
            stack.vsctl(*UNDO[1:])


@pytest.fixture
def switched(stack, net):
    """br0 with host h1 (10.0.0.1); the switch's namespace has 10.0.0.9 on br0."""
    net.host("h1", "10.0.0.1/24")
    net.run("h1", "ip", "link", "set", "eth0", "address", "02:00:00:00:00:01")
    stack.add_bridge("br0", "h1", **{"other_config:hwaddr": "02:00:00:00:00:99", "fail_mode": "secure"})
    ip(net, "link", "set", "br0", "up")
    ip(net, "addr", "add", "10.0.0.9/24", "dev", "br0")
    return stack


def ip(net, *words):
    return process.run([*net.prefix(), "ip", *words])


def hops(stack):
    """The addresses that the flows for next hops let through; None while they are being changed."""
    found = {way: re.findall(rf"priority={priority},arp,{way}=([0-9a-f:]+),", "\n".join(hidden(stack)))
             for priority, way in ((180003, "dl_dst"), (180004, "dl_src"))}
    return sorted(found["dl_dst"]) if found["dl_dst"] == found["dl_src"] else None


def test_arp_of_the_next_hop_is_let_through(switched, net):
    """The remote itself, its gateway, a gateway with another address, another gateway; nothing of flows else."""
    switched.allowed = [*switched.allowed, "connect"]
    switched.vsctl("set-controller", "br0", TCP)
    process.until(lambda: hops(switched) == ["02:00:00:00:00:01"], "the controller's own address", seconds=20)
    switched.vsctl("set-controller", "br0", "tcp:10.9.9.9:6653")
    ip(net, "route", "add", "default", "via", "10.0.0.1")
    process.until(lambda: hops(switched) == ["02:00:00:00:00:01"] and "arp_tpa=10.9.9.9" in str(hidden(switched)), "the gateway's address", seconds=20)
    ip(net, "neigh", "replace", "10.0.0.1", "lladdr", "02:00:00:00:00:55", "dev", "br0")
    process.until(lambda: hops(switched) == ["02:00:00:00:00:55"], "the gateway's other address", seconds=30)
    ip(net, "neigh", "replace", "10.0.0.2", "lladdr", "02:00:00:00:00:02", "dev", "br0")
    ip(net, "route", "replace", "default", "via", "10.0.0.2")
    process.until(lambda: hops(switched) == ["02:00:00:00:00:02"], "another gateway", seconds=30)
    assert len(hidden(switched)) == 9
    ip(net, "route", "del", "default")  # the oracle would take the first route that fits, not the best
    switched.vsctl("del-controller", "br0", "--", "set-manager", "tcp:10.0.0.1:6640", "tcp:10.0.0.2:6640")
    process.until(lambda: hops(switched) == ["02:00:00:00:00:02", "02:00:00:00:00:55"], "both managers", seconds=20)


def addresses(net):
    return re.findall(r"inet (\S+)", ip(net, "-4", "addr", "show", "br0")), ip(net, "route", "show", "default").strip()


@pytest.mark.parametrize("columns, expected", [
    (["local_ip=10.0.0.77"], (["10.0.0.77/8"], "")),
    (["local_ip=10.0.0.77", "local_netmask=255.255.255.0"], (["10.0.0.77/24"], "")),
    (["local_ip=172.16.5.5", "local_gateway=172.16.5.1"], (["172.16.5.5/16"], "default via 172.16.5.1 dev br0")),
    (["local_ip=192.168.5.5", "local_netmask=255.0.255.0"], (["192.168.5.5/24"], "")),
    (["local_ip=192.168.5.5", "local_gateway=junk"], (["192.168.5.5/24"], "")),
    (["local_ip=bogus", "local_gateway=10.0.0.1"], (["10.0.0.9/24"], "")),
    (["connection_mode=out-of-band", "local_ip=10.0.0.77"], (["10.0.0.77/8"], "")),
])
def test_the_local_port_gets_the_address_that_a_controller_has_for_it(switched, net, columns, expected):
    switched.allowed = [*switched.allowed, "connect", "local_(ip|netmask|gateway) "]
    switched.vsctl("set-controller", "br0", TCP, "--", "set", "controller", "br0", *columns)
    process.until(lambda: addresses(net) == expected, f"{columns} configured", seconds=8)
    assert "UP" in ip(net, "link", "show", "br0")
    if "local_gateway=172.16.5.1" in columns:
        switched.vsctl("set", "controller", "br0", "local_ip=172.16.9.9", "local_gateway=172.16.9.1")
        process.until(lambda: addresses(net) == (["172.16.9.9/16"], "default via 172.16.9.1 dev br0"), "the other address", seconds=8)
    before = addresses(net)
    switched.vsctl("clear", "controller", "br0", "local_ip")
    switched.vsctl("set", "bridge", "br0", "external_ids:x=y")
    assert addresses(net) == before


def test_flows_in_band_are_out_of_a_controllers_reach(both):
    for stack in both:
        stack.vsctl("set-controller", "br0", TCP)
        process.until(lambda s=stack: hidden(s), "hidden flows")
        stack.ofctl("del-flows", "br0")
        assert stack.ofctl("dump-flows", "br0").count("priority") == 0
        assert len(hidden(stack)) == 7
        stack.vsctl("del-controller", "br0")
