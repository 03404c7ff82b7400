# SPDX-License-Identifier: Apache-2.0
"""Every command of a daemon that shows something does so in JSON too, with the members that ovs-appctl(8) names. Which commands those are is
taken from list-commands: a new one that has no JSON, or that nobody documented, fails here."""
import json
import pathlib
import re

import pytest

from conftest import DUMMY
from stack import WEFT

UDP = "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)"
SHOWS = re.compile(r"(?:^|/|-)(show|dump|list|log|get|stats|statistics|status|lookup|diff|why|detrace|bkts)(?:-|$)(?!clear)")
NEEDED = {"bridge": "br0", "interface": "p1", "DB": "Open_vSwitch", "[--offload-stats]": "", "-v": "-v"}
MANUAL = pathlib.Path(__file__).resolve().parents[2] / "packaging/man/ovs-appctl.8"


def documented():
    """The paragraph of each command in the manual's section on JSON."""
    section = MANUAL.read_text().replace("\\\n", "").split(".Sh JSON\n")[1].split(".El\n")[0]
    return {name: body for names, body in re.findall(r"^\.It (.*)\n((?:(?!\.It ).*\n)+)", section, re.M) for name in names.split(", ")}


def members(value):
    if isinstance(value, list):
        return set().union(*map(members, value))
    if isinstance(value, dict):
        return value.keys() | set().union(*map(members, value.values()))
    return set()


def without_brackets(usage):
    while (shorter := re.sub(r"\[[^][]*\](\.\.\.)?", "", usage)) != usage:
        usage = shorter
    return usage.split()


@pytest.fixture
def dummy(make_stack):
    stack = make_stack(WEFT, switch_options=DUMMY)
    stack.add_dummy()
    stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", "cookie=7,priority=5,udp,tp_dst=2,actions=NORMAL")
    stack.ofctl("add-flow", "br0", "priority=4,tcp,actions=drop")
    stack.ofctl("-O", "OpenFlow13", "add-meter", "br0", "meter=1,kbps,band=type=drop,rate=5")
    stack.receive("p1", UDP)
    return stack


def ask(stack, *words, **options):
    return stack.result(WEFT.program("ovs-appctl"), *words, **options)


@pytest.mark.parametrize("daemon", ["ovs-vswitchd", "ovsdb-server"])
def test_every_command_that_shows_has_documented_json(dummy, daemon):
    manual = documented()
    listed = json.loads(dummy.appctl("list-commands", "--format=json", target=daemon))
    assert [f'  {c["command"]:<23} {c["usage"]}' for c in listed] == dummy.appctl("list-commands", target=daemon).splitlines()[1:]
    ufid = "ufid:" + json.loads(dummy.appctl("dpctl/dump-flows", "--format=json"))[0]["ufid"]
    special = {"dpctl/get-flow": [ufid], "ofproto/detrace": [ufid], "drops/why": ["--last"], "flows/diff": ["--since", "1"], "ovs/route/lookup": ["1.2.3.4"]}
    answered = 0
    for command in (c for c in listed if SHOWS.search(c["command"])):
        name = command["command"]
        args = special.get(name) or [NEEDED[word] for word in without_brackets(command["usage"]) if NEEDED.get(word, "?")]
        text, told = ask(dummy, "-t", daemon, name, *args), ask(dummy, "-t", daemon, name, *args, "--format=json")
        if "not supported yet" in text.stderr:
            continue
        assert (told.returncode, told.stderr) == (text.returncode, text.stderr), name
        assert ask(dummy, "-t", daemon, "-f", "json", name, *args).returncode == text.returncode, name
        if text.returncode:
            assert "arguments" not in text.stderr, f"{name}: say above what it needs: {command['usage']}"
            continue
        answered += 1
        assert told.stdout.count("\n") == 1 and told.stdout.endswith("\n"), name
        said, paragraph = json.loads(told.stdout), manual[name]
        if " by name" not in paragraph:
            facts = [v for one in said if isinstance(one, dict) for v in one.get("facts", {}).values()] if isinstance(said, list) else []
            undocumented = members(said) - set(re.findall(r"\w+", paragraph)) - members(facts) - {"facts"}
            also = set(re.findall(r"\w+", manual["bridge/dump-flows"])) if "as bridge/dump-flows" in paragraph else set()
            assert undocumented <= also, f"{name}: {MANUAL.name} does not name {undocumented - also}"
        kind = re.match(r"\((an object|an array|a number|a string)|", paragraph).group(1)
        assert isinstance(said, {"an object": dict, "a number": int, "a string": str}.get(kind, dict if name == "dpctl/get-flow" else list)), name
    assert answered >= {"ovs-vswitchd": 40, "ovsdb-server": 9}[daemon]


def shown(stack, *words):
    return json.loads(stack.appctl(*words, "--format=json"))


