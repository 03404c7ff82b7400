# SPDX-License-Identifier: Apache-2.0
"""A switch under test: flows and frames go to it, and what it says and sends is read back."""
import re
import struct

import normal
import process
import tables
from still_switch import StillSwitch

PORTS = [f"p{i}" for i in range(1, tables.PORTS + 1)]
VLAN_MODES = ["", "tag=5", "tag=9", "trunks=5,9", "vlan_mode=native-tagged tag=5 trunks=5,9", "vlan_mode=native-untagged tag=9 trunks=5,9",
              "vlan_mode=dot1q-tunnel tag=5", "protected=true", "tag=5 protected=true", "other_config:priority-tags=always tag=9"]


TLV_MAP = "{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=2,len=8}->tun_metadata5"


class Pcap:
    """Frames appended to a file that a port writes."""

    def __init__(self, path):
        self.path, self.offset = path, 24

    def read(self):
        """Frames written since the last call, in hexadecimal."""
        with open(self.path, "rb") as f:
            f.seek(self.offset)
            data = f.read()
        frames, at = [], 0
        while at + 16 <= len(data):
            length = struct.unpack_from("<I", data, at + 8)[0]
            frames.append(data[at + 16:at + 16 + length].hex())
            at += 16 + length
        self.offset += at
        return frames


class Bridge:
    """What is done to any bridge br0 with ports p1 ... p6; its `stack` runs, and ask() reaches its switch."""

    def call(self, *words):
        """A command's output, or "error: ..."."""
        answer, error = self.ask(*words)
        return answer if error is None else f"error: {error}"

    def set_vlan_modes(self, modes):
        words = []
        for port, mode in zip(PORTS, modes):
            words += ["--", "clear", "port", port, "tag", "trunks", "vlan_mode", "other_config", "--", "set", "port", port, "protected=false"]
            words += ["--", "set", "port", port, *mode.split()] if mode else []
        self.stack.vsctl(*words[1:])

    def load(self, groups, lines, version):
        """Replaces all groups and flows; the flows that were refused. Flows go before groups: Debian's switch dies when groups go that
        a flow uses several of."""
        self.stack.ofctl("del-flows", "br0")
        self.stack.ofctl("-O", "OpenFlow15", "del-groups", "br0")
        self.stack.ofctl("-O", "OpenFlow15", "add-groups", "br0", "-", stdin="\n".join(groups))
        self.call("fdb/flush")
        done = self.stack.result("ovs-ofctl", "-O", version, "add-flows", "br0", "-", stdin="\n".join(lines))
        refused = []
        if done.returncode:
            refused = [line for line in lines if self.stack.result("ovs-ofctl", "-O", version, "add-flow", "br0", line).returncode]
        self.call("revalidator/purge")
        self.sent()
        return refused

    def trace(self, port, frame):
        """The whole text of a trace of the frame coming in by the port."""
        return self.call("ofproto/trace", "--names", "br0", f"in_port={port}", frame.hex())

    def lookups(self):
        """How many have found a flow, and how many have not."""
        hit, missed = re.search(r"hit:(\d+) missed:(\d+)", self.call("dpctl/show")).groups()
        return int(hit), int(missed)

    def looks_up(self, do):
        """Does it, and returns when a packet has been looked up that came of it."""
        before = sum(self.lookups())
        do()
        for _ in range(100):  # without a pause: it is a matter of microseconds
            if sum(self.lookups()) > before:
                return
        process.until(lambda: sum(self.lookups()) > before, "the frame is looked up")

    def packet_out(self, port, frame, actions):
        """A controller sends the frame; what ovs-ofctl says to that."""
        done = self.stack.result("ovs-ofctl", "-O", "OpenFlow13", "packet-out", "br0", f"in_port={port[1:]},packet={frame.hex()},actions={actions}")
        return normal.said(done)

    def flows(self, version):
        """The flows with their counters, those that were learned too."""
        self.call("revalidator/purge")
        text = normal.text(self.stack.ofctl("-O", version, "dump-flows", "br0"), (r"duration=T, ", ""), (r"(idle|hard)_age=T, ", ""))
        return sorted(text.splitlines()[1:])

    def megaflows(self):
        return sum("actions:" in line for line in self.call("dpctl/dump-flows").splitlines())


class Switch(Bridge, StillSwitch):
    """One with dummy ports, for which time stands still."""
    ports = tables.PORTS

    def prepare(self):
        for port in [*PORTS, "br0"]:
            self.stack.vsctl("set", "interface", port, f"options:tx_pcap={self.stack.folder}/{port}.pcap")
        self.stack.ofctl("add-tlv-map", "br0", TLV_MAP)

    def begin(self):
        folder = self.stack.folder
        process.until(lambda: all((folder / f"{p}.pcap").exists() for p in PORTS), "the ports write their pcap files")
        self.pcaps = {p: Pcap(folder / f"{p}.pcap") for p in [*PORTS, "br0"] if (folder / f"{p}.pcap").exists()}

    def receive(self, port, frame):
        """The frame comes in by the port; returns when it has been forwarded."""
        self.looks_up(lambda: self.call("netdev-dummy/receive", port, frame.hex()))
        self.call("dpctl/show")

    def sent(self):
        """{port: frames} sent since the last call."""
        return {port: pcap.read() for port, pcap in self.pcaps.items()}
