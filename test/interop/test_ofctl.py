# SPDX-License-Identifier: Apache-2.0
"""ovs-ofctl: ours prints, exits and changes the switch as Debian's does, on Debian's switch and on ours."""
import contextlib
import json
import os
import pathlib
import re
import shlex
import socket
import struct
import subprocess

import pytest

import process
from conftest import DUMMY
from normal import DUMMY_ADDRESS, assert_same, text
from stack import ORACLE, WEFT, Stack

FOLDER = pathlib.Path(__file__).parent / "ofctl"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.txt"))

RUNS = [(r"\S+Z\|\d+\|", "T|"), (r"\S*/ovs-ofctl: ", "ovs-ofctl: "), (r"/\S*/stack-\w+", "FOLDER"), (r"xid=[0-9a-f]{8}", "xid=X"),
        (r"time=[\d.]+ ms", "time=T"), (r"Finished in .*", "Finished in T"), (r"(?<=\x1b\[K)[\d.]+s", "T"), DUMMY_ADDRESS,
        # Messages of errors have their transaction id among their bytes.
        (r"(?m)^(00000000  0[1-6] \w\w \w\w \w\w) \w\w \w\w \w\w \w\w-", r"\1 XX XX XX XX-")]
# Where ours is meant to say something else (doc/compatibility.md).
OURS_ALONE = [(r'\nDid you mean "[^"\n]*"\?', ""), (r"\nTry -O \w+", ""), (r"\n[\w ]+ lacks correct prerequisites: the match must have .*", ""),
              (r"ovs-ofctl: only in_port is told .*\n", ""), (r"ovs-ofctl: warning: the match .*\n", "")]
ORACLES_ALONE = [(r"T\|(ofp_\w+|meta_flow|pcap)\|(WARN|INFO)\|.*\n", "")]
# Lists whose order is the switch's.
UNORDERED = ("dump-flows", "dump-groups", "dump-group-stats", "dump-meters", "meter-stats")


def script_lines(name):
    """Command lines, quoted as for a shell; what follows `<<<` is standard input."""
    for line in (FOLDER / f"{name}.txt").read_text().splitlines():
        words = shlex.split(line)
        given = None
        if "<<<" in words:
            given = words.pop().replace("\\n", "\n")
            words.pop()
        if words:
            yield line, words, given


def said(stack, flavor, words, given):
    done = process.result([flavor.program("ovs-ofctl"), *words], env=stack.env | {"OVS_SYSLOG_METHOD": "null"}, stdin=given)
    error = text(done.stderr, *RUNS, *(OURS_ALONE if flavor is WEFT else ORACLES_ALONE))
    out = text(done.stdout, *RUNS)
    ordered = any(word.startswith(("--sort", "--rsort")) for word in words)
    return [done.returncode, sorted(out.splitlines()) if not ordered and any(word in UNORDERED for word in words) else out, error]


def state(stack):
    """What the switch holds, as Debian's client tells it."""
    kinds = ("dump-flows", "dump-groups", "dump-meters", "dump-ports-desc", "get-frags", "dump-table-desc")
    return [sorted(text(stack.ofctl("-O", "OpenFlow15", kind, "br0"), *RUNS).splitlines()) for kind in kinds]


@pytest.fixture(scope="module")
def switches(request):
    """Two switches of one flavor, one for each client."""
    flavor = {"oracle": ORACLE, "weft": WEFT}[request.param]
    with contextlib.ExitStack() as ends:
        stacks = []
        for _ in range(2):
            stack = ends.enter_context(contextlib.closing(Stack(flavor, switch_options=DUMMY)))
            stack.start()
            stack.add_dummy()
            stacks.append(stack)
        yield stacks


def empty(stack):
    for what in ("del-flows", "del-groups", "del-meters"):
        stack.ofctl("-O", "OpenFlow15", what, "br0")


# Debian's client does not know all fields that our tables have.
LINES = [(flavor, script) for flavor in ("oracle", "weft") for script in SCRIPTS if (flavor, script) != ("weft", "table-features")]


@pytest.mark.parametrize("switches, script", LINES, indirect=["switches"])
def test_command_lines_do_what_they_do_with_debians(switches, script):
    for stack in switches:
        empty(stack)
    for line, words, given in script_lines(script):
        theirs, ours = (said(stack, flavor, words, given) for stack, flavor in zip(switches, (ORACLE, WEFT)))
        try:
            assert_same(ours, theirs)
        except AssertionError as error:
            raise AssertionError(f"{line}\n{error}") from None
    assert_same(state(switches[1]), state(switches[0]))


