# SPDX-License-Identifier: Apache-2.0
"""Following a database and writing to it."""
from __future__ import annotations

import contextlib
import ctypes
import enum
import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from ._columns import Column, Schema, from_c, parse_schema, to_c
from ._library import BadArgument, CUuid, Error, Handle, TimedOut, encoded, lib, made, strings
from .view import Change, Row, View, column_name

T = TypeVar("T")
NO_ATOMS = (None, None, 0)  # for a column that the schema lacks: the library says so
SLICE_SECONDS = 0.5  # how long a wait in C lasts at most, so that Ctrl-C gets through


class Tls(NamedTuple):
    """Files in PEM for ssl: remotes; ca_cert "none": the server is not checked."""
    private_key: str
    certificate: str
    ca_cert: str


class Status(enum.IntEnum):
    """How a transaction ended."""
    UNCHANGED = 1  # the database is so already
    SUCCESS = 2
    INCOMPLETE = 3  # not known yet: commit again to go on waiting
    TRY_AGAIN = 4  # what it verified has changed: build it anew from the newest version
    NOT_LOCKED = 5
    UNCERTAIN = 6  # the connection was lost before the answer came: the next current version shows whether it was done
    REFUSED = 7


class NotDone(Error):
    """A transaction that did not succeed; `status` says how."""

    def __init__(self, status: Status, text: str) -> None:
        super().__init__(text)
        self.status = status


def _slices(timeout: float | None) -> Iterator[int]:
    """Milliseconds of each wait until `timeout` seconds have passed, at least one."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        left = SLICE_SECONDS if end is None else end - time.monotonic()
        yield int(1000 * min(max(left, 0), SLICE_SECONDS))
        if end is not None and time.monotonic() >= end:
            return


class Database:
    """A replica of a database, kept up to date by a thread of the library. Safe to be used by several threads.

    `remotes`: "unix:FILE", "tcp:HOST:PORT", "ssl:HOST:PORT", several separated by commas. `tables`: the tables to follow, by name or by a class made by
    weft_ovsdb.generate; a mapping to columns follows these only (None: all). Without it, all tables. `where`: {table: conditions} of RFC 7047 5.1."""

    def __init__(self, remotes: str, database: str = "Open_vSwitch", *, tables: Iterable[str | type[Row]] | Mapping[Any, Iterable[str] | None] | None = None,
                 where: Mapping[str, list[Any]] | None = None, lock: str | None = None, tls: Tls | None = None, leader_only: bool = True,
                 probe_interval: float = 5) -> None:
        self.handle = made(lib.new, encoded(remotes), encoded(database), free=lib.free)
        self._schemas: dict[int, Schema] = {}
        wanted = tables if isinstance(tables, Mapping) else {table: None for table in tables or ()}
        conditions = dict(where or {})
        for table, columns in wanted.items():
            name = table if isinstance(table, str) else table.TABLE
            condition = conditions.pop(name, None)
            lib.follow(self.handle, encoded(name), None if columns is None else strings(list(columns)), None if condition is None else _json(condition))
        if conditions:
            raise BadArgument(f"where: table {next(iter(conditions))} is not among the tables to follow")
        if tls:
            lib.set_tls(self.handle, *map(encoded, tls))
        if lock:
            lib.set_lock(self.handle, encoded(lock))
        lib.set_leader_only(self.handle, leader_only)
        lib.set_probe_interval(self.handle, int(probe_interval * 1000))
        lib.start(self.handle)

    def close(self) -> None:
        """Ends the connection; when no other thread is in a call. Versions and rows stay good."""
        self.handle.free()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """Readable when there may be a newer version: for select() and event loops. Then call wait(seen, timeout=0)."""
        return int(lib.fd(self.handle))

    def wait(self, seen: View | None = None, timeout: float | None = None) -> View:
        """The newest version, once it is another than `seen`; TimedOut after `timeout` seconds (None: as long as it takes)."""
        late = TimedOut()
        for milliseconds in _slices(timeout):
            try:
                return self._view(made(lib.wait, self.handle, seen and seen.handle, milliseconds, free=lib.view_free))
            except TimedOut as error:
                late = error
        raise late

    def wait_until(self, condition: Callable[[View], T], timeout: float | None = None) -> T:
        """What `condition` says of the first version for which that is true."""
        end = None if timeout is None else time.monotonic() + timeout
        view = None
        while True:
            view = self.wait(view, None if end is None else max(0.0, end - time.monotonic()))
            if result := condition(view):
                return result

    def follow(self, table: str | type[Row] | None = None, timeout: float | None = None,
               seen: View | None = None) -> Iterator[tuple[View, list[Change]]]:
        """Each version newer than `seen` with what differs from the one before (from none: all rows); ends when nothing happens for `timeout` seconds."""
        while True:
            try:
                view = self.wait(seen, timeout)
            except TimedOut:
                return
            yield view, view.changes(seen, table)
            seen = view

    def _view(self, handle: Handle) -> View:
        text = lib.view_schema(handle)
        if text not in self._schemas:  # the same pointer until the schema changes
            self._schemas[text] = parse_schema(json.loads(ctypes.string_at(text)))
        return View(handle, self._schemas[text])

    def set_condition(self, table: str, where: list[Any] | None) -> None:
        """Follows other rows of a table from now on; None: all, [False]: none."""
        lib.set_condition(self.handle, encoded(table), None if where is None else _json(where))

    def set_lock(self, name: str | None) -> None:
        lib.set_lock(self.handle, encoded(name))

    def reconnect(self) -> None:
        """Drops the connection and makes a new one."""
        lib.reconnect(self.handle)

    @contextlib.contextmanager
    def transaction(self, view: View | None = None, timeout: float | None = None) -> Iterator[Transaction]:
        """A transaction on a version (None: the newest), committed at the end of the block; NotDone where it does not succeed."""
        txn = Transaction(self, view or self.wait(None, timeout))
        yield txn
        status = txn.commit(timeout)
        if status not in (Status.SUCCESS, Status.UNCHANGED):
            raise NotDone(status, txn.error)

    def transact(self, build: Callable[[Transaction], T], timeout: float | None = None) -> T:
        """Has `build` write to a transaction, and commits it; anew, on a newer version, as long as what it verified changes meanwhile."""
        end = None if timeout is None else time.monotonic() + timeout

        def left() -> float | None:
            return None if end is None else max(0.0, end - time.monotonic())

        view = self.wait(None, timeout)
        while True:
            try:
                with self.transaction(view, left()) as txn:
                    result = build(txn)
                return result
            except NotDone as error:
                if error.status is not Status.TRY_AGAIN:
                    raise
            view = self.wait(view, left())


def _json(value: Any) -> bytes | None:
    return encoded(json.dumps(value, default=str))


class NewRow:
    """A row that a transaction inserts: a reference to it in the same transaction; `uuid` is the row's own once that has succeeded."""

    def __init__(self, table: str, placeholder: uuid.UUID) -> None:
        self.table, self.uuid, self.placeholder = table, placeholder, placeholder


