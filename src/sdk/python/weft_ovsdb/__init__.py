# SPDX-License-Identifier: Apache-2.0
"""Follow a database of an OVSDB server, and write to it.

    with weft_ovsdb.Database("unix:/run/openvswitch/db.sock", tables={"Bridge": ["name"]}) as db:
        for view, changes in db.follow():
            for change in changes:
                print(change.kind.name, change.row.name)

    def raise_it(txn):
        counter = txn.view["Counter"].one(name="x")
        txn.verify(counter, "value")
        txn.set(counter, value=counter.value + 1)
    db.transact(raise_it)

`python3 -m weft_ovsdb.generate SCHEMA` writes a class for each table of a schema, with types. The library below (weft/ovsdb.h) has the rules."""
from ._library import BadArgument, BadValue, Error, NotFound, TimedOut
from .database import Database, NewRow, NotDone, Status, Tls, Transaction
from .view import Change, ChangeKind, Row, Table, View

__all__ = ["BadArgument", "BadValue", "Change", "ChangeKind", "Database", "Error", "NewRow", "NotDone", "NotFound", "Row", "Status", "Table", "TimedOut",
           "Tls", "Transaction", "View"]