@pytest.fixture
def ofctl(dummy):
    """Our ovs-ofctl on a stack, of either flavor, with a bridge of three ports."""
    dummy.add_dummy()

    def run(*words, **options):
        return process.result([WEFT.program("ovs-ofctl"), *words], env=dummy.env, **options)
    return run


def shown(done):
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def test_flows_in_json_have_the_documented_members(ofctl):
    ofctl("-O", "OpenFlow13", "add-flow", "br0", "cookie=0x12,table=3,priority=7,idle_timeout=9,send_flow_rem,ip,nw_dst=10.0.0.0/8,actions=output:2")
    flow, = shown(ofctl("-O", "OpenFlow13", "-f", "json", "dump-flows", "br0"))["flows"]
    assert flow.pop("duration") >= 0
    assert flow == {"table": 3, "priority": 7, "match": "ip,nw_dst=10.0.0.0/8", "actions": "output:2", "cookie": "0x12", "packets": 0, "bytes": 0,
                    "idle_timeout": 9, "hard_timeout": 0, "importance": 0, "flags": flow["flags"], "idle_age": None, "hard_age": None}
    assert "send_flow_rem" in flow["flags"]
    assert shown(ofctl("-f", "json", "dump-aggregate", "br0"))["aggregate"] == [{"packets": 0, "bytes": 0, "flows": 1}]


def test_what_the_switch_is_comes_in_json(ofctl):
    switch = shown(ofctl("-f", "json", "show", "br0"))["switch"]
    assert switch["datapath_id"] == "0123456789abcdef" and switch["fragments"] == "normal"
    assert sorted(str(port["port"]) for port in switch["ports"]) == ["1", "2", "3", "LOCAL"]
    assert {port["name"] for port in shown(ofctl("-f", "json", "dump-ports-desc", "br0"))["ports"]} == {"p1", "p2", "p3", "br0"}
    assert shown(ofctl("-f", "json", "dump-ports", "br0", "p1"))["ports"][0]["rx_packets"] == 0
    assert len(shown(ofctl("-f", "json", "-O", "OpenFlow13", "dump-tables", "br0"))["tables"]) == 254
    assert shown(ofctl("-f", "json", "get-frags", "br0")) == {"fragments": "normal"}
    assert shown(ofctl("-f", "json", "dump-desc", "br0"))["description"][0]["hardware"] == "Open vSwitch"


def test_groups_and_meters_come_in_json(ofctl):
    assert ofctl("-O", "OpenFlow15", "add-group", "br0", "group_id=1,type=select,bucket=bucket_id:4,weight:5,output:2").returncode == 0
    assert shown(ofctl("-f", "json", "-O", "OpenFlow15", "dump-groups", "br0"))["groups"] == [
        {"group_id": 1, "type": "select", "selection_method": "", "selection_method_param": 0,
         "buckets": [{"bucket_id": 4, "weight": 5, "watch_port": None, "watch_group": None, "actions": "output:2"}]}]
    assert ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=1 kbps burst bands=type=drop rate=1000 burst_size=7").returncode == 0
    assert shown(ofctl("-f", "json", "-O", "OpenFlow13", "dump-meters", "br0"))["meters"] == [
        {"meter": "1", "flags": ["kbps", "burst"], "bands": [{"type": "drop", "rate": 1000, "burst_size": 7, "prec_level": None}]}]


@pytest.mark.parametrize("words, end", [(["dump-flow", "br0"], 'Did you mean "dump-flows"?'), (["mod-port", "br0", "p1", "no-floood"], 'Did you mean "no-flood"?'),
                                        (["-O", "OpenFlow11", "add-flow", "br0", "reg0=1,actions=drop"], "Try -O OpenFlow13"),
                                        (["add-flow", "br0", "actions=set_field:1.2.3.4->ip_dst,2"],
                                         "set_field ip_dst lacks correct prerequisites: the match must have ip"),
                                        (["-O", "OpenFlow13", "add-flow", "br0", "actions=dec_ttl,2"],
                                         "dec_ttl lacks correct prerequisites: the match must have ip or ipv6")])
def test_errors_say_how_to_go_on(ofctl, words, end):
    done = ofctl(*words)
    assert done.returncode == 1 and done.stderr.endswith(f"{end}\n"), done.stderr


def test_a_match_that_means_less_than_it_says_is_told(ofctl):
    for words, means in ((["parse-flow", "in_port=1,nw_src=1.2.3.4,actions=drop"], "in_port=1,nw_src=1.2.3.4 means in_port=1:"),
                         (["dump-flows", "br0", "nw_src=1.2.3.4"], "nw_src=1.2.3.4 means any packet:"),
                         (["add-flow", "br0", "icmp,tp_src=3/7,actions=drop"], "icmp,icmp_type=0x3/0x7 means icmp,icmp_type=3:")):
        done = ofctl(*words)
        assert done.returncode == 0 and f"ovs-ofctl: warning: the match {means}" in done.stderr, done.stderr