class Transaction:
    """Operations on the rows of a version; one thread."""

    def __init__(self, db: Database, view: View) -> None:
        self.view, self.error = view, ""
        self.handle = made(lib.txn_new, db.handle, view.handle, free=lib.txn_free)
        self._new: list[NewRow] = []

    def _cell(self, row: Row | NewRow, attribute: str) -> tuple[Any, ...]:
        name = column_name(self.view.columns(row.table), attribute)
        return self.handle, encoded(row.table), to_c(row.uuid), encoded(name)

    def _column(self, row: Row | NewRow, attribute: str) -> Column | None:
        columns = self.view.columns(row.table)
        return columns.get(column_name(columns, attribute))

    def insert(self, table: str | type[Row], /, **columns: Any) -> NewRow:
        name, placeholder = table if isinstance(table, str) else table.TABLE, CUuid()
        lib.txn_insert(self.handle, encoded(name), ctypes.byref(placeholder))
        row = NewRow(name, from_c(placeholder))
        self._new.append(row)
        self.set(row, **columns)
        return row

    def set(self, row: Row | NewRow, /, **columns: Any) -> None:
        for name, value in columns.items():
            column = self._column(row, name)
            lib.txn_set(*self._cell(row, name), *(column.atoms(value) if column else NO_ATOMS))

    def mutate(self, row: Row, column: str, mutator: str, value: Any) -> None:
        """Changes a column whatever it holds by then: "insert" and "delete" elements (of a map also by keys), "+=", "-=", "*=", "/=", "%="."""
        known = self._column(row, column)
        lib.txn_mutate(*self._cell(row, column), encoded(mutator), *(known.elements(value) if known else NO_ATOMS))

    def delete(self, row: Row | NewRow) -> None:
        lib.txn_delete(self.handle, encoded(row.table), to_c(row.uuid))
        self._new = [one for one in self._new if one is not row]

    def verify(self, row: Row, *columns: str) -> None:
        """The transaction is not done (TRY_AGAIN) unless the columns still hold what they have in its version."""
        for name in columns:
            lib.txn_verify(*self._cell(row, name))

    def comment(self, text: str) -> None:
        """For the server's log."""
        lib.txn_comment(self.handle, encoded(text))

    def commit(self, timeout: float | None = None) -> Status:
        """Sends it and waits for the outcome, which `error` explains; INCOMPLETE after `timeout` seconds."""
        status = Status.INCOMPLETE
        for milliseconds in _slices(timeout):
            status = Status(lib.txn_commit(self.handle, milliseconds))
            if status is not Status.INCOMPLETE:
                break
        self.error = "" if status in (Status.SUCCESS, Status.UNCHANGED) else lib.text()
        if status is Status.SUCCESS:
            for row in self._new:
                real = CUuid()
                lib.txn_inserted(self.handle, to_c(row.placeholder), ctypes.byref(real))
                row.uuid = from_c(real)
        return status
