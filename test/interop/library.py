# SPDX-License-Identifier: Apache-2.0
"""A small database of books on shelves that uses every kind of column, and the operations on it."""
import pathlib

from rpc import Rpc

SCHEMA = pathlib.Path(__file__).with_name("library.ovsschema")
NOVEL = {"title": "Emma", "pages": 300, "kind": "novel", "price": 9.5}
ATLAS = {"title": "World", "pages": 90, "kind": "atlas", "tags": ["set", ["big", "old"]], "marks": ["map", [[1, "x"], [2, "y"]]]}
UUID = "11111111-2222-4333-8444-555555555555"


def insert(row, name=None, **more):
    return {"op": "insert", "table": "Book", "row": row} | ({"uuid-name": name} if name else {}) | more


def shelf(books, name="a", **more):
    return {"op": "insert", "table": "Shelf", "row": {"name": name, "books": ["set", [["named-uuid", b] for b in books]]} | more}


def select(table="Book", where=(), columns=("title",)):
    return {"op": "select", "table": table, "where": list(where), "columns": list(columns)}


def where(operation, clause, **more):
    return {"op": operation, "table": "Book", "where": [clause] if clause else []} | more


TWO_BOOKS = [insert(NOVEL, "n"), insert(ATLAS, "w"), shelf(["n", "w"])]


def fresh(stack):
    """A connection to a database that holds one shelf with two books."""
    rpc = Rpc(stack.socket)
    rpc.transact("Library", {"op": "delete", "table": "Shelf", "where": []})
    rpc.transact("Library", *TWO_BOOKS)
    return rpc