def protocols(flavor, *words):
    """What parse-flow says of the formats that can say a flow, and the one it takes."""
    done = process.result([flavor.program("ovs-ofctl"), *words])
    told = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("usable", "chosen"))]
    return sorted(told), done.returncode


@pytest.mark.parametrize("options", [[], ["-O", "OpenFlow11"], ["-F", "OpenFlow10"]], ids=" ".join)
def test_flows_need_the_protocols_that_they_need_by_debians(options):
    for flow in (FOLDER / "protocols").read_text().splitlines():
        words = [*options, "parse-flow", flow]
        assert protocols(WEFT, *words) == protocols(ORACLE, *words), flow


def test_json_may_be_spread_over_lines(ofctl):
    plain, pretty = (ofctl("-f", "json", *more, "get-frags", "br0").stdout for more in ([], ["--pretty"]))
    assert plain == '{"fragments":"normal"}\n' and pretty == '{\n  "fragments": "normal"}\n'


def test_a_switch_that_speaks_other_versions_says_which_to_try(ofctl, dummy):
    dummy.vsctl("set", "bridge", "br0", "protocols=OpenFlow13,OpenFlow14")
    done = ofctl("show", "br0")
    assert done.returncode == 1 and done.stderr.endswith("\nTry -O OpenFlow13\n"), done.stderr
    assert ofctl("-O", "OpenFlow13", "show", "br0").returncode == 0


def test_a_dump_of_few_flows_of_many_is_one_answer(ofctl, tmp_path):
    flows = tmp_path / "flows"
    flows.write_text("".join(f"table=3,priority={i},actions=drop\n" for i in range(2000)) + "in_port=1,actions=2\n")
    assert ofctl("-O", "OpenFlow14", "--bundle", "add-flows", "br0", flows).returncode == 0
    for version in ("OpenFlow10", "OpenFlow13"):
        assert len(ofctl("-O", version, "dump-flows", "br0", "in_port=1").stdout.splitlines()) == 2
        assert len(ofctl("-O", version, "dump-flows", "br0", "in_port=2").stdout.splitlines()) == 1
    assert ofctl("del-flows", "br0").returncode == 0
    assert len(ofctl("dump-flows", "br0").stdout.splitlines()) == 1


def test_ten_thousand_flows_go_in_and_come_out(ofctl, tmp_path):
    flows = tmp_path / "flows"
    flows.write_text("".join(f"table={i % 3},priority={i},ip,nw_dst=10.{i >> 8}.{i & 255}.1,actions=output:{i % 3 + 1}\n" for i in range(10000)))
    assert ofctl("-O", "OpenFlow14", "--bundle", "add-flows", "br0", flows).returncode == 0
    assert len(ofctl("-O", "OpenFlow14", "--no-stats", "dump-flows", "br0").stdout.splitlines()) == 10000
    same = ofctl("-O", "OpenFlow14", "diff-flows", "br0", flows)
    assert (same.returncode, same.stdout) == (0, "")
    assert ofctl("-O", "OpenFlow14", "replace-flows", "br0", "-", stdin="priority=3,actions=drop").returncode == 0
    different = ofctl("-O", "OpenFlow14", "diff-flows", "br0", "-", stdin="")
    assert different.returncode == 1  # "-" is no file that is there
    (tmp_path / "none").write_text("")
    different = ofctl("-O", "OpenFlow14", "diff-flows", "br0", tmp_path / "none")
    assert (different.returncode, different.stdout) == (2, "-priority=3 actions=drop\n")
    different = ofctl("-O", "OpenFlow14", "-f", "json", "diff-flows", tmp_path / "none", "br0")
    assert different.returncode == 2 and json.loads(different.stdout) == {"differences": [{"only_in": "right", "flow": "priority=3 actions=drop"}]}


