# SPDX-License-Identifier: Apache-2.0
"""Groups, meters and what recirculates: ovs-ofctl, ofproto/trace and counters say the same of both switches."""
import re

import pytest

import process
from monitor import Monitor
from normal import assert_same, said, text
from stack import WEFT

GROUP_VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"]
METER_VERSIONS = ["OpenFlow13", "OpenFlow14", "OpenFlow15"]
BASE = ["group_id=1,type=all,bucket=output:1,bucket=output:2", "group_id=2,type=select,bucket=weight:10,output:1,bucket=weight:20,output:2",
        "group_id=3,type=select,selection_method=hash,fields(ip_src,tcp_dst,eth_dst=00:00:00:00:00:ff),bucket=output:1,bucket=output:2",
        "group_id=4,type=select,selection_method=dp_hash,selection_method_param=3,bucket=output:1", "group_id=5,type=indirect,bucket=output:3",
        "group_id=6,type=ff,bucket=watch_port:1,output:1,bucket=watch_group:1,output:2", "group_id=7,type=all"]


def sorted_dump(out):
    """A list whose order is not promised: its title, then groups by line, meters by paragraph."""
    title, _, entries = out.partition("\n")
    return [title, *sorted(e.strip() for e in (entries.split("\n\n") if "meter" in entries else entries.splitlines()))]


def ran(stack, version, commands):
    out = []
    for command in commands:
        code, stdout, stderr = said(stack.result("ovs-ofctl", "-O", version, *command))
        stderr = stderr.replace(str(stack.folder), "RUN")
        out.append([command, code, sorted_dump(stdout) if command[0].startswith(("dump", "meter")) else stdout, stderr])
    return out


def clean(stack):
    stack.ofctl("-O", "OpenFlow13", "del-flows", "br0")
    stack.ofctl("-O", "OpenFlow13", "del-groups", "br0")
    stack.ofctl("-O", "OpenFlow13", "del-meters", "br0")


DUMPS = [["dump-groups", "br0"], ["dump-group-stats", "br0"]]
GROUP_SCRIPTS = {
    "describe": [["dump-groups", "br0", "3"], ["dump-groups", "br0", "99"], ["dump-group-stats", "br0", "group_id=2"], ["dump-group-stats", "br0", "group_id=99"]],
    "features": [["dump-group-features", "br0"]],
    "add twice": [["add-group", "br0", "group_id=1,type=all,bucket=output:3"]],
    "modify": [["mod-group", "br0", "group_id=1,type=select,bucket=output:3"]],
    "modify what is not there": [["mod-group", "br0", "group_id=99,type=all,bucket=output:3"]],
    "may create": [["--may-create", "mod-group", "br0", "group_id=98,type=all,bucket=output:3"], ["--may-create", "mod-group", "br0", "group_id=1,type=all"]],
    "indirect without bucket": [["add-group", "br0", "group_id=8,type=indirect"]],
    "chain": [["add-group", "br0", "group_id=9,type=all,bucket=group:1"], ["add-group", "br0", "group_id=10,type=all,bucket=group:77"]],
    "last id": [["add-group", "br0", "group_id=4294967040,type=all,bucket=output:3"]],
    "odd buckets": [["add-group", "br0", "group_id=16,type=indirect,bucket=watch_port:1,output:1"], ["add-group", "br0", "group_id=13,type=ff,bucket=watch_port:99,output:1"], ["add-group", "br0", "group_id=14,type=select,bucket=weight:0,output:1"],
                    ["add-group", "br0", "group_id=15,type=all,bucket=output:99"], ["add-group", "br0", "group_id=18,type=all,bucket=resubmit(,2)"],
                    ["add-group", "br0", "group_id=20,type=all,bucket=dec_ttl,output:1"], ["add-group", "br0", "group_id=21,type=all,bucket=set_queue:3,output:1"]],
    "delete": [["del-groups", "br0", "group_id=1"], ["del-groups", "br0", "group_id=1"]],
    "delete all": [["del-groups", "br0"]],
    "flows use groups": [["add-flow", "br0", "in_port=1,actions=group:1"], ["add-flow", "br0", "in_port=2,actions=group:101"],
                         ["add-flow", "br0", "in_port=4,actions=clone(group:2)"], ["dump-flows", "br0"], ["dump-group-stats", "br0"],
                         ["del-groups", "br0", "group_id=1"], ["dump-flows", "br0"]],
    "insert buckets": [["insert-buckets", "br0", "group_id=2,command_bucket_id=first,bucket=bucket_id=9,output:3"],
                       ["insert-buckets", "br0", "group_id=2,command_bucket_id=last,bucket=bucket_id=10,output:3"],
                       ["insert-buckets", "br0", "group_id=2,command_bucket_id=9,bucket=bucket_id=12,output:3"],
                       ["insert-buckets", "br0", "group_id=2,command_bucket_id=55,bucket=bucket_id=13,output:3"],
                       ["insert-buckets", "br0", "group_id=2,command_bucket_id=last,bucket=bucket_id=12,output:3"],
                       ["insert-buckets", "br0", "group_id=222,command_bucket_id=last,bucket=bucket_id=12,output:3"]],
    "remove buckets": [["remove-buckets", "br0", "group_id=2,command_bucket_id=first"], ["remove-buckets", "br0", "group_id=3,command_bucket_id=1"],
                       ["remove-buckets", "br0", "group_id=2,command_bucket_id=44"], ["remove-buckets", "br0", "group_id=1,command_bucket_id=all"],
                       ["remove-buckets", "br0", "group_id=7,command_bucket_id=last"], ["remove-buckets", "br0", "group_id=77,command_bucket_id=last"]],
}


