# SPDX-License-Identifier: Apache-2.0
"""Databases and remotes that come and go while a server runs, locks between its clients, files that cannot be written: ours beside Debian's."""
import contextlib
import os
import re

import pytest

import process
from library import SCHEMA, TWO_BOOKS, insert, select, shelf
from normal import assert_same, said, text
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

COLUMN = "db:Open_vSwitch,Open_vSwitch,manager_options"


@contextlib.contextmanager
def each(schema=None, **options):
    """A server of each flavor, no switch, Debian's first."""
    with contextlib.ExitStack() as ends:
        made = []
        for flavor in (ORACLE, WEFT):
            stack = ends.enter_context(contextlib.closing(Stack(flavor, ORACLE, schema=schema, **options)))
            stack.start_server()
            made.append(stack)
        yield made


def plain(stack, value):
    return text(value, (re.escape(str(stack.folder)), "RUN"))


def control(stack, *words):
    """What a command of the server says, its folder's name replaced."""
    done = stack.result("ovs-appctl", "-T", "10", "-t", "ovsdb-server", *words)
    return [plain(stack, part) if isinstance(part, str) else part for part in said(done)]


def same(scripts):
    """Of a list for each flavor."""
    assert_same(scripts[1], scripts[0])


def answers(path):
    """Whether a server listens there and serves."""
    try:
        with Rpc(f"unix:{path}") as rpc:
            number = rpc.start("list_dbs")
            reply = rpc.receive()
            return reply is not None and reply["id"] == number and reply["error"] is None
    except OSError:
        return False


def test_remotes_follow_the_rows_of_a_column():
    texts = []
    with each(server_options=(f"--remote={COLUMN}",)) as stacks:
        for stack in stacks:
            sockets = [stack.folder / f"{name}.sock" for name in ("one", "two")]
            stack.vsctl("--no-wait", "init", "--", "set-manager", *(f"punix:{s}" for s in sockets))
            process.until(lambda: all(map(answers, sockets)), "both rows are served")
            seen = [control(stack, "ovsdb-server/list-remotes")]
            with Rpc(f"unix:{sockets[0]}"):
                process.until(lambda: stack.get("Manager", f"punix:{sockets[0]}", "is_connected") == "true", "the row tells of the connection", 15)
                status = process.until(lambda: stack.get("Manager", f"punix:{sockets[0]}", "status").strip("{}"), "the row has a status", 15)
                seen.append(sorted(w.split("=")[0].strip() for w in status.split(",")))
            stack.vsctl("--no-wait", "set-manager", f"punix:{sockets[1]}")
            process.until(lambda: not answers(sockets[0]), "the first is closed")
            seen += [answers(sockets[1]), sockets[0].exists()]
            stack.vsctl("--no-wait", "set-manager", "punix:/nonexistent/x", "ptcp:99999", "frob:1", f"punix:{sockets[1]}")
            process.until(lambda: answers(sockets[1]), "bad rows do not disturb the good one")
            texts.append(seen)
    same(texts)


@pytest.mark.parametrize("remote", [COLUMN, "db:Open_vSwitch,Open_vSwitch,nothing", "db:Film,Film,film",
                                    "db:Open_vSwitch,Film,film", "db:Open_vSwitch", "db:", "db:Open_vSwitch,Bridge,name", "db:Open_vSwitch,Bridge,ports",
                                    "db:Open_vSwitch,Manager,target", "frob:1", "punix:/nonexistent/x", "ptcp:99999"])
def test_a_remote_is_added_and_removed_as_by_the_oracle(remote):
    with each() as stacks:
        texts = [[control(stack, f"ovsdb-server/{command}", *words) for command, words in (
            ("add-remote", [remote]), ("add-remote", [remote]), ("list-remotes", []), ("remove-remote", [remote]), ("remove-remote", [remote]),
            ("list-remotes", []))] for stack in stacks]
    same(texts)


