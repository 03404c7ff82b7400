# SPDX-License-Identifier: Apache-2.0
"""An os-ken application that keeps nine_tables.py's flows in a switch while it is the master. The file $APP_ROLE holds its role and
generation ("master 3"), and may change at any time; $APP_LOG gets a line for each thing that happened."""
import os
import pathlib
import sys

from os_ken.base import app_manager
from os_ken.controller import ofp_event
from os_ken.controller.handler import MAIN_DISPATCHER, set_ev_cls
from os_ken.lib import hub
from os_ken.ofproto import ofproto_v1_3 as of

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import nine_tables  # noqa: E402
from controller import flow  # noqa: E402

ROLES = {"master": of.OFPCR_ROLE_MASTER, "slave": of.OFPCR_ROLE_SLAVE}
POLL_SECONDS = 0.05


class NineTables(app_manager.OSKenApp):
    OFP_VERSIONS = [of.OFP_VERSION]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.datapath, self.asked = None, None
        self.wanted = list(nine_tables.flows())
        self.note(f"planned {len(self.wanted)}")
        hub.spawn(self.follow)

    def note(self, line):
        with open(os.environ["APP_LOG"], "a", encoding="utf-8") as f:
            f.write(line + "\n")

    def follow(self):
        """Asks for the role that the file names, whenever that changes and after each connection."""
        while True:
            text = pathlib.Path(os.environ["APP_ROLE"]).read_text(encoding="utf-8").split()
            if self.datapath and len(text) == 2 and text != self.asked:
                self.asked = text
                parser = self.datapath.ofproto_parser
                self.datapath.send_msg(parser.OFPRoleRequest(self.datapath, ROLES[text[0]], int(text[1])))
            hub.sleep(POLL_SECONDS)

    def count(self):
        parser = self.datapath.ofproto_parser
        self.datapath.send_msg(parser.OFPAggregateStatsRequest(self.datapath, 0, of.OFPTT_ALL, of.OFPP_ANY, of.OFPG_ANY, 0, 0, parser.OFPMatch()))

    @set_ev_cls(ofp_event.EventOFPStateChange, MAIN_DISPATCHER)
    def connected(self, event):
        self.datapath, self.asked = event.datapath, None
        self.note("connected")

    @set_ev_cls(ofp_event.EventOFPRoleReply, MAIN_DISPATCHER)
    def has_role(self, event):
        role = next(name for name, value in ROLES.items() if value == event.msg.role)
        self.note(f"role {role}")
        if role == "master":
            self.count()

    @set_ev_cls(ofp_event.EventOFPAggregateStatsReply, MAIN_DISPATCHER)
    def counted(self, event):
        number = event.msg.body.flow_count
        if number == len(self.wanted):
            self.note("complete")
            return
        self.note(f"installs over {number}")
        requests = [flow(command=of.OFPFC_DELETE, table_id=of.OFPTT_ALL), *nine_tables.groups(), *self.wanted]
        for request in requests:
            self.datapath.send(request)
        self.count()

    @set_ev_cls(ofp_event.EventOFPErrorMsg, MAIN_DISPATCHER)
    def refused(self, event):
        self.note(f"error {event.msg.type} {event.msg.code}")
