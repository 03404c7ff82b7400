# SPDX-License-Identifier: Apache-2.0
"""weft db: plans on both servers; changes that roll back by themselves though client, network or server died; history and revert."""
import contextlib
import json
import subprocess
import time

import pytest

import process
from stack import ORACLE, WEFT, Stack

SOON = 10  # seconds within which what is due is done


@pytest.fixture
def on(dummy):
    """A bridge br0 of ports p1 ... p3 on a stack of either flavor."""
    dummy.add_dummy()
    return dummy


@pytest.fixture
def ours_on(make_stack):
    stack = make_stack(WEFT, switch_options=("--enable-dummy=override", "--disable-system"))
    stack.allowed += [r"rolled back", r"connection|connect|error"]
    stack.add_dummy()
    return stack


def weft(stack, *words, code=0, prefix=(), server=None, options=()):
    done = stack.result(*prefix, WEFT.program("weft"), f"--db={server or stack.socket}", "--timeout=15", *options, "db", *words)
    assert done.returncode == code, (words, done)
    return done.stdout + done.stderr


def weft_json(stack, *words, code=0):
    done = stack.result(WEFT.program("weft"), f"--db={stack.socket}", "--timeout=15", "--format=json", "db", *words)
    assert done.returncode == code, (words, done)
    return json.loads(done.stdout)


def state(stack, transaction):
    return next((t.get("state") for t in weft_json(stack, "history", "--count=1000") if t["id"] == transaction), None)


def fail_mode(stack):
    return stack.get("Bridge", "br0", "fail_mode")


def apply(stack, *words, within="60s"):
    return weft_json(stack, "apply", f"--confirm-within={within}", *words)["id"]


def test_a_plan_shows_what_ovs_vsctl_then_does_and_changes_nothing(on):
    commands = ["add-port br0 p4 tag=5 -- set interface p4 type=dummy", "set bridge br0 other_config:forward-bpdu=true fail_mode=standalone", "del-port p1"]
    file = on.folder / "commands"
    file.write_text("# the new rack\n" + "\n".join(f"ovs-vsctl {c}" for c in commands) + "\n")
    before = on.vsctl("--columns=name,fail_mode,ports", "list", "bridge")
    shown = weft(on, "plan", file)
    assert on.vsctl("--columns=name,fail_mode,ports", "list", "bridge") == before
    assert shown == ("~ Bridge br0\n    fail_mode: secure -> standalone\n    other_config:forward-bpdu: none -> \"true\"\n    ports: +p4 -p1\n"
                     "- Interface p1\n+ Interface p4\n    type: dummy\n- Port p1\n+ Port p4\n    interfaces: p4\n    tag: 5\n"), shown
    planned = weft_json(on, "plan", file)["changes"]
    with on_changes(on) as changes:
        for command in commands:
            on.vsctl("--no-wait", *command.split())
        process.until(lambda: "+ Port p4" in (printed := changes()) and "- Port p1" in printed, "weft db watch prints both")
    (bridge,) = planned["Bridge"].values()
    assert on.get("Bridge", "br0", "fail_mode") == bridge["new"]["fail_mode"] == "standalone"
    assert "p4" in on.vsctl("list-ports", "br0") and "p1" not in on.vsctl("list-ports", "br0").split()


@contextlib.contextmanager
def on_changes(stack, *words):
    """What weft db watch prints meanwhile."""
    printed = stack.folder / "watched"
    with open(printed, "w", encoding="utf-8") as out:
        popen = process.background([WEFT.program("weft"), f"--db={stack.socket}", "db", "watch", *words], env=stack.env, stdout=out, stderr=subprocess.PIPE)
        with process.killed_after(popen):
            assert "watching Open_vSwitch" in popen.stderr.readline()
            yield lambda: printed.read_text(encoding="utf-8")
            process.until(lambda: printed.read_text(encoding="utf-8"), "weft db watch prints")


def test_what_is_wrong_with_a_plan_is_named_with_what_was_meant(on):
    assert 'Did you mean "remote_ip"?' in weft(on, "plan", "set", "interface", "p1", "options:remot_ip=10.0.0.1", code=2)
    assert "expected true or false" in weft(on, "plan", "set", "bridge", "br0", "other_config:forward-bpdu=yes", code=2)
    assert 'Did you mean "Bridge"?' in weft(on, "plan", '[{"op":"update","table":"Brige","where":[],"row":{}}]', code=1)
    assert "referential integrity violation" in weft(
        on, "plan", '["Open_vSwitch",{"op":"update","table":"Bridge","where":[],"row":{"ports":["uuid","00000000-0000-0000-0000-000000000009"]}}]', code=1)
    assert "constraint violation" in weft(on, "plan", '[{"op":"update","table":"Bridge","where":[],"row":{"fail_mode":"sure"}}]', code=1)
    assert "no bridge named br9" in weft(on, "plan", "add-port", "br9", "p9", code=1)
    assert "--force" in weft(on, "apply", "set", "interface", "p1", "options:remot_ip=10.0.0.1", code=1)
    assert on.get("Interface", "p1", "options") == "{}"
    weft(on, "apply", "--force", "set", "interface", "p1", "options:remot_ip=10.0.0.1")
    assert "remot_ip" in on.get("Interface", "p1", "options")


