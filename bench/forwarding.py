# SPDX-License-Identifier: Apache-2.0
"""Packets per second, TCP throughput and latency from veth to veth, for several subjects in one run.

usage: bench/forwarding.py [--subjects ovs,bridge,weft] [--rows pps,each,masks,size,upcalls,tcp,host] [--flows 1,10000]
                            [--order cycle|random] [--seconds 1] [--times 3] [--rounds 1] [--json FILE]

A generator in one namespace sends UDP into the switch's namespace, a sink in a third one counts and drops; the generator has
CPU 0. Each figure is the median of `times` readings at the best of several offered rates. With more rounds all subjects have their
turn in each, a row's figures are those of its median round, and its ratio is the median of the rounds' ratios. `of_limit` is the median
of the ratios to the trivial program at the same hook, if that is a subject too. Root; build the preset release first.
"""
import argparse
import contextlib
import json
import os
import statistics
import subprocess
import tempfile
import time

from subjects import BIN, SUBJECTS, process
from table import base_of, ratio_text, save, unit_of
from net import Net

OFFERED_PPS = (0, 800_000, 400_000, 200_000, 100_000)  # 0: as fast as the generator goes
WARM_UP_PPS = 60_000
WARM_UP_SECONDS = 45
UPCALL_PPS_MAX = 400_000
MASKS = (1, 10, 50)
FLOWS_OF_MASKS = 1000  # those rules make megaflows of 64
NEW_FLOWS = 1_900_000_000  # more than are sent: each packet is a flow's first


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

    def generate(self, flows, length, offered, seconds, order="cycle"):
        """The generator at work, for at most so many seconds; the order of flows is "cycle" or "random"."""
        return running(["ip", "netns", "exec", f"{self.name}gen", BIN / "veth_gen", BIN / "veth_gen.bpf.o", "g0", flows, offered, seconds, 0,
                        length, order])


@contextlib.contextmanager
def running(command, may_fail=False):
    """The program runs until the context is left; an AssertionError if it failed by then, unless it may."""
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=errors)
        try:
            yield child
        finally:
            code = child.poll()
            child.kill()
            child.wait()
            errors.seek(0)
        assert may_fail or not code, f"{command}: exit {code}\n{errors.read()}"


class Load:
    """What is sent to a subject, and what it makes of it: `flows` flows of packets of `length` bytes."""

    def __init__(self, rig, subject, counter, flows, length, order="cycle"):
        self.rig, self.subject, self.counter, self.flows, self.length, self.order = rig, subject, counter, flows, length, order

    def readings(self, seconds, times):
        return json.loads(process.run([BIN / "pps", self.counter, seconds, times], seconds=seconds * times + 10))

    def warm_up(self):
        """Sends every flow until each has a megaflow, or no more come."""
        if self.subject.flow_count() is None:
            return
        cycle, before = self.flows / WARM_UP_PPS + 0.5, -1
        deadline = time.monotonic() + WARM_UP_SECONDS
        with self.rig.generate(self.flows, self.length, WARM_UP_PPS, WARM_UP_SECONDS + cycle):
            while time.monotonic() < deadline:
                self.readings(cycle, 1)
                now = self.subject.flow_count()
                if now >= self.flows or now <= before:
                    return
                before = now

    def measure(self, offered, seconds, times):
        """Median packets per second at the sink, and CPUs that the subject uses meanwhile."""
        with self.rig.generate(self.flows, self.length, offered, 2 + seconds * times, self.order):
            self.readings(0.7, 1)
            used, start = self.subject.cpu_seconds(), time.monotonic()
            pps = statistics.median(self.readings(seconds, times))
            cpus = {} if used is None else {"cpus": round((self.subject.cpu_seconds() - used) / (time.monotonic() - start), 2)}
        return {"pps": round(pps), "offered": offered or "max", **cpus}

    def best(self, rates, seconds, times):
        """At the best of the offered rates, which fall: one that is less than what passed already cannot be it."""
        best = {"pps": 0}
        for offered in rates:
            if offered and offered <= best["pps"]:
                break
            best = max(best, self.measure(offered, seconds, times), key=lambda m: m["pps"])
        return best


