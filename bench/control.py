# SPDX-License-Identifier: Apache-2.0
"""Database inserts and flow modifications per second, and memory, side by side in one run.

usage: bench/control.py [--subjects ovs,weft] [--count 20000] [--times 3] [--rows TEXT] [--json FILE]

Each figure is the median of `times` runs, each on daemons started anew. Build the preset release first.
"""
import argparse
import json
import statistics

from subjects import ROOT, keep_on_other_cores, process
from table import report, save
from stack import ORACLE, WEFT, Stack

BIN = ROOT / "build/release/bench"
FLAVORS = {"ovs": ORACLE, "weft": WEFT}


def load(*command, stdin=None):
    """Runs a client on the first core, away from the daemons."""
    return json.loads(process.run(["taskset", "-c", "0", *command], seconds=120, stdin=stdin))["per_second"]


INSERT = '["Open_vSwitch",{"op":"insert","table":"Queue","row":{"dscp":8,"external_ids":["map",[["n","#"]]]}}]'


def inserts(depth):
    def measure(stack, count):
        rate = load(BIN / "ovsdb_load", stack.folder / "db.sock", count, depth, stdin=INSERT)
        return {"per_second": rate, "server_kb": process.rss_kb(stack.server.pid)}
    return measure


def add_bridge(stack):
    stack.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy", "fail_mode=secure")


def flow_mods(how, times=1):
    """`times` as many as --count says, into an empty table."""
    def measure(stack, count):
        count = int(count * times)
        add_bridge(stack)
        memory, cpu = process.rss_kb(stack.switch.pid), process.cpu_seconds(stack.switch.pid)
        rate = load(BIN / "openflow_load", stack.folder / "br0.mgmt", count, how)
        cpu = process.cpu_seconds(stack.switch.pid) - cpu
        flows = int(stack.ofctl("dump-aggregate", "br0").split("flow_count=")[1])
        assert flows == count, f"{flows} flows instead of {count}"
        figures = {"per_second": rate, "bytes_per_rule": round((process.rss_kb(stack.switch.pid) - memory) * 1024 / count)}
        return figures if count < LEAST_FLOWS else figures | {"cpu_us": round(cpu * 1e6 / count, 2)}
    return measure


def dump(times):
    def measure(stack, count):
        count = int(count * times)
        add_bridge(stack)
        load(BIN / "openflow_load", stack.folder / "br0.mgmt", count, "stream")
        return {"per_second": load(BIN / "openflow_load", stack.folder / "br0.mgmt", count, "dump")}
    return measure


LEAST_FLOWS = 20_000  # of openflow_load: fewer are added again and again
ROWS = {
    "OVSDB insert, one at a time": inserts(1),
    "OVSDB insert, 32 under way": inserts(32),
    "flow_mod, each with a barrier": flow_mods("single"),
    "flow_mod, one stream": flow_mods("stream"),
    "flow_mod, one stream, a 20th": flow_mods("stream", 1 / 20),
    "flow_mod, one stream, 5 times as many": flow_mods("stream", 5),
    "flow_mod, one stream, 50 times as many": flow_mods("stream", 50),
    "flow_mod, one bundle": flow_mods("bundle"),
    "flow_mod, one bundle, a 20th": flow_mods("bundle", 1 / 20),
    "flow_mod, one bundle, 5 times as many": flow_mods("bundle", 5),
    "flow_mod, one bundle, 50 times as many": flow_mods("bundle", 50),
    "flows dumped, 5 times as many": dump(5),
}


def median_of(runs):
    return {key: statistics.median(r[key] for r in runs) for key in runs[0]}


def once(flavor, measure, count):
    with Stack(flavor, switch_options=["--enable-dummy=override", "--disable-system"]) as stack:
        for daemon in (stack.server, stack.switch):
            keep_on_other_cores(daemon.pid)
        return measure(stack, count)


def side_by_side(about, rows, once, size, default):
    """The command line of a benchmark of `rows`, title -> measure; `--<size>` is how much each does, what once(flavor, measure, size) takes."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="ovs,weft", type=lambda t: t.split(","))
    parser.add_argument(f"--{size}", dest="size", default=default, type=int)
    parser.add_argument("--times", default=3, type=int)
    parser.add_argument("--rows", default="", help="those with this in their title")
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    for title, measure in rows.items():
        if args.rows not in title:
            continue
        rounds = [{name: once(FLAVORS[name], measure, args.size) for name in args.subjects} for _ in range(args.times)]
        row = {name: median_of([r[name] for r in rounds]) for name in args.subjects}
        report(results, title, row)
    save(results, args.json)


if __name__ == "__main__":
    side_by_side(__doc__, ROWS, once, "count", 20_000)
