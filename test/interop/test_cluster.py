# SPDX-License-Identifier: Apache-2.0
"""Databases in etcd: what several servers of one make of the same requests."""
import concurrent.futures
import contextlib
import json
import signal
import subprocess
import time

import pytest

import process
from cluster import DB, LEASE, SCHEMA, Server, cluster, count, create, insert, select, update
from etcd import Etcd
from stack import WEFT

NO_TRANSACTION = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def two():
    with cluster(2) as (etcd, a, b):
        yield etcd, a, b


def wait_for(name, until="==", timeout=10000):
    return {"op": "wait", "table": "Item", "where": [["name", "==", name]], "columns": ["name"], "until": until, "rows": [{"name": name}], "timeout": timeout}


def names_if_connected(server):
    with server.rpc() as rpc:
        return [row["name"] for row in rpc.call("transact", DB, select())["result"][0].get("rows", [])]


def leaders(*servers):
    return [s for s in servers if s.row()["leader"]]


def lock(rpc, name):
    """Waits until the client has the lock."""
    if rpc.call("lock", name)["result"] == {"locked": False}:
        assert rpc.note() == {"id": None, "method": "locked", "params": [name]}


def test_what_one_server_commits_the_others_serve(two):
    _, a, b = two
    a.transact(insert("x"), insert("y", parts=["named-uuid", "p"]), {"op": "insert", "table": "Part", "uuid-name": "p", "row": {"name": "wheel"}})
    assert b.names() == ["x", "y"] and b.transact(select(table="Part"))[0]["rows"] == [{"name": "wheel"}]
    b.transact(update("x", name="z", tags=["set", ["p", "q"]]))
    assert a.names() == ["y", "z"], "a read that comes after a commit sees it, wherever it was"
    b.transact({"op": "mutate", "table": "Item", "where": [], "mutations": [["tags", "insert", "r"], ["tags", "delete", "p"]]})
    assert a.transact(select("tags", where=[["name", "==", "z"]]))[0]["rows"] == [{"tags": ["set", ["q", "r"]]}]
    a.transact({"op": "delete", "table": "Item", "where": [["name", "==", "y"]]})
    assert b.transact(select(table="Part"))[0]["rows"] == [], "garbage is collected everywhere"


def test_monitors_are_told_before_the_result_and_by_every_server(two):
    _, a, b = two
    monitor = "monitor_cond_since", DB, "m", {"Item": [{"columns": ["name"]}]}
    with a.rpc() as rpc, b.rpc() as other:
        for one in (rpc, other):
            one.call(*monitor, NO_TRANSACTION)
        rpc.transact(DB, insert("x"))
        own = rpc.notes.pop()
        assert "x" in str(own), "the update comes before the result"
        theirs = other.note()
        assert theirs["method"] == "update3" and theirs["params"] == own["params"], "the transaction has one name on all servers"
        last = theirs["params"][1]
    b.transact(insert("next"))
    with a.rpc() as back:
        back.transact(DB, select())  # which waits for what was committed anywhere; a monitor does not
        found, _, updates = back.call(*monitor, last)["result"]
        assert found and [u["insert"]["name"] for u in updates["Item"].values()] == ["next"], "and a client goes on at another server"


def test_constraints_hold_across_servers(two):
    _, a, b = two
    a.transact(insert("x"))
    with b.rpc() as rpc:
        again = rpc.call("transact", DB, insert("x"))["result"]
        assert again[-1]["error"] == "constraint violation", again
        assert rpc.transact(DB, wait_for("x", timeout=0)) == [{}]
    with contextlib.ExitStack() as ends, concurrent.futures.ThreadPoolExecutor() as pool:
        both = [ends.enter_context(s.rpc()) for s in (a, b)]
        for i in range(30):
            replies = list(pool.map(lambda r: r.call("transact", DB, insert(f"n{i}"))["result"], both))  # noqa: B023
            assert sorted("error" in r[-1] for r in replies) == [False, True], replies


