# SPDX-License-Identifier: Apache-2.0
"""An os-ken application: a switch that learns addresses and installs a flow for each pair it has seen. $APP_VERSION is v1_0 ... v1_5."""
import importlib
import os

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import mac
from os_ken.lib.packet import ethernet, packet

VERSION = os.environ["APP_VERSION"]
PROTOCOL = importlib.import_module(f"os_ken.ofproto.ofproto_{VERSION}")
OLD = VERSION == "v1_0"


class Learning(app_manager.OSKenApp):
    OFP_VERSIONS = [PROTOCOL.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ports = {}

    def add(self, datapath, priority, match, port):
        parser, proto = datapath.ofproto_parser, datapath.ofproto
        if OLD:
            actions = [parser.OFPActionOutput(port, 0xffff)]
            return datapath.send_msg(parser.OFPFlowMod(datapath, match, 0, proto.OFPFC_ADD, priority=priority, actions=actions))
        actions = [parser.OFPActionOutput(port, proto.OFPCML_NO_BUFFER)]
        return datapath.send_msg(parser.OFPFlowMod(datapath=datapath, priority=priority, match=match, instructions=[
            parser.OFPInstructionActions(proto.OFPIT_APPLY_ACTIONS, actions)]))

    def pair(self, parser, port, frame):
        if OLD:
            return parser.OFPMatch(in_port=port, dl_src=mac.haddr_to_bin(frame.src), dl_dst=mac.haddr_to_bin(frame.dst))
        return parser.OFPMatch(in_port=port, eth_src=frame.src, eth_dst=frame.dst)

    def packet_out(self, msg, port, out, data):
        datapath = msg.datapath
        parser, actions = datapath.ofproto_parser, [datapath.ofproto_parser.OFPActionOutput(out)]
        where = {"match": parser.OFPMatch(in_port=port)} if VERSION == "v1_5" else {"in_port": port}
        datapath.send_msg(parser.OFPPacketOut(datapath=datapath, buffer_id=msg.buffer_id, actions=actions, data=data, **where))

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def connected(self, event):
        datapath = event.msg.datapath
        self.add(datapath, 0, datapath.ofproto_parser.OFPMatch(), datapath.ofproto.OFPP_CONTROLLER)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, event):
        msg, proto = event.msg, event.msg.datapath.ofproto
        port, frame = msg.in_port if OLD else msg.match["in_port"], packet.Packet(msg.data).get_protocols(ethernet.ethernet)[0]
        self.ports[msg.datapath.id, frame.src] = port
        out = self.ports.get((msg.datapath.id, frame.dst), proto.OFPP_FLOOD)
        if out != proto.OFPP_FLOOD:
            self.add(msg.datapath, 5, self.pair(msg.datapath.ofproto_parser, port, frame), out)
        self.packet_out(msg, port, out, msg.data if msg.buffer_id == 0xffffffff else None)
