# SPDX-License-Identifier: Apache-2.0
"""ovsdb-server, ours and Debian's, asked the same by a bare JSON-RPC client: replies, updates and files agree."""
import json

import pytest

from library import NOVEL, UUID, fresh, insert, select, shelf, where
from normal import assert_same, text
from rpc import Rpc

# Each entry is one transaction on a database that holds a shelf of NOVEL and ATLAS; what is not an operation is sent as it is.
TRANSACTIONS = {
    "select all": [select(columns=["title", "pages", "price", "lent", "kind", "tags", "marks", "scores"])],
    "select by integer": [select(where=[["pages", "<", 100]])],
    "select by two clauses": [select(where=[["pages", ">=", 90], ["kind", "!=", "atlas"]])],
    "select includes": [select(where=[["tags", "includes", "big"]])],
    "select excludes": [select(where=[["tags", "excludes", ["set", ["big"]]]])],
    "select map includes": [select(where=[["marks", "includes", ["map", [[1, "x"]]]]])],
    "select optional real": [select(where=[["price", "<", 10]])],
    "select false": [select(where=[False])],
    "select bad function": [select(where=[["title", "<", "x"]])],
    "select bad column": [select(where=[["author", "==", "x"]])],
    "select unknown table": [select(table="Film")],
    "select twice the same column": [select(columns=["title", "title"])],
    "insert default row": [insert({"title": "x", "pages": 1}), shelf([], "b")],
    "insert without reference is collected": [insert(NOVEL), select()],
    "insert referenced": [insert({"title": "New", "pages": 7, "kind": "song"}, "n"), shelf(["n"], "b"), select(where=[["title", "==", "New"]])],
    "insert chosen uuid": [insert({"title": "New", "pages": 7, "kind": "song"}, uuid=UUID), select(where=[["_uuid", "==", ["uuid", UUID]]])],
    "insert chosen uuid twice": [insert(NOVEL, uuid=UUID), insert(NOVEL, uuid=UUID)],
    "insert bad range": [insert({"title": "x", "pages": 5001})],
    "insert bad real": [insert({"title": "x", "pages": 1, "price": 0.25})],
    "insert bad enum": [insert({"title": "x", "pages": 1, "kind": "film"})],
    "insert empty title": [insert({"title": "", "pages": 1})],
    "insert long title": [insert({"title": "x" * 31, "pages": 1})],
    "insert too many tags": [insert({"title": "x", "pages": 1, "tags": ["set", ["1", "2", "3", "4"]]})],
    "insert duplicate in set": [insert({"title": "x", "pages": 1, "tags": ["set", ["1", "1"]]})],
    "insert wrong type": [insert({"title": 1, "pages": 1})],
    "insert real for integer": [insert({"title": "x", "pages": 1.5})],
    "insert unknown column": [insert({"title": "x", "pages": 1, "author": "y"})],
    "insert duplicate name": [insert(NOVEL, "n"), insert(NOVEL, "n")],
    "insert bad name": [insert(NOVEL, "0 x")],
    "insert duplicate index": [shelf([], "a")],
    "insert beyond maxRows": [shelf([], str(i)) for i in range(6)],
    "named uuid unknown": [shelf(["nobody"], "b")],
    "reference to nothing": [{"op": "update", "table": "Shelf", "where": [], "row": {"books": ["uuid", UUID]}}],
    "weak reference to nothing vanishes": [{"op": "update", "table": "Shelf", "where": [], "row": {"favourite": ["uuid", UUID]}},
                                           select("Shelf", columns=["favourite"])],
    "update": [where("update", ["kind", "==", "atlas"], row={"pages": 91}), select(columns=["title", "pages"])],
    "update immutable": [{"op": "update", "table": "Shelf", "where": [], "row": {"name": "z"}}],
    "update uuid": [where("update", None, row={"_uuid": ["uuid", UUID]})],
    "mutate": [where("mutate", None, mutations=[["pages", "+=", 3], ["pages", "*=", 2], ["pages", "-=", 1], ["pages", "%=", 50]]),
               select(columns=["title", "pages"])],
    "mutate by zero": [where("mutate", None, mutations=[["pages", "/=", 0]])],
    "mutate out of range": [where("mutate", ["kind", "==", "atlas"], mutations=[["pages", "*=", 5000]])],
    "mutate overflow": [where("mutate", ["kind", "==", "atlas"], mutations=[["pages", "*=", 9223372036854775807]])],
    "mutate set": [where("mutate", ["kind", "==", "atlas"], mutations=[["tags", "insert", "new"], ["tags", "delete", "old"]]),
                   select(columns=["title", "tags"])],
    "mutate set overfull": [where("mutate", None, mutations=[["tags", "insert", ["set", ["p", "q", "r", "s"]]]])],
    "mutate map": [where("mutate", None, mutations=[["marks", "insert", ["map", [[1, "kept"], [3, "z"]]]],
                                                   ["marks", "delete", ["set", [2]]]]), select(columns=["title", "marks"])],
    "mutate reals of set": [where("mutate", None, mutations=[["scores", "insert", ["set", [1, 2.5]]], ["scores", "*=", 2]]),
                            select(columns=["title", "scores"])],
    "mutate string": [where("mutate", None, mutations=[["title", "+=", 1]])],
    "mutate unknown mutator": [where("mutate", None, mutations=[["pages", "^=", 1]])],
    "delete referenced": [where("delete", ["kind", "==", "novel"])],
    "delete shelf collects books": [{"op": "delete", "table": "Shelf", "where": []}, select()],
    "wait holds": [where("wait", ["kind", "==", "novel"], columns=["pages"], until="==", rows=[{"pages": 300}], timeout=0)],
    "wait fails": [where("wait", ["kind", "==", "novel"], columns=["pages"], until="==", rows=[{"pages": 1}], timeout=0)],
    "wait differs": [where("wait", None, columns=["title"], until="!=", rows=[{"title": "Emma"}], timeout=0)],
    "commit": [{"op": "commit", "durable": False}],
    "commit durable": [{"op": "commit", "durable": True}],
    "abort": [where("update", None, row={"pages": 5}), {"op": "abort"}, select()],
    "comment": [{"op": "comment", "comment": "hello"}],
    "assert lock not held": [{"op": "assert", "lock": "mine"}],
    "unknown operation": [{"op": "frob"}],
    "no operation": [{"table": "Book"}],
    "extra member": [select() | {"extra": 1}],
    "missing member": [{"op": "select", "table": "Book"}],
    "operation is no object": ["x"],
    "error stops the rest": [select(), {"op": "abort"}, select()],
    "wait without rows": [where("wait", None, columns=["pages"], until="==", timeout=0)],
    "wait until what": [where("wait", None, columns=["pages"], until="<", rows=[], timeout=0)],
    "wait for a column not asked for": [where("wait", None, columns=["pages"], until="==", rows=[{"title": "x"}], timeout=0)],
    "wait for a value of wrong type": [where("wait", None, columns=["pages"], until="==", rows=[{"pages": "x"}], timeout=0)],
    "wait with bad rows": [where("wait", None, until="==", rows={}, timeout=0)],
    "wait with a row that is none": [where("wait", None, until="==", rows=[1], timeout=0)],
    "wait with a timeout that is no number": [where("wait", None, until="==", rows=[], timeout="x")],
    "wait for rows without columns": [where("wait", None, columns=[], until="!=", rows=[{}], timeout=0)],
    "comment without text": [{"op": "comment"}], "comment that is no text": [{"op": "comment", "comment": 1}],
    "commit without durable": [{"op": "commit"}], "commit durable maybe": [{"op": "commit", "durable": 1}],
    "assert without lock": [{"op": "assert"}], "assert a bad name": [{"op": "assert", "lock": "0 x"}],
    "row is no object": [{"op": "insert", "table": "Book", "row": 1}], "table is no name": [{"op": "insert", "table": 1, "row": {}}],
    "insert uuid as a column": [insert({"_uuid": ["uuid", UUID]})], "insert with a bad uuid": [insert({}, uuid="x")],
    "insert with uuid of wrong type": [insert({}, uuid=1)], "insert with name of wrong type": [{"op": "insert", "table": "Book", "row": {}, "uuid-name": 1}],
    "map of a wrong type": [insert({"marks": ["map", [[1, 2]]]})], "map with half a pair": [insert({"marks": ["map", [[1]]]})],
    "map with a key twice": [insert({"marks": ["map", [[1, "a"], [1, "b"]]]})], "map that is no list": [insert({"marks": ["map", 1]})],
    "set for a map": [insert({"marks": ["set", []]})], "number for a map": [insert({"marks": 1})], "set without list": [insert({"tags": ["set"]})],
    "set of another name": [insert({"tags": ["frob", ["a"]]})], "null": [insert({"tags": None})], "object": [insert({"tags": {}})],
    "number for a boolean": [insert({"lent": 1})], "huge real for an integer": [insert({"pages": 1e30})],
    "length counts characters": [insert({"title": "é" * 31, "pages": 1})], "uuid that is none": [shelf([]) | {"row": {"books": ["uuid", "zz"]}}],
    "uuid that is no text": [shelf([]) | {"row": {"books": ["uuid", 1]}}], "text for a uuid": [shelf([]) | {"row": {"books": "x"}}],
    "named uuid of wrong type": [shelf([]) | {"row": {"books": ["named-uuid", 1]}}], "where is no list": [where("update", None, row={}) | {"where": "x"}],
    "clause too short": [where("update", ["title", "=="], row={})], "function is no text": [where("update", ["title", 1, "x"], row={})],
    "function unknown": [where("update", ["title", "frob", "x"], row={})], "column is no text": [where("update", [1, "==", "x"], row={})],
    "order of a set": [where("update", ["tags", "<", "x"], row={})], "order of an optional real with nothing": [select(where=[["price", "<", ["set", []]]])],
    "order of an optional real with two": [select(where=[["price", "<=", ["set", [1, 2]]]])], "order of a boolean": [select(where=[["lent", "<", True]])],
    "update without row": [where("update", None)], "delete without where": [{"op": "delete", "table": "Book"}],
    "mutate without mutations": [where("mutate", None)], "mutations are no list": [where("mutate", None, mutations={})],
    "mutation is no list": [where("mutate", None, mutations=[1])], "mutation too short": [where("mutate", None, mutations=[["pages", "+="]])],
    "mutator unknown": [where("mutate", None, mutations=[["pages", "frob", 1]])], "mutator is no text": [where("mutate", None, mutations=[["pages", 1, 1]])],
    "mutate a text": [where("mutate", None, mutations=[["title", "+=", "x"]])], "insert into a text": [where("mutate", None, mutations=[["title", "insert", "x"]])],
    "remainder of a real": [where("mutate", None, mutations=[["price", "%=", 1]])], "add to a map": [where("mutate", None, mutations=[["marks", "+=", 0]])],
    "insert keys into a map": [where("mutate", None, mutations=[["marks", "insert", ["set", [1]]]])],
    "mutate a uuid": [where("mutate", None, mutations=[["_uuid", "insert", ["uuid", UUID]]])],
    "columns are no list": [select(columns=[]) | {"columns": "x"}], "column names are no texts": [select(columns=[1])], "no columns": [select(columns=[])],
    "select without where": [{"op": "select", "table": "Book"}], "operation is no text": [{"op": 1}],
    "nothing": [],
}