def throughput(report):
    """Gbit/s of an iperf3 report; none if it has none, as when nothing passes or it did not end in time."""
    try:
        return round(json.loads(report)["end"]["sum_received"]["bits_per_second"] / 1e9, 2)
    except (KeyError, json.JSONDecodeError):
        return None


def flows_of(rules, flows):
    """How many flows make all megaflows that there can be."""
    return 1 if rules == "one" else flows if rules == "each" else FLOWS_OF_MASKS


def packets(rig, subject, rules, flows, length, args):
    """A row: best median over the offered rates, and what the switch held meanwhile."""
    with rig.sink() as counter, subject.connect(rig, rules):
        subject.leave_core_to_generator()
        load = Load(rig, subject, counter, flows, length, args.order)
        if flows_of(rules, flows) > 1:
            Load(rig, subject, counter, flows_of(rules, flows), length).warm_up()
        return {**load.best(args.offered, args.seconds, args.times), "memory_kb": subject.memory_kb(), **subject.describe()}


def upcalls(rig, subject, args):
    """Packets per second if each is the first of its flow: no more than fit under the flow limit."""
    with rig.sink() as counter, subject.connect(rig, "each"):
        subject.leave_core_to_generator()
        load = Load(rig, subject, counter, NEW_FLOWS, 64)
        rates = [rate for rate in args.offered if 0 < rate <= UPCALL_PPS_MAX] or args.offered[-1:]
        return {**load.best(rates, args.seconds, 1), "memory_kb": subject.memory_kb(), "megaflows": subject.flow_count()}


def streams(rig, client, args):
    """Throughput (iperf3) and one-byte request/response latency from a namespace to the sink's."""
    in_sink, out = ["ip", "netns", "exec", f"{rig.name}snk"], {}
    if rig.result(client, "ping", "-c", "3", "-i", "0.2", "-W", "2", "10.99.0.2").returncode != 0:
        return {"error": "no ping"}
    seconds = max(1, round(args.seconds * args.times))
    with running([*in_sink, "iperf3", "-s", "-1"], may_fail=True):
        process.until(lambda: rig.result("snk", "ss", "-Hltn", "sport = 5201").stdout, "iperf3 listens")
        out["gbit_s"] = throughput(rig.result(client, "timeout", "-k", "1", seconds + 5, "iperf3", "-c", "10.99.0.2", "-J", "-t", seconds,
                                              seconds=seconds + 10).stdout)
    with running([*in_sink, BIN / "tcp_rr", "serve", "5300"], may_fail=True):
        process.until(lambda: rig.result("snk", "ss", "-Hltn", "sport = 5300").stdout, "tcp_rr listens")
        done = rig.result(client, "timeout", "-k", "1", seconds + 5, BIN / "tcp_rr", "ask", "10.99.0.2", "5300", seconds, seconds=seconds + 10)
        return out | json.loads(done.stdout or "{}")


def tcp(rig, subject, rules, offloads, args):
    """Between the end namespaces."""
    state = "on" if offloads else "off"
    for space, device in (("gen", "g0"), ("snk", "s0")):
        rig.run(space, "ethtool", "-K", device, "tx", state, "tso", state, "gso", state)
    with subject.connect(rig, rules):
        return streams(rig, "gen", args)


def host_tcp(rig, subject, args):
    """From the switch's own host, by the bridge's device."""
    with subject.connect(rig, "normal"):
        rig.run("sw", "ip", "addr", "add", "10.99.0.9/24", "dev", "br0")
        rig.run("sw", "ip", "link", "set", "br0", "up")
        return streams(rig, "sw", args)


