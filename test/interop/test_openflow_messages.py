# SPDX-License-Identifier: Apache-2.0
"""Scripts of ovs-ofctl: changing and deleting flows, bundles, statistics, ports, monitors, packet-outs. Both switches say the same."""
import re

import pytest

import process
from monitor import Monitor
from normal import assert_same, said, text

BASE = ["table=0,priority=5,in_port=1,cookie=0x5,actions=2", "table=0,priority=5,in_port=2,cookie=0x15,actions=1,3",
        "table=1,ip,nw_src=10.0.0.0/8,cookie=0x5,actions=drop", "table=2,tcp,tp_dst=80,cookie=0x25,actions=LOCAL"]

# Each script runs on a bridge with the flows of BASE, then the flows are listed. "@file" holds two flows.
SCRIPTS = {
    "delete all": [["del-flows", "br0"]],
    "delete by table": [["del-flows", "br0", "table=1"]],
    "delete by match": [["del-flows", "br0", "in_port=1"]],
    "delete by wider match": [["del-flows", "br0", "ip"]],
    "delete by cookie": [["del-flows", "br0", "cookie=0x5/-1"]],
    "delete by cookie mask": [["del-flows", "br0", "cookie=0x5/0xf"]],
    "delete by out_port": [["del-flows", "br0", "out_port=3"]],
    "delete strict": [["--strict", "del-flows", "br0", "priority=5,in_port=1"]],
    "delete strict other priority": [["--strict", "del-flows", "br0", "in_port=1"]],
    "modify": [["mod-flows", "br0", "in_port=1,actions=3"]],
    "modify several": [["mod-flows", "br0", "actions=flood"]],
    "modify strict": [["--strict", "mod-flows", "br0", "priority=5,in_port=2,actions=drop"]],
    "modify strict misses": [["--strict", "mod-flows", "br0", "priority=6,in_port=2,actions=drop"]],
    "modify by cookie": [["mod-flows", "br0", "cookie=0x15/-1,actions=LOCAL"]],
    "modify what is not there": [["mod-flows", "br0", "in_port=7,actions=3"]],
    "modify sets cookie": [["mod-flows", "br0", "cookie=0x99,in_port=1,actions=3"]],
    "add replaces": [["add-flow", "br0", "priority=5,in_port=1,cookie=0x77,actions=LOCAL"]],
    "add overlapping": [["add-flow", "br0", "priority=5,check_overlap,dl_type=0x800,actions=LOCAL"]],
    "add overlapping what it replaces": [["add-flow", "br0", "priority=5,check_overlap,in_port=1,actions=LOCAL"]],
    "add not overlapping": [["add-flow", "br0", "priority=5,check_overlap,in_port=3,actions=LOCAL"]],
    "file": [["add-flows", "br0", "@file"]],
    "bundle": [["--bundle", "add-flows", "br0", "@file"]],
    "replace": [["replace-flows", "br0", "@file"]],
    "replace in a bundle": [["--bundle", "replace-flows", "br0", "@file"]],
    "difference": [["diff-flows", "br0", "@file"]],
    "bad bundle changes nothing": [["--bundle", "add-flows", "br0", "@bad"]],
    "list by table": [["dump-flows", "br0", "table=1"]],
    "list by match": [["dump-flows", "br0", "in_port=2"]],
    "list by cookie": [["dump-flows", "br0", "cookie=0x5/0xff"]],
    "list by out_port": [["dump-flows", "br0", "out_port=2"]],
    "list without statistics": [["--no-stats", "dump-flows", "br0"]],
    "list with names": [["--names", "dump-flows", "br0"]],
    "list sorted": [["--sort=priority", "dump-flows", "br0"], ["--rsort=in_port", "dump-flows", "br0"]],
    "aggregate": [["dump-aggregate", "br0"], ["dump-aggregate", "br0", "table=1"], ["dump-aggregate", "br0", "out_port=3"]],
    "describe": [["dump-desc", "br0"]],
    "show": [["show", "br0"]],
    "ports": [["dump-ports", "br0"], ["dump-ports", "br0", "2"], ["dump-ports", "br0", "p3"], ["dump-ports", "br0", "9"]],
    "port descriptions": [["dump-ports-desc", "br0"], ["dump-ports-desc", "br0", "p1"]],
    "tables": [["dump-tables", "br0"]],
    "port down and up": [["mod-port", "br0", "1", "down"], ["show", "br0"], ["mod-port", "br0", "1", "up"], ["show", "br0"]],
    "port flags": [["mod-port", "br0", "2", "no-flood"], ["mod-port", "br0", "2", "no-receive"], ["mod-port", "br0", "2", "no-forward"],
                   ["mod-port", "br0", "2", "no-packet-in"], ["dump-ports-desc", "br0"], ["mod-port", "br0", "2", "flood"],
                   ["mod-port", "br0", "2", "receive"], ["mod-port", "br0", "2", "forward"], ["mod-port", "br0", "2", "packet-in"]],
    "port unknown": [["mod-port", "br0", "9", "down"]],
    "fragments": [["get-frags", "br0"], ["set-frags", "br0", "drop"], ["get-frags", "br0"], ["set-frags", "br0", "normal"]],
    "queues": [["queue-stats", "br0"], ["queue-stats", "br0", "1", "5"], ["queue-stats", "br0", "2", "0"], ["queue-stats", "br0", "77"],
               ["queue-get-config", "br0", "1"], ["queue-get-config", "br0", "77"]],
    "flags are kept": [["add-flow", "br0", "in_port=7,send_flow_rem,check_overlap,actions=1"], ["mod-flows", "br0", "in_port=7,actions=2"]],
    "internal table": [["dump-flows", "br0", "table=254"], ["dump-aggregate", "br0", "table=254"], ["del-flows", "br0", "table=254"],
                       ["mod-flows", "br0", "table=254,actions=1"], ["del-flows", "br0", "dp_hash=5"], ["add-flow", "br0", "recirc_id=1,actions=1"]],
    "ping": [["probe", "br0"]],
    "no such bridge": [["show", "br9"]],
    "table names": [["mod-table", "br0", "3", "drop"], ["mod-table", "br0", "all", "evict"]],
}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "flows").write_text("# two flows\nin_port=1,actions=3\n\ntable=9,udp,actions=drop # the second\n")
    (tmp_path / "bad").write_text("in_port=1,actions=3\nin_port=2,actions=output:99999\n")
    return {"@file": str(tmp_path / "flows"), "@bad": str(tmp_path / "bad")}