def sorted_rows(value):
    """Rows without what is not promised: their order, their uuids."""
    if isinstance(value, dict) and value and all(len(key) == 36 for key in value):
        return sorted((text(json.dumps(sorted_rows(v), sort_keys=True)) for v in value.values()))
    if isinstance(value, dict):
        if "rows" in value:
            value = value | {"rows": sorted(value["rows"], key=lambda row: text(json.dumps(row, sort_keys=True)))}
        return {k: sorted_rows(v) for k, v in value.items()}
    return [sorted_rows(v) for v in value] if isinstance(value, list) else value


def reply_to(stack, operations):
    with fresh(stack) as rpc:
        return text(json.dumps(sorted_rows(rpc.call("transact", "Library", *operations) | {"id": 0}), sort_keys=True, indent=1))


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_transaction_is_answered_as_by_the_oracle(servers, name):
    assert_same(reply_to(servers["weft"], TRANSACTIONS[name]), reply_to(servers["oracle"], TRANSACTIONS[name]))


REQUESTS = {
    "unknown method": ("frob", []),
    "unknown database": ("transact", ["Nothing", {"op": "comment", "comment": "x"}]),
    "no database": ("transact", []),
    "schema of unknown database": ("get_schema", ["Nothing"]),
    "cancel monitor unknown": ("monitor_cancel", ["nobody"]),
    "unlock what is not held": ("unlock", ["mine"]),
    "lock with bad name": ("lock", ["0 x"]),
    "echo": ("echo", [1, {"a": None}, "x"]),
    "list of databases": ("list_dbs", []),
    "monitor unknown table": ("monitor", ["Library", 1, {"Film": {}}]),
    "monitor unknown column": ("monitor", ["Library", 1, {"Book": {"columns": ["author"]}}]),
    "monitor nothing": ("monitor", ["Library", 2, {}]),
    "change of unknown monitor": ("monitor_cond_change", [77, 78, {}]),
    "set_db_change_aware": ("set_db_change_aware", [True]), "set_db_change_aware of what": ("set_db_change_aware", [1]),
    "database is no name": ("transact", [1]), "read-only database": ("transact", ["_Server", {"op": "delete", "table": "Database", "where": []}]),
    "row of _Server": ("transact", ["_Server", select("Database", [["name", "==", "Library"]], ["name", "model", "connected", "leader", "cid", "index"])]),
    "lock without name": ("lock", []), "lock of a number": ("lock", [1]), "two locks": ("lock", ["a", "b"]), "unlock without name": ("unlock", []),
    "echo nothing": ("echo", []), "get_schema without name": ("get_schema", []), "get_schema of a number": ("get_schema", [1]),
    "convert nothing": ("convert", []), "convert unknown": ("convert", ["Nope", {}]), "convert to no schema": ("convert", ["Library", 1]),
    "cancel without monitor": ("monitor_cancel", []), "change without conditions": ("monitor_cond_change", ["m", "m"]),
    "since of what": ("monitor_cond_since", ["Library", "s", {"Book": [{"columns": ["title"]}]}, 1]),
    "since no id": ("monitor_cond_since", ["Library", "s", {"Book": [{"columns": ["title"]}]}, "x"]),
    "since without id": ("monitor_cond_since", ["Library", "s", {"Book": [{"columns": ["title"]}]}]),
    "database of monitor unknown": ("monitor", ["Nope", 1, {}]), "monitor of no tables": ("monitor", ["Library", 1, 1]),
} | {f"monitor {json.dumps(request)}": ("monitor", ["Library", 1, {"Book": request}]) for request in (
    1, [1], {"columns": 1}, {"columns": [1]}, {"columns": ["title", "title"]}, [{"columns": ["title"]}, {"columns": ["title"]}], {"select": {"initial": 1}},
    {"select": {"frob": True}}, {"frob": 1}, {"where": []})
} | {f"monitor_cond {json.dumps(request)}": ("monitor_cond", ["Library", 1, {"Book": [request]}]) for request in (
    {"where": [["zz", "==", 1]]}, {"where": [["title", "=="]]}, {"where": 1}, {"where": [1]}, {"where": [["tags", "<", "x"]]})}


