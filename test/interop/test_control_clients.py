# SPDX-License-Identifier: Apache-2.0
"""ovs-appctl and ovs-dpctl: ours ask daemons of both flavors, and say and exit as Debian's do; completion scripts work."""
import pathlib
import re
import shutil
import socket
import subprocess
import threading

import pytest

import process
from normal import assert_same, text
from stack import ORACLE, WEFT

RUNS = [(r"\S+Z\|\d+\|", "T|"), (r"\S*/(ovs-(?:app|dp)ctl)", r"\1"), (r"/\S*?/stack-\w+", "FOLDER"), (r"\.\d+\.ctl", ".PID.ctl")]
HINT = (r'\nDid you mean "[^"\n]*"\?', "")

APPCTL = [[], ["version"], ["-t", "ovsdb-server", "version"], ["-t", "/nonexistent", "version"], ["-t", "foo", "version"], ["-t", "ovsdb-server"],
          ["-t", "ovsdb-server", "nosuch"], ["-t", "ovsdb-server", "vlog/list", "x"], ["-t", "ovsdb-server", "vlog/set", "foo"],
          ["-t", "ovsdb-server", "vlog/set", "-v"], ["-T", "x", "version"], ["-T", "0", "version"], ["-T", "5", "version"], ["--timeout=5", "version"],
          ["-x"], ["--target"], ["-t"], ["--", "version"], ["version", "-x"], ["-t", "dead", "version"], ["-t", "bad", "version"], ["-t", "empty", "version"],
          ["-vfoo", "version"], ["-vconsole:off", "nosuch"], ["--tar=ovsdb-server", "version"], ["coverage/read-counter", "nosuch"],
          ["-t", "ovsdb-server", "ovsdb-server/list-dbs"], ["ofproto/list"], ["dpctl/dump-dps"], ["fdb/show", "br0"], ["fdb/show", "nosuch"], ["fdb/show"],
          ["-t", "CTL", "version"], ["-t", "./ovs-vswitchd", "version"]]


def said(stack, flavor, program, words, **options):
    words = [f"{stack.folder}/ovs-vswitchd.{stack.switch.pid}.ctl" if word == "CTL" else word for word in words]
    done = process.result([flavor.program(program), *words], env=stack.env | {"OVS_SYSLOG_METHOD": "null"}, **options)
    return [done.returncode, *(text(out, *RUNS, *([HINT] if flavor is WEFT else [])) for out in (done.stdout, done.stderr))]


@pytest.fixture
def switch(dummy):
    dummy.add_dummy()
    for name, contents in {"dead": "99999999\n", "bad": "abc\n", "empty": ""}.items():
        (dummy.folder / f"{name}.pid").write_text(contents)
    return dummy


def test_appctl_says_and_exits_as_debians(switch):
    for words in APPCTL:
        theirs, ours = (said(switch, flavor, "ovs-appctl", words) for flavor in (ORACLE, WEFT))
        assert_same([words, ours], [words, theirs])


@pytest.mark.parametrize("answer, error", [(b'{"id":0,"error":null,"result":5}', "transaction error (Invalid argument)"), (b"", "transaction error (End of file)")])
def test_appctl_tells_of_a_daemon_that_answers_nonsense(switch, answer, error):
    path = str(switch.folder / "odd.ctl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1000)
            connection.close()
        thread = threading.Thread(target=serve)
        thread.start()
        done = process.result([WEFT.program("ovs-appctl"), "-T", "10", "-t", path, "version"], env=switch.env)
        thread.join(10)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, f"ovs-appctl: {path}: {error}")