def test_a_server_that_cannot_roll_back_is_told_and_nothing_is_applied(make_stack):
    stack = make_stack(ORACLE, switch_options=("--enable-dummy=override", "--disable-system"))
    stack.add_dummy()
    assert "cannot roll back" in weft(stack, "apply", "--confirm-within=60s", "set", "bridge", "br0", "fail_mode=standalone", code=1)
    assert fail_mode(stack) == "secure"
    weft(stack, "apply", "set", "bridge", "br0", "fail_mode=standalone")
    assert fail_mode(stack) == "standalone"
    assert "only Weft's ovsdb-server" in weft(stack, "history", code=1)


def test_a_wrong_uplink_comes_back_to_the_operator_it_locked_out(net, make_stack):
    """The operator's own connection to the database runs through the port that the change removes."""
    net.host("h1", "10.7.0.2/24")
    stack = Stack(WEFT, net=net)
    stack.server.command = [*net.prefix(), *stack.server.command]
    stack.allowed += [r"rolled back", r"connection|connect|error"]
    with stack:
        stack.add_bridge("br0", "h1")
        net.run("sw", "ip", "addr", "add", "10.7.0.1/24", "dev", "br0")
        net.run("sw", "ip", "link", "set", "br0", "up")
        stack.appctl("ovsdb-server/add-remote", "ptcp:6640:10.7.0.1", target="ovsdb-server")
        net.reaches("h1", "10.7.0.1")
        operator = ["ip", "netns", "exec", f"{net.name}h1"]
        assert "+ br0" not in weft(stack, "plan", "del-port", "h1", prefix=operator, server="tcp:10.7.0.1:6640")
        popen = process.background([*operator, WEFT.program("weft"), "--db=tcp:10.7.0.1:6640", "--timeout=5", "db", "apply", "--confirm-within=3s",
                                    "del-port", "h1"], env=stack.env)
        with process.killed_after(popen):
            process.until(lambda: "h1" not in stack.vsctl("list-ports", "br0").split(), "the port goes")
            process.until(lambda: not net.pings("h1", "10.7.0.1", count=1), "the operator is locked out")
        process.until(lambda: "h1" in stack.vsctl("list-ports", "br0").split(), "the port comes back", SOON)
        net.reaches("h1", "10.7.0.1")
        assert "rolled back" in weft(stack, "history", prefix=operator, server="tcp:10.7.0.1:6640")
        assert not stack.complaints(), stack.logs()


def test_a_server_killed_within_the_window_rolls_back_after_its_restart(ours_on):
    uuid = ours_on.get("Port", "p1", "_uuid")
    transaction = apply(ours_on, "del-port", "p1", "--", "set", "bridge", "br0", "fail_mode=standalone", within="3s")
    ours_on.server.kill()
    ours_on.server.start()
    assert "p1" not in ours_on.vsctl("list-ports", "br0").split()
    assert state(ours_on, transaction) == "pending"
    process.until(lambda: fail_mode(ours_on) == "secure", "the roll-back", SOON)
    assert "p1" in ours_on.vsctl("list-ports", "br0").split() and ours_on.get("Port", "p1", "_uuid") == uuid
    assert state(ours_on, transaction) == "rolled back"
    assert "it was rolled back" in weft(ours_on, "confirm", transaction, code=1)


def test_a_server_that_is_down_over_the_deadline_rolls_back_when_it_starts(ours_on):
    transaction = apply(ours_on, "set", "bridge", "br0", "fail_mode=standalone", within="300ms")
    ours_on.server.kill()
    applied = time.time()
    process.until(lambda: time.time() > applied + 0.5, "the deadline passes")
    ours_on.server.start()
    process.until(lambda: fail_mode(ours_on) == "secure", "the roll-back", SOON)
    process.until(lambda: state(ours_on, transaction) == "rolled back", "its end is recorded")


def test_what_is_confirmed_stays_over_a_kill_and_debians_server_opens_the_file(ours_on):
    transaction = apply(ours_on, "set", "bridge", "br0", "fail_mode=standalone", within="2s")
    assert "stays" in weft(ours_on, "confirm", transaction[:6])
    pending = apply(ours_on, "set", "bridge", "br0", "other_config:forward-bpdu=true", within="1h")
    ours_on.server.kill()
    assert fail_mode_of_file(ours_on) == "standalone"
    ours_on.server.start()
    assert (state(ours_on, transaction), state(ours_on, pending)) == ("confirmed", "pending")
    assert fail_mode(ours_on) == "standalone"


def fail_mode_of_file(stack):
    """As Debian's server reads the file."""
    done = stack.result("ovsdb-tool", "query", stack.db_file, '["Open_vSwitch",{"op":"select","table":"Bridge","where":[],"columns":["fail_mode"]}]')
    return json.loads(done.stdout)[0]["rows"][0]["fail_mode"]


