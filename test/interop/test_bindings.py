# SPDX-License-Identifier: Apache-2.0
"""The Python package and the C library below it, on Debian's server and ours."""
import contextlib
import os
import signal
import threading
import uuid

import bindings
import pytest
import weft_ovsdb as ovsdb

import process
from bindings import LIMIT, transact
from library import ATLAS, SCHEMA, TWO_BOOKS, insert, select, where
from stack import ORACLE, WEFT
from test_tls import Keys, free_port

STRAY = uuid.UUID("11111111-2222-4333-8444-555555555555")


@pytest.fixture
def stack(flavor):
    with bindings.served(flavor) as made:
        yield made


@pytest.fixture
def db(stack):
    with ovsdb.Database(stack.socket, "Library") as made:
        yield made


def title(text):
    """A condition on versions: there is a book of this title."""
    return lambda view: view["Book"].find(title=text)


def current(db):
    return db.wait_until(lambda view: view if view.is_current else None, LIMIT)


def test_columns_of_every_type_are_read(db):
    view = current(db)
    atlas, novel, shelf = view["Book"].one(title="World"), view["Book"].one(title="Emma"), view["Shelf"].one()
    assert (atlas.pages, atlas.kind, atlas.price, atlas.lent) == (90, "atlas", None, False)
    assert (atlas.tags, atlas.marks, atlas.scores) == ({"big", "old"}, {1: "x", 2: "y"}, frozenset())
    assert (novel.price, novel.tags, novel["marks"]) == (9.5, frozenset(), {})
    assert shelf.books == {atlas.uuid, novel.uuid} and shelf.favourite is None and {view["Book"][u] for u in shelf.books} == {atlas, novel}
    assert len(view["Book"]) == 2 and set(view["Book"]) == {atlas, novel} and atlas.table == "Book" and STRAY not in view["Book"]


def test_rows_are_found_by_any_columns_from_version_to_version(stack, db):
    view = current(db)
    assert [row.title for row in view["Book"].find(kind="atlas", pages=90)] == ["World"]
    assert [row.title for row in view["Book"].find(price=None)] == ["World"] and view["Book"].find(title="none") == []
    transact(stack, where("update", ["title", "==", "World"], row={"title": "Globe"}), where("mutate", None, mutations=[["pages", "+=", 1]]))
    newer = db.wait_until(lambda v: v if v["Book"].find(title="Globe", pages=91) else None, LIMIT)
    assert newer["Book"].find(title="World") == [] and len(newer["Book"].find()) == 2
    assert len(view["Book"].find(title="World")) == 1, "the older version stays as it was"


def test_changes_between_versions(stack, db):
    view = current(db)
    transact(stack, where("update", ["title", "==", "World"], row={"pages": 91}))
    transact(stack, insert(ATLAS | {"title": "Sky"}, "s"), {"op": "mutate", "table": "Shelf", "where": [], "mutations": [["books", "insert", ["named-uuid", "s"]]]})
    newer = db.wait_until(lambda v: v if title("Sky")(v) else None, LIMIT)
    kinds = {(c.kind.name, c.row.title) for c in newer.changes(view, "Book")}
    assert kinds == {("MODIFIED", "World"), ("INSERTED", "Sky")}
    modified = next(c for c in newer.changes(view, "Book") if c.kind is ovsdb.ChangeKind.MODIFIED)
    assert (modified.before.pages, modified.after.pages, modified.touches("pages"), modified.touches("title")) == (90, 91, True, False)
    assert {c.kind.name for c in view.changes(newer, "Book")} == {"MODIFIED", "DELETED"} and len(newer.changes()) == 4
    assert {c.table for c in newer.changes(view)} == {"Book", "Shelf"}


