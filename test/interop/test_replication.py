# SPDX-License-Identifier: Apache-2.0
"""Relays and backups: ours of Debian's server, Debian's of ours, and each of its own kind."""
import contextlib
import re

import pytest

import process
from library import SCHEMA, fresh, insert, select, where
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

ADDED = {"title": "Added", "pages": 1, "kind": "novel", "price": 1.0}


def database(flavor, *options):
    """A stack whose server starts later, on the library's database."""
    return Stack(flavor, ORACLE, schema=SCHEMA, server_options=options)


def relay_of(flavor, source):
    stack = database(flavor)
    stack.server.command = [f"relay:Library:{source.socket}" if word == str(stack.db_file) else word for word in map(str, stack.server.command)]
    return stack


@pytest.fixture
def source(flavor):
    with contextlib.closing(database(flavor)) as stack:
        stack.start_server()
        with fresh(stack):
            yield stack


@pytest.fixture(params=[ORACLE, WEFT], ids=["of oracle", "of weft"])
def follower_flavor(request):
    return request.param


def books(stack):
    """Sorted titles; None while the server has no database yet, and if it gets one just now: then it closes such plain connections."""
    try:
        with Rpc(stack.socket) as rpc:
            found = rpc.call("transact", "Library", select()).get("result")
    except BrokenPipeError:
        return None
    return found and sorted(row["title"] for row in found[0]["rows"])


def writes(stack):
    with Rpc(stack.socket) as rpc:
        return rpc.call("transact", "Library", where("update", ["title", "==", "World"], row={"pages": 91})).get("result") == [{"count": 1}]


def becomes(stack, *titles):
    process.until(lambda: books(stack) == list(titles), f"{stack.folder} has {titles}")


def test_a_relay_serves_reads_and_passes_writes_on(source, follower_flavor):
    with contextlib.closing(relay_of(follower_flavor, source)) as relay:
        relay.start_server()
        becomes(relay, "Emma", "World")
        with Rpc(relay.socket) as rpc:
            rpc.call("monitor", "Library", "m", {"Book": {"columns": ["title"]}})
            rpc.transact("Library", insert(ADDED), {"op": "insert", "table": "Shelf", "row": {"name": "z", "books": ["set", []]}})
            refused = rpc.call("transact", "Library", insert(ADDED | {"pages": "many"}))
            assert "expected integer" in str(refused)
            rpc.transact("Library", where("update", ["title", "==", "Emma"], row={"title": "Emmy"}))
            assert any("Emmy" in str(note) for note in rpc.notes), "the update comes before the result"
        assert "Emmy" in books(source)
        row = relay.dbclient("--no-headings", "--format=csv", "dump", relay.socket, "_Server", "Database", "name", "model", "connected", "leader")
        assert "true,false,relay,Library" in row, row
        source.server.stop()
        assert books(relay) == books(relay) == ["Emmy", "World"], "it goes on with what it has"
        source.start_server()
        process.until(lambda: writes(relay), "writes go through again")


def test_a_backup_copies_its_active_server_and_takes_over(source, follower_flavor):
    with contextlib.closing(database(follower_flavor, f"--sync-from={source.socket}")) as backup:
        backup.start_server()
        becomes(backup, "Emma", "World")
        status = backup.appctl("ovsdb-server/sync-status", target="ovsdb-server")
        assert status == f"state: backup\nreplicating: {source.socket}\ndatabase: Library\n"
        with Rpc(backup.socket) as rpc:
            assert "read only mode" in str(rpc.call("transact", "Library", insert(ADDED)))
            assert rpc.call("lock", "l")["error"] == "lock and unlock methods not allowed, DB server is read only."
        with Rpc(source.socket) as rpc:
            rpc.transact("Library", where("update", ["title", "==", "Emma"], row={"title": "Emmy"}))
        becomes(backup, "Emmy", "World")

        source.server.kill()
        backup.appctl("ovsdb-server/disconnect-active-ovsdb-server", target="ovsdb-server")
        assert backup.appctl("ovsdb-server/sync-status", target="ovsdb-server") == "state: active\n"
        with Rpc(backup.socket) as rpc:
            rpc.transact("Library", where("update", ["title", "==", "World"], row={"title": "Globe"}))
        backup.server.stop()
        backup.server_options = ()
        backup.server = backup.make_server(WEFT)
        backup.start_server()
        assert books(backup) == ["Emmy", "Globe"], "the file holds what was copied and what was written"


def test_a_backup_keeps_tables_of_its_own(source):
    options = f"--sync-from={source.socket}", "--sync-exclude-tables=Library:Shelf", "--active"
    with contextlib.closing(database(WEFT, *options)) as backup:
        backup.start_server()
        tell = lambda *words: backup.result("ovs-appctl", "-t", "ovsdb-server", *words)  # noqa: E731
        with Rpc(backup.socket) as rpc:
            rpc.transact("Library", {"op": "insert", "table": "Shelf", "row": {"name": "mine", "books": ["set", []]}})
            assert tell("ovsdb-server/connect-active-ovsdb-server").returncode == 0
            assert rpc.receive() is None, "clients come back to find out"
        becomes(backup, "Emma", "World")
        with Rpc(backup.socket) as rpc:
            assert rpc.call("transact", "Library", select("Shelf", columns=["name"]))["result"] == [{"rows": [{"name": "mine"}]}]
        assert "exclude: Library:Shelf\n" in tell("ovsdb-server/sync-status").stdout
        for words, error in {("set-sync-exclude-tables", "Shelf"): "expected DATABASE:TABLE", ("set-sync-exclude-tables", "Library:X"): "has no table X",
                             ("set-active-ovsdb-server", "nonsense"): "nonsense",
                             ("set-active-ovsdb-server-probe-interval", "x"): "Invalid probe interval"}.items():
            said = tell(f"ovsdb-server/{words[0]}", words[1])
            assert said.returncode == 2 and error in said.stderr, said


@pytest.mark.parametrize("what, error", {"relay:Library": "expected relay:DATABASE:REMOTE", "relay:Library:nowhere": "nowhere"}.items())
def test_a_relay_that_makes_no_sense_is_refused(what, error):
    with contextlib.closing(database(WEFT)) as stack:
        said = stack.result(WEFT.program("ovsdb-server"), what, f"--remote=punix:{stack.folder}/x.sock")
        assert said.returncode == 1 and re.search(error, said.stderr), said
