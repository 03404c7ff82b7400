# SPDX-License-Identifier: Apache-2.0
"""ovs-vsctl: ours prints, exits and changes the database as Debian's does, on the same states of Debian's server and of ours."""
import contextlib
import json
import os
import pty
import re
import subprocess
import time

import pytest

import process
import vsctl_lines
from normal import assert_same, text
from stack import ORACLE, WEFT, Stack

# Where ours is meant to say something else. Patterns of Debian's answer, and what ours says.
TOLD_BETTER = [
    (r'syntax error at "\n', 'syntax error at end of input expecting "="\n'),  # Debian's ends at a NUL character
    (r"(?s)T\|ovsdb_idl\|WARN\|transaction error: .*?\novs-vsctl: transaction error: (.*)", r"ovs-vsctl: transaction error: \1"),
]
OURS_ALONE = [(r'\nDid you mean "[^"\n]*"\?', ""), (r"(?s)T\|ovsdb_idl\|WARN\|transaction error: .*?\novs-vsctl: transaction error: (.*)", r"ovs-vsctl: transaction error: \1")]
RUNS = [(r"\S+Z\|\d+\|", "T|"), (r"\S*/ovs-vsctl", "ovs-vsctl"), (r"/\S*/stack-\w+", "FOLDER"), (r"(?<=\")row[0-9a-f_]{36}", "ROW"),
        (r"invoked by \S+ \(pid \d+\)", "invoked by X")]
SEEDS = range(int(os.environ.get("VSCTL_SEEDS", "12")))


def show_tree(out):
    """`show` with the records of one level sorted: their order is that of uuids."""
    root = (-1, "", [])
    path = [root]
    for line in out.splitlines():
        depth = len(line) - len(line.lstrip())
        while path[-1][0] >= depth:
            path.pop()
        node = (depth, line, [])
        path[-1][2].append(node)
        path.append(node)
    return sort_tree(root)


def sort_tree(node):
    return (node[1], sorted(sort_tree(child) for child in node[2]))


def unordered(words, out):
    """The output without the order that uuids give to records."""
    if "show" in words:
        return show_tree(out)
    if not any(word in ("list", "find") for word in words):
        return out
    return sorted(out.splitlines()) if "--" in words or "-f" in words else sorted(out.rstrip("\n").split("\n\n"))


def said(stack, flavor, words):
    done = process.result([flavor.program("ovs-vsctl"), f"--db={stack.socket}", "--no-wait", *words],
                          env=stack.env | {"OVS_SYSLOG_METHOD": "null"})
    error = text(done.stderr, *RUNS, *(OURS_ALONE if flavor is WEFT else TOLD_BETTER))
    # A set of uuids has their order; so has what a set of bridges is printed by.
    out = re.sub(r"\[UUID(, UUID)*\]", "[UUIDS]", text(done.stdout, *RUNS))
    return [done.returncode, unordered(words, out), error]


def contents(stack):
    """All rows, with the contents of what they refer to for the reference, as sorted texts."""
    out = process.run([ORACLE.program("ovsdb-client"), "-f", "json", "dump", stack.socket, "Open_vSwitch"], env=stack.env)
    rows = {}
    for line in out.splitlines():
        table = json.loads(line)
        for row in table["data"]:
            values = dict(zip(table["headings"], row))
            rows[values.pop("_uuid")[1]] = (table["caption"].split()[0], {k: v for k, v in values.items() if k != "next_cfg"})

    def label(uuid, depth):
        table, values = rows.get(uuid, ("?", {}))
        return [table] + ([[k, resolve(v, depth + 1)] for k, v in sorted(values.items())] if depth < 3 else [])

    def resolve(value, depth):
        if isinstance(value, list) and len(value) == 2 and value[0] == "uuid":
            return label(value[1], depth)
        if isinstance(value, list) and len(value) == 2 and value[0] == "set":
            return sorted((resolve(v, depth) for v in value[1]), key=str)
        return [resolve(v, depth) for v in value] if isinstance(value, list) else value

    return sorted(json.dumps(label(uuid, 0)) for uuid in rows)


