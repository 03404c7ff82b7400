# SPDX-License-Identifier: Apache-2.0
"""Reading: versions of a database, their tables and rows, and what differs between two."""
from __future__ import annotations

import ctypes
import dataclasses
import enum
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from ._columns import Column, Schema, from_c, to_c
from ._library import CAtom, CChange, CRow, CValue, Handle, NotFound, encoded, lib, made, strings

RowT = TypeVar("RowT", bound="Row")


class Row:
    """One version of one row. Columns are attributes (`row.name`) or items (`row["name"]`); a column whose name Python or this class
    has a use for has an underscore behind it as an attribute. Classes made by weft_ovsdb.generate have the types."""
    TABLE: ClassVar[str] = ""

    __slots__ = ("view", "_row")

    def __init__(self, view: View, row: CRow) -> None:
        self.view, self._row = view, row

    @property
    def uuid(self) -> uuid.UUID:
        return from_c(lib.row_uuid(self._row))

    @property
    def table(self) -> str:
        name: bytes = lib.row_table(self._row)
        return name.decode()

    def __getitem__(self, column: str) -> Any:
        value = CValue()
        lib.row_get(self._row, encoded(column), ctypes.byref(value))
        return self.view.schema[self.table][column].read(value)

    if not TYPE_CHECKING:  # of a made class all attributes are declared
        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            columns = self.view.columns(self.table)
            try:
                return self[column_name(columns, name)]
            except NotFound as error:
                raise AttributeError(str(error)) from None

    def __eq__(self, other: object) -> bool:
        """The same row, be it of another version."""
        return isinstance(other, Row) and self.uuid == other.uuid

    def __hash__(self) -> int:
        return hash(self.uuid)

    def __repr__(self) -> str:
        return f"<{self.table} {self.uuid}>"


class Table(Generic[RowT]):
    """The rows of a table in one version."""

    def __init__(self, view: View, name: str, kind: type[RowT]) -> None:
        self.view, self.name, self._kind = view, name, kind

    def _rows(self, function: Any, *arguments: Any) -> tuple[Any, int]:
        rows, count = ctypes.POINTER(CRow)(), ctypes.c_size_t()
        function(self.view.handle, encoded(self.name), *arguments, ctypes.byref(rows), ctypes.byref(count))
        return rows, count.value

    def _made(self, rows: Any, count: int) -> Iterator[RowT]:
        # Each a copy: a row is a pair of pointers into the version, which it keeps.
        return (self._kind(self.view, CRow.from_buffer_copy(rows[i])) for i in range(count))

    def __iter__(self) -> Iterator[RowT]:
        return self._made(*self._rows(lib.view_rows))

    def __len__(self) -> int:
        return self._rows(lib.view_rows)[1]

    def __getitem__(self, key: uuid.UUID) -> RowT:
        row = CRow()
        lib.view_row(self.view.handle, encoded(self.name), to_c(key), ctypes.byref(row))
        return self._kind(self.view, row)

    def get(self, key: uuid.UUID) -> RowT | None:
        return self[key] if key in self else None

    def __contains__(self, key: uuid.UUID) -> bool:
        try:
            self[key]
        except NotFound:
            return False
        return True

    def find(self, **columns: Any) -> list[RowT]:
        """The rows whose columns have these values (scalars, or None for an empty one), by an index."""
        known = self.view.columns(self.name)
        names = [column_name(known, name) for name in columns]
        atoms = [CAtom() if value is None or name not in known else known[name].atom(known[name].key, value)
                 for name, value in zip(names, columns.values())]
        array = (CAtom * len(atoms))(*atoms)  # the strings stay those of `atoms`
        return list(self._made(*self._rows(lib.view_find, strings(names), array, len(atoms))))

    def one(self, **columns: Any) -> RowT:
        """The only row, or the first, that has these values."""
        found = self.find(**columns)
        if not found:
            raise NotFound(f"table {self.name} has no row with {columns}" if columns else f"table {self.name} is empty")
        return found[0]


class ChangeKind(enum.IntEnum):
    INSERTED, MODIFIED, DELETED = 1, 2, 3


@dataclasses.dataclass(frozen=True)
class Change:
    """What happened to a row between two versions."""
    kind: ChangeKind
    before: Any  # Row of the older version, None where it was inserted
    after: Any  # Row of the newer version, None where it was deleted

    @property
    def row(self) -> Any:
        """As it is, or was."""
        return self.after or self.before

    @property
    def table(self) -> str:
        return str(self.row.table)

    def touches(self, column: str) -> bool:
        """The column differs."""
        sides = [side._row if side else CRow() for side in (self.before, self.after)]
        return bool(lib.change_touches(CChange(self.kind, *sides), encoded(column)))

    def __repr__(self) -> str:
        return f"<{self.kind.name.lower()} {self.row!r}>"


class View:
    """One version of a database: it never changes. `view["Bridge"]`, or `view[Bridge]` with a class made by weft_ovsdb.generate."""

    def __init__(self, handle: Handle, schema: Schema) -> None:
        self.handle, self.schema = handle, schema

    @property
    def is_current(self) -> bool:
        """There was a connection, and the rows were the server's, by the conditions in force."""
        return bool(lib.view_is_current(self.handle))

    @property
    def has_lock(self) -> bool:
        return bool(lib.view_has_lock(self.handle))

    @property
    def lock_is_contended(self) -> bool:
        """Another client holds the lock."""
        return bool(lib.view_lock_is_contended(self.handle))

    @overload
    def __getitem__(self, table: str) -> Table[Any]: ...
    @overload
    def __getitem__(self, table: type[RowT]) -> Table[RowT]: ...

    def __getitem__(self, table: Any) -> Any:
        return Table(self, table, Row) if isinstance(table, str) else Table(self, table.TABLE, table)

    def columns(self, table: str) -> Mapping[str, Column]:
        """Of a table of the schema; a table that is not there has none."""
        return self.schema.get(table, {})

    def changes(self, before: View | None = None, table: str | type[RowT] | None = None) -> list[Change]:
        """The rows that differ from an older version; without one, all are inserted."""
        name, kind = (table, Row) if table is None or isinstance(table, str) else (table.TABLE, table)
        handle = made(lib.changes_between, before and before.handle, self.handle, encoded(name), free=lib.changes_free)

        def row(view: View | None, side: CRow) -> Row | None:
            return kind(view, CRow.from_buffer_copy(side)) if view and side.held else None

        found = (lib.changes_at(handle, i) for i in range(lib.changes_count(handle)))
        return [Change(ChangeKind(one.kind), row(before, one.before), row(self, one.after)) for one in found]


def column_name(columns: Mapping[str, Column], attribute: str) -> str:
    """The column that an attribute or keyword stands for."""
    return attribute[:-1] if attribute.endswith("_") and attribute not in columns else attribute