def fresh(stack, version="OpenFlow13"):
    stack.ofctl("del-flows", "br0")
    stack.ofctl("-O", version, "add-flows", "br0", "-", stdin="\n".join(BASE))


def ran(stack, version, script, file):
    fresh(stack)
    out = []
    for command in script:
        done = stack.result("ovs-ofctl", "-O", version, *(file.get(word, word) for word in command))
        out.append([command, *(part.replace(file["@file"][:-5], "DIR/").replace(str(stack.folder), "RUN") if isinstance(part, str) else part
                               for part in said(done))])
    return out + sorted(text(stack.ofctl("-O", version, "dump-flows", "br0")).splitlines())


@pytest.mark.parametrize("version", ["OpenFlow10", "OpenFlow13", "OpenFlow14", "OpenFlow15"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_script_does_what_it_does_to_the_oracle(both, name, version, file):
    assert_same(ran(both[1], version, SCRIPTS[name], file), ran(both[0], version, SCRIPTS[name], file))


PACKET = "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)"
FORMATS = {"OpenFlow10": ["openflow10", "nxt_packet_in", "nxt_packet_in2"], "OpenFlow13": ["standard", "nxt_packet_in2"], "OpenFlow15": ["standard"]}


@pytest.mark.parametrize("version,form", [(v, f) for v, forms in FORMATS.items() for f in forms])
@pytest.mark.parametrize("actions", ["controller", "controller(max_len=20)", "set_field:7->reg3,set_field:9->metadata,controller(reason=action)",
                                     "resubmit(,1)", "dec_ttl,controller", "controller(userdata=01.02.03)"])
def test_packets_come_to_a_monitor_as_from_the_oracle(both, tmp_path, version, form, actions):
    texts = []
    for stack in both:
        stack.ofctl("del-flows", "br0")
        stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", f"table=0,cookie=0x42,ip,actions={actions}")
        stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", "table=1,actions=controller")
        with Monitor(stack, tmp_path, "-O", version, "-P", form, "monitor", "br0", "65534") as monitor:
            for ttl in (64, 1):
                stack.receive("p1", PACKET.replace("ttl=64", f"ttl={ttl}"))
            number = 1 if actions.startswith("dec") else 2
            process.until(lambda m=monitor: m.output.read_text().count("PACKET_IN") >= number, "the packets arrive")
            texts.append(monitor.said())
    assert_same(texts[1], texts[0])
    assert "PACKET_IN" in texts[0]


@pytest.mark.parametrize("version", ["OpenFlow10", "OpenFlow13", "OpenFlow14", "OpenFlow15"])
def test_flow_removed_and_port_status_come_to_a_monitor(both, tmp_path, version):
    texts = []
    for stack in both:
        fresh(stack)
        with Monitor(stack, tmp_path, "-O", version, "monitor", "br0", "65534") as monitor:
            stack.ofctl("-O", version, "add-flow", "br0", "udp,send_flow_rem,cookie=7,priority=9,actions=1")
            stack.receive("p1", PACKET)
            process.until(lambda s=stack: "n_packets=1" in s.ofctl("dump-flows", "br0", "udp"), "the packet is counted")
            stack.ofctl("-O", version, "del-flows", "br0", "udp")
            process.until(lambda m=monitor: "FLOW_REMOVED" in m.output.read_text(), "flow removed")
            stack.ofctl("-O", version, "mod-port", "br0", "2", "no-packet-in")
            process.until(lambda m=monitor: "PORT_STATUS" in m.output.read_text(), "port status")
            stack.ofctl("-O", version, "mod-port", "br0", "2", "packet-in")
            stack.vsctl("add-port", "br0", "new", "--", "set", "interface", "new", "type=dummy", "ofport_request=9")
            stack.vsctl("del-port", "new")
            process.until(lambda m=monitor: "DEL:" in m.output.read_text(), "the port's end")
            texts.append(monitor.said())
    assert_same(texts[1], texts[0])


def test_idle_and_hard_timeouts_remove_flows_and_say_why(both, tmp_path):
    texts = []
    for stack in both:
        stack.appctl("time/stop")
        fresh(stack)
        with Monitor(stack, tmp_path, "monitor", "br0", "65534") as monitor:
            stack.ofctl("add-flow", "br0", "in_port=1,send_flow_rem,idle_timeout=5,actions=2")
            stack.ofctl("add-flow", "br0", "in_port=2,send_flow_rem,hard_timeout=7,actions=1")
            stack.appctl("time/warp", "8000", "500")
            process.until(lambda m=monitor: m.output.read_text().count("FLOW_REMOVED") == 2, "both flows are removed")
            texts.append(sorted(monitor.said().splitlines()))
    assert_same(texts[1], texts[0])


@pytest.mark.parametrize("version", ["OpenFlow10", "OpenFlow13", "OpenFlow15"])
@pytest.mark.parametrize("actions", ["2", "2,3", "flood", "all", "in_port", "table", "resubmit(,0)", "mod_dl_src:02:00:00:00:00:09,2", "normal",
                                     "push_vlan:0x8100,set_field:4101->vlan_vid,2", "controller", "drop", "output:99"])
def test_packets_out_leave_by_the_same_ports(both, tmp_path, version, actions):
    """The counters of the ports and of the flow tell where the packet went."""
    texts = []
    for stack in both:
        fresh(stack)
        frame = "0200000000020200000000010800450000200000000040116eca0a0000010a000002000100020000ffff" + "00" * 20
        before = counters(stack)
        with Monitor(stack, tmp_path, "-O", version, "monitor", "br0", "65534") as monitor:
            done = stack.result("ovs-ofctl", "-O", version, "packet-out", "br0", f"in_port=1,packet={frame},actions={actions}")
            texts.append([said(done), [b - a for a, b in zip(before, counters(stack))], monitor.said()])
    assert_same(texts[1], texts[0])


def counters(stack):
    """Packets sent by p1, p2, p3 and the local port."""
    return [int(re.search(r"tx pkts=(\d+)", stack.ofctl("dump-ports", "br0", port)).group(1)) for port in ("1", "2", "3", "LOCAL")]