@pytest.mark.parametrize("version", GROUP_VERSIONS)
@pytest.mark.parametrize("name", GROUP_SCRIPTS)
def test_groups_are_told_changed_and_refused_as_by_the_oracle(both, name, version):
    texts = []
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow15", "add-groups", "br0", "-", stdin="\n".join(BASE))
        texts.append(ran(stack, version, GROUP_SCRIPTS[name] + DUMPS))
    assert_same(texts[1], texts[0])


METER = ["add-meter", "br0"]
METER_SCRIPTS = {
    "add": [[*METER, "meter=1,kbps,band=type=drop,rate=1000"], [*METER, "meter=2,pktps,burst,stats,band=type=drop,rate=5,burst_size=7"],
            [*METER, "meter=300000,kbps,band=type=drop,rate=5"], [*METER, "meter=8,pktps,stats,bands=type=drop,rate=5,type=drop,rate=9"],
            ["dump-meter", "br0", "meter=1"], ["meter-stats", "br0", "meter=2"]],
    "virtual": [[*METER, "meter=controller,pktps,band=type=drop,rate=5"], [*METER, "meter=slowpath,kbps,band=type=drop,rate=5"]],
    "add twice": [[*METER, "meter=1,kbps,band=type=drop,rate=10"], [*METER, "meter=1,kbps,band=type=drop,rate=10"]],
    "refused": [[*METER, "meter=1,kbps,pktps,band=type=drop,rate=5"], [*METER, "meter=all,kbps,band=type=drop,rate=5"],
                [*METER, "meter=1,kbps,band=type=dscp_remark,rate=1000,prec_level=1"],
                [*METER, "meter=1,kbps,bands=" + ",".join(["type=drop,rate=5"] * 9)]],
    "modify": [[*METER, "meter=7,kbps,band=type=drop,rate=5"], ["mod-meter", "br0", "meter=7,pktps,band=type=drop,rate=6"],
               ["mod-meter", "br0", "meter=99,kbps,band=type=drop,rate=5"]],
    "delete": [[*METER, "meter=7,kbps,band=type=drop,rate=5"], ["del-meter", "br0", "meter=7"], ["del-meter", "br0", "meter=7"]],
    "unknown": [["dump-meter", "br0", "meter=9"], ["meter-stats", "br0", "meter=9"]],
    "features": [["meter-features", "br0"]],
    "flows use meters": [[*METER, "meter=7,kbps,band=type=drop,rate=5"], ["add-flow", "br0", "in_port=1,actions=meter:7,output:2"],
                         ["add-flow", "br0", "in_port=1,actions=meter:99,output:2"], ["add-flow", "br0", "in_port=2,actions=controller(meter_id=7)"],
                         ["add-flow", "br0", "in_port=3,actions=controller(meter_id=55)"], ["meter-stats", "br0"], ["dump-flows", "br0"],
                         ["del-meter", "br0", "meter=7"], ["dump-flows", "br0"]],
}


@pytest.mark.parametrize("version", METER_VERSIONS)
@pytest.mark.parametrize("name", METER_SCRIPTS)
def test_meters_are_told_changed_and_refused_as_by_the_oracle(both, name, version):
    texts = []
    for stack in both:
        clean(stack)
        texts.append(ran(stack, version, METER_SCRIPTS[name] + [["dump-meters", "br0"], ["meter-stats", "br0"]]))
    assert_same(texts[1], texts[0])


