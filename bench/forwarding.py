# SPDX-License-Identifier: Apache-2.0
"""Packets per second, TCP throughput and latency from veth to veth, for several subjects in one run.

usage: bench/forwarding.py [--subjects ovs,bridge,weft] [--rows pps,size,tcp] [--flows 1,10000] [--seconds 1] [--times 3] [--json FILE]

A generator in one namespace sends UDP into the switch's namespace, a sink in a third one counts and drops; the generator has
CPU 0. Each figure is the median of `times` readings at the best of several offered rates. Root; build the preset release first.
"""
import argparse
import contextlib
import json
import os
import statistics
import subprocess
import tempfile

from subjects import ROOT, SUBJECTS, process
from net import Net

BIN = ROOT / "build/release/bench"
OFFERED_PPS = (400_000, 800_000, 0)  # 0: as fast as the generator goes


class Rig(Net):
    """gen (g0) -- sw (p0, p1) -- snk (s0), offloads as the kernel has them."""

    def __enter__(self):
        super().__enter__()
        for space, outer, inner, mac in (("gen", "g0", "p0", 1), ("snk", "s0", "p1", 2)):
            real = self.space(space)
            process.run(["ip", "-n", self.switch, "link", "add", "name", inner, "type", "veth", "peer", "name", outer, "netns", real])
            process.run(["ip", "-n", real, "link", "set", outer, "address", f"02:00:00:00:00:0{mac}", "up"])
            process.run(["ip", "-n", real, "addr", "add", f"10.99.0.{mac}/24", "dev", outer])
            process.run(["ip", "-n", self.switch, "link", "set", inner, "up"])
        # A veth takes live frames only with NAPI on the receiving side.
        process.run([*self.prefix(), "ethtool", "-K", "p0", "gro", "on"])
        return self

    @contextlib.contextmanager
    def sink(self):
        """Mounts a BPF file system, puts the sink on s0, yields its counter's path."""
        folder = tempfile.mkdtemp(prefix="benchbpf")
        process.run(["mount", "-t", "bpf", "bpf", folder])
        try:
            process.run(["bpftool", "prog", "loadall", BIN / "sink.bpf.o", f"{folder}/prog", "pinmaps", f"{folder}/maps"])
            process.run(["ip", "-n", f"{self.name}snk", "link", "set", "dev", "s0", "xdpdrv", "pinned", f"{folder}/prog/sink"])
            yield f"{folder}/maps/counted"
        finally:
            process.result(["ip", "-n", f"{self.name}snk", "link", "set", "dev", "s0", "xdpdrv", "off"])
            process.run(["umount", folder])
            os.rmdir(folder)

    def pps(self, counter, flows, length, offered, seconds, times, warm_up):
        """Median packets per second at the sink."""
        duration = str(warm_up + seconds * times + 1)
        command = ["ip", "netns", "exec", f"{self.name}gen", BIN / "veth_gen", BIN / "veth_gen.bpf.o", "g0", flows, offered, duration, 0, length]
        with running(command):
            process.run([BIN / "pps", counter, warm_up, 1], seconds=warm_up + 10)
            readings = json.loads(process.run([BIN / "pps", counter, seconds, times], seconds=seconds * times + 10))
        return statistics.median(readings)


@contextlib.contextmanager
def running(command):
    """The program runs until the context is left."""
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def throughput(report):
    """Gbit/s of an iperf3 report; 0 if it has none, as when nothing passes."""
    try:
        return round(json.loads(report)["end"]["sum_received"]["bits_per_second"] / 1e9, 2)
    except (KeyError, json.JSONDecodeError):
        return 0.0


def packets(rig, subject, rules, flows, length, args):
    """A row: best median over the offered rates, and what the switch held meanwhile."""
    with rig.sink() as counter, subject.connect(rig, rules):
        # The first round fills the caches: every flow must have passed once.
        warm_up = 1 if rules == "one" else 1 + flows / 40_000
        best = max((rig.pps(counter, flows, length, offered, args.seconds, args.times, warm_up), offered) for offered in args.offered)
        return {"pps": round(best[0]), "offered": best[1] or "max", "memory_kb": subject.memory_kb(), **subject.describe()}


