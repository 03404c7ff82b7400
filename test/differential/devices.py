# SPDX-License-Identifier: Apache-2.0
"""A switch of ours whose ports are devices: what is sent into their far ends comes in, and what comes out of those was sent."""
import contextlib
import re
import select
import time

import process
from net import Net
from opened import Opened
from rpc import Rpc
from stack import Stack
from still_switch import StillSwitch
from switches import PORTS, TLV_MAP, Bridge
from wire import Wire

ARRIVAL_SECONDS = 3


class Devices(Opened, Bridge):
    """One with ports of veth pairs, in a namespace of its own. Time goes on."""

    def begin(self):
        net = self.ends.enter_context(Net())
        spaces = [net.host(port) for port in PORTS]
        self.stack = self.ends.enter_context(Stack(self.flavor, net=net))
        self.stack.add_bridge("br0", *PORTS, **Stack.FIXED)
        assert [self.stack.ofport(port) for port in PORTS] == [int(port[1:]) for port in PORTS]
        process.run(["ip", "-n", net.switch, "link", "set", "br0", "up"])
        self.stack.ofctl("add-tlv-map", "br0", TLV_MAP)
        places = zip([*PORTS, "br0"], [*((space, "eth0") for space in spaces), (net.switch, "br0")])
        self.wires = {port: self.ends.enter_context(contextlib.closing(Wire(*place))) for port, place in places}
        self.control = self.ends.enter_context(Rpc(f"unix:{next(self.stack.folder.glob('ovs-vswitchd.*.ctl'))}", seconds=20))
        return self

    ask = StillSwitch.ask

    def receive(self, port, frame):
        """The frame comes in by the port; returns when it has been looked up."""
        self.looks_up(lambda: self.wires[port].send(frame))

    def sent(self, expected=None):
        """{port: frames} sent since the last call; waits for as many as are expected, or until it is clear that they do not come."""
        deadline, frames = time.monotonic() + ARRIVAL_SECONDS, {port: [] for port in self.wires}
        while True:
            lacks = expected and any(len(frames[port]) < len(expected[port]) for port in frames)
            ready, *_ = select.select(self.wires.values(), [], [], max(0, deadline - time.monotonic()) if lacks else 0)
            if not ready:
                return frames
            for port, wire in self.wires.items():
                if wire in ready:
                    frames[port].append(wire.receive().hex())

    def kernel_hits(self):
        """Packets that programs in the kernel have forwarded; None: there are none in this datapath."""
        found = re.search(r"kernel +: \(hits (\d+)\)", self.call("upcall/show"))
        return found and int(found[1])

    def add_megaflow(self, match, port, *outs):
        """A megaflow by hand, as from a translation of a frame that came by `port`."""
        numbers = {name: number for number, name in re.findall(r"port (\d+): (\w+)", self.call("dpctl/show"))}
        said = self.call("dpctl/add-flow", f"in_port({numbers[port]}),{match}", ",".join(numbers[out] for out in outs))
        assert not said.startswith("error"), said
