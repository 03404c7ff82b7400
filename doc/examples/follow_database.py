# SPDX-License-Identifier: Apache-2.0
"""follow_database.py REMOTES DATABASE TABLE COLUMN [COUNTER]: as follow_database.c."""
import argparse
import os
import selectors
import sys

import weft_ovsdb


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("remotes", "database", "table", "column"):
        parser.add_argument(name)
    parser.add_argument("counter", nargs="?")
    options = parser.parse_args()

    def count(txn: weft_ovsdb.Transaction) -> None:
        for row in txn.view[options.table]:
            txn.verify(row, options.counter)
            txn.set(row, **{options.counter: row[options.counter] + 1})

    with weft_ovsdb.Database(options.remotes, options.database, tables=[options.table]) as db, selectors.DefaultSelector() as selector:
        selector.register(db, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        seen = None
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            for view, changes in db.follow(options.table, timeout=0, seen=seen):
                for change in changes:
                    print(change.kind.name.lower(), change.row[options.column], flush=True)
                seen = view
            if sys.stdin in ready:
                byte = os.read(sys.stdin.fileno(), 1)
                if not byte:
                    return
                if byte == b"\n" and options.counter:
                    db.transact(count, timeout=10)


main()
