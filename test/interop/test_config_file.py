# SPDX-License-Identifier: Apache-2.0
"""ovsdb-server --config-file: what it serves is what the file says, after each reload; a file that makes no sense changes nothing. (Open vSwitch
has it since 3.3: there is no oracle here.)"""
import contextlib
import json
import socket

import pytest

import process
from daemon import Daemon
from library import SCHEMA, fresh, insert, select, where
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

ADDED = {"title": "Added", "pages": 1, "kind": "novel", "price": 1.0}


class Configured:
    """A server of ours that a file tells what to serve; it begins with Library in conf.db at db.sock."""

    def __init__(self, stack):
        self.stack, self.folder, self.file = stack, stack.folder, stack.folder / "config.json"
        process.run([WEFT.program("ovsdb-tool"), "create", stack.db_file, SCHEMA])
        self.remotes = {f"punix:{self.folder}/db.sock": {}}
        self.databases = {str(stack.db_file): {}}
        stack.server = Daemon("ovsdb-server", WEFT.program("ovsdb-server"), [f"--config-file={self.file}"], stack.env)
        self.write()

    def write(self, **other):
        self.file.write_text(json.dumps({"remotes": self.remotes, "databases": self.databases} | other))

    def control(self, *words):
        return self.stack.result("ovs-appctl", "-T", "10", "-t", "ovsdb-server", *words)

    def reload(self, **other):
        self.write(**other)
        done = self.control("ovsdb-server/reload")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def shows(self):
        """Remotes and databases, as the server lists them."""
        return [self.control(f"ovsdb-server/list-{what}").stdout.split() for what in ("remotes", "dbs")]


@pytest.fixture
def configured():
    with contextlib.closing(Stack(WEFT, ORACLE)) as stack:
        out = Configured(stack)
        stack.server.start()
        yield out


