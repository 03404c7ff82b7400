# SPDX-License-Identifier: Apache-2.0
"""Connections to controllers in virtual time: probes, backoff, what the database tells of them, what a snooper hears. Both switches do the same."""
import contextlib
import json
import pathlib
import re
import socket
import struct

import pytest

import process
from normal import assert_same

HELLO, ERROR, ECHO_REQUEST, ECHO_REPLY = range(4)
NAMES = {HELLO: "hello", ERROR: "error", ECHO_REQUEST: "echo request", ECHO_REPLY: "echo reply", 6: "features reply", 10: "packet in",
         11: "flow removed", 12: "port status", 21: "barrier reply"}
VERSION = {"OpenFlow10": 1, "OpenFlow13": 4, "OpenFlow15": 6}


class Peer:
    """A controller made of a socket: says only what it is told to say."""

    def __init__(self, version, path=None):
        self.path, self.version, self.port = path, VERSION[version], 0
        self.connection, self.buffer = None, b""
        self.listen()

    @property
    def target(self):
        return f"unix:{self.path}" if self.path else f"tcp:127.0.0.1:{self.port}"

    def listen(self):
        if self.path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.path))
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind(("127.0.0.1", self.port))
            self.port = self.listener.getsockname()[1]
        self.listener.listen()
        self.listener.setblocking(False)

    def stop(self):
        """Nobody listens any more, and whoever was connected is cut off."""
        self.listener.close()
        if self.path:
            self.path.unlink(missing_ok=True)
        self.hang_up()

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection, self.buffer = None, b""

    def accept(self):
        """Whether somebody connects within what the switch does without time passing."""
        with contextlib.suppress(BlockingIOError):
            self.connection = self.listener.accept()[0]
            self.connection.setblocking(False)
        return self.connection is not None

    def send(self, kind, body=b"", xid=1):
        self.connection.send(struct.pack("!BBHI", self.version, kind, 8 + len(body), xid) + body)

    def connect(self, path):
        """To a socket of the switch."""
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(str(path))
        self.connection.setblocking(False)

    def heard(self):
        """Kinds of the messages that have come; the last word is "closed" when the switch has hung up."""
        out = []
        with contextlib.suppress(BlockingIOError):
            while chunk := self.connection.recv(65536):
                self.buffer += chunk
            out = ["closed"]
        kinds = []
        while len(self.buffer) >= 8:
            kind, length = struct.unpack("!xBH", self.buffer[:4])
            self.buffer = self.buffer[length:]
            kinds.append(NAMES.get(kind, kind))
        return kinds + out


class Scene:
    """One switch of dummies whose time stands still, its controller, and a transcript."""

    def __init__(self, stack, version, local=False):
        self.stack, self.said = stack, []
        self.peer = Peer(version, stack.folder / "controller" if local else None)
        stack.add_dummy(protocols=version)
        stack.appctl("time/stop")

    def control(self, **columns):
        """Settings follow when it is connected: Debian's switch takes no notice of those that come with the target, and ours keeps its connection."""
        self.stack.vsctl("--no-wait", "set-controller", "br0", self.peer.target)
        process.until(self.connected, "the switch connects")
        self.peer.send(HELLO)
        process.until(lambda: self.warp(1) or "hello" in self.peer.heard(), "the switch says hello")
        if columns:
            self.stack.vsctl("set", "controller", "br0", *(f"{k}={v}" for k, v in columns.items()))
            self.warp(100)

    def connected(self):
        self.warp(100)
        return self.peer.accept()

    def warp(self, milliseconds, step=250):
        self.stack.appctl("time/warp", str(milliseconds), str(min(step, milliseconds)))

    def note(self, what, value):
        self.said.append(f"{what}: {value}")

    def row(self):
        """The Controller row as the database has it when the switch has written its status."""
        columns = ["is_connected", "role", "status"]
        row = json.loads(self.stack.vsctl("--format=json", f"--columns={','.join(columns)}", "list", "controller"))["data"][0]
        return {c: dict(v[1]) if isinstance(v, list) and v[0] == "map" else v for c, v in zip(columns, row)}


def on_both(make_stack, play, version="OpenFlow13", local=False):
    """Plays a scene on Debian's switch and on ours: the transcripts are equal."""
    from conftest import DUMMY, FLAVORS
    transcripts = {}
    for name, flavor in FLAVORS.items():
        stack = make_stack(flavor, switch_options=DUMMY)
        stack.allowed += [r"connection|connect|inactivity|probe|waiting|continuing|error"]
        scene = Scene(stack, version, local)
        play(scene)
        scene.peer.stop()
        transcripts[name] = "\n".join(scene.said)
    print(transcripts["oracle"])
    assert_same(transcripts["weft"], transcripts["oracle"])


