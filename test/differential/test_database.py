# SPDX-License-Identifier: Apache-2.0
"""The same random transactions on Debian's ovsdb-server and on ours: replies, errors word for word, what every kind of monitor is
told, and the files, read by the other server afterwards, all agree."""
import contextlib
import json
import os
import random
import re

import pytest

import process
from normal import assert_same
from rpc import Rpc
from stack import ORACLE, ROOT, WEFT, Stack

LONG = bool(os.environ.get("WEFT_LONG"))
SEEDS = [random.SystemRandom().randrange(10**9) for _ in range(40)] if LONG else range(1, 9)
COUNT = 5000 if LONG else 1000
SWAPS = 4  # how often, in a run, each server goes on with the other's file
GENERATOR = ROOT / "build/release/differential/random_transactions"
NOBODY = "00000000-0000-0000-0000-000000000000"
MADE_UP = re.compile(r"\b(?!..000000-0000)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")  # by a server: the generator's begin so
MONITORS = ("monitor", "monitor_cond", "monitor_cond_since")

pytestmark = pytest.mark.timeout(7200 if LONG else 300)


def generated(seed):
    """The schema and the transactions of a seed. Debian's server ends when it monitors by `_uuid` a row that comes."""
    schema, *turns = map(json.loads, process.run([GENERATOR, seed, COUNT]).splitlines())
    for turn in turns:
        turn["where"] = {table: [c for c in conditions if c in (True, False) or c[0] != "_uuid"] for table, conditions in turn["where"].items()}
    return schema, turns


def plain(value):
    """Without what is not promised: the order of rows, the ids of transactions, versions of rows, the null of a reply without error,
    the uuid of a name that was never inserted."""
    if isinstance(value, dict):
        value = {k: plain(v) for k, v in value.items() if k != "_version" and not (k == "error" and v is None)}
        return value | ({"rows": sorted(value["rows"], key=lambda row: json.dumps(row, sort_keys=True))} if "rows" in value else {})
    if isinstance(value, str):
        return MADE_UP.sub("UUID", value)
    return [plain(v) for v in value] if isinstance(value, list) else value


def real_changes(notes):
    """Without rows that Debian's server calls modified though nothing of them is."""
    out = []
    for method, monitor, tables in notes:
        tables = {t: {u: row for u, row in rows.items() if row.get("modify") != {} and row.get("old") != {}} for t, rows in tables.items()}
        tables = {t: rows for t, rows in tables.items() if rows}
        out += [[method, monitor, tables]] if tables else []
    return sorted(out, key=lambda n: (n[1], n[0]))


class Side:
    """One server, its file, and the connection that both writes and monitors: so updates come before the reply."""

    def __init__(self, flavor, schema):
        # Debian's server does not read back its own differences from a default that is not empty. It reads ours, and ours those of
        # Debian's that can be read (test/interop/test_storage.py).
        self.stack = Stack(flavor, ORACLE, server_options=["--disable-file-column-diff"] if flavor is ORACLE else ())
        self.stack.schema = self.stack.folder / "schema"
        self.stack.schema.write_text(json.dumps(schema))
        self.tables = {name: [c for c in table["columns"] if not table["columns"][c].get("ephemeral")] for name, table in schema["tables"].items()}

    def start(self, where):
        self.stack.start_server()
        self.rpc = Rpc(self.stack.socket)
        said = [self.rpc.call("lock", "mine")["result"]]
        for method in MONITORS:
            for kind, tables in (("all", {t: [{}] for t in self.tables}), ("some", self.request(where, method))):
                since = [NOBODY] if method == MONITORS[2] else []
                reply = self.rpc.call(method, "T", f"{method} {kind}", tables, *since)
                said.append([method, kind, reply["result"][::2] if since and reply.get("result") else reply.get("result") or reply["error"]])
        return plain(said)

    def request(self, where, method):
        """Some columns, some rows, some kinds of change of each table."""
        out = {}
        for number, (table, columns) in enumerate(self.tables.items()):
            out[table] = [{"columns": columns[::2], "select": {"initial": number % 2 == 0}}, {"columns": columns[1::2], "select": {"delete": False}}]
            if method != "monitor":
                for part in out[table]:
                    part["where"] = where[table]
        return out

    def stop(self):
        self.rpc.socket.close()
        self.stack.server.stop()

    def call(self, method, *params):
        """What the request brought: the reply, and the updates, by monitor. A server that finds its client slow to read may tell them
        after the reply, so an echo follows."""
        reply = self.rpc.call(method, *params)
        self.rpc.call("echo")
        notes = [[n["method"], *(n["params"][::2] if n["method"] == "update3" else n["params"])] for n in self.rpc.notes]
        self.rpc.notes.clear()
        return [*plain([reply.get("result"), reply.get("error")]), real_changes(plain(notes))]

    def contents(self):
        """All rows of all tables, without ephemeral columns."""
        return [self.call("transact", "T", {"op": "select", "table": t, "where": [], "columns": ["_uuid", *columns]}) for t, columns in self.tables.items()]