def test_no_update_is_lost(two):
    _, a, b = two
    a.transact(insert("count"))
    clients, each = 6, 50

    def work(server):
        with server.rpc() as rpc:
            for _ in range(each):
                rpc.transact(DB, count("count"))

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, [a, b] * (clients // 2)))
    for server in (a, b):
        assert server.transact(select("n"))[0]["rows"] == [{"n": clients * each}]


def test_a_wait_ends_by_what_another_server_commits(two):
    _, a, b = two
    with a.rpc() as rpc:
        number = rpc.start("transact", DB, wait_for("late"), {"op": "comment", "comment": "x"})
        b.transact(insert("late"))
        assert rpc.finish(number)["result"] == [{}, {}]
        late = rpc.call("transact", DB, wait_for("late", "!=", 100))
        assert late["result"][0]["error"] == "timed out"
        number = rpc.start("transact", DB, wait_for("never"))
        rpc.send({"method": "cancel", "params": [number], "id": None})
        assert rpc.finish(number)["error"] == "canceled"


def test_exactly_one_server_leads(two):
    _, a, b = two
    rows = [s.row() for s in (a, b)]
    assert {r["model"] for r in rows} == {"clustered"} and all(r["connected"] for r in rows)
    assert rows[0]["cid"] == rows[1]["cid"] and rows[0]["sid"] != rows[1]["sid"]
    assert len(process.until(lambda: leaders(a, b), "somebody leads")) == 1
    leader = leaders(a, b)[0]
    other = b if leader is a else a
    other.transact(insert("x"))
    process.until(lambda: leader.row()["index"] == other.row()["index"] > rows[0]["index"], "the index counts")
    leader.daemon.kill()
    process.until(lambda: leaders(other), "the other leads when the lease is over", LEASE * 3)
    leader.start()
    assert leaders(leader, other) == [other]
    other.daemon.stop()
    process.until(lambda: leaders(leader), "a server that stops gives its lease back", LEASE)


def test_locks_are_of_the_cluster(two):
    _, a, b = two
    assertion = {"op": "assert", "lock": "northd"}
    with a.rpc() as first, b.rpc() as second, b.rpc() as third:
        lock(first, "northd")
        assert second.call("lock", "northd")["result"] == {"locked": False}
        assert third.call("lock", "northd")["result"] == {"locked": False}
        first.transact(DB, assertion)
        assert second.call("transact", DB, assertion)["result"][0]["error"] == "not owner"
        first.call("unlock", "northd")
        assert second.note() == {"id": None, "method": "locked", "params": ["northd"]}
        second.transact(DB, assertion, insert("by the owner"))
        second.call("unlock", "northd")
        assert third.note()["method"] == "locked", "within a server it goes on to the next client"
        assert first.call("steal", "northd")["result"] == {"locked": False}
        assert first.note()["method"] == "locked"
        assert third.note() == {"id": None, "method": "stolen", "params": ["northd"]}
        first.transact(DB, assertion)
        assert third.call("transact", DB, assertion)["result"][0]["error"] == "not owner"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_lock_moves_when_its_server_is_gone(two, number):
    _, a, b = two
    with a.rpc() as first, b.rpc() as second:
        lock(first, "northd")
        second.call("lock", "northd")
        a.daemon.kill(number)
        begun = time.monotonic()
        assert second.note()["method"] == "locked"
        assert time.monotonic() - begun < LEASE + 2
        if number == signal.SIGSTOP:
            asked = first.start("transact", DB, {"op": "assert", "lock": "northd"}, insert("stale"))
            a.daemon.kill(signal.SIGCONT)
            assert "error" in first.finish(asked)["result"][0], "who comes back does not write by a lock that it lost"
            assert b.names() == []
            assert {"id": None, "method": "stolen", "params": ["northd"]} in [*first.notes, first.note()]


def test_a_server_that_was_down_catches_up(two):
    etcd, a, b = two
    a.transact(insert("x"))
    b.daemon.kill()
    a.transact(insert("y"))
    b.start()
    assert b.names() == ["x", "y"]
    b.daemon.stop()
    assert a.appctl("ovsdb-server/compact").returncode == 0
    assert not [k for k in etcd.keys() if "/log/" in k], "the log is in the snapshot now"
    a.transact(insert("z"))
    b.start()
    assert b.names() == ["x", "y", "z"]
    assert "Log: [2, 3]" in b.appctl("cluster/status", DB).stdout


def test_a_server_whose_place_in_the_log_is_compacted_reads_the_snapshot(two):
    etcd, a, b = two
    names = {f"n{i}" for i in range(30)}
    with b.rpc() as watching:
        watching.call("monitor_cond", DB, "m", {"Item": [{"columns": ["name"]}]})
        b.daemon.kill(signal.SIGSTOP)
        for name in names:
            a.transact(insert(name))
        assert a.appctl("ovsdb-server/compact").returncode == 0
        etcd.kill()  # so that the watch of b has to begin anew, at a revision that is gone
        etcd.start()
        process.until(etcd.healthy, "etcd is back")
        b.daemon.kill(signal.SIGCONT)
        process.until(lambda: set(names_if_connected(b)) == names, "it is back", 15)
        seen = set()
        while seen < names:
            seen |= {u["insert"]["name"] for u in watching.note()["params"][1]["Item"].values()}


def test_a_large_transaction_is_split_and_seen_at_once(two):
    etcd, a, b = two
    size, rows = 50_000, 110
    with b.rpc(60) as rpc, a.rpc(60) as writer:
        rpc.call("monitor", DB, "m", {"Item": {"columns": ["n"]}})
        writer.transact(DB, *(insert(f"{i:03}" + "x" * size, n=i) for i in range(rows)))
        assert len(rpc.note()["params"][1]["Item"]) == rows
    assert len([k for k in etcd.keys() if "/part/" in k]) >= 5
    b.transact(insert("after"))
    assert len(a.names()) == rows + 1
    a.daemon.stop()
    a.start()
    assert len(a.names()) == rows + 1
    assert a.appctl("ovsdb-server/compact").returncode == 0
    assert not [k for k in etcd.keys() if "/part/" in k]
    b.daemon.stop()
    b.start()
    assert len(b.names()) == rows + 1, "snapshots are in chunks, too"


def test_large_transactions_come_through_among_small_ones(two):
    _, a, b = two
    a.transact(insert("count"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool, b.rpc(60) as writer:
        done = []

        def work():
            with a.rpc() as rpc:
                while not done:
                    rpc.transact(DB, count("count"))

        small = pool.submit(work)
        try:
            for i in range(3):
                writer.transact(DB, insert(f"{i}" + "y" * 3_000_000))
        finally:
            done.append(True)
        small.result(20)
    assert len(a.names()) == 4


def test_a_server_that_is_cut_off_from_etcd_says_so_and_refuses(two):
    etcd, a, b = two
    a.transact(insert("x"), insert("y"))
    with a.rpc() as rpc:
        rpc.call("set_db_change_aware", True)
        rpc.call("monitor", "_Server", "s", {"Database": {"columns": ["connected", "leader", "name"]}})
        etcd.pause()
        begun = time.monotonic()
        note = rpc.note()
        assert '"connected": false' in json.dumps(note), note
        assert time.monotonic() - begun < LEASE + 2
        refused = rpc.call("transact", DB, insert("no"))["result"][0]
        assert refused["error"] == "I/O error" and "127.0.0.1" in refused["details"], refused
        assert "disconnected" in a.appctl("cluster/status", DB).stdout
        assert "ok" not in a.appctl("ovsdb-server/get-db-storage-status", DB).stdout
        process.until(lambda: not leaders(a, b), "nobody leads", LEASE)
        rows = rpc.call("monitor", DB, "m", {"Item": {"columns": ["name"]}})["result"]["Item"]
        assert len(rows) == 2, "monitors are served from memory"
        etcd.resume()
        process.until(lambda: a.row()["connected"] and b.row()["connected"], "they are back", 15)
        rpc.transact(DB, insert("yes"))
    assert b.names() == ["x", "y", "yes"]
    assert "ok" in a.appctl("ovsdb-server/get-db-storage-status", DB).stdout
    assert len(process.until(lambda: leaders(a, b), "one leads again")) == 1


def test_ephemeral_columns_are_each_servers_own(two):
    etcd, a, b = two
    a.transact(insert("x"))
    index = a.row()["index"]
    a.transact(update("x", reader="me"))
    assert a.transact(select("reader"))[0]["rows"] == [{"reader": "me"}]
    assert b.transact(select("reader"))[0]["rows"] == [{"reader": ""}]
    assert a.row()["index"] == index, "nothing of it is in the log"
    b.transact(update("x", n=9))
    assert a.transact(select("reader", "n"))[0]["rows"] == [{"reader": "me", "n": 9}]
    assert "reader" not in etcd.ctl("get", "/weft/things/log", "--prefix").stdout


def test_conversion_is_one_for_all(two, tmp_path):
    _, a, b = two
    a.transact(insert("x"))
    schema = json.loads(SCHEMA.read_text())
    schema["version"] = "9.9.9"
    schema["tables"]["Extra"] = {"columns": {"name": {"type": "string"}}, "isRoot": True}
    (tmp_path / "new.ovsschema").write_text(json.dumps(schema))
    with b.rpc() as rpc:
        converted = process.result(["ovsdb-client", "convert", a.socket, tmp_path / "new.ovsschema"])
        assert converted.returncode == 0, converted.stderr
        assert rpc.receive() is None, "clients come back to look"
    b.transact({"op": "insert", "table": "Extra", "row": {"name": "n"}})
    assert b.names() == ["x"]
    for server in (a, b):
        assert process.run(["ovsdb-client", "get-schema-version", server.socket, DB]) == "9.9.9\n"
    a.daemon.stop()
    a.start()
    assert a.transact(select(table="Extra"))[0]["rows"] == [{"name": "n"}]


def test_a_cluster_begins_with_the_contents_of_a_file(two, tmp_path):
    etcd, a, _ = two
    a.transact(insert("x"))
    file, tool = tmp_path / "standalone.db", WEFT.program("ovsdb-tool")
    process.run([tool, "create", file, SCHEMA])
    process.run([tool, "transact", file, json.dumps([DB, insert("from a file")])])
    assert create(etcd, schema=file, prefix="weft/other").returncode == 0
    with contextlib.closing(Server(etcd.address("weft/other"))) as other:
        assert other.start().names() == ["from a file"]
        assert a.names() == ["x"], "another prefix is another database"


def test_commands_of_the_control_socket(two):
    etcd, a, _ = two
    status = a.appctl("cluster/status", DB).stdout
    for part in (f"Name: {DB}", "Cluster ID: ", "Server ID: ", f"Address: {etcd.address()}", "Status: cluster member", "Role: ", "Servers:"):
        assert part in status, status
    row = a.row()
    assert a.appctl("cluster/cid", DB).stdout.strip() == row["cid"][1]
    assert a.appctl("cluster/sid", DB).stdout.strip() == row["sid"][1]
    weft_appctl = [WEFT.program("ovs-appctl"), "-t", "ovsdb-server", "-f", "json", "cluster/status", DB]
    assert json.loads(process.result(weft_appctl, env=a.env).stdout)["connected"] is True
    for words in (("leave", DB), ("kick", DB, "x"), ("change-election-timer", DB, "1000"), ("set-backlog-threshold", DB, "500", "100000")):
        said = a.appctl(f"cluster/{words[0]}", *words[1:])
        assert said.returncode == 2 and "etcd" in said.stderr, said
    assert "unknown database" in a.appctl("cluster/status", "Nothing").stderr
    assert "not a clustered database" in a.appctl("cluster/status", "_Server").stderr
    assert a.appctl("ovsdb-server/remove-db", DB).returncode == 0
    assert a.appctl("ovsdb-server/list-dbs").stdout == "_Server\n"
    assert a.appctl("ovsdb-server/add-db", etcd.address()).returncode == 0
    assert sorted(a.appctl("ovsdb-server/list-dbs").stdout.split()) == [DB, "_Server"]
    assert "already there" in a.appctl("ovsdb-server/add-db", etcd.address()).stderr


def start_fails(address, seconds=30):
    with contextlib.closing(Server(address)) as server:
        failed = process.result(server.daemon.command, env=server.env, seconds=seconds)
        assert failed.returncode == 1, failed
        return failed.stderr


def test_errors_name_the_thing_and_the_remedy():
    with Etcd() as etcd:
        assert create(etcd).returncode == 0
        assert "already" in create(etcd).stderr
        for address, error in {"etcd://": "there is no prefix", f"etcd://{etcd.endpoints[0]}": "there is no prefix", "etcd://:1/x": "HOST:PORT",
                               "etcd://h:99999/x": "no port", etcd.address("other"): "ovsdb-tool create",
                               "etcd://127.0.0.1:1/x": "127.0.0.1:1"}.items():
            assert error in start_fails(address), address
        etcd.ctl("put", "/weft/things/base", "nonsense")
        assert "snapshot" in start_fails(etcd.address())


def test_etcds_quota_is_an_error_and_no_loop():
    with cluster(1, etcd_options=[f"--quota-backend-bytes={16 << 20}"]) as (etcd, a), contextlib.closing(Server(etcd.address())) as late:
        with a.rpc(60) as rpc:
            rpc.transact(DB, insert("x"))
            assert any("space exceeded" in etcd.ctl("put", "/another/user", stdin="z" * 1_000_000).stderr for _ in range(40))
            reply = rpc.call("transact", DB, insert("y"))["result"]
            assert reply[-1]["error"] == "I/O error" and "space exceeded" in reply[-1]["details"] and "alarm disarm" in reply[-1]["details"], reply[-1]
            assert rpc.transact(DB, select("n"))[0]["rows"], "what is there can be read"
            assert "space exceeded" in a.appctl("ovsdb-server/get-db-storage-status", DB).stdout
            lines = len(a.log().splitlines())
            process.stays(lambda: len(a.log().splitlines()) <= lines + 5, "no loop")
            assert a.row()["connected"]
            failed = process.result(late.daemon.command, env=late.env)
            assert failed.returncode == 1 and "alarm disarm" in failed.stderr, failed
            assert "alarm disarm" in create(etcd, prefix="weft/other").stderr
            assert "alarm disarm" in a.appctl("ovsdb-server/compact", DB).stderr
            assert "NOSPACE" in etcd.ctl("alarm", "list").stdout
            rpc.transact(DB, {"op": "update", "table": "Item", "where": [], "row": {"reader": "me"}})
            revision = json.loads(etcd.ctl("endpoint", "status", "-w", "json").stdout)[0]["Status"]["header"]["revision"]
            for words in (("compact", str(revision)), ("defrag",), ("alarm", "disarm")):
                assert etcd.ctl(*words).returncode == 0
            assert "uuid" in rpc.transact(DB, insert("small"))[0], "what the remedy is for"
        assert late.start().names() == ["small", "x"]


IDL = """
import sys
import ovs.db.idl, ovs.poller
helper = ovs.db.idl.SchemaHelper(sys.argv[2])
helper.register_all()
idl = ovs.db.idl.Idl(sys.argv[1], helper, leader_only=True, probe_interval=1000)
def until(condition):
    while True:
        idl.run()
        if condition():
            return
        poller = ovs.poller.Poller()
        idl.wait(poller)
        poller.timer_wait(100)
        poller.block()
until(lambda: len(idl.tables["Item"].rows) == 2)
print("two rows", flush=True)
sys.stdin.readline()
while True:
    seqno = idl.change_seqno
    txn = ovs.db.idl.Transaction(idl)
    txn.insert(idl.tables["Item"]).name = "by the IDL"
    status = txn.commit_block()
    print(status, flush=True)
    if status != txn.TRY_AGAIN:
        break
    until(lambda: idl.change_seqno != seqno)
"""


def test_clients_of_the_leader_move_on(two, tmp_path):
    _, a, b = two
    a.transact(insert("x"), insert("y"))
    process.until(lambda: leaders(a, b), "somebody leads")
    script = tmp_path / "client.py"
    script.write_text(IDL)
    with process.killed_after(subprocess.Popen(["/usr/bin/python3", script, f"{a.socket},{b.socket}", SCHEMA], text=True,
                                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)) as client:
        assert client.stdout.readline() == "two rows\n"
        leader = leaders(a, b)[0]
        other = b if leader is a else a
        leader.daemon.kill()
        begun = time.monotonic()
        client.stdin.write("\n")
        client.stdin.flush()
        said = client.stdout.read().split("\n")
        assert said[-2] == "success" and set(said[:-2]) <= {"try again"}, said
        assert time.monotonic() - begun < LEASE + 15
    assert other.names() == ["by the IDL", "x", "y"]


def test_a_standalone_server_does_not_load_grpc():
    for program in ("ovsdb-server", "ovsdb-tool"):
        linked = process.run(["ldd", WEFT.program(program)])
        assert "grpc" not in linked and "protobuf" not in linked
    with contextlib.closing(Server()) as standalone:
        standalone.start()
        with open(f"/proc/{standalone.daemon.pid}/maps", encoding="ascii") as maps:
            mapped = maps.read()
        assert "grpc" not in mapped and "weft-etcd" not in mapped