def tcp(rig, subject, rules, offloads, args):
    """Throughput (iperf3) and one-byte request/response latency between the end namespaces."""
    state = "on" if offloads else "off"
    for space, device in (("gen", "g0"), ("snk", "s0")):
        rig.run(space, "ethtool", "-K", device, "tx", state, "tso", state, "gso", state)
    in_sink, out = ["ip", "netns", "exec", f"{rig.name}snk"], {}
    with subject.connect(rig, rules):
        if rig.result("gen", "ping", "-c", "3", "-i", "0.2", "-W", "2", "10.99.0.2").returncode != 0:
            return {"error": "no ping"}
        seconds = max(1, round(args.seconds * args.times))
        with running([*in_sink, "iperf3", "-s", "-1"]):
            process.until(lambda: rig.result("snk", "ss", "-Hltn", "sport = 5201").stdout, "iperf3 listens")
            out["gbit_s"] = throughput(rig.result("gen", "timeout", "-k", "1", seconds + 5, "iperf3", "-c", "10.99.0.2", "-J", "-t", seconds,
                                                  seconds=seconds + 10).stdout)
        with running([*in_sink, BIN / "tcp_rr", "serve", "5300"]):
            process.until(lambda: rig.result("snk", "ss", "-Hltn", "sport = 5300").stdout, "tcp_rr listens")
            done = rig.result("gen", "timeout", "-k", "1", seconds + 5, BIN / "tcp_rr", "ask", "10.99.0.2", "5300", seconds, seconds=seconds + 10)
            out |= json.loads(done.stdout or "{}")
    return out


def plan(args):
    """(title, measure) for every row asked for; measure(rig, subject) gives a dict, or None where the row makes no sense."""
    rows = []
    if "pps" in args.rows:
        for rules in ("one", "each"):
            for flows in args.flows:
                rows.append((f"64 B, {flows} flows, {'one megaflow' if rules == 'one' else 'a megaflow each'}", "pps",
                             lambda rig, s, r=rules, n=flows: None if r == "each" and s.name == "Linux bridge" else packets(rig, s, r, n, 64, args)))
    if "size" in args.rows:
        for length in (256, 512, 1024, 1518):
            rows.append((f"{length} B, 1 flow", "pps", lambda rig, s, n=length: packets(rig, s, "one", 1, n, args)))
    if "tcp" in args.rows:
        for offloads in (True, False):
            rows.append((f"TCP, guests' offloads {'on' if offloads else 'off'}", "gbit_s", lambda rig, s, o=offloads: tcp(rig, s, "normal", o, args)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="ovs,bridge,weft", type=lambda t: t.split(","))
    parser.add_argument("--rows", default="pps,size,tcp", type=lambda t: t.split(","))
    parser.add_argument("--flows", default="1,100,10000,100000,1000000", type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--offered", default=OFFERED_PPS, type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--seconds", default=1.0, type=float)
    parser.add_argument("--times", default=3, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    subjects = [SUBJECTS[name]() for name in args.subjects]
    base = subjects[0].name
    results, silent = [], []
    for title, unit, measure in plan(args):
        row = {"row": title}
        for subject in subjects:
            with Rig() as rig:
                row[subject.name] = measure(rig, subject)
        results.append(row)
        first = (row[base] or {}).get(unit)
        for subject in subjects:
            figures = row[subject.name]
            if figures is not None:
                silent += [subject.name] if not figures.get(unit) else []
                ratio = f"{figures[unit] / first:6.2f}x" if first and unit in figures else "      -"
                print(f"{title:40} {subject.name:30} {ratio}  {figures}", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(results, f, indent=1)
    if SUBJECTS["weft"]().name in silent:
        raise SystemExit("forwarding.py: a row in which Weft passed nothing")


if __name__ == "__main__":
    main()