def test_transactions_write_every_type_and_the_next_version_has_it(stack, db):
    with db.transaction(timeout=LIMIT) as txn:
        shelf = txn.view["Shelf"].one()
        book = txn.insert("Book", title="Sea", pages=7, price=2, lent=True, kind="song", tags={"a", "b"}, marks={5: "five"}, scores=[1.5])
        txn.mutate(shelf, "books", "insert", book)
        txn.set(shelf, favourite=book)
        txn.comment("from a test")
    row = db.wait(timeout=LIMIT)["Book"][book.uuid]
    assert (row.title, row.pages, row.price, row.lent, row.kind, row.tags, row.marks, row.scores) == ("Sea", 7, 2.0, True, "song", {"a", "b"}, {5: "five"}, {1.5})
    assert transact(stack, select(columns=["pages"], where=[["title", "==", "Sea"]]))[0] == {"rows": [{"pages": 7}]}
    assert "from a test" in stack.result(WEFT.program("ovsdb-tool"), "show-log", stack.db_file).stdout
    with db.transaction(timeout=LIMIT) as txn:
        txn.mutate(row, "pages", "*=", 3)
        txn.mutate(row, "tags", "delete", ["a"])
        txn.mutate(row, "marks", "delete", [5])
        txn.mutate(row, "marks", "insert", {6: "six"})
        txn.set(row, price=None)
    row = db.wait(timeout=LIMIT)["Book"][book.uuid]
    assert (row.pages, row.tags, row.marks, row.price) == (21, {"b"}, {6: "six"}, None)
    txn = ovsdb.Transaction(db, row.view)
    txn.set(row, pages=21)
    assert txn.commit(LIMIT) is ovsdb.Status.UNCHANGED
    with db.transaction(timeout=LIMIT) as txn:
        txn.mutate(txn.view["Shelf"].one(), "books", "delete", row)
        unused = txn.insert("Shelf", name="unused")
        txn.delete(unused)
    view = db.wait(timeout=LIMIT)
    assert row.uuid not in view["Book"] and view["Book"].get(row.uuid) is None and len(view["Shelf"]) == 1


def test_clients_that_raise_a_counter_lose_no_update(stack):
    rounds, attempts, both = 40, [], threading.Barrier(2, timeout=LIMIT)

    def raise_it(txn):
        attempts.append(txn)
        shelf = txn.view["Shelf"].one()
        txn.verify(shelf, "seen")
        txn.set(shelf, seen=shelf.seen + 1)
        if len(attempts) <= 2:
            both.wait()  # of the first two one must try again

    def work():
        with ovsdb.Database(stack.socket, "Library") as mine:
            for _ in range(rounds):
                mine.transact(raise_it, LIMIT)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert transact(stack, select("Shelf", columns=["seen"]))[0] == {"rows": [{"seen": 2 * rounds}]}
    assert len(attempts) > 2 * rounds, "they met"


def test_a_killed_server_costs_no_change(stack, db):
    view = current(db)
    for i in range(3):
        stack.server.kill()
        gone = db.wait_until(lambda v: None if v.is_current else v, LIMIT)
        assert len(gone["Book"]) == 2 and not gone.changes(view), "the replica keeps what it has"
        stack.server.start()
        transact(stack, where("update", ["title", "==", "World"], row={"pages": 100 + i}))
        stack.server.kill()
        stack.server.start()
        view = db.wait_until(lambda v, i=i: v if v.is_current and v["Book"].find(pages=100 + i) else None, LIMIT)
    with pytest.raises(ovsdb.TimedOut):
        db.wait(view, timeout=0.05)


def test_a_transaction_waits_for_a_server_that_is_away(stack, db):
    view = current(db)
    stack.server.kill()
    db.wait_until(lambda v: not v.is_current, LIMIT)
    with pytest.raises(ovsdb.TimedOut, match="unix:.*db.sock"):
        db.wait(db.wait(), timeout=0.05)
    txn = ovsdb.Transaction(db, view)
    txn.set(view["Book"].one(title="World"), pages=55)
    assert txn.commit(0) is ovsdb.Status.INCOMPLETE and txn.error == "there is no answer yet"
    stack.server.start()
    assert txn.commit(LIMIT) is ovsdb.Status.SUCCESS
    assert db.wait()["Book"].find(pages=55)


def test_a_transaction_without_an_answer_is_uncertain(stack, db):
    """The server takes the request, and dies before it has looked at it."""
    view = current(db)
    os.kill(stack.server.pid, signal.SIGSTOP)
    txn = ovsdb.Transaction(db, view)
    txn.set(view["Book"].one(title="World"), pages=77)
    assert txn.commit(0) is ovsdb.Status.INCOMPLETE
    db.set_lock("other")  # done behind it: it was sent
    stack.server.kill()
    assert txn.commit(LIMIT) is ovsdb.Status.UNCERTAIN and "connection was lost" in txn.error
    stack.server.start()
    assert current(db)["Book"].find(pages=90), "the next current version shows that it was not done"


def test_a_transaction_that_nobody_waits_for_is_not_sent_later(stack, db):
    view = current(db)
    stack.server.kill()
    db.wait_until(lambda v: not v.is_current, LIMIT)
    forgotten = ovsdb.Transaction(db, view)
    forgotten.set(view["Book"].one(title="World"), pages=78)
    assert forgotten.commit(0) is ovsdb.Status.INCOMPLETE
    del forgotten
    stack.server.start()
    db.transact(lambda txn: txn.set(txn.view["Book"].one(title="World"), price=3), LIMIT)
    assert [row.pages for row in db.wait()["Book"].find(title="World", price=3.0)] == [90]


