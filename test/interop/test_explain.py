# SPDX-License-Identifier: Apache-2.0
"""From datapath flows back to rules, traces of real packets, the way back to earlier tables."""
import json
import re

import pytest

import process
from conftest import DUMMY
from stack import WEFT

UDP = "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)"


@pytest.fixture
def dummy(make_stack):
    stack = make_stack(WEFT, switch_options=DUMMY)
    stack.add_dummy()
    return stack


def weft(stack, *words):
    done = stack.result(WEFT.program("weft"), *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_trace_in_json_is_the_tree_of_the_text(dummy):
    dummy.ofctl("add-flow", "br0", "priority=7,udp,actions=resubmit(,1)")
    dummy.ofctl("add-flow", "br0", "table=1,cookie=0x5,actions=dec_ttl,2")
    flow = "in_port=1,udp,nw_ttl=64"
    text = dummy.appctl("ofproto/trace", "br0", flow)
    told = json.loads(dummy.appctl("ofproto/trace", "br0", flow, "--format", "json"))

    def texts(nodes):
        return [t for n in nodes for t in (n["text"], *texts(n["children"]))]
    assert {n["kind"] for n in told["path"]} == {"bridge"}
    for part in (*texts(told["path"]), told["flow"], told["final_flow"], told["megaflow"], told["datapath_actions"]):
        assert part in text, part
    assert told["failure"] is None and json.loads(weft(dummy, "--format=json", "trace", "br0", flow)) == told


def test_a_datapath_flow_leads_back_to_its_rules_and_cookies(dummy):
    dummy.ofctl("add-flow", "br0", "cookie=0xa,priority=7,udp,actions=resubmit(,1)")
    dummy.ofctl("add-flow", "br0", "table=1,cookie=0xb,actions=2")
    dummy.receive("p1", UDP)
    dump = dummy.appctl("dpctl/dump-flows", "-m")
    ufid = re.search(r"ufid:[\w-]+", dump).group()
    told = json.loads(weft(dummy, "detrace", ufid, "--format=json"))
    assert [(r["cookie"], r["table"]) for r in told["made_of"]] == [("0xa", 0), ("0xb", 1)]
    assert [r["packets"] for r in told["made_of"]] == [1, 1]
    text = weft(dummy, "detrace", ufid)
    assert "cookie=0xb, table=1" in text and ufid in text
    short = dummy.appctl("dpctl/dump-flows").splitlines()[-1]
    assert "cookie=0xb, table=1" in weft(dummy, "detrace", short)
    lost = dummy.result(WEFT.program("weft"), "detrace", "ufid:00000000-0000-0000-0000-000000000001")
    assert lost.returncode == 2 and "no such flow" in lost.stderr


def test_a_live_trace_tells_of_the_next_real_packet_and_changes_nothing(dummy):
    dummy.ofctl("add-flow", "br0", "priority=7,udp,actions=2")
    dummy.receive("p1", UDP)  # its flow is there: the next one causes no upcall
    sent = process.background([WEFT.program("weft"), "--format=json", "trace", "--live", "br0", "in_port=p1,udp", "--count=2"],
                              env=dummy.env, stdout=process.PIPE)
    with process.killed_after(sent):
        def told():
            dummy.receive("p3", UDP.replace("in_port(1)", "in_port(3)"))  # of another port: not asked for
            dummy.receive("p1", UDP)
            return sent.poll() is not None
        process.until(told, "two packets are traced")
        stories = json.loads(sent.stdout.read())
    assert len(stories) == 2 and all("10.0.0.1" in s["flow"] and s["datapath_actions"] == "2" for s in stories)
    assert all("in_port=p1" in s["flow"] for s in stories)
    flows = dummy.appctl("dpctl/dump-flows")
    assert "actions:2" in flows
    assert int(re.search(r"in_port\(1\).*packets:(\d+)", flows).group(1)) >= 2
    assert "No packet matched within 1 s" in weft(dummy, "trace", "--live", "br0", "tcp", "--wait", "1")


def dump(stack):
    return stack.ofctl("dump-flows", "br0", "--no-stats", "--sort")


def test_tables_go_back_to_an_earlier_version_all_at_once(dummy):
    for flow in ("priority=1,cookie=0x1,actions=NORMAL", "table=3,priority=9,idle_timeout=600,udp,tp_dst=53,actions=drop", "priority=2,arp,actions=2"):
        dummy.ofctl("add-flow", "br0", flow)
    before = dump(dummy)
    version = json.loads(weft(dummy, "flows", "log", "--format=json"))["steps"][-1]["version"]
    dummy.ofctl("del-flows", "br0", "arp")
    dummy.ofctl("add-flow", "br0", "priority=1,actions=drop")
    dummy.ofctl("add-flow", "br0", "priority=77,tcp,actions=2")
    diff = json.loads(weft(dummy, "flows", "diff", "--since", str(version), "--format=json"))
    changes = {(c["change"], c["flow"]) for c in diff["changes"]}
    assert ("added", "table=0,priority=77,tcp actions=output:2") in changes and ("removed", "table=0,priority=2,arp actions=output:2") in changes
    assert len(changes) == 4 and "+table=0,priority=77,tcp actions=output:2" in weft(dummy, "flows", "diff", "--since", "5m")

    dummy.ofctl("add-flow", "br0", "priority=78,actions=2")  # a controller, meanwhile
    changed = dump(dummy)
    refused = dummy.result(WEFT.program("weft"), "flows", "revert", str(version), "--expect", str(diff["to"]))
    assert refused.returncode == 2 and "changed meanwhile" in refused.stderr
    assert dump(dummy) == changed
    weft(dummy, "flows", "revert", str(version))
    assert dump(dummy) == before
    assert newest(dummy)["source"] == "revert" and newest(dummy)["removed"] == 2


def dumps(stack):
    return [stack.ofctl("-O", "OpenFlow15", command, "br0", *more)
            for command, *more in (("dump-flows", "--no-stats", "--sort"), ("dump-groups",), ("dump-meters",))]


def newest(stack):
    return json.loads(weft(stack, "flows", "log", "--format=json"))["steps"][-1]


def test_groups_and_meters_go_back_with_the_flows_that_use_them(dummy):
    def of(*words):
        return dummy.ofctl("-O", "OpenFlow15", *words)
    of("add-meter", "br0", "meter=1,kbps,burst,band=type=drop,rate=1000,burst_size=50")
    of("add-meter", "br0", "meter=2,pktps,band=type=drop,rate=7")
    of("add-group", "br0", "group_id=9,type=indirect,bucket=bucket_id:3,actions=output:2")
    of("add-group", "br0", "group_id=5,type=select,selection_method=hash,fields(ip_src),bucket=bucket_id:1,weight:3,actions=group:9,bucket=bucket_id:4,weight:1,actions=2")
    of("add-flow", "br0", "priority=4,udp,actions=meter:1,group:5")
    of("add-flow", "br0", "priority=5,tcp,actions=meter:2,group:9")
    before, version = dumps(dummy), newest(dummy)["version"]

    of("del-meter", "br0", "meter=2")  # its flow goes too
    of("mod-meter", "br0", "meter=1,kbps,band=type=drop,rate=20")
    of("add-meter", "br0", "meter=3,kbps,band=type=drop,rate=5")
    assert newest(dummy)["meters"] == 1 and newest(dummy)["groups"] == 0
    of("del-groups", "br0")
    of("add-group", "br0", "group_id=5,type=all,bucket=bucket_id:1,actions=2")
    of("add-group", "br0", "group_id=9,type=all,bucket=bucket_id:1,actions=group:5")  # the other way round
    of("add-group", "br0", "group_id=6,type=all,bucket=actions=2")
    of("add-flow", "br0", "priority=6,actions=meter:3,group:6")
    diff = json.loads(weft(dummy, "flows", "diff", "--since", str(version), "--format=json"))
    kinds = [(next(iter(c.keys() - {"change"})), c["change"]) for c in diff["changes"]]
    assert {k: kinds.count(k) for k in kinds} == {("meter", "removed"): 2, ("meter", "added"): 2, ("group", "removed"): 2,
                                                  ("group", "added"): 3, ("flow", "removed"): 2, ("flow", "added"): 1}
    text = weft(dummy, "flows", "diff", "--since", str(version)).splitlines()
    assert "-meter=1 kbps burst bands=type=drop rate=1000 burst_size=50" in text
    assert "-group_id=9,type=indirect,bucket=bucket_id:3,actions=output:2" in text

    of("mod-meter", "br0", "meter=3,kbps,band=type=drop,rate=6")  # a controller, meanwhile
    changed = dumps(dummy)
    refused = dummy.result(WEFT.program("weft"), "flows", "revert", str(version), "--expect", str(diff["to"]))
    assert refused.returncode == 2 and "changed meanwhile" in refused.stderr
    assert dumps(dummy) == changed
    there = newest(dummy)["version"]
    told = weft(dummy, "flows", "revert", str(version))
    assert "3 flows, groups: 3, meters: 3 are as at version" in told
    assert dumps(dummy) == before
    weft(dummy, "flows", "revert", str(there))  # and what was reverted can be had again
    assert dumps(dummy) == changed

    for command in ("del-flows", "del-groups", "del-meters"):
        of(command, "br0")
    for line in (l[1:] for l in text if l.startswith("-") and not l.startswith("---")):  # as the clients take them
        of({"m": "add-meter", "g": "add-group"}.get(line[0], "add-flow"), "br0", line)
    assert dumps(dummy)[1:] == before[1:]


def test_a_way_back_that_cannot_be_gone_changes_nothing(dummy):
    dummy.ofctl("-O", "OpenFlow13", "add-group", "br0", "group_id=5,type=all,bucket=output:2")
    dummy.ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=1,kbps,band=type=drop,rate=5")
    for priority in (1, 2, 3):
        dummy.ofctl("-O", "OpenFlow13", "add-flow", "br0", f"table=7,priority={priority},actions=meter:1,group:5")
    version = newest(dummy)["version"]
    dummy.ofctl("-O", "OpenFlow13", "del-groups", "br0")
    dummy.ofctl("-O", "OpenFlow13", "del-meters", "br0")
    dummy.vsctl("--", "--id=@t", "create", "Flow_Table", "flow_limit=2", "--", "set", "bridge", "br0", "flow_tables:7=@t")
    now = dumps(dummy)
    refused = dummy.result(WEFT.program("weft"), "flows", "revert", str(version))
    assert refused.returncode == 2 and "nothing was changed" in refused.stderr and "table 7 holds its limit" in refused.stderr
    assert dumps(dummy) == now
    for words, error in (("flows revert 999999", "still to come"), ("flows revert x", "expected a version"), ("flows diff", "flows diff: expected [BRIDGE] --since"),
                         ("flows diff --since 5w", "expected a version"), ("flows diff br9 --since 1", "br9: no such bridge")):
        done = dummy.result(WEFT.program("weft"), *words.split())
        assert done.returncode == 2 and error in done.stderr, done.stderr