TRACE_GROUPS = {
    "all": "type=all,bucket=output:1,bucket=set_field:1->reg0,output:2", "empty": "type=all", "indirect": "type=indirect,bucket=set_field:9->reg2,output:1",
    "failover": "type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2", "dead": "type=ff,bucket=watch_port:77,output:1,bucket=watch_group:88,output:1", "param": "type=select,selection_method=dp_hash,selection_method_param=4294967297,bucket=bucket_id=8,output:1",
    "select": "type=select,bucket=weight:10,output:1,bucket=weight:20,output:2", "hash": "type=select,selection_method=hash,fields(ip_src,tcp_dst),bucket=output:1,bucket=weight:0,output:2",
    "hash of all": "type=select,selection_method=hash,bucket=output:1,bucket=weight:0,output:2", "chain": "type=all,bucket=group:2,bucket=output:2",
    "resubmit": "type=all,bucket=resubmit(,5)", "ordered": "type=all,bucket=output:1,set_field:02:00:00:00:00:07->eth_dst",
}
# What follows a clone that waits for the datapath's hash, Debian's switch leaves out.
HASHED = ("select", "param")
FLOWS = ["set_field:7->reg3,group:1,output:3", "group:1", "write_actions(group:1,output:2)", "group:1,goto_table:5", "clone(group:1),output:3"]


def trace(stack, flow):
    return text(stack.appctl("ofproto/trace", "br0", flow), (r"score \d+", "score N"))


@pytest.mark.parametrize("name", TRACE_GROUPS)
@pytest.mark.parametrize("actions", FLOWS)
def test_a_trace_through_a_group_reads_as_the_oracles(both, name, actions):
    texts = []
    if name in HASHED:
        actions = actions.replace("clone(group:1)", "group:1")
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow15", "add-group", "br0", "group_id=2,type=all,bucket=output:1")
        stack.ofctl("-O", "OpenFlow15", "add-group", "br0", "group_id=1," + TRACE_GROUPS[name])
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", f"in_port=3,actions={actions}")
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", "table=5,actions=output:2")
        texts.append([trace(stack, "in_port=3,tcp,nw_src=10.0.0.1,nw_ttl=64,tcp_src=1,tcp_dst=2"), trace(stack, "in_port=3,dl_type=0x1234")])
    assert_same(texts[1], texts[0])


POPS = ["resubmit(,6)", "dec_ttl,output:2", "output:2", "resubmit(,6),output:1", "push_mpls:0x8847,output:1", "set_field:7->reg0,write_actions(output:2),goto_table:6",
        "controller", "set_field:02:00:00:00:00:07->eth_dst,output:2", "mod_nw_tos:8,output:1"]


@pytest.mark.parametrize("actions", POPS)
def test_what_follows_a_popped_label_recirculates_where_the_oracle_does(both, actions):
    texts = []
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", f"mpls,actions=pop_mpls:0x0800,{actions}")
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", "table=6,ip,nw_dst=10.0.0.2,actions=output:1")
        # How much of the stack of labels is matched differs.
        texts.append(re.sub(r"Megaflow: .*|recirc_id=\d+", "", trace(stack, "in_port=3,mpls,mpls_label=5,mpls_bos=1")))
    assert_same(texts[1], texts[0])


@pytest.mark.parametrize("actions", ["meter:1,output:2", "controller,output:2", "output:2,controller", "controller(meter_id=1),output:2"])
def test_a_trace_through_meters_reads_as_the_oracles(both, actions):
    texts = []
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow15", "add-meter", "br0", "meter=1,kbps,band=type=drop,rate=1000")
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", f"in_port=3,actions={actions}")
        before = trace(stack, "in_port=3,tcp")
        stack.ofctl("-O", "OpenFlow15", "add-meter", "br0", "meter=controller,pktps,band=type=drop,rate=5")
        texts.append([re.sub(r"recirc_id=R?\d*|meter\(\d+\)", "N", t) for t in (before, trace(stack, "in_port=3,tcp"))])
    assert_same(texts[1], texts[0])


PACKET = ("in_port(3),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),"
          "ipv4(src=10.0.0.1,dst=10.0.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src={},dst=2)")


def bucket_counts(stack, group=1):
    line = next(x for x in stack.ofctl("-O", "OpenFlow13", "dump-group-stats", "br0").splitlines() if f"group_id={group}," in x)
    return [int(n) for n in re.findall(r"packet_count=(\d+)", line)]


@pytest.mark.parametrize("method", ["", "selection_method=hash,fields(tcp_src),", "selection_method=dp_hash,"])
def test_a_select_group_shares_by_weight_and_keeps_a_connection_where_it_was(both, method):
    """Of 240 connections, about a quarter and three quarters; the second packet of each goes where the first went."""
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow15", "add-group", "br0", f"group_id=1,type=select,{method}bucket=weight:1,output:1,bucket=weight:3,output:2")
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", "in_port=3,actions=group:1")
        packets = [PACKET.format(port) for port in range(1000, 1240)]
        for packet in packets:
            stack.receive("p3", packet)
        stack.appctl("revalidator/wait")
        total, *once = bucket_counts(stack)
        assert total == sum(once) == 240, stack.switch_flavor
        for packet in packets:
            stack.receive("p3", packet)
        stack.appctl("revalidator/wait")
        assert bucket_counts(stack) == [480, *(2 * n for n in once)], stack.switch_flavor
        assert 20 <= once[0] <= 110, (stack.switch_flavor, once)


