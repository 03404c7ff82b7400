# SPDX-License-Identifier: Apache-2.0
"""What is measured: Debian's switch, the Linux bridge, ours, and programs that only redirect, which none can beat. Each connects devices p0
and p1 of a net's switch namespace."""
import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN = ROOT / "build/release/bench"
sys.path.insert(0, str(ROOT / "test/harness"))
import process  # noqa: E402
from stack import EBPF, ORACLE, USER, Stack  # noqa: E402

# Another build of ours, to compare a change with what was before it: its bin folder, and the datapath.
BEFORE = dataclasses.replace(USER, folders=(pathlib.Path(os.environ.get("WEFT_BEFORE", "")),),
                             datapath=os.environ.get("WEFT_BEFORE_DATAPATH", "netdev"))

FLOW_LIMIT = 2_000_000
MAX_IDLE_MS = 60_000
DUMP_MAX = 20_000

# Both sources of a flow are read, so that every 5-tuple needs a megaflow of its own.
READ_5_TUPLE = ",".join(f"move:{field}->{register}" for field, register in (
    ("NXM_OF_IP_SRC[]", "NXM_NX_REG0[]"), ("NXM_OF_IP_DST[]", "NXM_NX_REG1[]"), ("NXM_OF_UDP_SRC[]", "NXM_NX_REG2[0..15]"),
    ("NXM_OF_UDP_DST[]", "NXM_NX_REG2[16..31]")))
RULES = {
    "one": ["in_port=1,actions=output:2", "in_port=2,actions=output:1"],
    "each": [f"in_port=1,udp,actions={READ_5_TUPLE},output:2", "in_port=1,priority=1,actions=output:2", "in_port=2,actions=output:1"],
    "normal": ["actions=NORMAL"],
}

MASKS_MAX = 64
REDIRECT = {"tc": "trivial tc redirect", "xdp": "trivial XDP redirect"}


def rules_for(kind):
    """Of that kind; masks-N: N paths, by low bits of the UDP source, each of which looks at other bits of the destination."""
    if not kind.startswith("masks-"):
        return RULES[kind]
    n = int(kind.removeprefix("masks-"))
    choose = [f"in_port=1,udp,tp_src={i}/{MASKS_MAX - 1:#x},actions=resubmit(,{1 + i % n})" for i in range(MASKS_MAX)]
    return [*choose, *(f"table={i + 1},udp,nw_dst=11.0.0.2/255.255.{i}.255,actions=output:2" for i in range(n)), "in_port=2,actions=output:1"]


def keep_on_other_cores(pid):
    """All threads of the daemon, and those it makes, leave the first core to what loads it: whether the scheduler puts both on one core is
    a matter of luck, and of twice the rate."""
    others = set(range(1, os.cpu_count())) or {0}
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), others)


class InKernel:
    """What has no process; `limit`: the name of the subject that it can at best be as fast as, `hook`: where its programs are, if any."""
    stack = limit = hook = None

    def leave_core_to_generator(self):
        pass

    def flow_count(self):
        return None

    def missed(self):
        return 0

    def memory_kb(self):
        return None

    def cpu_seconds(self):
        return None

    def describe(self):
        return {}


class LinuxBridge(InKernel):
    name = "Linux bridge"

    @contextlib.contextmanager
    def connect(self, net, rules):
        assert rules != "each", "a Linux bridge has no megaflows"
        ip = ["ip", "-n", net.switch, "link"]
        process.run([*ip, "add", "br0", "type", "bridge"])
        for port in ("p0", "p1"):
            process.run([*ip, "set", port, "master", "br0"])
        process.run([*ip, "set", "br0", "up"])
        for port, mac in (("p0", "02:00:00:00:00:01"), ("p1", "02:00:00:00:00:02")):
            process.run(["bridge", "-n", net.switch, "fdb", "replace", mac, "dev", port, "master", "static"])
        state = ["ip", "netns", "exec", net.switch, "cat", "/sys/class/net/br0/brif/p0/state", "/sys/class/net/br0/brif/p1/state"]
        process.until(lambda: process.run(state).split() == ["3", "3"], "the bridge's ports forward")
        try:
            yield self
        finally:
            process.run([*ip, "del", "br0"])


