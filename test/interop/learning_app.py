# SPDX-License-Identifier: Apache-2.0
"""An os-ken application for OpenFlow 1.3: a switch that learns addresses and installs a flow for each pair it has seen."""
from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import CONFIG_DISPATCHER, MAIN_DISPATCHER, set_ev_cls
from os_ken.lib.packet import ethernet, packet
from os_ken.ofproto import ofproto_v1_3


class Learning(app_manager.OSKenApp):
    OFP_VERSIONS = [ofproto_v1_3.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ports = {}

    def add(self, datapath, priority, match, port):
        parser, proto = datapath.ofproto_parser, datapath.ofproto
        actions = [parser.OFPActionOutput(port, proto.OFPCML_NO_BUFFER)]
        datapath.send_msg(parser.OFPFlowMod(datapath=datapath, priority=priority, match=match, instructions=[
            parser.OFPInstructionActions(proto.OFPIT_APPLY_ACTIONS, actions)]))

    @set_ev_cls(ofp_event.EventOFPSwitchFeatures, CONFIG_DISPATCHER)
    def connected(self, event):
        datapath = event.msg.datapath
        self.add(datapath, 0, datapath.ofproto_parser.OFPMatch(), datapath.ofproto.OFPP_CONTROLLER)

    @set_ev_cls(ofp_event.EventOFPPacketIn, MAIN_DISPATCHER)
    def packet_in(self, event):
        msg, datapath = event.msg, event.msg.datapath
        parser, proto = datapath.ofproto_parser, datapath.ofproto
        port, frame = msg.match["in_port"], packet.Packet(msg.data).get_protocols(ethernet.ethernet)[0]
        self.ports[datapath.id, frame.src] = port
        out = self.ports.get((datapath.id, frame.dst), proto.OFPP_FLOOD)
        if out != proto.OFPP_FLOOD:
            self.add(datapath, 5, parser.OFPMatch(in_port=port, eth_src=frame.src, eth_dst=frame.dst), out)
        data = msg.data if msg.buffer_id == proto.OFP_NO_BUFFER else None
        datapath.send_msg(parser.OFPPacketOut(datapath=datapath, buffer_id=msg.buffer_id, in_port=port,
                                              actions=[parser.OFPActionOutput(out)], data=data))
