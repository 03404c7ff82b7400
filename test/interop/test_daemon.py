# SPDX-License-Identifier: Apache-2.0
"""The life of a daemon: options, background, pid files, monitor, log and control socket, with ovsdb-server as the daemon."""
import os
import re
import signal

import pytest

import process
from library import SCHEMA
from process import alive, until
from stack import ORACLE, WEFT

CONTROL = "ovsdb-server/list-dbs"


class Place:
    """A folder with a database, in which servers of one flavor are started."""

    def __init__(self, flavor, folder):
        self.flavor, self.folder = flavor, folder
        self.env = {name: str(folder) for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR")} | {"OVS_SYSLOG_METHOD": "null"}
        process.run(["ovsdb-tool", "create", folder / "conf.db", SCHEMA], env=self.env)

    def server(self, *options, database="conf.db"):
        return process.result([self.flavor.program("ovsdb-server"), *options, self.folder / database], env=self.env)

    def start(self, *options):
        done = self.server("--detach", "--no-chdir", "--pidfile", "--log-file", "-vconsole:off", *options)
        assert done.returncode == 0, done.stderr
        return self.pid()

    def appctl(self, *words, target="ovsdb-server"):
        return process.result(["ovs-appctl", "-T", "15", "-t", target, *words], env=self.env)

    def pid(self, name="ovsdb-server.pid"):
        return int((self.folder / name).read_text())

    def log(self):
        return (self.folder / "ovsdb-server.log").read_text()

    def files(self):
        return {f.name for f in self.folder.iterdir() if not f.name.startswith(".")} - {"conf.db", "ovsdb-server.log"}


@pytest.fixture
def place(flavor, tmp_path):
    made = Place(flavor, tmp_path)
    yield made
    for file in tmp_path.glob("*.pid"):
        pid = int(file.read_text())
        if alive(pid):
            parent = int(re.search(r"PPid:\s+(\d+)", open(f"/proc/{pid}/status").read())[1])
            if parent > 1 and b"ovsdb-server: monitoring" in open(f"/proc/{parent}/cmdline", "rb").read():
                process.end(parent)
            process.end(pid)


def test_detach_returns_when_the_daemon_serves(place):
    pid = place.start()
    assert place.appctl(CONTROL).stdout == "Library\n_Server\n"
    assert place.files() == {"ovsdb-server.pid", f"ovsdb-server.{pid}.ctl"}
    assert oct(os.stat(place.folder / f"ovsdb-server.{pid}.ctl").st_mode)[-3:] == "750"
    assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
    assert os.readlink(f"/proc/{pid}/cwd") == os.getcwd()


def test_exit_leaves_nothing_behind(place):
    pid = place.start()
    assert place.appctl("exit").returncode == 0
    until(lambda: not alive(pid), "the daemon ends")
    assert place.files() == set()


def test_a_signal_ends_it_and_leaves_nothing_behind(place):
    pid = place.start()
    os.kill(pid, signal.SIGTERM)
    until(lambda: not alive(pid), "the daemon ends")
    assert place.files() == set()
    assert "|fatal_signal|WARN|terminating with signal 15 (Terminated)" in place.log()


def test_detach_tells_when_the_daemon_cannot_start(place):
    done = place.server("--detach", "--no-chdir", "--pidfile", database="nothing.db")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing.db" in done.stderr and "No such file or directory" in done.stderr
    done = place.server("--detach", "--pidfile", f"--unixctl={place.folder}/no/such.ctl")
    assert done.returncode == 1
    assert done.stderr.endswith("/no/such.ctl: could not initialize control socket (No such file or directory)\n")
    assert place.files() == set()


def test_a_second_daemon_does_not_take_the_pid_file_of_a_living_one(place):
    pid = place.start()
    second = place.server("--pidfile", "--unixctl=other.ctl")
    assert (second.returncode, second.stderr) == (1, f"ovsdb-server: {place.folder}/ovsdb-server.pid: already running as pid {pid}, aborting\n")
    assert place.pid() == pid
    process.end(pid)
    assert place.start() != pid, "the file of a dead one is no obstacle"


def test_the_monitor_starts_it_again_after_a_crash(place):
    first = place.start("--monitor")
    os.kill(first, signal.SIGABRT)
    second = until(lambda: (pid := place.pid()) != first and pid, "it runs again")
    until(lambda: place.appctl(CONTROL).returncode == 0, "it serves again")
    assert f"|daemon_unix(monitor)|ERR|1 crashes: pid {first} died, killed (Aborted), restarting" in re.sub(", core dumped", "", place.log())
    assert place.appctl("exit").returncode == 0
    until(lambda: f"pid {second} died, exit status 0, exiting" in place.log(), "the monitor ends, too")


def test_the_log_can_be_rotated(place):
    place.start()
    os.rename(place.folder / "ovsdb-server.log", place.folder / "old.log")
    assert place.appctl("vlog/reopen").returncode == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\|\d{5}\|vlog\|INFO\|opened log file .*\n", place.log())


def test_log_levels_and_patterns_are_set_by_option_and_by_command(place):
    place.start("-vjsonrpc:file:dbg", "-vPATTERN:console:%m")
    assert re.search(r"^jsonrpc +OFF +INFO +DBG$", place.appctl("vlog/list").stdout, re.M)
    assert "|jsonrpc|DBG|unix#0: received request, method=\"vlog/list\", params=[], id=0\n" in place.log()
    assert place.appctl("vlog/set", "jsonrpc:off").returncode == 0
    assert re.search(r"^jsonrpc +OFF +OFF +OFF$", place.appctl("vlog/list").stdout, re.M)
    assert place.appctl("vlog/list-pattern").stdout.splitlines()[3] == "CONSOLE  none                              %m"


def same_from_both(flavors, tmp_path, speak):
    """What `speak` returns for a place of each flavor is the same."""
    said = []
    for flavor in flavors:
        folder = tmp_path / flavor.name
        folder.mkdir()
        own = rf"{folder}|{flavor.program('ovsdb-server').parent}/|\d{{4}}-\S+?\|\d+\|"
        said.append([(d.returncode, d.stdout, re.sub(own, "*", d.stderr)) for d in speak(Place(flavor, folder))])
    assert said[1] == said[0]


def test_refusals_are_worded_as_by_the_oracle(tmp_path):
    from conftest import FLAVORS

    def speak(place):
        yield place.server("--bogus")
        yield place.server("-Z")
        yield place.server("-vfoo")
        yield place.server("--no")
        yield place.server("--detach=1")
        yield place.server("--syslog-method=foo")
        yield place.server(f"--log-file={place.folder}/no/x.log")
        place.start(f"--unixctl={place.folder}/ctl")
        for words in (["bogus"], ["version", "x"], ["vlog/set", "foo:bar"], ["vlog/set", "PATTERN:x:y"], ["vlog/set", "FACILITY:x"],
                      ["vlog/set", "jsonrpc:util"], ["vlog/disable-rate-limit", "x"], ["coverage/read-counter"],
                      ["coverage/read-counter", "x"], ["exit", "x"], ["vlog/set", "jsonrpc", "file", "dbg"], ["vlog/list-pattern"], ["exit"]):
            yield place.appctl(*words, target=f"{place.folder}/ctl")

    same_from_both(FLAVORS.values(), tmp_path, speak)


def test_help_of_the_switch_names_all_that_debians_does():
    helps = [process.run([flavor.program("ovs-vswitchd"), "--help"]) for flavor in (ORACLE, WEFT)]
    theirs, ours = ([line for line in text.splitlines() if line.strip()] for text in helps)
    about_dpdk = [line for line in theirs if "DPDK" in line or "version of Open vSwitch" in line]
    assert len(about_dpdk) == 3
    assert [line for line in theirs if line not in ours] == about_dpdk
