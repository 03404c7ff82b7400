# SPDX-License-Identifier: Apache-2.0
"""Lookups per second in filter tables of 1k to 100k rules, side by side in one run.

usage: bench/classifier.py [--subjects ovs,weft] [--sets acl,fw,ipc] [--sizes 1000,10000,100000] [--packets 60] [--json FILE]

Every packet that a dummy port receives misses the datapath and is translated; its table-0 flow looks 4000 different headers up in
the filter table, one after the other (set_field and resubmit). The same again with an empty table in place of the filter table is
taken off, so that what is left is the CPU time of the lookups, with the un-wildcarding that upcalls do, in the switch as it is installed. The tables
are made in the manner of ClassBench (src/flow/rule_sets.h). Memory is what the rules add to the switch's. Build the preset release first.
"""
import argparse
import pathlib
import time

from subjects import ROOT, process
from table import report, save
from stack import ORACLE, WEFT, Stack

BIN = ROOT / "build/release/bench"
FLAVORS = {"ovs": ORACLE, "weft": WEFT}
HEADERS, PER_FLOW = 4000, 250
FILTER, EMPTY = 1, 2


def rss_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def rule_set(kind, size):
    """Flows without actions, and headers as (src, dst, sport, dport)."""
    lines = process.run([BIN / "rule_set", kind, str(size), str(HEADERS), "1"], seconds=60).splitlines()
    return [l for l in lines if not l.startswith("packet")], [l.split()[1:] for l in lines if l.startswith("packet")]


def chain(first, table, headers):
    """Flows in tables from `first` on that look all headers up in `table`, and the actions that start it."""
    flows, starts = [], []
    for i in range(0, len(headers), PER_FLOW):
        sets = ",".join(f"set_field:{s}->ip_src,set_field:{d}->ip_dst,set_field:{sp}->tcp_src,set_field:{dp}->tcp_dst,resubmit(,{table})"
                        for s, d, sp, dp in headers[i:i + PER_FLOW])
        flows.append(f"table={first + len(starts)},tcp,actions={sets}")
        starts.append(f"resubmit(,{first + len(starts)})")
    return flows, ",".join(starts)


def frame(port, number):
    """A TCP segment with a source address of its own."""
    eth = f"0200000000ff02{port:02x}{number:08x}0800"
    return eth + "450000280000400040060000" + "0a000001" + "0a000002" + "03e80050" + "00" * 8 + "50022000" + "0000" * 2


def sent(stack):
    return int(stack.ofctl("dump-ports", "br0", "3").split("tx pkts=")[1].split(",")[0])


def busy_ns(pid):
    """The CPU time of each thread."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return {t.name: int((t / "schedstat").read_text().split()[0]) for t in tasks}


def seconds_for(stack, port, packets, start):
    """CPU time of the thread that has the work: others of the machine do not count, nor do threads that wait awake."""
    before, busy, begin = sent(stack), busy_ns(stack.switch.pid), time.monotonic()
    stack.appctl("netdev-dummy/receive", f"p{port}", *(frame(port, start + i) for i in range(packets)))
    while sent(stack) < before + packets:
        assert time.monotonic() < begin + 100, "the packets do not arrive"
    return max(ns - busy.get(thread, 0) for thread, ns in busy_ns(stack.switch.pid).items()) / 1e9


def measure(flavor, kind, size, packets):
    with Stack(flavor, switch_options=["--enable-dummy=override", "--disable-system"]) as stack:
        stack.add_dummy("br0", 3)
        rules, headers = rule_set(kind, size)
        filtered, start_filtered = chain(10, FILTER, headers)
        empty, start_empty = chain(20, EMPTY, headers)
        # Reading the source address makes every packet a miss.
        read = "move:NXM_OF_ETH_SRC[]->NXM_NX_XXREG0[0..47]"
        starts = [f"in_port={port},tcp,actions={read},{start},output:3" for port, start in ((1, start_filtered), (2, start_empty))]
        stack.ofctl("add-flows", "br0", "-", stdin="\n".join(filtered + empty + starts) + "\n")
        before = rss_kb(stack.switch.pid)
        stack.ofctl("--timeout=600", "add-flows", "br0", "-", stdin="".join(f"table={FILTER},{r},actions=drop\n" for r in rules), seconds=610)
        memory = (rss_kb(stack.switch.pid) - before) * 1024
        for port in (1, 2):
            seconds_for(stack, port, 2, 0)
        full, idle = (min(seconds_for(stack, port, packets, 1000 * (1 + turn)) for turn in range(5)) for port in (1, 2))
        lookups = packets * HEADERS
        return {"per_second": round(lookups / max(full - idle, 1e-9)), "ns": round((full - idle) * 1e9 / lookups),
                "ns_with_set_field_and_resubmit": round(full * 1e9 / lookups), "bytes_per_rule": round(memory / len(rules))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = lambda t: t.split(",")  # noqa: E731
    parser.add_argument("--subjects", default="ovs,weft", type=words)
    parser.add_argument("--sets", default="acl,fw,ipc", type=words)
    parser.add_argument("--sizes", default="1000,10000,100000", type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--packets", default=60, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    for kind in args.sets:
        for size in args.sizes:
            title = f"lookup, {kind}, {size} rules"
            row = {name: measure(FLAVORS[name], kind, size, args.packets) for name in args.subjects}
            report(results, title, row)
    save(results, args.json)


if __name__ == "__main__":
    main()
