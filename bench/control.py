# SPDX-License-Identifier: Apache-2.0
"""Database inserts and flow modifications per second, and memory, side by side in one run.

usage: bench/control.py [--subjects ovs,weft] [--count 20000] [--times 3] [--json FILE]

Each figure is the median of `times` runs, each on daemons started anew. Build the preset release first.
"""
import argparse
import json
import statistics

from subjects import ROOT, process
from stack import ORACLE, WEFT, Stack

BIN = ROOT / "build/release/bench"
FLAVORS = {"ovs": ORACLE, "weft": WEFT}


def load(*command):
    return json.loads(process.run(list(command), seconds=120))["per_second"]


def inserts(depth):
    def measure(stack, count):
        rate = load(BIN / "ovsdb_load", stack.folder / "db.sock", count, depth)
        return {"per_second": rate, "server_kb": process.rss_kb(stack.server.pid)}
    return measure


def flow_mods(how):
    def measure(stack, count):
        stack.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=dummy", "fail_mode=secure")
        before = process.rss_kb(stack.switch.pid)
        rate = load(BIN / "openflow_load", stack.folder / "br0.mgmt", count, how)
        flows = int(stack.ofctl("dump-aggregate", "br0").split("flow_count=")[1])
        assert flows == count, f"{flows} flows instead of {count}"
        return {"per_second": rate, "bytes_per_rule": round((process.rss_kb(stack.switch.pid) - before) * 1024 / count)}
    return measure


ROWS = {
    "OVSDB insert, one at a time": inserts(1),
    "OVSDB insert, 32 under way": inserts(32),
    "flow_mod, each with a barrier": flow_mods("single"),
    "flow_mod, one stream": flow_mods("stream"),
}


def median_of(runs):
    return {key: statistics.median(r[key] for r in runs) for key in runs[0]}


def once(flavor, measure, count):
    with Stack(flavor, switch_options=["--enable-dummy=override", "--disable-system"]) as stack:
        return measure(stack, count)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="ovs,weft", type=lambda t: t.split(","))
    parser.add_argument("--count", default=20_000, type=int)
    parser.add_argument("--times", default=3, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    for title, measure in ROWS.items():
        row = {name: median_of([once(FLAVORS[name], measure, args.count) for _ in range(args.times)]) for name in args.subjects}
        results.append({"row": title, **row})
        first = row[args.subjects[0]]["per_second"]
        for name, figures in row.items():
            print(f"{title:32} {name:8} {figures['per_second'] / first:6.2f}x  {figures}", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(results, f, indent=1)


if __name__ == "__main__":
    main()
