# SPDX-License-Identifier: Apache-2.0
"""The database server with much in it: rates, memory, pauses, side by side in one run.

usage: bench/database.py [--subjects ovs,weft] [--items 100000] [--times 3] [--rows TEXT] [--json FILE]

Each figure is the median of `times` runs, each on a server started anew. For pauses of a large one:
--items 1000000 --rows "writes during". Build the preset release first.
"""
import contextlib
import json
import threading
import time

from control import BIN, keep_on_other_cores, side_by_side
from rpc import Rpc
from stack import ORACLE, Stack
from subjects import ROOT, process

SCHEMA = ROOT / "bench/control/bench.ovsschema"
KEYS, WATCHERS, BATCH = 10_000, 100, 1000


def client(program, stack, *words, stdin=None):
    """A client on the first core, away from the server."""
    return json.loads(process.run(["taskset", "-c", "0", BIN / program, stack.folder / "db.sock", *words], seconds=300, stdin=stdin))


def load(stack, count, depth, *operations, words=()):
    return client("ovsdb_load", stack, count, depth, *words, stdin=json.dumps(["Bench", *operations]))


def item(name, **more):
    return {"op": "insert", "table": "Item", "row": {"name": name} | more}


def fill(stack, items):
    """Items item0 ... with a number and two ids each; a thousand a transaction, two under way."""
    batch = [item(f"item#-{i}", n=i, ids=["map", [["owner", f"tenant{i % 50}"], ["zone", "a"]]]) for i in range(min(BATCH, items))]
    load(stack, max(1, items // BATCH), 2, *batch)


def inserts(*words):
    """One at a time, on a server alone."""
    return lambda stack, items: load(stack, max(200, items // 5), 1, item("single#", n=8, ids=["map", [["n", "#"]]]), words=words)


def keys(stack, items):
    load(stack, 1, 1, item("big", ids=["map", [[f"key{i}", "value"] for i in range(KEYS)]]))
    big = {"op": "mutate", "table": "Item", "where": [["name", "==", "big"]]}
    return load(stack, min(KEYS, items), 32, big | {"mutations": [["ids", "delete", ["set", ["key#"]]], ["ids", "insert", ["map", [["key#", "other"]]]]]})


def selects(stack, items):
    fill(stack, items)
    return load(stack, min(items, 2000), 32, {"op": "select", "table": "Item", "where": [["name", "==", "item0-#"]], "columns": ["n"]})


def memory(stack, items):
    before, start = process.rss_kb(stack.server.pid), time.monotonic()
    fill(stack, items)
    seconds = time.monotonic() - start
    kilobytes = process.rss_kb(stack.server.pid) - before
    stack.server.stop()
    start = time.monotonic()
    stack.start_server()
    load(stack, 1, 1, {"op": "comment", "comment": "there"})
    return {"per_second": round(items / seconds), "bytes_per_row": round(kilobytes * 1024 / items), "seconds_to_start": round(time.monotonic() - start, 2)}


def fan_out(stack, items):
    request = json.dumps(["Bench", "m", {"Item": [{"columns": ["name", "n"]}]}])
    return client("ovsdb_watch", stack, WATCHERS, "monitor_cond", request, max(items // 20, 50), "Item")


def reconnect(stack, items):
    """Clients that were gone for ten transactions."""
    fill(stack, items)
    request = {"Item": [{"columns": ["name", "n", "ids"]}]}
    last = last_transaction(stack, request)
    load(stack, 10, 1, item("new#"))
    return client("ovsdb_watch", stack, WATCHERS, "monitor_cond_since", json.dumps(["Bench", "m", request, last]))


def last_transaction(stack, request):
    with Rpc(stack.socket, 60) as rpc:
        return rpc.call("monitor_cond_since", "Bench", "m", request, "00000000-0000-0000-0000-000000000000")["result"][1]


WHOLE = json.dumps(["Bench", "m", {"Item": [{"columns": ["name", "n", "ids"]}]}])


def compact(stack):
    stack.appctl("-T", "300", "ovsdb-server/compact", target="ovsdb-server", seconds=300)


def pause(work):
    """The longest wait of a client that writes while `work` is done to the whole database, by others."""
    def measure(stack, items):
        fill(stack, items)
        settle(stack)
        other = threading.Thread(target=lambda: work(stack))
        other.start()
        rounds = []
        while not rounds or other.is_alive():
            rounds.append(load(stack, 500, 1, item(f"while{len(rounds)}-#")))
        other.join()
        return {"per_second": round(len(rounds) / sum(1 / r["per_second"] for r in rounds)), "longest_ms": max(r["longest_ms"] for r in rounds)}
    return measure


def settle(stack):
    """Until a compaction that the server began by itself has ended: we keep the new file beside the old one."""
    process.until(lambda: not list(stack.folder.glob("*.tmp*")), "no compaction is under way", seconds=120)


ROWS = {
    "insert, one at a time": inserts(),
    "insert, one at a time, by a client that does not sleep": inserts("awake"),
    "one key of a map of 10k": keys,
    "select by index": selects,
    "fill, memory, start": memory,
    "updates to 100 monitors": fan_out,
    "100 clients come back": reconnect,
    "writes during compaction": pause(compact),
    "writes during a monitor's first answer": pause(lambda stack: client("ovsdb_watch", stack, 1, "monitor_cond", WHOLE)),
    "writes during a dump": pause(lambda stack: load(stack, 1, 1, {"op": "select", "table": "Item", "where": []})),
}


def once(flavor, measure, items):
    with contextlib.closing(Stack(flavor, ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        keep_on_other_cores(stack.server.pid)
        return measure(stack, items)


if __name__ == "__main__":
    side_by_side(__doc__, ROWS, once, "items", 100_000)
