# SPDX-License-Identifier: Apache-2.0
"""Database files: exchanged between Debian's server and ours, cut short, compacted, and what survives a kill."""
import contextlib
import json
import threading

import pytest

import process
from library import SCHEMA, TWO_BOOKS, insert, select, shelf
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

OTHER = {"oracle": WEFT, "weft": ORACLE}


@pytest.fixture
def alone(flavor):
    """A server of a flavor on the library's database, its own for this test."""
    with contextlib.closing(Stack(flavor, ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        yield stack


def titles(stack):
    with Rpc(stack.socket) as rpc:
        return sorted(row["title"] for row in rpc.transact("Library", select())[0]["rows"])


def fill(stack):
    with Rpc(stack.socket) as rpc:
        rpc.transact("Library", *TWO_BOOKS)
        rpc.transact("Library", {"op": "update", "table": "Book", "where": [["kind", "==", "atlas"]], "row": {"tags": ["set", ["new", "old"]]}})
        rpc.transact("Library", {"op": "mutate", "table": "Book", "where": [["kind", "==", "atlas"]],
                                 "mutations": [["marks", "delete", ["set", [1]]], ["marks", "insert", ["map", [[5, "é\n\"x"]]]]]})
        rpc.transact("Library", {"op": "comment", "comment": "a comment"}, {"op": "update", "table": "Shelf", "where": [], "row": {"seen": 7}})


def books(stack):
    """All rows and columns of the books, as text."""
    return sorted(map(str, json.loads(stack.dbclient("-f", "json", "dump", stack.socket, "Library", "Book"))["data"]))


def test_a_file_is_read_by_the_other_server(alone, flavor):
    fill(alone)
    before = books(alone)
    alone.server.stop()
    alone.server = alone.make_server(OTHER[flavor.name])
    alone.server.start()
    assert books(alone) == before and len(before) == 2
    with Rpc(alone.socket) as rpc:
        rpc.transact("Library", {"op": "update", "table": "Book", "where": [], "row": {"pages": 77}})
    alone.server.stop()
    alone.server = alone.make_server(flavor)
    alone.server.start()
    with Rpc(alone.socket) as rpc:
        assert [row["pages"] for row in rpc.transact("Library", select(columns=["title", "pages"]))[0]["rows"]] == [77, 77]


def test_ephemeral_columns_do_not_survive(alone):
    fill(alone)
    alone.server.stop()
    alone.server.start()
    with Rpc(alone.socket) as rpc:
        assert rpc.transact("Library", select("Shelf", columns=["seen"]))[0]["rows"] == [{"seen": 0}]


@pytest.mark.parametrize("damage", ["cut in the middle of a record", "last byte changed", "rubbish appended"])
def test_a_damaged_tail_is_cut_and_the_rest_kept(alone, damage):
    fill(alone)
    with Rpc(alone.socket) as rpc:
        rpc.transact("Library", insert({"title": "Last", "pages": 1, "kind": "song"}, "l"), shelf(["l"], "b"))
    alone.server.kill()
    data = alone.db_file.read_bytes()
    alone.db_file.write_bytes({"cut in the middle of a record": data[:-20], "last byte changed": data[:-2] + b"?\n",
                               "rubbish appended": data + b"OVSDB JSON 999 rubbish\n{"}[damage])
    alone.server.start()
    assert titles(alone) == (["Emma", "Last", "World"] if damage == "rubbish appended" else ["Emma", "World"])
    assert any("conf.db" in line for line in alone.server.complaints())
    with Rpc(alone.socket) as rpc:
        rpc.transact("Library", insert({"title": "Later", "pages": 1, "kind": "song"}, "l"), shelf(["l"], "c"))
    alone.server.stop()
    alone.server.start()
    assert "Later" in titles(alone)


def test_what_was_acknowledged_as_durable_survives_a_kill(alone):
    """Each transaction is acknowledged before the next is sent; the kill comes in the middle of the stream."""
    acknowledged = []

    def write():
        try:
            with Rpc(alone.socket) as rpc:
                rpc.transact("Library", *TWO_BOOKS)
                for i in range(100000):
                    rpc.transact("Library", insert({"title": str(i), "pages": 1, "kind": "song"}, "b"), {"op": "commit", "durable": True},
                                 {"op": "mutate", "table": "Shelf", "where": [], "mutations": [["books", "insert", ["named-uuid", "b"]]]})
                    acknowledged.append(str(i))
        except (AssertionError, OSError):
            pass

    for _ in range(3):
        start, thread = len(acknowledged), threading.Thread(target=write)
        thread.start()
        process.until(lambda start=start: len(acknowledged) > start + 50, "transactions flow", 30)
        alone.server.kill()
        thread.join()
        alone.server.start()
        assert set(acknowledged) <= set(titles(alone))
        with Rpc(alone.socket) as rpc:
            rpc.transact("Library", {"op": "delete", "table": "Shelf", "where": []})
        acknowledged.clear()


def test_compaction_keeps_the_content_and_shrinks_the_file(alone):
    fill(alone)
    with Rpc(alone.socket) as rpc:
        for i in range(200):
            rpc.transact("Library", {"op": "update", "table": "Book", "where": [], "row": {"pages": i + 1}})
    before, size = books(alone), alone.db_file.stat().st_size
    alone.appctl("ovsdb-server/compact", target="ovsdb-server")
    process.until(lambda: alone.db_file.stat().st_size < size / 4, "the file shrinks")
    with Rpc(alone.socket) as rpc:
        rpc.transact("Library", {"op": "update", "table": "Book", "where": [], "row": {"pages": 200}})
    alone.server.stop()
    alone.server.start()
    assert books(alone) == before


def test_a_file_is_served_by_one_server_only(alone, flavor):
    second = alone.result(flavor.program("ovsdb-server"), alone.db_file, "--unixctl=none", f"--remote=punix:{alone.folder}/second.sock")
    assert second.returncode == 1 and "lock" in second.stderr


def test_a_file_that_is_no_database_is_refused(flavor, alone):
    bad = alone.folder / "bad.db"
    bad.write_text("hello\n")
    refused = alone.result(flavor.program("ovsdb-server"), bad, "--unixctl=none")
    assert refused.returncode == 1 and "bad.db" in refused.stderr


def test_restored_backup_holds_the_same(alone, flavor):
    fill(alone)
    snapshot = alone.result(flavor.program("ovsdb-client"), "backup", alone.socket, "Library")
    assert snapshot.returncode == 0
    with Rpc(alone.socket) as rpc:
        rpc.transact("Library", {"op": "delete", "table": "Shelf", "where": []})
    assert titles(alone) == []
    file = alone.folder / "snapshot"
    file.write_text(snapshot.stdout)
    with open(file, encoding="utf-8") as snapshot_file:
        process.run([flavor.program("ovsdb-client"), "restore", alone.socket, "Library"], env=alone.env, stdin=snapshot_file)
    assert titles(alone) == ["Emma", "World"]


def test_a_database_behind_a_symbolic_link_stays_where_it_is(alone, tmp_path):
    fill(alone)
    alone.server.stop()
    real = tmp_path / "real.db"
    alone.db_file.replace(real)
    alone.db_file.symlink_to(real)
    alone.start_server()
    before = real.stat().st_ino
    alone.appctl("ovsdb-server/compact", target="ovsdb-server")
    assert alone.db_file.is_symlink() and real.stat().st_ino != before and len(titles(alone)) == 2
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".db"] == ["real.db"]
