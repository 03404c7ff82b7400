# SPDX-License-Identifier: Apache-2.0
"""Databases and remotes that come and go while a server runs, locks between its clients, files that cannot be written: ours beside Debian's."""
import contextlib
import json
import os
import pathlib
import re

import pytest

import process
from library import NOVEL, SCHEMA, TWO_BOOKS, insert, select, shelf
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


LOCAL = "db:Local_Config,Config,connections"
DEBIANS_LOCAL_CONFIG = pathlib.Path("/usr/share/openvswitch/local-config.ovsschema")


def local_config(flavor):
    return DEBIANS_LOCAL_CONFIG if flavor is ORACLE else WEFT.schema.with_name("local-config.ovsschema")


def test_local_config_has_the_documented_table():
    ours, debians = (json.loads(local_config(flavor).read_text()) for flavor in (WEFT, ORACLE))
    assert ours.pop("cksum") != debians.pop("cksum")
    for schema in (ours, debians):
        for table in schema["tables"].values():
            table["columns"] = {name: str(column["type"]) if isinstance(column["type"], str) else {"max": 1} | column["type"] | {
                "ephemeral": column.get("ephemeral", False)} for name, column in table["columns"].items()}
    assert ours == debians


def test_remotes_of_one_server_are_in_local_config(tmp_path):
    """Beside the database that it serves, a server has remotes of its own in a file of its own."""
    texts = []
    file = tmp_path / "local.db"
    for flavor in (ORACLE, WEFT):
        file.unlink(missing_ok=True)
        process.run([flavor.program("ovsdb-tool"), "create", file, local_config(flavor)])
        with contextlib.closing(Stack(flavor, ORACLE, schema=SCHEMA, server_options=(file, f"--remote={LOCAL}"))) as stack:
            stack.start_server()
            seen = [control(stack, "ovsdb-server/list-dbs"), control(stack, "ovsdb-server/list-remotes")]
            socket = stack.folder / "one.sock"
            with Rpc(stack.socket) as root:
                row = {"target": f"punix:{socket}", "read_only": True}
                root.transact("Local_Config", {"op": "insert", "table": "Connection", "row": row, "uuid-name": "c"},
                              {"op": "insert", "table": "Config", "row": {"connections": ["named-uuid", "c"]}})
                process.until(lambda: answers(socket), "the row is served")
                with Rpc(f"unix:{socket}") as reader:
                    seen.append(reader.call("transact", "Library", insert(NOVEL))["result"])
                    connected = {"op": "select", "table": "Connection", "where": [], "columns": ["is_connected", "status"]}
                    process.until(lambda: root.transact("Local_Config", connected)[0]["rows"][0]["is_connected"], "the row tells of the connection", 15)
                if flavor is WEFT:  # Debian's goes by what the row said when the socket was opened
                    root.transact("Local_Config", {"op": "update", "table": "Connection", "where": [], "row": {"read_only": False}})
                    process.until(lambda: can_write(socket), "the row permits it now")
                twice = root.call("transact", "Local_Config", {"op": "insert", "table": "Config", "row": {}})["result"]
                seen += [twice[-1]["error"]]
                root.transact("Local_Config", {"op": "update", "table": "Config", "where": [], "row": {"connections": ["set", []]}})
                process.until(lambda: not answers(socket), "what the row named is closed")
                seen.append(root.transact("Local_Config", connected)[0]["rows"])
            texts.append(json.loads(plain(stack, json.dumps(seen))))
    same(texts)


def can_write(socket):
    with Rpc(f"unix:{socket}") as rpc:
        return "error" not in rpc.call("transact", "Library", insert(NOVEL))["result"][0]


def told(stack):
    """What the log tells of changes: the words of each line but for uuids, sorted, since Debian's columns come in the order of a hash table."""
    lines = (stack.folder / "ovsdb-server.log").read_text().splitlines()
    return [sorted(word for word in line.split("|INFO|")[1].split(",") if not word.startswith(("_uuid:", "_version:")))
            for line in lines if "|transaction|INFO|" in line]