class Redirect(InKernel):
    """The least that a program must do at that hook."""

    def __init__(self, hook):
        self.hook, self.name = hook, REDIRECT[hook]

    @contextlib.contextmanager
    def connect(self, net, rules):
        assert rules != "normal" or self.hook == "tc", "XDP passes no checksum on that its sender has left to the hardware"
        command = [*net.prefix(), BIN / "redirect", BIN / "redirect.bpf.o", self.hook, "p0", "p1"]
        with process.killed_after(process.background(command, stdout=subprocess.PIPE)) as child:
            assert child.stdout.readline() == "ready\n", f"{command} has ended"
            yield self


class Switch:
    """ovs-vswitchd of a flavor, on its datapath; `options` of the switch, `hook` of its ports if programs of the kernel forward."""

    def __init__(self, flavor, name, options=(), hook=None):
        self.flavor, self.name, self.options, self.stack, self.hook = flavor, name, options, None, hook
        self.limit = REDIRECT.get(hook)
        self.interface_options = [f"other_config:ebpf-hook={hook}"] if hook == "xdp" else []

    @contextlib.contextmanager
    def connect(self, net, rules):
        with Stack(self.flavor, net=net) as self.stack:
            s = self.stack
            if self.interface_options:
                for port in ("p0", "p1"):
                    process.run(["ip", "netns", "exec", net.switch, "ethtool", "-K", port, "tso", "off"])
            s.vsctl("set", "Open_vSwitch", ".", f"other_config:flow-limit={FLOW_LIMIT}", f"other_config:max-idle={MAX_IDLE_MS}", *self.options)
            s.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", f"datapath_type={self.flavor.datapath or 'netdev'}", "fail_mode=secure",
                    "--", "add-port", "br0", "p0", "--", "set", "Interface", "p0", "ofport_request=1", *self.interface_options,
                    "--", "add-port", "br0", "p1", "--", "set", "Interface", "p1", "ofport_request=2", *self.interface_options)
            s.ofctl("add-flows", "br0", "-", stdin="\n".join(rules_for(rules)) + "\n")
            s.appctl("upcall/set-flow-limit", str(FLOW_LIMIT))
            yield self

    def leave_core_to_generator(self):
        keep_on_other_cores(self.stack.switch.pid)

    def memory_kb(self):
        return process.rss_kb(self.stack.switch.pid)

    def cpu_seconds(self):
        return process.cpu_seconds(self.stack.switch.pid)

    def flow_count(self):
        """Megaflows in the datapath."""
        return int(re.search(r"\(current (\d+)\)", self.stack.appctl("upcall/show")).group(1))

    def missed(self):
        """Packets ever that no megaflow of the datapath has matched."""
        return int(re.search(r"missed:(\d+)", self.stack.appctl("dpctl/show")).group(1))

    def describe(self):
        """Rules, megaflows and masks as the switch reports them; masks are counted in a dump, if it is not too large."""
        flows = self.flow_count()
        out = {"rules": len(self.stack.ofctl("--no-stats", "dump-flows", "br0").splitlines()), "megaflows": flows}
        if flows <= DUMP_MAX:
            dump = self.stack.appctl("dpctl/dump-flows", "-m")
            out["masks"] = len({mask_of(line) for line in dump.splitlines() if "actions:" in line})
        return out


def mask_of(line):
    """Which fields of a flow of `dpctl/dump-flows -m` are matched, and by which bits; exact matches count as such."""
    match = line.split("actions:")[0].split("ufid:")[-1].split(" ", 1)[-1]
    return re.sub(r"([a-z_0-9]+)[(=]([^(),/]*)(/[^(),]*)?", lambda m: f"{m[1]}{m[3] or ''}", match.split(", packets:")[0])


SUBJECTS = {
    "tc-redirect": lambda: Redirect("tc"),
    "xdp-redirect": lambda: Redirect("xdp"),
    "ovs": lambda: Switch(ORACLE, "Open vSwitch 3.1 netdev"),
    "ovs-tso": lambda: Switch(ORACLE, "Open vSwitch 3.1 netdev, userspace-tso-enable", ("other_config:userspace-tso-enable=true",)),
    "bridge": LinuxBridge,
    "weft": lambda: Switch(USER, "Weft user"),
    "weft-ebpf": lambda: Switch(EBPF, "Weft eBPF", hook="tc"),
    "weft-xdp": lambda: Switch(EBPF, "Weft eBPF at XDP", hook="xdp"),
    "before-xdp": lambda: Switch(BEFORE, "Weft before, at XDP", hook="xdp"),
    "before": lambda: Switch(BEFORE, "Weft before", hook="tc" if BEFORE.datapath == "ebpf" else None),
}
