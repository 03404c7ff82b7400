# SPDX-License-Identifier: Apache-2.0
"""Twelve puzzles: a packet gets lost, and one `weft why` names the rule or the row to change."""
import json

import pytest

import process
from stack import WEFT

SEND = """
import binascii, socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
for frame in sys.stdin.read().split():
    s.send(binascii.unhexlify(frame))
"""


def frame(tp_dst=53, ttl=64, tag=None, total=None, tp_src=1024, dst="020000000002"):
    """A UDP frame from 10.0.0.1 to 10.0.0.2, in hexadecimal."""
    ip = f"4500{46 if total is None else total:04x}00010000{ttl:02x}1100000a0000010a000002"
    vlan = "" if tag is None else f"8100{tag:04x}"
    return f"{dst}020000000001{vlan}0800{ip}{tp_src:04x}{tp_dst:04x}001a0000" + "00" * 18


def send(net, host, *frames):
    net.run(host, "python3", "-c", SEND, stdin="\n".join(frames))


@pytest.fixture
def br(ours, net):
    """A bridge br0 with ports h1 and h2 that does what its rules say, and drops the rest."""
    for name in ("h1", "h2"):
        net.host(name)
    ours.add_bridge("br0", "h1", "h2", **{"fail_mode": "secure"})
    ours.ofctl("del-flows", "br0")
    ours.allowed.append("flow_mod|flow table|Connection refused|connection attempt failed")
    return ours