@pytest.mark.parametrize("name", REQUESTS)
def test_request_is_answered_as_by_the_oracle(servers, name):
    """Debian's leaves out the null "result" of an error, which JSON-RPC 1.0 asks for; so members that are null do not count."""
    method, params = REQUESTS[name]
    replies = []
    for stack in servers.values():
        with Rpc(stack.socket) as rpc:
            replies.append({key: value for key, value in rpc.call(method, *params).items() if value is not None})
    assert_same(*reversed(replies))


def updates(stack, method, params, changes):
    """The initial reply of a monitor and the notification for each change."""
    with fresh(stack) as watcher, Rpc(stack.socket) as writer:
        said = [watcher.call(method, "Library", "m", params)["result"]]
        for change in changes:
            writer.transact("Library", *change)
            note = watcher.note()
            said.append([note["method"], note["params"]])
    return text(json.dumps(sorted_rows(said), sort_keys=True, indent=1))


CHANGES = [
    [where("update", ["kind", "==", "atlas"], row={"pages": 91, "tags": ["set", ["big", "new"]], "marks": ["map", [[1, "x"], [2, "q"]]]})],
    [insert({"title": "New", "pages": 7, "kind": "song"}, "n"), {"op": "mutate", "table": "Shelf", "where": [],
                                                  "mutations": [["books", "insert", ["named-uuid", "n"]]]}],
    [{"op": "delete", "table": "Shelf", "where": []}],
]