def test_of_two_overlapping_plans_the_second_is_refused(ours_on):
    saved = [ours_on.folder / "one", ours_on.folder / "two"]
    weft(ours_on, "plan", f"--save={saved[0]}", "set", "bridge", "br0", "fail_mode=standalone")
    weft(ours_on, "plan", f"--save={saved[1]}", "--", "clear", "bridge", "br0", "fail_mode")
    first = apply(ours_on, saved[0])
    assert "has changed since the plan was made" in weft(ours_on, "apply", saved[1], code=1)
    assert fail_mode(ours_on) == "standalone"
    # Planned anew it would touch what still waits.
    assert f"transaction {first}" in weft(ours_on, "apply", "--", "clear", "bridge", "br0", "fail_mode", code=1)
    weft(ours_on, "confirm", first)
    weft(ours_on, "apply", "--", "clear", "bridge", "br0", "fail_mode")
    assert fail_mode(ours_on) == "[]"


def test_plans_that_do_not_overlap_roll_back_apart(ours_on):
    first = apply(ours_on, "set", "bridge", "br0", "other_config:forward-bpdu=true", within="2s")
    second = apply(ours_on, "add-port", "br0", "p4", "--", "set", "interface", "p4", "type=dummy", within="1h")
    process.until(lambda: state(ours_on, first) == "rolled back", "the first rolls back", SOON)
    assert state(ours_on, second) == "pending" and "p4" in ours_on.vsctl("list-ports", "br0").split()
    assert ours_on.get("Bridge", "br0", "other_config:datapath-id") == "0123456789abcdef"


def test_a_later_edit_is_reported_and_not_overwritten(ours_on):
    transaction = apply(ours_on, "set", "bridge", "br0", "fail_mode=standalone", "other_config:forward-bpdu=true", within="2s")
    ours_on.vsctl("clear", "bridge", "br0", "fail_mode")
    process.until(lambda: state(ours_on, transaction) == "rolled back", "the roll-back", SOON)
    assert fail_mode(ours_on) == "[]" and "forward-bpdu" not in ours_on.get("Bridge", "br0", "other_config")
    assert "! Bridge br0: fail_mode is" in weft(ours_on, "history")


def test_history_and_revert_by_transaction_also_after_a_restart(ours_on):
    ours_on.vsctl("set", "bridge", "br0", "fail_mode=standalone")
    ours_on.vsctl("add-port", "br0", "p4", "--", "set", "interface", "p4", "type=dummy")
    both = weft_json(ours_on, "history", "--count=2")
    assert ["add-port" in t["comment"] for t in both] == [True, False]
    ours_on.server.kill()
    ours_on.server.start()
    assert [t["id"] for t in weft_json(ours_on, "history", "--count=2")] == [t["id"] for t in both]
    number = ours_on.ofport("p1")
    assert "~ Bridge br0\n    fail_mode: standalone -> secure\n" in weft(ours_on, "revert", "--dry-run", both[1]["id"])
    assert fail_mode(ours_on) == "standalone"
    assert "reverted by transaction" in weft(ours_on, "revert", both[1]["id"][:8])
    assert fail_mode(ours_on) == "secure" and "p4" in ours_on.vsctl("list-ports", "br0").split()
    weft(ours_on, "revert", both[0]["id"])
    assert "p4" not in ours_on.vsctl("list-ports", "br0").split() and ours_on.ofport("p1") == number
    assert "nothing changes" in weft(ours_on, "revert", both[0]["id"])


def test_a_revert_over_a_later_edit_is_refused_but_for_the_rest(ours_on):
    ours_on.vsctl("set", "bridge", "br0", "fail_mode=standalone", "other_config:forward-bpdu=true")
    (made,) = weft_json(ours_on, "history", "--count=1")
    ours_on.vsctl("clear", "bridge", "br0", "fail_mode")
    assert "conflict: Bridge br0: fail_mode" in weft(ours_on, "revert", made["id"], code=2)
    assert "forward-bpdu" in ours_on.get("Bridge", "br0", "other_config")
    weft(ours_on, "revert", "--partial", made["id"])
    assert fail_mode(ours_on) == "[]" and "forward-bpdu" not in ours_on.get("Bridge", "br0", "other_config")


def test_watch_prints_changes_and_goes_on_when_the_server_comes_back(ours_on):
    with on_changes(ours_on) as changes:
        ours_on.vsctl("set", "bridge", "br0", "fail_mode=standalone")
        process.until(lambda: "    ~ Bridge br0\n        fail_mode: secure -> standalone\n" in changes(), "the change")
        ours_on.server.kill()
        ours_on.server.start()
        ours_on.vsctl("del-port", "p3")
        process.until(lambda: "    - Port p3\n" in changes(), "the next change", SOON)
    assert "statistics" not in changes()


def test_completion_knows_the_commands_and_their_options(ours_on):
    for shell in ("bash", "zsh"):
        script = ours_on.result(WEFT.program("weft"), f"--completion={shell}").stdout
        for word in ("db plan", "--confirm-within=", "--partial", "--save="):
            assert word in script, (shell, word)
