# SPDX-License-Identifier: Apache-2.0
"""Raw sockets in other namespaces: frames with their VLAN tags, which the kernel tells beside the frame."""
import ctypes
import os
import socket
import struct

SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, ETH_P_ALL = 263, 8, 23, 3
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 0x10, 0x40
AUXDATA = struct.Struct("=IIIHHHH")  # status, len, snaplen, mac, net, vlan_tci, vlan_tpid
SECONDS = 5


class Wire:
    """A device of a namespace, to send and receive by."""

    def __init__(self, space, device="eth0"):
        libc, here = ctypes.CDLL(None, use_errno=True), os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{space}", os.O_RDONLY)
        try:
            assert libc.setns(there, 0) == 0, os.strerror(ctypes.get_errno())
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind((device, ETH_P_ALL))
        finally:
            assert libc.setns(here, 0) == 0
            os.close(here)
            os.close(there)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.settimeout(SECONDS)

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.socket.close()

    def send(self, frame):
        self.socket.send(frame)

    def receive(self):
        """The next frame that comes in."""
        data, extra, *_ = self.socket.recvmsg(1 << 16, 256)
        return whole(data, extra)


def whole(data, extra):
    """The frame with the tag that the kernel took out."""
    for level, kind, value in extra:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, *_, tci, tpid = AUXDATA.unpack(value[:AUXDATA.size])
            if status & TP_STATUS_VLAN_VALID:
                return data[:12] + struct.pack(">HH", tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100, tci) + data[12:]
    return data
