# SPDX-License-Identifier: Apache-2.0
"""How often a second clients run: Debian's and ours in turn, on the same daemons of Debian's, each a process of its own.

usage: bench/clients.py [--count 300] [--rows 1000] [--flows 100000] [--times 3] [--json FILE]

ovs-ofctl adds and dumps many flows, on one switch of Debian's: flows a second, the median of `times` runs. Each other figure is how many
would fit into a second by the median of `count` runs; the two take turns, so that what else the machine does is the same for both. Build the
preset release first.
"""
import argparse
import statistics
import subprocess
import time

from subjects import process  # noqa: F401  (finds the harness)
from stack import ORACLE, WEFT, Stack
from table import save

SUBJECTS = {"ovs": ORACLE, "weft": WEFT}
ROWS = {
    "ovs-vsctl list-br": ["ovs-vsctl", "list-br"],
    "ovs-vsctl get of one of many records": ["ovs-vsctl", "get", "Interface", "p7", "name"],
    "ovs-vsctl list of many records": ["ovs-vsctl", "list", "Interface"],
    "ovs-vsctl list of many records, json": ["ovs-vsctl", "-f", "json", "list", "Interface"],
    "ovs-vsctl set (transaction, no wait)": ["ovs-vsctl", "--no-wait", "set", "Bridge", "br0", "external_ids:at=TIME"],
    "ovs-appctl version": ["ovs-appctl", "-t", "ovsdb-server", "version"],
}


def in_turn(words, env, count):
    program, *args = words
    seconds = {name: [] for name in SUBJECTS}
    for i in range(count):
        for name, flavor in SUBJECTS.items():
            command = [flavor.program(program), *(arg.replace("TIME", f"{name}{i}") for arg in args)]
            began = time.monotonic()
            subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.monotonic() - began)
    return {name: {"per_second": round(1 / statistics.median(runs), 1)} for name, runs in seconds.items()}


def told(title, row):
    ratio = row["weft"]["per_second"] / row["ovs"]["per_second"]
    print(f"{title:50} {ratio:6.2f}x  {row}", flush=True)
    return {"row": title, **row}


def flows_per_second(flavor, stack, count):
    """add-flows and dump-flows of `count` flows, one run each, on a switch that has none before."""
    stack.ofctl("-O", "OpenFlow13", "del-flows", "br0")
    file = stack.folder / "flows"
    file.write_text("".join(f"table=0,priority={i % 60000 + 1},ip,nw_dst=10.{i >> 16}.{i >> 8 & 255}.{i & 255},actions=output:{i % 3 + 1}\n" for i in range(count)))
    rates = {}
    for name, words in (("add-flows", ["add-flows", "br0", file]), ("dump-flows", ["dump-flows", "br0"])):
        began = time.monotonic()
        subprocess.run([flavor.program("ovs-ofctl"), "-O", "OpenFlow13", *words], env=stack.env | {"OVS_CTL_TIMEOUT": "60"}, check=True, stdout=subprocess.DEVNULL)
        rates[name] = count / (time.monotonic() - began)
    return rates


def flow_rows(count, times):
    with Stack(ORACLE, switch_options=["--enable-dummy=override", "--disable-system"]) as stack:
        stack.add_dummy()
        rounds = {name: [flows_per_second(flavor, stack, count) for _ in range(times)] for name, flavor in SUBJECTS.items()}
    for command in ("add-flows", "dump-flows"):
        row = {name: {"per_second": round(statistics.median(one[command] for one in rates), 1)} for name, rates in rounds.items()}
        yield f"ovs-ofctl {command} ({count} flows)", row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", default=300, type=int)
    parser.add_argument("--rows", default=1000, type=int)
    parser.add_argument("--flows", default=100000, type=int)
    parser.add_argument("--times", default=3, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    results = []
    with Stack(ORACLE, switch_options=["--enable-dummy=override", "--disable-system"]) as stack:
        ports = [word for i in range(args.rows) for word in ("--", "add-port", "br0", f"p{i}")]
        stack.vsctl("--no-wait", "add-br", "br0", *ports)
        env = stack.env | {"OVS_SYSLOG_METHOD": "null"}
        for title, words in ROWS.items():
            results.append(told(f"{title} ({args.rows} ports)", in_turn(words, env, args.count)))
    results += [told(title, row) for title, row in flow_rows(args.flows, args.times)]
    save(results, args.json)


if __name__ == "__main__":
    main()