def plan(args):
    """(title, unit, measure) for every row asked for; measure(rig, subject) gives a dict, or None where the row makes no sense."""
    tso, bridge, trivial = "userspace-tso", "bridge", "trivial"
    rows = []

    def without(kinds, measure):
        return lambda rig, subject: None if any(k in subject.name for k in kinds) else measure(rig, subject)

    if "pps" in args.rows:
        for flows in args.flows:
            rows.append((f"64 B, {flows} flows, one megaflow", "pps", without([tso], lambda rig, s, n=flows: packets(rig, s, "one", n, 64, args))))
    if "each" in args.rows:
        for flows in args.flows:
            rows.append((f"64 B, {flows} flows, a megaflow each", "pps",
                         without([tso, bridge], lambda rig, s, n=flows: packets(rig, s, "each", n, 64, args))))
    if "masks" in args.rows:
        for flows in args.flows:
            for n in MASKS:
                rows.append((f"64 B, {flows} flows, {n} masks", "pps",
                             without([tso, bridge], lambda rig, s, m=n, f=flows: packets(rig, s, f"masks-{m}", f, 64, args))))
    if "size" in args.rows:
        for length in (256, 512, 1024, 1518):
            rows.append((f"{length} B, 1 flow", "pps", without([tso], lambda rig, s, n=length: packets(rig, s, "one", 1, n, args))))
    if "upcalls" in args.rows:
        rows.append(("64 B, each packet a new flow", "pps", without([tso, bridge, trivial], lambda rig, s: upcalls(rig, s, args))))
    if "tcp" in args.rows:
        for offloads in (True, False):
            rows.append((f"TCP, guests' offloads {'on' if offloads else 'off'}", "gbit_s",
                         without(["XDP redirect"], lambda rig, s, o=offloads: tcp(rig, s, "normal", o, args))))
    if "host" in args.rows:
        rows.append(("TCP of the host", "gbit_s", without([trivial], lambda rig, s: host_tcp(rig, s, args))))
    return rows


def merged(rounds, unit):
    """One subject's rounds of a row, [(figures, {name: ratio})]: the figures of the median round, the median ratios and the range of `ratio`."""
    done = sorted((r for r in rounds if r[0] and r[0].get(unit)), key=lambda r: r[0][unit])
    if not done:
        return rounds[0][0]
    figures = dict(done[len(done) // 2][0])
    of_limit = [ratios["of_limit"] for _, ratios in done if "of_limit" in ratios]
    if of_limit:
        figures["of_limit"] = round(statistics.median(of_limit), 2)
    ratios = sorted(ratios["ratio"] for _, ratios in done if "ratio" in ratios)
    if len(ratios) > 1:
        figures |= {"ratio": round(statistics.median(ratios), 2), "ratios": [round(ratios[0], 2), round(ratios[-1], 2)]}
    return figures


def ratios_of(figures, unit, **bases):
    """{name: ratio} to those of the bases that there are."""
    return {name: figures[unit] / base[unit] for name, base in bases.items() if unit_of(figures) and base and base.get(unit)}


def measured(measure, unit, subjects, rounds):
    """{subject: figures} of a row: every subject once in each round."""
    taken = {subject.name: [] for subject in subjects}
    for _ in range(rounds):
        one = {}
        for subject in subjects:
            with Rig() as rig:
                one[subject.name] = measure(rig, subject)
        base = base_of(one, list(one))
        for subject in subjects:
            figures = one[subject.name]
            taken[subject.name].append((figures, ratios_of(figures, unit, ratio=base, of_limit=one.get(subject.limit))))
    return {name: merged(those, unit) for name, those in taken.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="ovs,bridge,weft", type=lambda t: t.split(","))
    parser.add_argument("--rows", default="pps,each,masks,size,upcalls,tcp,host", type=lambda t: t.split(","))
    parser.add_argument("--flows", default="1,100,10000,100000,1000000", type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--offered", default=OFFERED_PPS, type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--order", default="cycle", choices=("cycle", "random"), help="of the packets of many flows")
    parser.add_argument("--seconds", default=1.0, type=float)
    parser.add_argument("--times", default=3, type=int)
    parser.add_argument("--rounds", default=1, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    subjects = [SUBJECTS[name]() for name in args.subjects]
    results, silent = [], []
    for title, unit, measure in plan(args):
        row = {"row": title, **measured(measure, unit, subjects, args.rounds)}
        results.append(row)
        base = base_of(row, [subject.name for subject in subjects])
        for subject in subjects:
            figures = row[subject.name]
            if figures is not None:
                silent += [subject.name] if not figures.get(unit) else []
                ratio = ratio_text(figures, base, unit) if figures.get(unit) else "nothing"
                print(f"{title:40} {subject.name:30} {ratio}  {figures}", flush=True)
    save(results, args.json)
    ours = [name for name in silent if name.startswith(("Weft", "trivial"))]
    if ours:
        raise SystemExit(f"forwarding.py: rows in which nothing was passed by {', '.join(ours)}")


if __name__ == "__main__":
    main()
