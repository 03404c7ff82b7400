# SPDX-License-Identifier: Apache-2.0
"""weft db on a database in etcd: what is not confirmed is taken back though its server died; history and revert at any server."""
import json

import pytest

import process
from cluster import DB, LEASE, cluster, insert, select, update
from stack import WEFT


@pytest.fixture
def two():
    with cluster(2) as (_, a, b):
        a.transact(insert("x"))
        process.until(lambda: leaders(a, b), "somebody leads")
        yield a, b


def leaders(*servers):
    return [s for s in servers if s.row()["leader"]]


def weft(server, *words, code=0):
    """What it says in JSON; of a failure as text."""
    done = process.result([WEFT.program("weft"), f"--db={server.socket}", "--timeout=15", "--format=json", "db", words[0], f"--database={DB}", *words[1:]],
                          env=server.env)
    assert done.returncode == code, (words, done)
    return done.stderr if code else json.loads(done.stdout or "null")


def apply(server, n, *options):
    return weft(server, "apply", *options, json.dumps([DB, update("x", n=n)]))["id"]


def value(server):
    return server.transact(select("n"))[0]["rows"][0]["n"]


def states(server):
    return {t["id"]: t.get("state") for t in weft(server, "history")}


@pytest.mark.parametrize("who", ["leader", "other"])
def test_what_is_not_confirmed_is_taken_back_though_a_server_is_killed(two, who):
    leader = leaders(*two)[0]
    other = next(s for s in two if s is not leader)
    killed, left = (leader, other) if who == "leader" else (other, leader)
    change = apply(killed, 7, f"--confirm-within={LEASE}s")
    assert value(left) == 7 and states(left)[change] == "pending"
    killed.daemon.kill()
    process.until(lambda: value(left) == 0, "the other takes it back", LEASE * 5)
    assert states(left)[change] == "rolled back"
    index = left.row()["index"]
    killed.start()
    assert value(killed) == 0 and states(killed) == states(left)
    process.stays(lambda: left.row()["index"] == index, "it is taken back once")


def test_all_servers_die_within_the_window(two):
    a, b = two
    change = apply(a, 7, f"--confirm-within={LEASE}s")
    for server in two:
        server.daemon.kill()
    b.start()
    process.until(lambda: value(b) == 0, "it is taken back when one leads again", LEASE * 5)
    assert "it was rolled back" in weft(b, "confirm", change, code=1)


def test_a_confirmation_at_another_server_counts(two):
    a, b = two
    change = apply(a, 7, f"--confirm-within={LEASE}s")
    assert a.appctl("ovsdb-server/compact").returncode == 0, "a snapshot has it, too"
    assert change in str(weft(b, "confirm", change[:6]))
    assert "it was confirmed" in weft(a, "confirm", change, code=1)
    process.stays(lambda: value(a) == value(b) == 7, "it stays", LEASE + 1)
    assert set(states(a)) == {*states(b)} and states(b)[change] == "confirmed"


def test_history_is_the_same_everywhere_and_any_server_reverts(two):
    a, b = two
    change = apply(a, 7)
    assert states(a) == states(b) and len(states(a)) == 2
    b.daemon.stop()
    b.start()
    assert states(a) == states(b), "it is in the log"
    weft(b, "revert", "--dry-run", change)
    assert value(a) == 7
    weft(b, "revert", change)
    assert value(a) == 0
    pending = apply(a, 8, "--confirm-within=60s")
    assert "waits for its confirmation" in weft(b, "apply", json.dumps([DB, update("x", n=9)]), code=1)
    weft(b, "revert", pending)
    assert states(a)[pending] == "rolled back" and value(b) == 0