def silent_controller(scene, **columns):
    scene.control(**columns)
    scene.warp(4000)
    scene.note("after 4 s", scene.peer.heard())
    scene.warp(2000)
    scene.note("after 6 s", scene.peer.heard())
    scene.peer.send(ECHO_REPLY)
    scene.warp(4000)
    scene.note("4 s after an answer", scene.peer.heard())
    scene.warp(2000)
    scene.note("6 s after an answer", scene.peer.heard())
    scene.warp(6000)
    scene.note("without an answer", scene.peer.heard())


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("columns", [{}, {"inactivity_probe": 5000}, {"inactivity_probe": 100}, {"inactivity_probe": 13000}])
def test_a_silent_controller_is_probed_and_then_left(make_stack, local, columns):
    """Not one on this machine's own sockets, unless told: there nobody vanishes without a word."""
    on_both(make_stack, lambda scene: silent_controller(scene, **columns), local=local)


def probes_off(scene):
    scene.control(inactivity_probe=0)
    scene.warp(60000, 1000)
    scene.note("after a minute", scene.peer.heard())


def test_a_controller_with_probes_off_may_be_silent(make_stack):
    on_both(make_stack, probes_off)


def backoff(scene):
    scene.control(max_backoff=8000, inactivity_probe=0)
    scene.peer.stop()
    for seconds in (8, 8, 8, 8):
        scene.warp(seconds * 1000, 500)
        row = scene.row()
        row["status"] = {k: v for k, v in row["status"].items() if k in ("state", "last_error")}
        scene.note(f"{seconds} s later", row)
    scene.peer.listen()
    waited = 0
    while not scene.peer.accept():
        scene.warp(1000, 500)
        waited += 1
        assert waited < 30
    scene.note("it comes back within the longest backoff", waited <= 9)


def test_backoff_doubles_to_its_limit_and_the_row_tells(make_stack):
    on_both(make_stack, backoff)


def life(scene):
    scene.control(inactivity_probe=0, max_backoff=1000)
    scene.warp(20000, 1000)
    row = scene.row()
    scene.note("connected", {**row, "status": {**row["status"], "sec_since_connect": int(row["status"]["sec_since_connect"]) // 30}})
    scene.peer.stop()
    scene.warp(20000, 1000)
    row = scene.row()
    scene.note("gone", {**row, "status": sorted(row["status"])})


def test_the_row_of_a_controller_tells_how_it_is(make_stack):
    on_both(make_stack, life)


@pytest.mark.parametrize("version", VERSION)
def test_an_echo_is_answered_and_a_bad_version_ends_the_connection(make_stack, version):
    def play(scene):
        scene.control(inactivity_probe=0)
        scene.peer.send(ECHO_REQUEST, b"abc", 7)
        scene.warp(100)
        scene.note("echo", scene.peer.heard())
        scene.peer.hang_up()
        process.until(scene.connected, "the switch connects again")
        scene.peer.version = 9
        scene.peer.send(HELLO)
        scene.warp(500)
        scene.note("hello of a newer version", scene.peer.heard())
        scene.peer.hang_up()
        process.until(scene.connected, "the switch connects again")
        scene.peer.version = 0
        scene.peer.send(HELLO)
        scene.warp(500)
        scene.note("hello of no version", scene.peer.heard())
    on_both(make_stack, play, version)


@pytest.mark.parametrize("target", ["unix:/tmp/FOLDER-not/x", "punix:FOLDER/other.ctl", "punix:/tmp/br0.ctl"])
def test_the_database_cannot_make_the_switch_use_any_file(dummy, target):
    """Who may write the database need not be one who may use every socket of the machine."""
    dummy.allowed += [r"[Nn]ot (connecting|adding|listening)"]
    dummy.add_dummy()
    target = target.replace("FOLDER", str(dummy.folder))
    dummy.vsctl("--no-wait", "set-controller", "br0", target)
    process.until(lambda: re.search(r"[Nn]ot (connecting|adding|listening)", dummy.switch.log()), "the log tells why")
    assert str(dummy.folder) in next(line for line in dummy.switch.log().splitlines() if re.search(r"[Nn]ot (conn|add|list)", line))
    assert not pathlib.Path(target.split(":")[1]).exists()


def snooped(scene):
    scene.control(inactivity_probe=0)
    snooper = Peer("OpenFlow13")
    snooper.connect(scene.stack.folder / "br0.snoop")
    snooper.send(HELLO)
    process.until(lambda: scene.warp(1) or "hello" in snooper.heard(), "the snoop socket says hello")
    scene.peer.send(ECHO_REQUEST, b"abc")
    scene.peer.send(5)
    scene.peer.send(20)
    scene.warp(100)
    scene.note("the controller", scene.peer.heard())
    scene.note("the snooper", snooper.heard())
    snooper.stop()


def test_a_snooper_hears_what_controller_and_switch_say(make_stack):
    on_both(make_stack, snooped)
