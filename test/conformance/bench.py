# SPDX-License-Identifier: Apache-2.0
"""A switch with three dummy ports, a controller on it, and a way to let frames come in."""
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

import process
from controller import DATAPATH, TO_CONTROLLER, Controller, apply, encode, flow, meter, set_field
from frames import other
from still_switch import StillSwitch

CASE, MISS = 0xca5e, 0x3155  # cookies
MARKER = other()
PORTS = (1, 2, 3, of.OFPP_LOCAL)


class Switch(StillSwitch):
    """`clear` takes it back to no flow, group, meter, and ports as they were."""

    def begin(self):
        self.controller = Controller(self.stack)
        rows = self.controller.stats(parse.OFPPortDescStatsRequest(DATAPATH))
        self.addresses = {row.port_no: row.hw_addr for row in rows}

    def __exit__(self, *error):
        self.controller.close()
        super().__exit__(*error)

    def call(self, *words):
        answer, error = self.ask(*words)
        assert error is None, error
        return answer

    def clear(self):
        self.controller.do(flow(command=of.OFPFC_DELETE, table_id=of.OFPTT_ALL),
                           encode(parse.OFPGroupMod(DATAPATH, of.OFPGC_DELETE, of.OFPGT_ALL, of.OFPG_ALL, [])),
                           meter(number=of.OFPM_ALL, command=of.OFPMC_DELETE))
        self.controller.packets.clear()
        self.controller.notes.clear()

    def load(self, *requests):
        """Requests that must be taken; what follows is not forwarded by flows of the datapath that were made before."""
        self.controller.do(*requests)
        self.call("revalidator/purge")

    def catch_all(self):
        """Table 1 gets all frames, with metadata and tunnel by their port; what no other flow matches there goes to the controller."""
        told = [flow({"in_port": port}, parse.OFPInstructionWriteMetadata(port + 4, of.OFPTT_ALL), apply(set_field(tunnel_id=port + 6)),
                     parse.OFPInstructionGotoTable(1)) for port in (1, 2)]
        self.load(*told, flow({}, apply(TO_CONTROLLER), table_id=1, priority=0, cookie=MISS))

    def receive(self, data, port=1):
        self.call("netdev-dummy/receive", f"p{port}", data.hex())

    def sent(self, data, port=1):
        """What the controller gets of a frame: (cookie, reason, the frame)."""
        self.receive(data, port)
        packet = self.controller.take_packets(1)[0]
        return packet.cookie, packet.reason, bytes(packet.data)

    def nothing(self):
        """That the frame just received came to nobody: it has been looked up and forwarded once a later one arrives."""
        self.load(flow({"in_port": 3}, apply(TO_CONTROLLER), priority=999))
        assert self.sent(MARKER, 3)[2] == MARKER and not self.controller.packets
        self.controller.do(flow({"in_port": 3}, command=of.OFPFC_DELETE_STRICT, priority=999))
        return []

    def config(self, port, value):
        changed = of.OFPPC_PORT_DOWN | of.OFPPC_NO_RECV | of.OFPPC_NO_FWD | of.OFPPC_NO_PACKET_IN
        self.controller.do(encode(parse.OFPPortMod(DATAPATH, port, self.addresses[port], value, changed, 0)))
        self.load()  # ports change after the answer

    def counts(self):
        """Packets sent by each port."""
        rows = {row.port_no: row.tx_packets for row in self.controller.stats(parse.OFPPortStatsRequest(DATAPATH, 0, of.OFPP_ANY))}
        return [rows[port] for port in PORTS]

    def copies(self, expected, send):
        """Waits until send() has made the expected numbers of copies by port 1, 2, 3, LOCAL and to the controller; fails with what it made."""
        before, seen = self.counts(), None

        def arrived():
            nonlocal seen
            seen = (*(now - then for now, then in zip(self.counts(), before)), len(self.controller.packets))
            return seen == expected
        send()
        try:
            process.until(arrived, f"copies {expected}", 2)
        except AssertionError:
            raise AssertionError(f"by port 1, 2, 3, LOCAL and to the controller: {seen}, expected {expected}") from None
        self.controller.packets.clear()