@pytest.mark.parametrize("relay", [ORACLE, WEFT], ids=["relay of oracle", "relay of weft"])
def test_another_server_takes_over(stack, relay):
    """The relay dies; the client goes on with its source, and back when that dies."""
    with bindings.relayed(relay, stack) as other, ovsdb.Database(f"{other.socket},{stack.socket}", "Library") as db:
        view = current(db)
        transact(stack, where("update", ["title", "==", "World"], row={"pages": 101}))
        db.wait_until(lambda v: v["Book"].find(pages=101), LIMIT)
        other.server.kill()
        transact(stack, where("update", ["title", "==", "World"], row={"pages": 102}))
        newer = db.wait_until(lambda v: v if v.is_current and v["Book"].find(pages=102) else None, LIMIT)
        assert [(c.kind.name, c.row.title) for c in newer.changes(view)] == [("MODIFIED", "World")], "nothing else looks changed"
        db.transact(lambda txn: txn.set(txn.view["Book"].one(title="World"), pages=103), LIMIT)
        assert transact(stack, select(where=[["pages", "==", 103]]))[0]["rows"] == [{"title": "World"}]


def test_only_what_is_asked_for_is_followed(stack):
    with ovsdb.Database(stack.socket, "Library", tables={"Book": ["title", "pages"]}, where={"Book": [["pages", ">", 100]]}) as db:
        view = current(db)
        assert [row.title for row in view["Book"]] == ["Emma"]
        with pytest.raises(AttributeError, match="column Book:kind is not followed: name it in weft_ovsdb_follow"):
            view["Book"].one().kind
        with pytest.raises(ovsdb.NotFound, match="table Shelf is not followed"):
            len(view["Shelf"])
        db.set_condition("Book", [["pages", "<", 100]])
        assert [row.title for row in current(db)["Book"]] == ["World"]
        db.set_condition("Book", [False])
        assert len(current(db)["Book"]) == 0
        bindings.restart(stack)
        db.wait_until(lambda v: not v.is_current, LIMIT)
        assert len(current(db)["Book"]) == 0
        db.set_condition("Book", None)
        assert len(current(db)["Book"]) == 2
        for condition, error in ([["nope", "==", 1]], "nope"), ([["pages", "~", 1]], "~"):
            with pytest.raises(ovsdb.BadArgument, match=error):
                db.set_condition("Book", condition)
        with pytest.raises(ovsdb.NotFound, match="table Shelf is not followed by name"):
            db.set_condition("Shelf", None)


def test_a_lock_is_held_by_one(stack, db):
    current(db)
    with ovsdb.Database(stack.socket, "Library", lock="l") as first:
        assert first.wait_until(lambda v: v.has_lock, LIMIT)
        db.set_lock("l")
        waiting = db.wait_until(lambda v: v if v.lock_is_contended else None, LIMIT)
        assert not waiting.has_lock
        with pytest.raises(ovsdb.NotDone, match="the lock is not held") as refused, db.transaction(timeout=LIMIT) as txn:
            txn.set(txn.view["Book"].one(title="World"), pages=1)
        assert refused.value.status is ovsdb.Status.NOT_LOCKED
        first.transact(lambda txn: txn.set(txn.view["Book"].one(title="World"), pages=2), LIMIT)
    assert db.wait_until(lambda v: v.has_lock, LIMIT)
    bindings.restart(stack)
    db.wait_until(lambda v: not v.has_lock, LIMIT)
    db.wait_until(lambda v: v.has_lock, LIMIT)
    db.transact(lambda txn: txn.set(txn.view["Book"].one(title="World"), pages=3), LIMIT)
    db.set_lock(None)
    assert not db.wait_until(lambda v: v if not v.has_lock else None, LIMIT).lock_is_contended
    db.transact(lambda txn: txn.set(txn.view["Book"].one(title="World"), pages=4), LIMIT)
    assert db.wait()["Book"].find(pages=4)


