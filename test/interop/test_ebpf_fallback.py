# SPDX-License-Identifier: Apache-2.0
"""Bridges whose eBPF datapath cannot be had are forwarded in user space, and say why."""
import pathlib
import re
import sys

import pytest

import process
from stack import EBPF, WEFT

HERE = pathlib.Path(__file__).resolve().parent
# What is in the way of the switch's process, and what it says of it.
BROKEN = {
    "no_privilege": (["setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin"], r"CAP_BPF, CAP_PERFMON"),
    "no_perfmon": (["setpriv", "--bounding-set", "-perfmon,-sys_admin"], r"CAP_BPF, CAP_PERFMON"),
    "no_btf": (["sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh"], r"/sys/kernel/btf/vmlinux: it takes a kernel built with"),
    "no_bpf": ([sys.executable, str(HERE / "without_bpf.py")], r"no bpf\(2\), or a seccomp filter"),
}


class Crippled:
    """A net whose switch runs under a command that takes something from it."""

    def __init__(self, net, command):
        self.net, self.command = net, command

    def prefix(self):
        return [*self.net.prefix(), *self.command]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("flavor", [WEFT, EBPF], ids=str)
def test_a_bridge_without_the_kernels_help_is_forwarded_in_user_space_and_says_why(flavor, broken, net, make_stack):
    command, reason = BROKEN[broken]
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    stack = make_stack(flavor, net=Crippled(net, command))
    stack.allowed.append(r"forwarding in user space instead")
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    assert net.pings("h1", "10.0.0.2", 20)
    assert re.search(r"^netdev@ovs-netdev: ", stack.appctl("dpif/show"), re.M)
    process.until(lambda: stack.vsctl("get", "bridge", "br0", "status:datapath").strip('"\n') == "userspace", "the bridge's status")
    assert re.search(reason, stack.vsctl("get", "bridge", "br0", "status:datapath_reason"))
    warnings = [line for line in stack.switch.log().splitlines() if "|WARN|" in line]
    assert len(warnings) == 1 and re.search(reason, warnings[0]), warnings
    stack.vsctl("del-br", "br0")  # leaves nothing on the devices
    process.until(lambda: "clsact" not in net.run("sw", "tc", "qdisc", "show"), "the ingress filters go")


def test_system_and_the_empty_type_are_the_kernels_datapath_unless_opted_out(net, make_stack):
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    stack = make_stack(WEFT, net=net)
    stack.add_bridge("br0", "h1")
    stack.add_bridge("br1", "h2", datapath_type="system")
    stack.vsctl("add-port", "br0", "pa", "--", "set", "interface", "pa", "type=patch", "options:peer=pb",
                "--", "add-port", "br1", "pb", "--", "set", "interface", "pb", "type=patch", "options:peer=pa")
    net.reaches("h1", "10.0.0.2")
    shown = stack.appctl("dpif/show")
    assert shown.startswith("system@ovs-system: ") and "br0" in shown and "br1" in shown
    assert stack.get("Bridge", "br0", "status") == "{}"
    assert stack.vsctl("get", "interface", "h1", "status:ebpf_hook").strip('"\n') == "tc"
    stack.vsctl("add-br", "br2", "--", "set", "bridge", "br2", "datapath_type=netdev")
    assert "netdev@ovs-netdev: " in stack.appctl("dpif/show")
    stack.vsctl("set", "Open_vSwitch", ".", "other_config:ebpf=false")
    net.reaches("h1", "10.0.0.2")
    assert "system@" not in stack.appctl("dpif/show")
    assert "ebpf=false" in stack.vsctl("get", "bridge", "br0", "status:datapath_reason")
    stack.vsctl("remove", "Open_vSwitch", ".", "other_config", "ebpf")
    net.reaches("h1", "10.0.0.2")
    assert "system@ovs-system" in stack.appctl("dpif/show")


def test_what_the_kernel_does_and_leaves_to_user_space_is_counted(net, make_stack):
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    stack = make_stack(EBPF, net=net)
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    assert net.pings("h1", "10.0.0.2", 20)
    shown = stack.appctl("upcall/show")
    facts = {f"{line.split()[0].rstrip(':')} {name}": int(value) for line in shown.splitlines()
             for name, value in re.findall(r"\((\w+) (\d+)\)", line)}
    assert facts["kernel hits"] >= 20 and facts["kernel flows"] >= 2 and facts["upcalls miss"] >= 2, shown
    assert facts["upcall_wait p99_us"] > 0, shown
    assert facts["upcall_latency p50_us"] >= facts["upcall_wait p50_us"], "what waits is sent later"
    shown = stack.appctl("upcall/latency")
    packets = int(re.search(r"ebpf@ovs-ebpf|system@ovs-system", shown) and re.search(r"packets (\d+), mean", shown)[1])
    assert packets >= facts["upcalls miss"]
    assert sum(int(n) for n in re.findall(r"(?:us|longer): (\d+)", shown)) == packets