@pytest.mark.parametrize("method", ["monitor", "monitor_cond"])
@pytest.mark.parametrize("columns", [["title", "pages"], ["tags", "marks"], None])
def test_monitors_tell_what_the_oracle_tells(servers, method, columns):
    params = {"Book": [{"columns": columns}] if columns else [{}]}
    changes = CHANGES if columns != ["title", "pages"] else CHANGES[:1]
    assert_same(updates(servers["weft"], method, params, changes), updates(servers["oracle"], method, params, changes))


def test_conditional_monitor_shows_rows_that_begin_to_match(server):
    with fresh(server) as rpc:
        first = rpc.call("monitor_cond", "Library", "m", {"Book": [{"columns": ["title"], "where": [["pages", ">", 200]]}]})["result"]
        assert [row["initial"] for row in first["Book"].values()] == [{"title": "Emma"}]
        rpc.call("monitor_cond_change", "m", "m", {"Book": [{"where": [["pages", "<", 200]]}]})
        rows = rpc.note()["params"][1]["Book"].values()
        assert sorted(json.dumps(row) for row in rows) == ['{"delete": null}', '{"insert": {"title": "World"}}']


CONDITION_CHANGES = {
    "to nothing": {"Book": [{"where": [False]}]}, "to all": {"Book": [{"where": [True]}]}, "to one of two": {"Book": [{"where": [["pages", "<", 100]]}]},
    "to a map": {"Book": [{"where": [["marks", "includes", ["map", [[1, "x"]]]]]}]}, "last counts": {"Book": [{"where": [True]}, {"where": [False]}]},
    "unknown column": {"Book": [{"where": [["zz", "<", 1]]}]}, "unknown table": {"Film": [{"where": [True]}]}, "table not monitored": {"Shelf": [{"where": [True]}]},
    "no list": {"Book": {"where": [True]}}, "no object": 1, "columns": {"Book": [{"where": [True], "columns": ["title"]}]}, "none": {},
}