def test_the_log_tells_of_changes_of_chosen_tables():
    texts = []
    with each(schema=SCHEMA) as stacks:
        for stack in stacks:
            seen = [control(stack, "ovsdb-server/tlog-set", *words) for words in (
                (), ("x",), ("Book", "on"), ("Library:", "on"), (":Book", "on"), ("Library:Book:x", "on"), ("Film:Book", "on"), ("Library:Film", "on"),
                ("Library:Book", "maybe"), ("Library:Book", "on"), ("Library:Shelf", "ON"), ("Library:Shelf", "Off"))]
            seen += [control(stack, "ovsdb-server/tlog-list"), control(stack, "ovsdb-server/tlog-list", "x")]
            with Rpc(stack.socket) as rpc:
                rpc.transact("Library", insert(NOVEL | {"marks": ["map", [[1, "a b"]]]}, "n"), shelf(["n"]))
                rpc.transact("Library", select())
                rpc.transact("Library", {"op": "update", "table": "Book", "where": [], "row": {"title": "Sanditon"}})
                rpc.call("transact", "Library", insert(NOVEL), {"op": "abort"})
                rpc.transact("Library", {"op": "delete", "table": "Shelf", "where": []})
                seen.append([told(stack), len(told(stack))])
                seen.append(control(stack, "ovsdb-server/tlog-set", "Library:Book", "off"))
                rpc.transact("Library", insert(NOVEL, "n"), shelf(["n"]))
                seen.append(len(told(stack)))
            texts.append(seen)
    same(texts)
    assert texts[0][-1] == 3


def test_without_conditional_monitors_clients_find_out_anew():
    texts = []
    with each(schema=SCHEMA) as stacks:
        for stack in stacks:
            with Rpc(stack.socket) as old:
                old.call("monitor_cond", "Library", "m", {"Book": {}})
                seen = [control(stack, "ovsdb-server/disable-monitor-cond", *words) for words in (("x",), (), ())] + [old.receive()]
            with Rpc(stack.socket) as rpc:
                seen += [rpc.call(method, "Library", method, {"Book": {}}, *more)["error"] for method, *more in (
                    ("monitor_cond",), ("monitor_cond_since", "00000000-0000-0000-0000-000000000000"), ("monitor",))]
            texts.append(seen)
    same(texts)


def test_who_holds_the_lock_of_a_file_is_named():
    """Of each flavor's server, to each flavor's server and tool."""
    with each(schema=SCHEMA) as stacks:
        for stack in stacks:
            for flavor in (ORACLE, WEFT):
                holder = f"cannot lock file because it is already locked by pid {stack.server.pid}"
                for command in (["ovsdb-server", stack.db_file, "--unixctl=none"], ["ovsdb-tool", "transact", stack.db_file, '["Library"]']):
                    refused = stack.result(flavor.program(command[0]), *command[1:])
                    assert refused.returncode == 1 and holder in refused.stderr and ".conf.db.~lock~" in refused.stderr, refused


def test_memory_show_counts_what_clients_have_open():
    seen = []
    with each(schema=SCHEMA) as stacks:
        for stack in stacks:
            texts = [counted(stack)]
            with Rpc(stack.socket) as first, Rpc(stack.socket) as second:
                for number, column in enumerate(("title", "pages", "title")):
                    first.call("monitor", "Library", number, {"Book": {"columns": [column]}})
                wait = {"op": "wait", "table": "Shelf", "where": [], "columns": ["name"], "rows": [{"name": "never"}], "until": "==", "timeout": 60000}
                second.start("transact", "Library", wait)
                second.call("list_dbs")
                texts.append(counted(stack))
            process.until(lambda: counted(stack) == texts[0], "nothing is left of them")
            seen.append(texts)
    same(seen)
    assert {"monitors:2", "sessions:2", "triggers:1"} < set(seen[0][1]), "equal monitors are one"


def test_memory_show_counts_weak_references():
    seen = []
    with each() as stacks:
        for stack in stacks:
            stack.vsctl("--no-wait", "add-br", "br0", "--", "add-port", "br0", "p1")
            stack.vsctl("--no-wait", "--", "--id=@p", "get", "Port", "p1", "--", "--id=@m", "create", "Mirror", "name=m",
                        "select_src_port=@p", "select_dst_port=@p", "--", "add", "Bridge", "br0", "mirrors", "@m")
            seen.append([word for word in counted(stack) if not word.startswith("cells")])  # our schema has a column more
    same(seen)
    assert "n-weak-refs:2" in seen[0]


def counted(stack):
    return sorted(control(stack, "memory/show")[1].split())