def test_failover_follows_the_ports_and_deletes_flows_with_a_group(both):
    texts = []
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow15", "add-group", "br0", "group_id=1,type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2")
        stack.ofctl("-O", "OpenFlow15", "add-flow", "br0", "in_port=3,actions=group:1")
        seen = []
        for state in ("up", "down", "up"):
            stack.ofctl("mod-port", "br0", "p1", state)
            seen.append(trace(stack, "in_port=3,tcp"))
        stack.ofctl("-O", "OpenFlow15", "del-groups", "br0")
        texts.append([*seen, stack.ofctl("dump-flows", "br0").count("actions")])
    assert_same(texts[1], texts[0])


def test_a_meter_drops_what_exceeds_it(both):
    """Time stands still: a second's worth passes, no more."""
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=1,pktps,stats,band=type=drop,rate=5")
        stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", "in_port=3,actions=meter:1,output:2")
        stack.appctl("time/stop")
        sent = re.search(r"tx pkts=(\d+)", stack.ofctl("dump-ports", "br0", "2")).group(1)
        for port in range(20):
            stack.receive("p3", PACKET.format(port))
        now = re.search(r"tx pkts=(\d+)", stack.ofctl("dump-ports", "br0", "2")).group(1)
        stats = stack.ofctl("-O", "OpenFlow13", "meter-stats", "br0")
        assert "packet_in_count:20 " in stats and "0: packet_count:15 " in stats, (stack.switch_flavor, stats)
        assert int(now) - int(sent) == 5, stack.switch_flavor
        stack.appctl("time/warp", "1000")


def sent_by(stack, port):
    return int(re.search(r"tx pkts=(\d+)", stack.ofctl("dump-ports", "br0", port)).group(1))


@pytest.mark.parametrize("actions", ["controller(pause),output:2", "set_field:3->reg1,controller(pause,userdata=01.02),resubmit(,5)"])
def test_a_paused_packet_goes_on_when_its_controller_resumes_it(both, tmp_path, actions):
    for stack in both:
        clean(stack)
        stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", f"in_port=3,actions={actions}")
        stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", "table=5,reg1=3,actions=output:2")
        before = sent_by(stack, "2")
        with Monitor(stack, tmp_path, "-O", "OpenFlow13", "-P", "nxt_packet_in2", "monitor", "br0", "65534", "resume") as monitor:
            stack.receive("p3", PACKET.format(7))
            process.until(lambda s=stack, b=before: sent_by(s, "2") == b + 1, f"the packet leaves {stack.switch_flavor}")
            said_of_it = monitor.output.read_text()
        assert "PACKET_IN2" in said_of_it and "error" not in said_of_it.lower(), said_of_it


def bundle(stack, folder, *lines):
    file = folder / "bundle"
    file.write_text("\n".join(lines) + "\n")
    code, _, stderr = said(stack.result("ovs-ofctl", "-O", "OpenFlow14", "bundle", "br0", file))
    return [code, stderr.split(" for:")[0], stack.ofctl("-O", "OpenFlow14", "dump-groups", "br0").splitlines()[1:],
            text(stack.ofctl("-O", "OpenFlow14", "dump-flows", "br0"))]


def test_groups_and_flows_of_a_bundle_come_together(both, tmp_path):
    texts = []
    for stack in both:
        clean(stack)
        texts.append(bundle(stack, tmp_path, "group add group_id=31,type=all,bucket=output:1", "flow add in_port=1,actions=group:31",
                            "group mod group_id=31,type=all,bucket=output:2"))
    assert_same(texts[1], texts[0])


def test_a_bundle_that_fails_leaves_groups_and_flows_as_they_were(make_stack, tmp_path):
    """Ours alone: Debian's switch does not survive this one."""
    stack = make_stack(WEFT, switch_options=("--enable-dummy=override", "--disable-system"))
    stack.add_dummy()
    first = bundle(stack, tmp_path, "group add group_id=31,type=all,bucket=output:1", "flow add in_port=1,actions=group:31")
    failed = bundle(stack, tmp_path, "group delete group_id=31", "group add group_id=32,type=all,bucket=output:1", "flow add in_port=2,actions=group:99")
    assert failed[0] == 1 and "OFPBAC_BAD_OUT_GROUP" in failed[1], failed
    assert failed[2:] == first[2:]
    assert "group_id=31" in first[2][0] and "group:31" in first[3]