def test_json_says_what_the_text_says(dummy):
    assert shown(dummy, "ofproto/list") == ["br0"] and shown(dummy, "dpctl/dump-dps") == dummy.appctl("dpctl/dump-dps").split()
    dummy.appctl("fdb/add", "br0", "p2", "7", "02:00:00:00:00:07")
    learned, static = sorted(shown(dummy, "fdb/show", "br0"), key=lambda e: e["static"])
    assert (static["port"], static["vlan"], static["mac"], static["age"]) == (2, 7, "02:00:00:00:00:07", None)
    assert (learned["port"], learned["vlan"], learned["mac"]) == (1, 0, "02:00:00:00:00:01") and learned["age"] >= 0
    stats = shown(dummy, "fdb/stats-show", "br0")
    for title, member in (("Current/maximum MAC entries in the table", "{entries}/{max_entries}"), ("Total number of learned MAC entries     ", "{learned}")):
        assert f"{title}: {member.format(**stats)}\n" in dummy.appctl("fdb/stats-show", "br0")

    flow, = shown(dummy, "dpctl/dump-flows")
    text = dummy.appctl("dpctl/dump-flows", "-m")
    assert f"ufid:{flow['ufid']}, " in text and flow["packets"] == 0 and flow["used"] is None
    assert f"actions:{flow['actions']}\n" in dummy.appctl("dpctl/dump-flows")
    assert shown(dummy, "dpctl/get-flow", "ufid:" + flow["ufid"]) == flow == shown(dummy, "dpif/dump-flows", "br0")[0]
    assert f"\n{flow['flow']}, packets:0" in dummy.appctl("dpctl/dump-flows")
    assert "in_port(p1)" in shown(dummy, "dpctl/dump-flows", "--names")[0]["flow"] and "in_port(p1)" not in flow["flow"]
    dp, = shown(dummy, "dpctl/show")
    text = dummy.appctl("dpctl/show", "-s")
    assert text.startswith(f"{dp['datapath']}:\n  lookups: hit:{dp['hit']} missed:{dp['missed']} lost:{dp['lost']}\n  flows: {dp['flows']}\n")
    for port in dp["ports"]:
        assert f"  port {port['number']}: {port['name']} ({port['type']})\n    RX packets:{port['rx_packets']} " in text
    bridges = shown(dummy, "dpif/show")[0]["bridges"]
    assert [p["name"] for p in bridges[0]["ports"]] == ["br0", "p1", "p2", "p3"] and bridges[0]["ports"][0]["port"] == 65534

    rules = shown(dummy, "bridge/dump-flows", "br0")
    lines = dummy.appctl("bridge/dump-flows", "br0").splitlines()
    assert len(rules) == len(lines) and [r["cookie"] for r in rules if r["priority"] == 5] == ["0x7"]
    for rule, line in zip(rules, lines):
        assert f"n_packets={rule['packets']}, n_bytes={rule['bytes']}, priority={rule['priority']}" in line
    assert {r["hidden"] for r in rules if r["table"] == 254} == {True}
    levels = {m["module"]: m for m in shown(dummy, "vlog/list")}
    dummy.appctl("vlog/set", "bridge:file:dbg")
    assert levels["bridge"]["file"] == "info" and {m["module"]: m for m in shown(dummy, "vlog/list")}["bridge"]["file"] == "dbg"


def test_the_tools_hand_the_option_on(dummy):
    for words in (("show",), ("dump-dps",), ("dump-flows", "-m")):
        ours = dummy.result(WEFT.program("ovs-dpctl"), "-f", "json", *(w for w in words[1:]), words[0])
        assert json.loads(ours.stdout) == shown(dummy, f"dpctl/{words[0]}", *words[1:]), ours.stderr
    for program in ("ovs-appctl", "ovs-dpctl", "ovs-ofctl", "weft"):
        wrong = dummy.result(WEFT.program(program), "--format=xml", "show")
        assert wrong.returncode == 1 and "xml: unknown format: use text or json" in wrong.stderr


def test_a_text_is_a_json_string_and_json_may_be_spread_over_lines(dummy):
    for words in (["version"], ["vlog/set", "bridge:file:info"]):
        plain, told = ask(dummy, *words), ask(dummy, "-f", "json", *words)
        assert plain.returncode == told.returncode == 0 and json.loads(told.stdout) == plain.stdout, told.stderr
    assert ask(dummy, "-f", "json", "coverage/read-counter", "nosuch").stderr.startswith("No such counter\n")
    for program, words in (("ovs-appctl", ["ofproto/list"]), ("ovs-dpctl", ["dump-dps"]), ("weft", ["drops"])):
        plain, pretty = (dummy.result(WEFT.program(program), "-f", "json", *more, *words).stdout for more in ([], ["--pretty"]))
        assert json.loads(pretty) == json.loads(plain) and len(pretty.splitlines()) >= len(plain.splitlines())
    assert len(dummy.result(WEFT.program("ovs-appctl"), "-f", "json", "--pretty", "list-commands").stdout.splitlines()) > 100