@pytest.mark.parametrize("name", CONDITION_CHANGES)
def test_a_change_of_condition_is_answered_as_by_the_oracle(servers, name):
    """Two changes, the second under another name: what now matches and what no longer does is told before each reply."""
    said = []
    for stack in servers.values():
        with fresh(stack) as rpc:
            rpc.call("monitor_cond", "Library", "m", {"Book": [{"columns": ["title", "pages"], "where": [["pages", ">", 100]]}]})
            rpc.call("monitor_cond", "Library", "other", {})
            replies = [rpc.call("monitor_cond_change", *names, change)
                       for names, change in ((("m", "n"), CONDITION_CHANGES[name]), (("n", "m"), {"Book": [{"where": [["pages", ">", 200]]}]}), (("x", "x"), {}))]
            notes = [[note["method"], note["params"]] for note in rpc.notes]
            said.append(text(json.dumps(sorted_rows([[r.get("result"), r.get("error")] for r in replies] + notes), sort_keys=True, indent=1)))
    assert_same(*reversed(said))


def test_monitor_since_starts_over_and_tells_changes(server):
    with fresh(server) as rpc:
        found, _, rows = rpc.call("monitor_cond_since", "Library", "m", {"Book": [{"columns": ["title"]}]},
                                     "00000000-0000-0000-0000-000000000000")["result"]
        assert not found and len(rows["Book"]) == 2
        rpc.transact("Library", where("update", ["kind", "==", "novel"], row={"title": "Persuasion"}))
        note = rpc.note()
        assert note["method"] == "update3" and len(note["params"][1]) == 36
        assert list(note["params"][2]["Book"].values()) == [{"modify": {"title": "Persuasion"}}]


