# SPDX-License-Identifier: Apache-2.0
"""One case on our switch with dummy ports, each of whose frames is translated anew, and on a datapath of devices, which keeps its megaflows:
what leaves, and what flows count, has to be the same."""
import contextlib
import dataclasses
import random

from devices import Devices
from stack import WEFT
from switches import Switch

FRAMES = 12  # of a case
VARIANTS = 2
HEADERS = 62  # bytes in which variants differ


def variants(port, frame):
    """The frame with a few bits turned over: most are not looked at by the megaflow that the frame has made, and every header is met
    malformed."""
    r = random.Random(f"{port} {frame.hex()}")
    for _ in range(VARIANTS):
        bits = int.from_bytes(frame, "big")
        for _ in range(r.choice([1, 1, 3])):
            bits ^= 0x80 >> r.randrange(8) << 8 * (len(frame) - 1 - r.randrange(min(HEADERS, len(frame))))
        yield bits.to_bytes(len(frame), "big")


def steps(case):
    """(port, frame) in order: each frame of the case misses, hits what it has made, and is followed by its variants."""
    return [(port, f) for port, frame in case.packets[:FRAMES] for f in (frame, frame, *variants(port, frame))]


@dataclasses.dataclass
class Played:
    refused: list
    sent: list  # after each step, and each packet-out
    flows: list


def play(switch, case, settle, expected=None):
    """`settle`: a command before each frame. `expected`: what the other switch has sent is waited for."""
    refused, sent = switch.load(case.groups, case.flows, case.version), []

    def note_sent():
        sent.append(switch.sent(expected.sent[len(sent)]) if expected else switch.sent())
    for port, frame in steps(case):
        if settle:
            switch.call(settle)
        switch.receive(port, frame)
        note_sent()
    for port, frame, words in case.outs:
        switch.packet_out(port, frame, words)
        note_sent()
    return Played(refused, sent, switch.flows(case.version))


def differences(case, dummy, device):
    """Texts; empty where both did the same."""
    found = [] if dummy.refused == device.refused else [f"refused: {set(dummy.refused) ^ set(device.refused)}"]
    for number, ((port, frame, *words), right, made) in enumerate(zip([*steps(case), *case.outs], dummy.sent, device.sent)):
        other = [p for p in right if right[p] != made[p]]
        if other:
            found.append("\n".join([f"frame {number}, {port}: {frame.hex()} {' '.join(words)}",
                                    *(f"{p}: {who} {frames[p]}" for p in other for who, frames in (("dummy ", right), ("device", made)))]))
    if dummy.flows != device.flows and not found:
        found.append("\n".join(["the flows and their counters differ:", *("dummy:  " + f for f in dummy.flows if f not in device.flows),
                                *("device: " + f for f in device.flows if f not in dummy.flows)]))
    return found


class Alike:
    """A context with both switches. `plant`, called with the devices' switch before the first frame of each case, is for faults that have to
    be found."""

    def __init__(self, flavor, plant=None):
        self.flavor, self.plant, self.modes, self.ends = flavor, plant, None, contextlib.ExitStack()
        self.differing, self.unsteady, self.frames = [], 0, 0

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            self.dummy, self.device = ends.enter_context(Switch(WEFT)), ends.enter_context(Devices(self.flavor))
            self.ends = ends.pop_all()
        return self

    def __exit__(self, *_):
        self.ends.close()

    def differences(self, case):
        """What differs in the case. One that teaches (learn, NORMAL) has its megaflows made true again before each frame."""
        if case.modes != self.modes:
            for switch in (self.dummy, self.device):
                switch.set_vlan_modes(case.modes)
            self.modes = case.modes
        dummy = play(self.dummy, case, "revalidator/purge")
        self.frames += len(dummy.sent)
        return differences(case, dummy, self.play_on_devices(case, dummy))

    def play_on_devices(self, case, dummy):
        if not self.plant:
            return play(self.device, case, None if case.style.calm else "revalidator/wait", dummy)
        with self.device.stack.without_revalidation():
            return play(Planted(self.device, self.plant), case, None, dummy)

    def play_case(self, case):
        """What differs in the case, and again when it is repeated: what is learned here may be a moment late."""
        found = self.differences(case)
        again = self.differences(case) if found else []
        self.unsteady += bool(found) and not again
        return again


class Planted:
    """A switch into which something is put behind its control, as soon as its flows are loaded."""

    def __init__(self, switch, plant):
        self.switch, self.plant = switch, plant

    def load(self, *tables):
        refused = self.switch.load(*tables)
        self.plant(self.switch)
        return refused

    def __getattr__(self, name):
        return getattr(self.switch, name)