class OracleDied(Exception):
    """Some monitors with conditions end Debian's server."""


class Game:
    """The two servers, side by side."""

    def __init__(self, seed):
        schema, self.turns = generated(seed)
        self.sides = [Side(flavor, schema) for flavor in (WEFT, ORACLE)]
        self.played, self.written, self.refused, self.same_words = 0, 0, 0, 0

    def one_error(self, ours, oracle):
        """Of several values, rows or references that are wrong the first found is named; which that is is not promised."""
        errors = [[(i, r) for i, r in enumerate(side[0] or []) if r and "error" in r] for side in (ours, oracle)]
        if not all(errors):
            return
        (ours_at, _), (oracle_at, error) = (found[0] for found in errors)
        self.refused += 1
        self.same_words += errors[0] == errors[1]
        if ours_at == oracle_at:
            ours[0][ours_at] = error

    def both(self, act, what="", align=lambda ours, oracle: None):
        ours = act(self.sides[0])
        try:
            oracle = act(self.sides[1])
        except (AssertionError, OSError) as gone:
            process.until(lambda: not self.sides[1].stack.server.alive(), f"the oracle dies, after {gone}")
            raise OracleDied from gone
        align(ours, oracle)
        if ours != oracle:
            assert_same(*(json.dumps([what, value], indent=1, sort_keys=True) for value in (ours, oracle)))
        return ours

    def play(self):
        self.both(lambda side: side.start(self.turns[0]["where"]))
        for number, turn in enumerate(self.turns, 1):
            _, _, notes = self.both(lambda side, turn=turn: side.call("transact", "T", *turn["transact"]), turn["transact"], self.one_error)
            self.played, self.written = number, self.written + bool(notes)
            if number % 50 == 0:
                self.change_conditions(turn["where"])
            if number % (COUNT // SWAPS) == 0:
                self.swap_files(turn["where"])

    def change_conditions(self, where):
        for method in MONITORS[1:]:
            name = f"{method} some"
            change = {table: [{"where": conditions}] for table, conditions in where.items()}
            ours = self.sides[0].call("monitor_cond_change", name, name, change)
            if ours[1]:  # Debian's server refuses too, keeps half of the change, and then tells nonsense or dies
                continue
            self.both(lambda side, ours=ours, name=name, change=change:
                      ours if side is self.sides[0] else side.call("monitor_cond_change", name, name, change), change)

    def swap_files(self, where):
        """Each server reads what the other wrote."""
        before = self.both(Side.contents)
        for side in self.sides:
            side.stop()
        one, other = (side.stack.db_file for side in self.sides)
        aside = one.with_name("aside")
        for source, target in ((one, aside), (other, one), (aside, other)):
            os.replace(source, target)
        self.both(lambda side: side.start(where), "after a restart with the other's file")
        assert_same(self.both(Side.contents), before)
        complaints = [line for side in self.sides for line in side.stack.server.complaints(side.stack.allowed)]
        assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_servers_do_the_same(seed):
    game = Game(seed)
    with contextlib.ExitStack() as ends:
        for side in game.sides:
            ends.callback(side.stack.close)
        with contextlib.suppress(OracleDied):
            game.play()
    print(f"seed {seed}: of {game.played} transactions {game.written} changed something, {game.refused} were refused, "
          f"{game.same_words} of them in the same words")
    assert game.played * 4 > COUNT, "the oracle died too early"
    assert game.written * 10 > game.played and game.refused * 10 > game.played, "the generator makes too few changes or errors"
    assert game.same_words * 10 > game.refused * 9, "too few errors are the same word for word"
