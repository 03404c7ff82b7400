# SPDX-License-Identifier: Apache-2.0
"""OpenFlow connections to a bridge with messages made by hand."""
import socket
import struct

XID = 0x77
HELLO, ERROR, EXPERIMENTER = 0, 1, 4
NICIRA, ONF = 0x2320, 0x4F4E4600


class Connection:
    """A connection to a bridge's management socket; requests are pairs of type and body."""

    def __init__(self, stack, version, bridge="br0"):
        self.version = version
        self.barrier, self.stats_reply = (18, 17) if version == 1 else (20, 19)
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.settimeout(20)
        self.stream.connect(str(stack.folder / f"{bridge}.mgmt"))
        self.file = self.stream.makefile("rb")
        self.send((HELLO,))
        assert self.receive()[1] == HELLO

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.stream.close()

    def send(self, *requests, xid=XID):
        self.stream.sendall(b"".join(self.message(*r, xid=xid) for r in requests))

    def message(self, kind, body=b"", xid=XID):
        return struct.pack(">BBHI", self.version, kind, 8 + len(body), xid) + body

    def receive(self):
        """The next message, whole."""
        head = self.file.read(8)
        assert len(head) == 8, "the switch closed the connection"
        return head + self.file.read(struct.unpack(">H", head[2:4])[0] - 8)

    def until(self, is_last):
        """Messages up to one that is_last."""
        got = [self.receive()]
        while not is_last(got[-1]):
            got.append(self.receive())
        return got

    def ask(self, *requests):
        """What the requests get, as hexadecimal digits."""
        self.send(*requests)
        return self.sync()

    def sync(self):
        """What came until a barrier is answered."""
        self.send((self.barrier,), xid=0x99)
        return [m.hex() for m in self.until(lambda m: m[1] == self.barrier + 1)[:-1]]


def error_of(text):
    """Vendor (0: the standard), type and code of an error in hexadecimal digits; None: it is none."""
    m = bytes.fromhex(text)
    if m[1] != ERROR:
        return None
    kind, code = struct.unpack(">HH", m[8:12])
    if kind == 0xb0c2:
        return struct.unpack(">IHH", m[12:20])
    return (struct.unpack(">I", m[12:16])[0], code, 0) if kind == 0xffff else (0, kind, code)


def updates(message):
    """The event and length of each update of a flow monitor's reply."""
    at = 16 if message[0] >= 5 else 24
    while at < len(message):
        length, event = struct.unpack(">HH", message[at:at + 4])
        yield event, length
        at += length


def monitor_state(message):
    """"paused" or "resumed", if the message says so."""
    if message[0] >= 5 and message[1] == 19:
        return {5: "paused", 6: "resumed"}.get(next(iter(updates(message)), (None,))[0])
    if message[1] == EXPERIMENTER:
        return {22: "paused", 23: "resumed", 1871: "paused", 1872: "resumed"}.get(struct.unpack(">I", message[12:16])[0])
    return None


def n_updates(message):
    return sum(1 for _ in updates(message))
