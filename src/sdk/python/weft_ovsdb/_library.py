# SPDX-License-Identifier: Apache-2.0
"""libweft-ovsdb.so.0 by ctypes: its structures and functions (weft/ovsdb.h), with its errors as exceptions."""
from __future__ import annotations

import ctypes
import os
import pathlib
import weakref
from ctypes import POINTER, Structure, Union, c_bool, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t, c_uint, c_uint8, c_void_p
from typing import Any

SONAME = "libweft-ovsdb.so.0"
NONE, INTEGER, REAL, BOOLEAN, STRING, UUID = range(6)


class Error(Exception):
    """What the library or the server refused, in words."""


class BadArgument(Error, ValueError):
    """Something that makes no sense, or at the wrong time."""


class NotFound(Error, LookupError):
    """No such table, column or row, or it is not followed."""


class BadValue(Error, ValueError):
    """Of a type or size that the column cannot hold."""


class TimedOut(Error, TimeoutError):
    """What was waited for did not come in time; the text tells what is wrong with the connection."""


ERRORS = {-1: BadArgument, -2: NotFound, -3: BadValue, -4: TimedOut}


class CUuid(Structure):
    _fields_ = [("bytes", c_uint8 * 16)]


class CAtomValue(Union):
    _fields_ = [("integer", c_int64), ("real", c_double), ("boolean", c_bool), ("string", c_void_p), ("uuid", CUuid)]


class CAtom(Structure):
    _fields_ = [("type", c_int32), ("length", c_size_t), ("value", CAtomValue)]


class CValue(Structure):
    _fields_ = [("size", c_size_t), ("key_type", c_int32), ("value_type", c_int32), ("held", c_void_p)]


class CRow(Structure):
    _fields_ = [("table", c_void_p), ("held", c_void_p)]


class CChange(Structure):
    _fields_ = [("kind", c_int32), ("before", CRow), ("after", CRow)]


CHECKED = "checked"  # returns a code: negative ones become exceptions
_handle, _out, _strings, _atoms = c_void_p, POINTER(c_void_p), POINTER(c_char_p), POINTER(CAtom)
_rows = [POINTER(POINTER(CRow)), POINTER(c_size_t)]
_cell = [_handle, c_char_p, CUuid, c_char_p]
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "error": (c_char_p, []),
    "key": (CAtom, [CValue, c_size_t]),
    "mapped": (CAtom, [CValue, c_size_t]),
    "new": (CHECKED, [c_char_p, c_char_p, _out]),
    "free": (None, [_handle]),
    "follow": (CHECKED, [_handle, c_char_p, _strings, c_char_p]),
    "set_tls": (CHECKED, [_handle, c_char_p, c_char_p, c_char_p]),
    "set_leader_only": (CHECKED, [_handle, c_bool]),
    "set_probe_interval": (CHECKED, [_handle, c_uint]),
    "start": (CHECKED, [_handle]),
    "wait": (CHECKED, [_handle, _handle, c_int, _out]),
    "fd": (c_int, [_handle]),
    "set_condition": (CHECKED, [_handle, c_char_p, c_char_p]),
    "set_lock": (CHECKED, [_handle, c_char_p]),
    "reconnect": (CHECKED, [_handle]),
    "view_free": (None, [_handle]),
    "view_is_current": (c_bool, [_handle]),
    "view_has_lock": (c_bool, [_handle]),
    "view_lock_is_contended": (c_bool, [_handle]),
    "view_schema": (c_void_p, [_handle]),
    "view_rows": (CHECKED, [_handle, c_char_p, *_rows]),
    "view_find": (CHECKED, [_handle, c_char_p, _strings, _atoms, c_size_t, *_rows]),
    "view_row": (CHECKED, [_handle, c_char_p, CUuid, POINTER(CRow)]),
    "row_uuid": (CUuid, [CRow]),
    "row_table": (c_char_p, [CRow]),
    "row_get": (CHECKED, [CRow, c_char_p, POINTER(CValue)]),
    "changes_between": (CHECKED, [_handle, _handle, c_char_p, _out]),
    "changes_free": (None, [_handle]),
    "changes_count": (c_size_t, [_handle]),
    "changes_at": (CChange, [_handle, c_size_t]),
    "change_touches": (c_bool, [POINTER(CChange), c_char_p]),
    "txn_new": (CHECKED, [_handle, _handle, _out]),
    "txn_free": (None, [_handle]),
    "txn_insert": (CHECKED, [_handle, c_char_p, POINTER(CUuid)]),
    "txn_set": (CHECKED, [*_cell, _atoms, _atoms, c_size_t]),
    "txn_mutate": (CHECKED, [*_cell, c_char_p, _atoms, _atoms, c_size_t]),
    "txn_delete": (CHECKED, [_handle, c_char_p, CUuid]),
    "txn_verify": (CHECKED, _cell),
    "txn_comment": (CHECKED, [_handle, c_char_p]),
    "txn_commit": (CHECKED, [_handle, c_int]),
    "txn_inserted": (CHECKED, [_handle, CUuid, POINTER(CUuid)]),
}


def _find() -> str:
    """The file WEFT_OVSDB_LIBRARY names, the one installed with this package, or the system's."""
    beside = pathlib.Path(__file__).parents[3] / SONAME
    return os.environ.get("WEFT_OVSDB_LIBRARY") or (str(beside) if beside.exists() else SONAME)


class _Library:
    """lib.NAME(...) calls weft_ovsdb_NAME."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(_find())
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(self._library, f"weft_ovsdb_{name}")
            function.argtypes = arguments
            function.restype = c_int if result is CHECKED else result
            if result is CHECKED:
                function.errcheck = self._check
            setattr(self, name, function)

    def _check(self, code: int, *_: object) -> int:
        if code < 0:
            raise ERRORS.get(code, Error)(self.text())
        return code

    def text(self) -> str:
        text: bytes = self._library.weft_ovsdb_error()
        return text.decode()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


lib = _Library()


def encoded(text: str | None) -> bytes | None:
    """A string argument; one with a NUL would end early."""
    if text is None:
        return None
    if "\0" in text:
        raise BadArgument(f"{text!r} has a NUL character in it")
    return text.encode()


def strings(texts: list[str]) -> Any:
    """An array of strings with a NULL at its end."""
    return (c_char_p * (len(texts) + 1))(*map(encoded, texts))


class Handle:
    """Owns an object of the library. A child process after fork() leaves its parent's objects alone."""

    def __init__(self, pointer: c_void_p, free: Any) -> None:
        self.pointer = pointer
        self.free = weakref.finalize(self, Handle._free, os.getpid(), free, pointer)

    @staticmethod
    def _free(owner: int, free: Any, pointer: c_void_p) -> None:
        if os.getpid() == owner:
            free(pointer)

    @property
    def _as_parameter_(self) -> c_void_p:
        if not self.free.alive:
            raise BadArgument("it was closed")
        return self.pointer


def made(make: Any, *arguments: object, free: Any) -> Handle:
    """What a function of the library gives in its last argument."""
    pointer = c_void_p()
    make(*arguments, ctypes.byref(pointer))
    return Handle(pointer, free)