def weft(stack, *words):
    done = stack.result(WEFT.program("weft"), *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def why(stack, reason, *words):
    """The explanation of the last drop for `reason`, once there is one."""
    def found():
        told = json.loads(weft(stack, "--format=json", "why", *(words or ("--last", "50"))))
        return next((e for e in reversed(told) if e["reason"] == reason), None)
    return process.until(found, f"a drop for {reason} is told of")


def text_of(e):
    return " ".join([e["summary"], e["row"], *e["remedies"], *e["notes"]])


def test_a_frame_of_the_wrong_vlan_names_the_port_and_its_tag(br, net):
    br.ofctl("add-flow", "br0", "actions=NORMAL")
    br.vsctl("set", "port", "h1", "tag=10")
    send(net, "h1", frame(tag=20))
    e = why(br, "vlan_not_admitted")
    assert e["row"] == 'Port "h1": tag=10' and "VLAN 20" in e["summary"] and e["port"] == "h1"
    assert any("ovs-vsctl" in r and "Port h1" in r and "trunks=20" in r for r in e["remedies"])
    br.vsctl("clear", "port", "h1", "tag", "--", "set", "port", "h1", "vlan_mode=trunk", "trunks=20")  # what was told
    process.until(lambda: not json.loads(weft(br, "why", "br0", "in_port=h1,dl_vlan=20,dl_src=02:00:00:00:00:09", "--format=json"))[0]["dropped"],
                  "such a frame would pass now")


def test_an_acl_rule_is_named_with_cookie_and_priority(br, net):
    br.ofctl("add-flow", "br0", "priority=1,actions=NORMAL")
    br.ofctl("add-flow", "br0", "cookie=0xac1,priority=100,udp,tp_dst=53,actions=drop")
    send(net, "h1", *[frame()] * 3)
    e = why(br, "rule")
    assert (e["rule"]["cookie"], e["rule"]["priority"], e["rule"]["table"]) == ("0xac1", 100, 0)
    assert "tp_dst=53" in e["rule"]["match"] and "10.0.0.1" in e["packet"]
    command = next(r for r in e["remedies"] if "del-flows" in r)
    process.run(["bash", "-c", command], env=br.env)  # what was told
    process.until(lambda: "tp_dst=53" not in br.ofctl("dump-flows", "br0"), "the rule is gone")


def test_a_table_miss_names_the_table_and_the_nearest_rule(br, net):
    br.ofctl("add-flow", "br0", "actions=resubmit(,5)")
    br.ofctl("add-flow", "br0", "table=5,udp,tp_dst=80,actions=2")
    send(net, "h1", frame(tp_dst=81))
    e = why(br, "no_match")
    assert "table 5 of bridge br0 has 1 rule" in e["row"] and e["rule"] is None
    assert any("nearest rule" in n and "tp_dst=80" in n for n in e["notes"])
    assert any("table=5" in r for r in e["remedies"])
    br.ofctl("del-flows", "br0", "table=5")
    send(net, "h1", frame(tp_dst=80))
    told = process.until(lambda: json.loads(weft(br, "why", "br0", "udp,tp_dst=80", "--format=json"))[0], "the drop is told of")
    assert any("was removed" in n and "flows revert" in n for n in told["notes"]), told


def test_an_output_to_no_port_names_the_number_and_the_rule(br, net):
    br.ofctl("add-flow", "br0", "cookie=0x77,in_port=h1,actions=output:99")
    send(net, "h1", frame())
    e = why(br, "invalid_port")
    assert "ofport=99" in e["row"] and e["rule"]["cookie"] == "0x77"
    assert any("ofport_request=99" in r for r in e["remedies"])


def test_a_port_that_is_down_is_named(br, net):
    br.ofctl("add-flow", "br0", "in_port=h1,actions=output:h2")
    net.run("sw", "ip", "link", "set", "h2", "down")
    process.until(lambda: br.get("Interface", "h2", "admin_state") == "down", "the switch knows that h2 is down")
    send(net, "h1", *[frame()] * 3)
    e = why(br, "tx")
    assert e["row"] == 'Interface "h2": admin_state=down' and "ip link set h2 up" in e["remedies"]
    assert e["rule"]["actions"] == "output:2"


def test_a_ttl_that_ran_out_names_the_rule(br, net):
    br.ofctl("add-flow", "br0", "cookie=0x11,ip,actions=dec_ttl,output:h2")
    send(net, "h1", frame(ttl=1))
    e = why(br, "ttl_expired")
    assert "TTL is 1" in e["summary"] and e["rule"]["cookie"] == "0x11" and "dec_ttl" in e["rule"]["actions"]


def test_a_meter_is_named_with_its_rate(br, net):
    br.ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=7,pktps,burst,band=type=drop,rate=1,burst_size=1")
    br.ofctl("-O", "OpenFlow13", "add-flow", "br0", "cookie=0x3e,in_port=h1,actions=meter:7,output:2")
    send(net, "h1", *[frame()] * 50)
    e = why(br, "meter")
    assert "meter 7 of bridge br0" in e["row"] and "1 packets/s" in e["row"] and e["rule"]["cookie"] == "0x3e"
    assert any("mod-meter br0 meter=7" in r for r in e["remedies"])


def test_a_loop_names_its_rules(br, net):
    br.allowed += [r"Recursion too deep"]
    br.ofctl("add-flow", "br0", "actions=resubmit(,1)")
    br.ofctl("add-flow", "br0", "table=1,cookie=0x100,actions=resubmit(,0)")
    send(net, "h1", frame())
    e = why(br, "recursion_too_deep")
    assert "resubmit(,0)" in e["summary"] and "lead back" in e["summary"] and e["rule"] is not None
    assert "bridge br0: Recursion too deep: packets are dropped by the flow table=" in br.switch.log()


def test_the_limit_of_resubmits_is_a_setting(br, net):
    br.allowed += [r"Too many resubmits"]
    br.ofctl("add-flow", "br0", "table=0,actions=resubmit(,1),resubmit(,1),resubmit(,1),2")
    br.ofctl("add-flow", "br0", "table=1,actions=set_field:1->reg0")
    send(net, "h1", frame())
    br.vsctl("set", "Open_vSwitch", ".", "other_config:max-resubmits=2")
    send(net, "h1", frame())
    e = why(br, "too_many_resubmit")
    assert "2 resubmits in all" in e["row"] and "max-resubmits" in e["row"]


def test_a_rule_refused_by_the_flow_limit_is_named_with_the_limit(br, net):
    br.vsctl("--id=@t", "create", "Flow_Table", "name=small", "flow_limit=1", "--", "set", "bridge", "br0", "flow_tables:0=@t")
    br.ofctl("add-flow", "br0", "udp,tp_dst=80,actions=2")
    refused = br.result("ovs-ofctl", "add-flow", "br0", "udp,tp_dst=53,actions=2")
    assert "TABLE_FULL" in refused.stderr
    send(net, "h1", frame(tp_dst=53))
    e = why(br, "no_match")
    assert 'Flow_Table "small" flow_limit=1' in e["row"] and "refused" in e["summary"]
    assert any("flow_limit=2" in r for r in e["remedies"])


def test_an_upcall_overload_names_the_port(br, net):
    br.vsctl("set", "bridge", "br0", "datapath_type=netdev")  # whose misses wait in user space
    br.ofctl("add-flow", "br0", "udp,actions=move:NXM_OF_UDP_SRC[]->NXM_NX_REG0[0..15],output:2")  # a flow for each source port
    br.vsctl("set", "Open_vSwitch", ".", "other_config:flow-limit=10")
    frames = "\n".join(frame(tp_src=1000 + i) for i in range(30000))

    def overloaded():
        net.run("h1", "python3", "-c", SEND, stdin=frames)
        told = json.loads(weft(br, "why", "--last", "50", "--format=json"))
        return next((e for e in reversed(told) if e["reason"] == "upcall_overload"), None)
    e = process.until(overloaded, "packets are lost while others are translated", 60)
    assert e["port"] == "h1" and "flow-limit=10" in e["row"] and "translation" in e["summary"]
    assert any("pmd-cpu-mask" in r for r in e["remedies"]) and any("flow-limit" in r for r in e["remedies"])


def test_an_absent_controller_is_named(br, net):
    br.vsctl("set-controller", "br0", "tcp:127.0.0.1:9")
    send(net, "h1", frame())
    e = why(br, "no_match")
    assert 'Controller "tcp:127.0.0.1:9"' in e["row"] and "fail_mode=secure" in e["row"]
    assert "tcp:127.0.0.1:9" in e["summary"] and "not connected" in e["summary"]
    assert any("set-fail-mode br0 standalone" in r for r in e["remedies"])


def test_a_malformed_frame_is_told_from_one_without_rule(br, net):
    br.ofctl("add-flow", "br0", "udp,actions=2")
    send(net, "h1", frame(total=200))
    e = why(br, "no_match")
    assert any("malformed" in n and "IPv4 header says 200 bytes" in n for n in e["notes"])


def test_the_counts_by_reason_and_port_are_those_of_the_packets_sent(br, net):
    br.ofctl("add-flow", "br0", "udp,tp_dst=53,actions=drop")
    send(net, "h1", *[frame()] * 40)
    send(net, "h2", *[frame(tp_dst=9)] * 7)

    def counts():
        return {(r["port"], r["reason"]): r["packets"] for r in json.loads(weft(br, "drops", "--format=json"))}
    process.until(lambda: counts() == {("h1", "rule"): 40, ("h2", "no_match"): 7}, "the drops are counted")
    process.until(lambda: br.appctl("coverage/read-counter", "drop_action_of_pipeline").strip() == "47", "coverage counts them, too")
    assert "h2" in weft(br, "drops", "h2") and "h1" not in weft(br, "drops", "h2")


def test_a_person_reads_packet_rule_reason_and_remedy(br, net):
    br.ofctl("add-flow", "br0", "cookie=0xac1,priority=100,udp,actions=drop")
    send(net, "h1", frame())
    why(br, "rule")
    told = weft(br, "why", "in_port=h1,udp")
    for part in ("Packet", "10.0.0.2", "port h1 of bridge br0", "Rule", "0xac1", "To change", "Path", 'bridge("br0")', " 0. udp, priority 100"):
        assert part in told, f"{part!r} is missing:\n{told}"


def test_what_was_never_dropped_is_traced_now(br):
    br.ofctl("add-flow", "br0", "in_port=h1,actions=output:h2")
    told = json.loads(weft(br, "why", "in_port=h1,udp", "--format=json"))[0]
    assert not told["dropped"] and "It goes to h2" in told["summary"] and told["number"] == 0
    assert json.loads(weft(br, "why", "in_port=h2,udp", "--format=json"))[0]["reason"] == "no_match"


@pytest.mark.parametrize("words,error", [
    (("why",), "weft: why: expected {[BRIDGE] MATCH | --last [N]}"), (("flows", "revert", "br0", "1", "2", "3", "4"), "weft: flows revert: expected [BRIDGE] VERSION"),
    (("why", "nosuch"), "weft: nosuch: neither a bridge nor a field of packets"), (("why", "br"), 'Did you mean "br0"?'),
    (("why", "br0", "nosuch"), "weft: nosuch: no field of packets"), (("why", "eth_dts"), 'Did you mean "eth_dst"?'), (("why", "br0"), "br0: which packets of this bridge?"), (("why", "--last", "x"), "expected how many"), (("why", "nonsense=1"), "nonsense"),
    (("drops", "nope"), "nope: no bridge or port"), (("why", "--format=xml", "--last"), "xml: unknown format"), (("wy",), "Did you mean \"why\""),
])
def test_a_mistake_is_named(br, words, error):
    done = br.result(WEFT.program("weft"), *words)
    assert done.returncode != 0 and error in done.stderr
