# SPDX-License-Identifier: Apache-2.0
"""Schemas, and values of columns between Python and the library.

    scalar -> int, float, bool, str, UUID      optional scalar -> that or None
    set    -> frozenset                        map -> dict
"""
from __future__ import annotations

import ctypes
import dataclasses
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ._library import BOOLEAN, INTEGER, REAL, STRING, UUID, BadValue, CAtom, CUuid, CValue, lib

TYPES = {"integer": INTEGER, "real": REAL, "boolean": BOOLEAN, "string": STRING, "uuid": UUID}
PYTHON = {"integer": "int", "real": "float", "boolean": "bool", "string": "str", "uuid": "UUID"}


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a schema (RFC 7047 3.2)."""
    name: str
    key: str
    value: str | None
    min: int
    max: int | None  # None: unlimited

    @classmethod
    def parse(cls, name: str, schema: Mapping[str, Any]) -> Column:
        kind = schema["type"]
        if isinstance(kind, str):
            return cls(name, kind, None, 1, 1)
        base = {part: one if isinstance(one, str) else one["type"] for part, one in kind.items() if part in ("key", "value")}
        most = kind.get("max", 1)
        return cls(name, base["key"], base.get("value"), kind.get("min", 1), None if most == "unlimited" else most)

    @property
    def is_scalar(self) -> bool:
        return self.value is None and self.min == self.max == 1

    @property
    def is_optional(self) -> bool:
        return self.value is None and self.min == 0 and self.max == 1

    def annotation(self) -> str:
        """Its type in Python."""
        key = PYTHON[self.key]
        if self.value is not None:
            return f"dict[{key}, {PYTHON[self.value]}]"
        return key if self.is_scalar else f"{key} | None" if self.is_optional else f"frozenset[{key}]"

    def read(self, value: CValue) -> Any:
        keys = [_from_atom(lib.key(value, i)) for i in range(value.size)]
        if self.value is not None:
            return {key: _from_atom(lib.mapped(value, i)) for i, key in enumerate(keys)}
        if self.is_scalar or self.is_optional:
            return keys[0] if keys else None
        return frozenset(keys)

    def atoms(self, value: Any) -> tuple[Any, Any, int]:
        """keys, values, n: as weft_ovsdb_txn_set() takes them."""
        if self.value is not None:
            if not isinstance(value, Mapping):
                raise BadValue(f"column {self.name} is a map: {value!r} is none")
            return self.elements(value)
        if self.is_scalar or self.is_optional:
            return self.elements([] if value is None else [value])
        if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
            raise BadValue(f"column {self.name} is a set: {value!r} is none")
        return self.elements(value)

    def elements(self, value: Any) -> tuple[Any, Any, int]:
        """A mapping's pairs, the elements of another collection, or one element."""
        if isinstance(value, Mapping):
            return self._array(self.key, value), self._array(self.value or self.key, value.values()), len(value)
        several = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
        items = list(value) if several else [value]
        return self._array(self.key, items), None, len(items)

    def _array(self, kind: str, items: Iterable[Any]) -> Any:
        atoms = [self.atom(kind, item) for item in items]
        array: Any = (CAtom * len(atoms))(*atoms)
        array.kept = atoms  # the strings are theirs
        return array

    def atom(self, kind: str, item: Any) -> CAtom:
        atom = CAtom(type=TYPES[kind])
        item = getattr(item, "uuid", item) if kind == "uuid" else item
        wanted: Any = {"integer": int, "real": (int, float), "boolean": bool, "string": str, "uuid": uuid.UUID}[kind]
        if not isinstance(item, wanted) or (isinstance(item, bool) and kind != "boolean"):
            raise BadValue(f"column {self.name}: expected {PYTHON[kind]}, not {item!r}")
        if kind == "integer":
            if not -2**63 <= item < 2**63:
                raise BadValue(f"column {self.name}: {item} does not fit into 64 bits")
            atom.value.integer = item
        elif kind == "real":
            atom.value.real = item
        elif kind == "boolean":
            atom.value.boolean = item
        elif kind == "uuid":
            atom.value.uuid = to_c(item)
        else:
            text = item.encode()
            atom.length, atom.text = len(text), ctypes.create_string_buffer(text)  # the atom keeps it
            atom.value.string = ctypes.addressof(atom.text)
        return atom


def to_c(value: uuid.UUID) -> CUuid:
    return CUuid.from_buffer_copy(value.bytes)


def from_c(value: CUuid) -> uuid.UUID:
    return uuid.UUID(bytes=bytes(value.bytes))


def _from_atom(atom: CAtom) -> Any:
    value = atom.value
    if atom.type == STRING:
        return ctypes.string_at(value.string, atom.length).decode()
    if atom.type == UUID:
        return from_c(value.uuid)
    return value.integer if atom.type == INTEGER else value.real if atom.type == REAL else value.boolean


Schema = dict[str, dict[str, Column]]


def parse_schema(schema: Mapping[str, Any]) -> Schema:
    """{table: {column: Column}}"""
    return {table: {name: Column.parse(name, column) for name, column in parts["columns"].items()} for table, parts in schema["tables"].items()}
