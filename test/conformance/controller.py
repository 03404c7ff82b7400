# SPDX-License-Identifier: Apache-2.0
"""A controller that speaks OpenFlow 1.3 by os-ken's encoder and decoder, one request at a time."""
import itertools
import socket
import struct

from os_ken.ofproto import ofproto_parser, ofproto_protocol
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

DATAPATH = ofproto_protocol.ProtocolDesc(version=of.OFP_VERSION)
SECONDS = 5
UNASKED = (of.OFPT_HELLO, of.OFPT_ECHO_REQUEST, of.OFPT_PACKET_IN, of.OFPT_FLOW_REMOVED, of.OFPT_PORT_STATUS)


def encode(message):
    """The bytes of a message of os-ken's; its transaction id is 0."""
    if message.xid is None:
        message.set_xid(0)
    message.serialize()
    return bytes(message.buf)


def raw(kind, body=b"", version=of.OFP_VERSION, length=None):
    """A message made by hand."""
    return struct.pack(">BBHI", version, kind, 8 + len(body) if length is None else length, 0) + body


def apply(*actions):
    return parse.OFPInstructionActions(of.OFPIT_APPLY_ACTIONS, list(actions))


def write(*actions):
    return parse.OFPInstructionActions(of.OFPIT_WRITE_ACTIONS, list(actions))


def output(port, max_len=of.OFPCML_NO_BUFFER):
    return parse.OFPActionOutput(port, max_len)


def set_field(**field):
    return parse.OFPActionSetField(**field)


TO_CONTROLLER = output(of.OFPP_CONTROLLER)


def flow(match=None, *instructions, **options):
    """An OFPT_FLOW_MOD; match is a dict of fields, or bytes for one made by hand."""
    options = {"priority": 10, "command": of.OFPFC_ADD, "out_port": of.OFPP_ANY, "out_group": of.OFPG_ANY} | options
    return encode(parse.OFPFlowMod(DATAPATH, match=parse.OFPMatch(**(match or {})), instructions=list(instructions), **options))


def group(kind, *buckets, number=1, command=of.OFPGC_ADD):
    """An OFPT_GROUP_MOD of buckets made by bucket()."""
    return encode(parse.OFPGroupMod(DATAPATH, command, kind, number, list(buckets)))


def bucket(*actions, weight=0, port=of.OFPP_ANY, watch=of.OFPG_ANY):
    return parse.OFPBucket(weight, port, watch, list(actions))


def meter(*bands, number=1, flags=of.OFPMF_PKTPS, command=of.OFPMC_ADD):
    return encode(parse.OFPMeterMod(DATAPATH, command, flags, number, list(bands)))


class Controller:
    """A connection to a bridge's management socket that gets packets whole."""

    def __init__(self, stack, bridge="br0"):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.settimeout(SECONDS)
        self.stream.connect(str(stack.folder / f"{bridge}.mgmt"))
        self.data = b""
        self.xids = itertools.count(1)
        self.packets, self.notes = [], []
        self.send(raw(of.OFPT_HELLO), encode(parse.OFPSetConfig(DATAPATH, of.OFPC_FRAG_NORMAL, of.OFPCML_NO_BUFFER)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()

    def send(self, *requests):
        for request in requests:
            xid = struct.pack(">I", next(self.xids))
            self.stream.sendall(request[:4] + xid + request[8:])

    def _peek(self, length):
        """The first bytes that have come, once there are as many; a TimeoutError loses none of them."""
        while len(self.data) < length:
            got = self.stream.recv(1 << 16)
            assert got, "the switch closed the connection"
            self.data += got
        return self.data[:length]

    def receive(self):
        """The next message; packets and what the switch tells unasked are put aside too."""
        version, kind, length, xid = struct.unpack(">BBHI", self._peek(8))
        message = ofproto_parser.msg(DATAPATH, version, kind, length, xid, self._peek(length))
        self.data = self.data[length:]
        if isinstance(message, parse.OFPEchoRequest):
            self.send(raw(of.OFPT_ECHO_REPLY, message.data or b""))
        elif isinstance(message, parse.OFPPacketIn):
            self.packets.append(message)
        elif isinstance(message, (parse.OFPPortStatus, parse.OFPFlowRemoved)):
            self.notes.append(message)
        return message

    def ask(self, *requests):
        """What the requests are answered, up to a barrier."""
        self.send(*requests, encode(parse.OFPBarrierRequest(DATAPATH)))
        answers = []
        while not isinstance(answer := self.receive(), parse.OFPBarrierReply):
            if answer.msg_type not in UNASKED:
                answers.append(answer)
        return answers

    def do(self, *requests):
        """As ask(), for requests that must all be taken."""
        errors = self.errors(*requests)
        assert not errors, f"refused: {errors}"

    def errors(self, *requests):
        """The (type, code) of each error that the requests get."""
        return [(a.type, a.exp_type if a.type == of.OFPET_EXPERIMENTER else a.code)
                for a in self.ask(*requests) if a.msg_type == of.OFPT_ERROR]

    def take_packets(self, number):
        """The next packets that come to the controller."""
        while len(self.packets) < number:
            self.receive()
        taken, self.packets = self.packets[:number], self.packets[number:]
        return taken

    def stats(self, request):
        """The body of a multipart reply."""
        return [row for reply in self.ask(encode(request)) for row in reply.body]