def test_databases_are_added_and_removed_as_by_the_oracle():
    texts = []
    with each() as stacks:
        for stack in stacks:
            file, bad = stack.folder / "library.db", stack.folder / "bad.db"
            process.run([stack.server_flavor.program("ovsdb-tool"), "create", file, SCHEMA])
            bad.write_text("hello\n")
            seen = [control(stack, "ovsdb-server/list-dbs"), control(stack, "ovsdb-server/add-db", str(file)), control(stack, "ovsdb-server/list-dbs")]
            with Rpc(stack.socket) as old, Rpc(stack.socket) as aware:
                aware.call("set_db_change_aware", True)
                old.transact("Library", *TWO_BOOKS)
                aware.call("monitor", "Library", "m", {"Book": {"columns": ["title"]}})
                for path in (file, bad, stack.folder / "nothing.db"):
                    seen.append(control(stack, "ovsdb-server/add-db", str(path)))
                seen += [control(stack, "ovsdb-server/remove-db", name) for name in ("Film", "_Server", "Library", "Library")]
                seen += [control(stack, "ovsdb-server/list-dbs"), old.receive(), said_of(aware), aware.call("list_dbs")["result"],
                         aware.call("transact", "Library", select())["error"]["error"]]
            seen.append(control(stack, "ovsdb-server/add-db", str(file)))
            with Rpc(stack.socket) as again:
                seen.append(sorted(row["title"] for row in again.transact("Library", select())[0]["rows"]))
            texts.append(seen)
    same(texts)


def said_of(rpc):
    """What a client is told before an echo of its own is answered."""
    rpc.call("echo")
    return [[note["method"], note["params"][:1]] for note in rpc.notes]


def test_a_lock_is_taken_stolen_and_had_back_by_ovsdb_client(tmp_path):
    """Each program is a client of its own flavor's server."""
    texts = []
    with each() as stacks:
        for stack in stacks:
            client, out, clients = stack.server_flavor.program("ovsdb-client"), [], []
            with contextlib.ExitStack() as ends:
                for i, verb in enumerate(("lock", "lock", "steal")):
                    path = tmp_path / f"{stack.server_flavor}{i}"
                    file = ends.enter_context(open(path, "w", encoding="utf-8"))
                    popen = process.background([client, verb, stack.socket, "door"], env=stack.env, stdout=file, stderr=file)
                    clients.append(ends.enter_context(process.killed_after(popen)))
                    process.until(path.read_text, f"{verb} is answered")
                    out.append(path)
                process.until(lambda: "stolen" in out[0].read_text(), "the first is told that its lock was stolen")
                clients[2].kill()
                process.until(lambda: "locked" in out[0].read_text().partition("stolen")[2], "the first gets it back")
                texts.append([path.read_text() for path in out])
    same(texts)


def in_a_read_only_place(stack, *command):
    """Runs a program where the database file's file system may not be written to."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    return stack.result("unshare", "-m", "sh", "-c", script, str(stack.db_file.parent), *map(str, command))


READ_ONLY = {
    "query": ("ovsdb-tool", ["query", "DB", '["Library",{"op":"select","table":"Book","where":[["kind","==","atlas"]],"columns":["title"]}]']),
    "name": ("ovsdb-tool", ["db-name", "DB"]),
    "transact": ("ovsdb-tool", ["transact", "DB", '["Library",{"op":"delete","table":"Shelf","where":[]}]']),
    "compact": ("ovsdb-tool", ["compact", "DB"]),
    "convert": ("ovsdb-tool", ["convert", "DB", str(SCHEMA)]),
    "serve": ("ovsdb-server", ["DB", "--remote=punix:/dev/null/x", "--unixctl=none"]),
}


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_file_that_cannot_be_written_is_read_or_refused_as_by_the_oracle(name):
    program, words = READ_ONLY[name]
    texts = []
    with each(SCHEMA) as stacks:
        for stack in stacks:
            with Rpc(stack.socket) as rpc:
                rpc.transact("Library", *TWO_BOOKS, insert({"title": "Zoo", "pages": 1, "kind": "song"}, "z"), shelf(["z"], "c"))
            stack.server.stop()
            before = stack.db_file.read_bytes()
            done = in_a_read_only_place(stack, stack.server_flavor.program(program), *(stack.db_file if w == "DB" else w for w in words))
            assert stack.db_file.read_bytes() == before and not os.path.exists(f"{stack.db_file}.tmp")
            code, out, err = said(done)
            assert not err or (str(stack.db_file) in err and "Read-only file system" in err), err
            texts.append([code, plain(stack, out), bool(err)])  # in other words
    same(texts)