def test_a_monitor_prints_packets_and_obeys_commands(ofctl, dummy):
    monitor = subprocess.Popen([WEFT.program("ovs-ofctl"), "--unixctl", f"{dummy.folder}/m.ctl", "monitor", "br0", "65534"], env=dummy.env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process.killed_after(monitor):
        process.until(lambda: (dummy.folder / "m.ctl").exists(), "the control socket")
        ofctl("add-flow", "br0", "actions=controller")
        out = dummy.folder / "out"
        dummy.appctl("ofctl/set-output-file", out, target=f"{dummy.folder}/m.ctl")
        dummy.appctl("ofctl/barrier", target=f"{dummy.folder}/m.ctl")
        dummy.receive("p1", "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x1234)")
        process.until(lambda: "dl_type=0x1234" in out.read_text(), "the packet")
        assert re.search(r"NXT_PACKET_IN2 \(xid=0x0\): .*in_port=1 \(via action\) data_len=\d+ \(unbuffered\)\n", out.read_text())
        dummy.appctl("ofctl/packet-out", "in_port=controller packet=020000000002020000000001123400 actions=controller", target=f"{dummy.folder}/m.ctl")
        process.until(lambda: out.read_text().count("PACKET_IN2") == 2, "the packet sent")
        dummy.appctl("exit", target=f"{dummy.folder}/m.ctl")
        assert monitor.wait(10) == 0


def test_ten_thousand_changes_show_their_progress_on_a_terminal(ofctl, dummy, tmp_path):
    flows = tmp_path / "flows"
    flows.write_text("".join(f"priority={i},actions=drop\n" for i in range(12000)))
    for count, told in ((12000, True), (9000, False)):
        short = tmp_path / f"{count}"
        short.write_text("".join(flows.read_text().splitlines(keepends=True)[:count]))
        ours, theirs = os.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            add = subprocess.Popen([WEFT.program("ovs-ofctl"), "add-flows", "br0", short], env=dummy.env, stdout=subprocess.PIPE, stderr=theirs)
            os.close(theirs)
            with process.killed_after(add):
                assert add.wait(20) == 0
                shown = terminal.read(4096) if told else b""
        assert (f"\r{count} of {count} sent".encode() in shown) == told
    # And nothing where standard error is no terminal.
    assert ofctl("add-flows", "br0", flows).stderr == ""
    for words in (["dump-flows", "br0"], ["--sort", "dump-flows", "br0"], ["--names", "dump-flows", "br0"], ["-f", "json", "dump-flows", "br0"],
                  ["diff-flows", "br0", flows]):
        assert ofctl(*words).stderr == ""
        with (tmp_path / "out").open("w") as out:
            told = on_terminal(dummy, words, stdout=out)
        assert told.endswith(b"\r12000 read\r\n") and told.startswith(b"\r10"), (words, told)
        read = (tmp_path / "out").read_text()
        assert read.count("priority") == (12000 if "dump-flows" in words else 0) and "read" not in read
    # The flows themselves are progress enough.
    assert b" read" not in on_terminal(dummy, ["dump-flows", "br0"])


def on_terminal(dummy, words, stdout=None):
    """What ovs-ofctl writes to its terminal: standard error, and standard output unless `stdout` is another file."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        run = subprocess.Popen([WEFT.program("ovs-ofctl"), *words], env=dummy.env, stdout=stdout or theirs, stderr=theirs)
        os.close(theirs)
        told = b""
        with process.killed_after(run), contextlib.suppress(OSError):  # the terminal's end
            while more := terminal.read(65536):
                told += more
        assert run.returncode == 0, told
    return told


@pytest.fixture
def controller(dummy):
    """A controller that br0 speaks to, made by hand: gives the stream once the switch has said hello."""
    path = dummy.folder / "controller"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(20)

        def accept():
            dummy.vsctl("set-controller", "br0", f"unix:{path}")
            stream, _ = listener.accept()
            stream.settimeout(20)
            stream.sendall(openflow_message(0))
            assert stream.recv(4096)[1] == 0
            return stream
        yield accept


def openflow_message(kind, body=b"", xid=1, version=4):
    return struct.pack(">BBHI", version, kind, 8 + len(body), xid) + body


def test_snoop_prints_what_switch_and_controller_say(ofctl, dummy, controller):
    stream = controller()
    snoop = subprocess.Popen([WEFT.program("ovs-ofctl"), "--unixctl", f"{dummy.folder}/s.ctl", "snoop", "br0"], env=dummy.env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with stream, process.killed_after(snoop):
        process.until(lambda: (dummy.folder / "s.ctl").exists(), "the control socket")
        out = dummy.folder / "snooped"
        dummy.appctl("ofctl/set-output-file", out, target=f"{dummy.folder}/s.ctl")

        def asked():
            stream.sendall(openflow_message(2, b"abc", xid=0x1234))
            return "OFPT_ECHO_REPLY (OF1.3) (xid=0x1234): 3 bytes of payload" in out.read_text()
        process.until(asked, "the echo and its answer")
        assert "OFPT_ECHO_REQUEST (OF1.3) (xid=0x1234): 3 bytes of payload" in out.read_text()
        dummy.appctl("exit", target=f"{dummy.folder}/s.ctl")
        assert snoop.wait(10) == 0
