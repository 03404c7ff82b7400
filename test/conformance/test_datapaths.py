# SPDX-License-Identifier: Apache-2.0
"""The cases of actions.py and extensions.py on each of our datapaths: frames go out by another port, first by way of user space and then by
the flow that this has made. "fake" is the datapath of dummy ports, "user" forwards between devices in user space, "ebpf" in the kernel;
Debian's switch has dummy ports too."""
import contextlib
import pathlib
import struct

import pytest

import process
from actions import ACTIONS
from bench import Switch
from controller import Controller, apply, flow, output
from extensions import EXTENSIONS, GROUPS, OF10
from net import Net
from opened import Opened
from otherwise import otherwise
from stack import EBPF, ORACLE, USER, WEFT, Stack
from wire import Wire

GOOD = {name: row for name, row in ACTIONS.items() if not isinstance(otherwise("weft", "action", name), tuple)}
TIMES = 3


class Fake(Switch):
    """Frames come and go by dummy ports, those that leave by port 2 are in a file."""

    def __enter__(self):
        super().__enter__()
        self.file = pathlib.Path(self.stack.folder) / "p2.pcap"
        self.stack.vsctl("set", "interface", "p2", f"options:tx_pcap={self.file}")
        process.until(lambda: self.file.exists() and self.file.stat().st_size >= 24, "port 2 writes its file")
        return self

    def through(self, frame, number=1):
        """The frames that leave by port 2 when this one comes in by port 1."""
        start, frames = self.file.stat().st_size, []
        self.receive(frame)

        def arrived():
            frames[:] = records(self.file.read_bytes()[start:])
            return len(frames) >= number
        process.until(arrived, f"{number} frames leave by port 2")
        return frames


class Devices(Opened):
    """Frames come and go by veth pairs."""

    def begin(self):
        net = self.ends.enter_context(Net())
        spaces = [net.host(name) for name in ("h1", "h2")]
        self.stack = self.ends.enter_context(Stack(self.flavor, net=net))
        self.stack.add_bridge("br0", "h1", "h2", fail_mode="secure")
        assert [self.stack.ofport(name) for name in ("h1", "h2")] == [1, 2]
        self.controller = self.ends.enter_context(Controller(self.stack))
        self.wires = [self.ends.enter_context(contextlib.closing(Wire(space))) for space in spaces]
        return self

    def load(self, *requests):
        self.controller.do(*requests)
        self.stack.appctl("revalidator/purge")

    def clear(self):
        Switch.clear(self)

    def through(self, frame, number=1):
        self.wires[0].send(frame)
        return [self.wires[1].receive() for _ in range(number)]


def records(data):
    """The frames of pcap records, those that are whole."""
    frames = []
    while len(data) >= 16 and len(data) >= 16 + (size := struct.unpack_from("<I", data, 8)[0]):
        frames.append(data[16:16 + size])
        data = data[16 + size:]
    return frames


DATAPATHS = {"oracle": lambda: Fake(ORACLE), "fake": lambda: Fake(WEFT), "user": lambda: Devices(USER), "ebpf": lambda: Devices(EBPF)}


@pytest.fixture(scope="module", params=DATAPATHS)
def datapath(request):
    with DATAPATHS[request.param]() as made:
        yield made


def check(datapath, sent, expected):
    for _ in range(TIMES):
        assert [f.hex() for f in datapath.through(sent, len(expected))] == [f.hex() for f in expected]


@pytest.mark.parametrize("name", GOOD)
def test_action_on_a_datapath(datapath, name):
    match, actions, before, after, other = GOOD[name]
    datapath.clear()
    datapath.load(flow(match, apply(*actions, output(2))), flow({}, apply(output(2)), priority=0))
    check(datapath, before, [otherwise("weft", "action", name) or after])
    if other:
        check(datapath, other, [other])


@pytest.mark.parametrize("name", EXTENSIONS)
def test_extension_on_a_datapath(datapath, name):
    flows, before, after = EXTENSIONS[name]
    datapath.clear()
    stack = datapath.stack
    stack.ofctl("-O", "OpenFlow15", "add-groups", "br0", "-", stdin="\n".join(GROUPS))
    stack.ofctl("-O", "OpenFlow15", "add-meter", "br0", "meter=1,pktps,band=type=drop,rate=1000000")
    stack.ofctl("-O", "OpenFlow10" if name in OF10 else "OpenFlow15", "add-flows", "br0", "-", stdin=flows)
    datapath.load()
    check(datapath, before, after)