def test_an_update_comes_before_the_reply_of_the_transaction_that_caused_it(server):
    with fresh(server) as rpc:
        rpc.call("monitor", "Library", "m", {"Book": {"columns": ["pages"]}})
        rpc.transact("Library", where("update", None, row={"pages": 42}))
        assert rpc.notes and rpc.notes[0]["method"] == "update"


def test_locks_wait_are_stolen_and_freed_when_the_owner_vanishes(server):
    with Rpc(server.socket) as one, Rpc(server.socket) as two, Rpc(server.socket) as three:
        assert one.call("lock", "door")["result"] == {"locked": True}
        assert two.call("lock", "door")["result"] == {"locked": False}
        assert three.call("steal", "door")["result"] == {"locked": True}
        assert one.note() == {"method": "stolen", "params": ["door"], "id": None}
        one.call("unlock", "door")
        three.socket.close()
        assert two.note() == {"method": "locked", "params": ["door"], "id": None}
        assert two.transact("Library", {"op": "assert", "lock": "door"}) == [{}]


def test_wait_is_answered_when_its_condition_comes_true(server):
    with fresh(server) as waiter, Rpc(server.socket) as writer:
        number = waiter.start("transact", "Library", where("wait", ["kind", "==", "novel"], columns=["pages"], until="==",
                                                           rows=[{"pages": 301}]), select(where=[["pages", "==", 301]]))
        writer.transact("Library", where("update", ["kind", "==", "novel"], row={"pages": 301}))
        assert waiter.finish(number)["result"] == [{}, {"rows": [{"title": "Emma"}]}]


def test_a_waiting_transaction_can_be_cancelled(servers):
    """RFC 7047 4.1.4. Debian's server drops the transaction but never answers it, so only ours is asked."""
    with fresh(servers["weft"]) as rpc:
        number = rpc.start("transact", "Library", where("wait", None, columns=["pages"], until="==", rows=[]))
        rpc.send({"method": "cancel", "params": [number], "id": None})
        assert rpc.finish(number)["error"] == "canceled"


@pytest.mark.parametrize("junk", [b"}", b'{"method":1}', b'{"id":1,"result":2}', b"[" * 5000, b'{"method":"echo","params":1,"id":0}',
                                  b'\xff\xfe{"method"', b'{"a":"' + b"x" * 5_000_000], ids=range(7))
def test_junk_ends_only_the_connection_it_came_by(server, junk):
    with fresh(server) as bystander, Rpc(server.socket) as rude:
        rude.send(junk)
        assert len(bystander.transact("Library", select())[0]["rows"]) == 2
    with Rpc(server.socket) as later:
        assert later.call("echo", "still here")["result"] == ["still here"]


def test_a_client_that_never_reads_does_not_hold_up_others(server):
    with fresh(server) as deaf, Rpc(server.socket) as writer:
        deaf.start("monitor", "Library", "m", {"Book": {}})
        for i in range(2000):
            writer.transact("Library", where("update", None, row={"title": f"{i:030}"}))