@pytest.fixture
def active():
    """A server of Debian's with two books."""
    with contextlib.closing(Stack(ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        with fresh(stack):
            yield stack


def books(remote):
    """Sorted titles; None while the database is not there, and if it comes just now: then the server closes such plain connections."""
    try:
        with Rpc(remote) as rpc:
            found = rpc.call("transact", "Library", select()).get("result")
    except BrokenPipeError:
        return None
    return found and sorted(row["title"] for row in found[0]["rows"])


def write(remote):
    with Rpc(remote) as rpc:
        return json.dumps(rpc.call("transact", "Library", insert(ADDED), where("update", ["title", "==", "World"], row={"pages": 91})))


def test_a_reload_adds_and_removes_and_leaves_the_rest_alone(configured):
    with Rpc(configured.stack.socket) as rpc:
        assert rpc.call("set_db_change_aware", True)["result"] == {}
        process.run([WEFT.program("ovsdb-tool"), "create", configured.folder / "two.db", WEFT.schema])
        configured.databases[str(configured.folder / "two.db")] = {"service-model": "standalone"}
        configured.remotes[f"punix:{configured.folder}/read.sock"] = {"read-only": True}
        configured.reload()
        assert configured.shows() == [sorted(configured.remotes), ["Library", "Open_vSwitch", "_Server"]]
        assert rpc.call("list_dbs")["result"] == ["Library", "Open_vSwitch", "_Server"], "this connection was not touched"
        assert "not allowed" in write(f"unix:{configured.folder}/read.sock")
        configured.remotes[f"punix:{configured.folder}/read.sock"] = {"read-only": False}
        configured.reload()
        assert "count" in write(f"unix:{configured.folder}/read.sock")

        del configured.remotes[f"punix:{configured.folder}/read.sock"]
        del configured.databases[str(configured.folder / "two.db")]
        configured.reload()
        assert configured.shows() == [sorted(configured.remotes), ["Library", "_Server"]]
        assert not (configured.folder / "read.sock").exists()
        assert rpc.call("list_dbs")["result"] == ["Library", "_Server"]


@pytest.mark.parametrize("text, error", {
    "{": "line 0, column 1, byte 1: unexpected end of input", "[]": 'expected an object with "remotes" and "databases"',
    '{"remote": {}}': 'unknown key "remote" (known are databases, remotes)',
    '{"remotes": {"ptcp:0:127.0.0.1": {"role": 1}}}': '"remotes": "ptcp:0:127.0.0.1": "role": expected a string, not 1',
    '{"databases": {"none.db": {}}}': "none.db: open failed (No such file or directory)",
    '{"databases": {"etcd://127.0.0.1/x": {"service-model": "relay"}}}': "a database in etcd has service-model clustered",
    '{"databases": {"etcd://127.0.0.1:1": null}}': "there is no prefix",
    '{"remotes": {"db:None,T,c": {}}}': '"db:None,T,c": no database named None',
    '{"databases": {"CONF": {"service-model": "active-backup", "exclude-tables": ["Film"]}}}': "database Library has no table Film",
}.items())
def test_a_file_that_makes_no_sense_changes_nothing(configured, text, error):
    with Rpc(configured.stack.socket) as rpc:
        assert rpc.call("set_db_change_aware", True)["result"] == {}
        before = configured.shows()
        configured.file.write_text(text.replace("CONF", str(configured.stack.db_file)))
        done = configured.control("ovsdb-server/reload")
        assert done.returncode == 2 and f"{configured.file}: " in done.stderr and error in done.stderr, done.stderr
        assert configured.shows() == before
        if "databases" not in text and "db:" not in text:  # else it was tried
            assert rpc.call("list_dbs")["result"] == ["Library", "_Server"]
    assert "count" in write(configured.stack.socket)
    configured.file.unlink()
    assert "No such file or directory" in configured.control("ovsdb-server/reload").stderr
    configured.reload()


def test_a_server_does_not_start_with_such_a_file(configured):
    configured.stack.server.stop()
    configured.write(extra={})
    said = configured.stack.result(WEFT.program("ovsdb-server"), f"--config-file={configured.file}", "--unixctl=none")
    assert said.returncode == 1 and f'{configured.file}: unknown key "extra"' in said.stderr
    for other in ("--remote=punix:x", "--sync-from=unix:x", "--sync-exclude-tables=D:T", "--active", "x.db"):
        said = configured.stack.result(WEFT.program("ovsdb-server"), f"--config-file={configured.file}", other, "--unixctl=none")
        assert said.returncode == 1 and "exclude each other" in said.stderr, other


def test_only_the_file_says_what_there_is(configured):
    refused = {"add-remote": "punix:x", "remove-remote": "punix:x", "add-db": "x.db", "remove-db": "Library", "set-active-ovsdb-server": "unix:x",
               "connect-active-ovsdb-server": None, "disconnect-active-ovsdb-server": None, "set-active-ovsdb-server-probe-interval": "1000",
               "set-sync-exclude-tables": "Library:Shelf"}
    for name, argument in refused.items():
        said = configured.control(f"ovsdb-server/{name}", *[argument] * (argument is not None))
        assert said.returncode == 2 and f"those of {configured.file} (--config-file)" in said.stderr, said
    assert books(configured.stack.socket) == []


def test_a_server_without_such_a_file_has_nothing_to_reload(active):
    with contextlib.closing(Stack(WEFT, ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        said = stack.result("ovs-appctl", "-t", "ovsdb-server", "ovsdb-server/reload")
        assert said.returncode == 2 and "without --config-file" in said.stderr


def test_a_file_becomes_a_relay_and_a_relay_a_file(configured, active):
    whole = configured.databases
    assert books(configured.stack.socket) == []
    configured.databases = {"Library": {"service-model": "relay", "source": {active.socket: {"inactivity-probe": 9000, "max-backoff": 1000}}}}
    configured.reload()
    process.until(lambda: books(configured.stack.socket) == ["Emma", "World"], "the relay has its source's books")
    assert "count" in write(configured.stack.socket)
    with Rpc(active.socket) as rpc:
        assert [row["pages"] for row in rpc.transact("Library", select(where=[["title", "==", "World"]], columns=["pages"]))[0]["rows"]] == [91]
    configured.databases["Library"]["source"] = {"unix:nowhere": None}
    configured.reload()
    assert books(configured.stack.socket) is None
    configured.databases = whole
    configured.reload()
    assert books(configured.stack.socket) == []


def test_each_database_is_active_or_a_backup_by_itself(configured, active):
    process.run([WEFT.program("ovsdb-tool"), "create", configured.folder / "two.db", WEFT.schema])
    configured.databases[str(configured.folder / "two.db")] = {}
    own = configured.databases[str(configured.stack.db_file)] = {"service-model": "active-backup", "backup": True, "source": {active.socket: {}}}
    configured.reload()
    process.until(lambda: books(configured.stack.socket) == ["Emma", "World"], "the backup has what its active server has")
    status = configured.control("ovsdb-server/sync-status").stdout
    assert status == f"database: Library\nstate: backup\nreplicating: {active.socket}\n"
    told = json.loads(configured.control("ovsdb-server/sync-status", "--format=json").stdout)
    assert told == {"state": "backup", "databases": [{"database": "Library", "connected": True, "error": "", "active_server": active.socket,
                                                      "excluded": []}]}
    assert "read only mode" in write(configured.stack.socket)
    with Rpc(configured.stack.socket) as rpc:
        assert rpc.transact("Open_vSwitch", {"op": "insert", "table": "QoS", "row": {"type": "x"}})[0]["uuid"]
        assert rpc.call("lock", "l")["result"] == {"locked": True}, "not all of it is a backup"

    own["exclude-tables"] = ["Shelf"]
    configured.reload()
    assert "exclude: Shelf\n" in configured.control("ovsdb-server/sync-status").stdout
    own["backup"] = False
    configured.reload()
    assert configured.control("ovsdb-server/sync-status").stdout == "database: Library\nstate: active\n"
    assert "count" in write(configured.stack.socket)


def test_packets_of_a_remote_get_the_class_that_is_asked_for(configured):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    remote = f"ptcp:{port}:127.0.0.1"

    def is_served_with(dscp):
        with Rpc(f"tcp:127.0.0.1:{port}") as rpc:
            assert "Library" in rpc.call("list_dbs")["result"]
            assert f"tos:{dscp << 2:#x}" in process.run(["ss", "-Htn", "--tos", "state", "established", f"( sport = :{port} )"])

    for dscp in (46, 10):
        configured.remotes[remote] = {"dscp": dscp}
        configured.reload()
        is_served_with(dscp)
    del configured.remotes[remote]
    process.run([WEFT.program("ovsdb-tool"), "create", configured.folder / "two.db", WEFT.schema])
    configured.databases[str(configured.folder / "two.db")] = {}
    configured.remotes["db:Open_vSwitch,Open_vSwitch,manager_options"] = {}
    configured.reload()
    configured.stack.vsctl("--no-wait", "init", "--", "set-manager", remote, "--", "set", "Manager", remote, "other_config:dscp=20")
    is_served_with(20)