def test_appctl_ends_by_alarm_when_the_daemon_hangs(switch):
    path = str(switch.folder / "hang.ctl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        done = process.result([WEFT.program("ovs-appctl"), "-T", "1", "-t", path, "version"], env=switch.env)
    assert done.returncode == -14 and "|fatal_signal|WARN|terminating with signal 14 (Alarm clock)" in done.stderr


def dpctl(stack, *words, **options):
    return process.result([WEFT.program("ovs-dpctl"), *words], env=stack.env, **options)


def test_dpctl_asks_the_daemon(switch):
    for words, command in ((["show"], ["dpctl/show"]), (["-s", "show"], ["dpctl/show", "-s"]), (["dump-dps"], ["dpctl/dump-dps"])):
        assert dpctl(switch, *words).stdout == switch.appctl(*command)
    flow = "in_port(1),eth(),eth_type(0x0800),ipv4()"
    with switch.without_revalidation():
        assert dpctl(switch, "add-flow", flow, "2").returncode == 0
        assert re.search(r"in_port\(1\),.*eth_type\(0x0800\).*actions:2\n", dpctl(switch, "dump-flows").stdout)
        again = dpctl(switch, "add-flow", flow, "2")
        assert (again.returncode, again.stderr) == (1, "ovs-dpctl: updating flow table (File exists)\n")
        assert dpctl(switch, "-s", "del-flow", flow).returncode == 0
        assert "in_port" not in dpctl(switch, "dump-flows").stdout
    assert dpctl(switch, "dump-flows", "nosuch").returncode == 1
    refused = dpctl(switch, "--read-only", "del-flows")
    assert (refused.returncode, refused.stderr) == (1, "ovs-dpctl: 'del-flows' command does not work in read only mode\n")


@pytest.mark.parametrize("words", [[], ["foo"], ["-x"], ["add-dp"], ["add-if", "x"], ["del-dp", "a", "b"], ["get-flow"], ["-t", "x", "show"], ["-t", "0", "show"]])
def test_dpctl_refuses_bad_calls_as_debians_does(dummy, words):
    theirs, ours = (said(dummy, flavor, "ovs-dpctl", words) for flavor in (ORACLE, WEFT))
    assert_same(ours, theirs)


def test_dpctl_says_that_no_daemon_runs(dummy):
    dummy.switch.stop()
    done = dpctl(dummy, "show")
    assert done.returncode == 1
    assert re.match(r'ovs-dpctl: cannot read pidfile ".*/ovs-vswitchd\.pid" \(No such file or directory\); datapaths are part of ovs-vswitchd, '
                    r"which does not run: start it", done.stderr), done.stderr


COMPLETE = r"""
source "$1"; shift
function=$1; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
compopt() { :; }
$function
printf '%s\n' "${COMPREPLY[@]}"
"""


def completed(stack, program, *words):
    script = stack.folder / f"{program}.bash"
    script.write_text(process.run([WEFT.program(program), "--completion=bash"], env=stack.env))
    path = f"{WEFT.program(program).parent}:{pathlib.Path('/usr/bin')}:/bin"
    done = subprocess.run(["bash", "-c", COMPLETE, "complete", script, f"_weft_{program.replace('-', '_')}", program, *words], capture_output=True,
                          text=True, timeout=20, check=True, env=stack.env | {"PATH": path})
    assert not done.stderr, done.stderr
    return done.stdout.split()


COMPLETE_ZSH = r"""
script=$1; shift
compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- $@ }
_describe() { local -a list; list=(${(P)2}); print -rl -- ${list%%:*} }
words=($@); CURRENT=$#words
source $script
"""


def completed_in_zsh(stack, program, *words):
    """What begins like the last word: zsh itself would choose among all that the script offers."""
    script = stack.folder / f"_{program}"
    script.write_text(process.run([WEFT.program(program), "--completion=zsh"], env=stack.env))
    path = f"{WEFT.program(program).parent}:{pathlib.Path('/usr/bin')}:/bin"
    done = subprocess.run(["zsh", "-f", "-c", COMPLETE_ZSH, "complete", script, program, *words], capture_output=True, text=True, timeout=20,
                          check=True, env=stack.env | {"PATH": path})
    assert not done.stderr, done.stderr
    return [word for word in done.stdout.split() if word.startswith(words[-1])]


COMPLETIONS = pytest.mark.parametrize("program, words, found", [
    ("ovs-vsctl", ["list-"], ["list-br", "list-dp-cap", "list-ifaces", "list-ports", "list-zone-tp"]),
    ("ovs-vsctl", ["--may"], ["--may-exist"]),
    ("ovs-vsctl", ["del-br", "b"], ["br0"]),
    ("ovs-vsctl", ["list-br", "--", "list", "Br"], ["Bridge"]),
    ("ovs-vsctl", ["set-fail-mode", "br0", "s"], ["secure", "standalone"]),
    ("ovs-vsctl", ["port-to-br", "p"], ["p1", "p2", "p3"]),
    ("ovs-dpctl", ["ct-get-"], ["ct-get-limits", "ct-get-maxconns", "ct-get-nconns", "ct-get-tcp-seq-chk"]),
    ("ovs-appctl", ["vlog/r"], ["vlog/reopen"]),
    ("ovs-ofctl", ["dump-group"], ["dump-group-features", "dump-group-stats", "dump-groups"]),
    ("ovs-ofctl", ["dump-flows", "b"], ["br0"]),
    ("ovs-ofctl", ["--prot"], ["--protocols="]),
    ("weft", ["ofd"], ["ofdump"]),
    ("ovsdb-client", ["monitor-"], ["monitor-cond", "monitor-cond-since"]),
    ("ovsdb-client", ["dump", "Open_v"], ["Open_vSwitch"]),
    ("ovsdb-client", ["dump", "Open_vSwitch", "Br"], ["Bridge"]),
    ("ovsdb-client", ["--no-l"], ["--no-leader-only"]),
    ("ovsdb-tool", ["schema-"], ["schema-cksum", "schema-name", "schema-version"]),
    ("ovsdb-tool", ["--rb"], ["--rbac-role="]),
    ("ovs-testcontroller", ["--max-i"], ["--max-idle="]),
])


@COMPLETIONS
def test_bash_completes(switch, program, words, found):
    assert sorted(completed(switch, program, *words)) == found


@COMPLETIONS
def test_zsh_completes(switch, program, words, found):
    assert sorted(completed_in_zsh(switch, program, *words)) == found


@pytest.mark.parametrize("program", ["ovs-vsctl", "ovs-appctl", "ovs-dpctl", "ovs-ofctl", "ovs-testcontroller", "ovsdb-client", "ovsdb-tool", "weft"])
def test_completion_scripts_parse(program):
    for shell in ("bash", "zsh"):
        script = process.run([WEFT.program(program), f"--completion={shell}"])
        assert script.startswith("#compdef" if shell == "zsh" else "# SPDX")
        assert not re.search(r"\b(FUNCTION|SOURCE_ARMS|ARGUMENT_ARMS|COMMANDS|ALL_OPTIONS|PROGRAM)\b", script)
        if shutil.which(shell):
            process.run([shell, "-n", "/dev/stdin"], stdin=script)
    done = process.result([WEFT.program(program), "--completion=fish"])
    assert (done.returncode, done.stderr) == (1, f'{program}: no completion for "fish": use "bash" or "zsh"\n')