BAD = {
    "unknown table": (lambda txn, book: txn.insert("Boook"), "NotFound", "database Library has no table Boook"),
    "unknown column": (lambda txn, book: txn.set(book, titel="x"), "NotFound", "table Book has no column titel"),
    "wrong type": (lambda txn, book: txn.set(book, pages="x"), "BadValue", "column pages: expected int, not 'x'"),
    "out of range": (lambda txn, book: txn.set(book, pages=0), "BadValue", "Book:pages: 0 is not in the valid range 1 to 5000"),
    "no such value": (lambda txn, book: txn.set(book, kind="film"), "BadValue", "film is not one of the allowed values"),
    "too many": (lambda txn, book: txn.set(book, tags="abcd"), "BadValue", "column tags is a set: 'abcd' is none"),
    "four of three": (lambda txn, book: txn.set(book, tags=list("abcd")), "BadValue", "4 values when type requires between 0 and 3"),
    "no map": (lambda txn, book: txn.set(book, marks=[1]), "BadValue", r"column marks is a map: \[1\] is none"),
    "NUL": (lambda txn, book: txn.set(book, title="a\0b"), "BadArgument", "Book:title, element 0 has a NUL byte in it"),
    "mutator": (lambda txn, book: txn.mutate(book, "pages", "insert", 1), "BadValue", '"insert" is for sets and maps'),
    "unknown mutator": (lambda txn, book: txn.mutate(book, "pages", "^=", 1), "BadArgument", 'there is no mutator "\\^="'),
    "no such row": (lambda txn, book: txn.delete(ovsdb.NewRow("Book", STRAY)), "NotFound", f"table Book has no row {STRAY} in this view"),
    "new row": (lambda txn, book: txn.verify(txn.insert("Book"), "title"), "BadArgument", "is inserted by this transaction"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_an_error_that_names_it(servers, case):
    act, kind, text = BAD[case]
    stack = servers["weft"]
    if not transact(stack, select())[0]["rows"]:
        transact(stack, *TWO_BOOKS)
    with ovsdb.Database(stack.socket, "Library") as db:
        txn = ovsdb.Transaction(db, current(db))
        with pytest.raises(getattr(ovsdb, kind), match=text):
            act(txn, next(iter(txn.view["Book"])))


def test_what_the_server_refuses_comes_with_its_words(stack, db):
    current(db)
    with pytest.raises(ovsdb.NotDone, match="constraint violation: .*Shelf.*name") as refused, db.transaction(timeout=LIMIT) as txn:
        txn.insert("Shelf", name="a")
    assert refused.value.status is ovsdb.Status.REFUSED


@pytest.mark.parametrize("remotes, database, text", [("unix:{0}/none.sock", "Library", "none.sock.*No such file"), ("unix:{0}/db.sock", "Nope", "database Nope"),
                                                     ("tcp:127.0.0.1:{1}", "Library", "Connection refused")])
def test_what_is_wrong_with_a_connection_is_told(stack, remotes, database, text):
    with ovsdb.Database(remotes.format(stack.folder, free_port()), database) as db:
        with pytest.raises(ovsdb.TimedOut, match=f"no contents in time: .*{text}"):
            process.until(lambda: complaint_of(db), "there is a complaint")
            db.wait(timeout=0)


def complaint_of(db):
    try:
        return db.wait(timeout=0)
    except ovsdb.TimedOut as error:
        return str(error) != "no contents in time"


def test_over_tls(stack, flavor, tmp_path):
    keys = Keys(tmp_path)
    port = free_port()
    key, certificate, trusted = keys.files("sw")
    stack.server.command += [f"--remote=pssl:{port}:127.0.0.1", f"--private-key={key}", f"--certificate={certificate}", f"--ca-cert={trusted}"]
    stack.server.stop()
    stack.server.start()
    remote = f"ssl:127.0.0.1:{port}"
    with ovsdb.Database(remote, "Library", tls=ovsdb.Tls(*keys.files("ctl"))) as db:
        assert len(current(db)["Book"]) == 2
    with pytest.raises(ovsdb.BadArgument, match="weft_ovsdb_set_tls"):
        ovsdb.Database(remote, "Library")
    with ovsdb.Database(remote, "Library", tls=ovsdb.Tls(*keys.files("ctl")[:2], str(tmp_path / "none.pem"))) as db:
        process.until(lambda: complaint_of(db), "there is a complaint")
        with pytest.raises(ovsdb.TimedOut, match="none.pem"):
            db.wait(timeout=0)


def test_a_converted_database_is_followed_by_its_new_schema(stack, db):
    view = current(db)
    newer = stack.folder / "newer.ovsschema"
    newer.write_text(SCHEMA.read_text().replace('"lent":', '"stars": {"type": "integer"}, "lent":').replace("1.2.3", "1.2.4"))
    stack.dbclient("convert", stack.socket, newer)
    converted = db.wait_until(lambda v: v if v.is_current and "stars" in v.columns("Book") else None, LIMIT)
    assert converted["Book"].one(title="World").stars == 0 and "stars" not in view.columns("Book")
    assert {c.kind.name for c in converted.changes(view, "Book")} == {"INSERTED"}


def test_a_child_process_leaves_its_parents_connection_alone(db):
    current(db)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            db.close()
            os._exit(0)
        os._exit(1)
    process.until(lambda: os.waitpid(child, os.WNOHANG) == (child, 0), "the child ends")
    db.transact(lambda txn: txn.set(txn.view["Book"].one(title="World"), pages=9), LIMIT)