@pytest.fixture(scope="module", params=["oracle", "weft"])
def databases(request):
    """Two servers of one flavor, with Debian's schema: one for each client."""
    flavor = {"oracle": ORACLE, "weft": WEFT}[request.param]
    with contextlib.ExitStack() as ends:
        stacks = []
        for _ in range(2):
            stacks.append(ends.enter_context(contextlib.closing(Stack(flavor, ORACLE, schema=ORACLE.schema))))
            stacks[-1].start_server()
        yield stacks


def empty(stack):
    roots = ["Open_vSwitch", "QoS", "Queue", "Flow_Table", "Flow_Sample_Collector_Set"]
    wipe = json.dumps(["Open_vSwitch", *({"op": "delete", "table": table, "where": []} for table in roots)])
    process.run([ORACLE.program("ovsdb-client"), "transact", stack.socket, wipe], env=stack.env)


def compare_script(databases, lines):
    for stack in databases:
        empty(stack)
    for words in lines:
        theirs, ours = (said(stack, flavor, words) for stack, flavor in zip(databases, (ORACLE, WEFT)))
        try:
            assert_same(ours, theirs)
        except AssertionError as error:
            raise AssertionError(f"{' '.join(words)}\n{error}") from None
    assert_same(contents(databases[1]), contents(databases[0]))


@pytest.mark.parametrize("script", vsctl_lines.SCRIPTS)
def test_command_lines_do_what_they_do_with_debians(databases, script):
    compare_script(databases, vsctl_lines.script_lines(script))


@pytest.mark.parametrize("seed", SEEDS)
def test_random_command_lines_do_what_they_do_with_debians(databases, seed):
    compare_script(databases, vsctl_lines.random_script(seed))


@pytest.fixture
def vsctl(dummy):
    """Our ovs-vsctl on a stack, of either flavor, whose switch runs."""
    def run(*words, **options):
        return process.result([WEFT.program("ovs-vsctl"), f"--db={dummy.socket}", *words], env=dummy.env, **options)
    return run


def test_it_waits_until_the_switch_has_done_it_and_tells_what_went_wrong(vsctl, dummy):
    assert vsctl("add-br", "br0", "--", "add-port", "br0", "p1").returncode == 0
    assert int(dummy.get("Interface", "p1", "ofport")) > 0
    dummy.allowed.append(r"bridge\|WARN\|x: patch type requires")
    done = vsctl("add-port", "br0", "x", "--", "set", "interface", "x", "type=patch")
    assert done.returncode == 65
    assert re.match(r"ovs-vsctl: Error detected while setting up 'x': .+\.  See ovs-vswitchd log for details\.\n"
                    rf'ovs-vsctl: The default log directory is "{dummy.folder}"\.\n$', done.stderr), done.stderr
    assert vsctl("get", "open_vswitch", ".", "cur_cfg").stdout == vsctl("get", "open_vswitch", ".", "next_cfg").stdout


def test_changes_made_at_the_same_time_all_arrive(vsctl, dummy):
    vsctl("--no-wait", "add-br", "br0")
    ports = [f"p{i}" for i in range(20)]
    running = [subprocess.Popen([WEFT.program("ovs-vsctl"), f"--db={dummy.socket}", "--no-wait", "add-port", "br0", port, "--", "set", "bridge",
                                 "br0", f"external_ids:{port}=1"], env=dummy.env, stderr=subprocess.PIPE, text=True) for port in ports]
    errors = [one.communicate(timeout=20)[1] for one in running]
    assert [one.returncode for one in running] == [0] * len(ports), errors
    assert vsctl("list-ports", "br0").stdout.split() == sorted(ports)
    assert len(json.loads(vsctl("-f", "json", "--columns=external_ids", "list", "bridge").stdout)["data"][0][0][1]) == len(ports)


def test_wait_until_waits_for_another_client(vsctl, dummy):
    waiting = subprocess.Popen([WEFT.program("ovs-vsctl"), f"--db={dummy.socket}", "-t", "15", "wait-until", "bridge", "br0",
                                "external_ids:ready=yes", "--", "get", "bridge", "br0", "name"], env=dummy.env, stdout=subprocess.PIPE, text=True)
    with process.killed_after(waiting):
        vsctl("add-br", "br0")
        process.stays(lambda: waiting.poll() is None, "waits", 0.3)
        vsctl("set", "bridge", "br0", "external_ids:ready=yes")
        assert waiting.communicate(timeout=15)[0] == "br0\n"


@pytest.mark.parametrize("words", [["wait-until", "bridge", "nope"], ["--retry", "--db=unix:/nonexistent", "list-br"], ["--db=punix:x.sock", "list-br"]])
def test_timeout_ends_it_by_alarm(vsctl, words):
    began = time.monotonic()
    done = vsctl("-t", "1", *words)
    assert done.returncode == -14
    assert re.search(r"\|fatal_signal\|WARN\|terminating with signal 14 \(Alarm clock\)", done.stderr)
    assert time.monotonic() - began < 10


def test_the_databases_log_tells_who_did_what(vsctl, dummy):
    vsctl("--no-wait", "comment", "a b", "--", "add-br", "br0")
    log = process.run([ORACLE.program("ovsdb-tool"), "show-log", dummy.db_file], env=dummy.env)
    assert re.search(r'"ovs-vsctl \(invoked by \S+\): \S*ovs-vsctl --db=\S+ --no-wait comment \\?"a b\\?" -- add-br br0"', log), log


def test_show_in_json_has_the_documented_members(vsctl):
    vsctl("add-br", "br0", "--", "add-port", "br0", "p1", "tag=3", "trunks=1,2")
    shown = json.loads(vsctl("-f", "json", "show").stdout)
    assert len(shown) == 1 and shown[0]["_uuid"] and shown[0]["manager_options"] == []
    bridge, = shown[0]["bridges"]
    assert (bridge["name"], bridge["fail_mode"], bridge["controller"]) == ("br0", None, [])
    port = next(p for p in bridge["ports"] if p["name"] == "p1")
    assert (port["tag"], port["trunks"]) == (3, [1, 2])
    iface, = port["interfaces"]
    assert (iface["name"], iface["type"], iface["options"]) == ("p1", "", {})


@pytest.mark.parametrize("words, hint", [(["lst-br"], "list-br"), (["list", "brigde"], "Bridge"), (["get", "port", "x", "tga"], "tag"),
                                         (["--columns=nam", "list", "prt"], "Port")])
def test_misspelt_names_are_corrected(vsctl, words, hint):
    done = vsctl(*words)
    assert done.returncode == 1 and done.stderr.endswith(f'\nDid you mean "{hint}"?\n'), done.stderr


def on_a_terminal(command, env):
    """What the program prints when its standard output is a terminal."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(command, env=os.environ | env, stdout=theirs, check=True, timeout=20)
        return os.read(ours, 100_000).decode().replace("\r\n", "\n")
    finally:
        os.close(ours)
        os.close(theirs)


def test_colours_are_for_terminals_only(vsctl, dummy):
    dummy.allowed.append(r"bridge\|WARN\|x: patch type requires")
    vsctl("add-br", "br0", "--", "add-port", "br0", "x", "--", "set", "interface", "x", "type=patch")
    command = [WEFT.program("ovs-vsctl"), f"--db={dummy.socket}", "show"]
    coloured = on_a_terminal(command, dummy.env | {"TERM": "xterm"})
    assert "\x1b[1mBridge br0\x1b[0m\n" in coloured and re.search("\x1b\\[31merror: .*\x1b\\[0m\n", coloured)
    plain = vsctl("show").stdout
    assert re.sub("\x1b\\[\\d*m", "", coloured) == plain and "\x1b" not in plain
    assert on_a_terminal(command, dummy.env | {"TERM": "xterm", "NO_COLOR": "1"}) == plain
