# SPDX-License-Identifier: Apache-2.0
"""What the programs in the kernel take for a packet above the trivial program at the same hook, in nanoseconds.

usage: bench/programs.py [--subjects weft-ebpf,weft-xdp] [--masks 1,10,50] [--flows 1,10000] [--times 25] [--rounds 3] [--order cycle|random]
                         [--json FILE]

The kernel times each run (kernel.bpf_stats_enabled) while packets pass as fast as they can: so nothing counts but the programs, with caches as
traffic leaves them. Figures are the least of `times` averages of 50 ms, of the median round; masks 0: a megaflow for each flow. Root; build the
preset release first.
"""
import argparse
import json

from forwarding import Load, Rig, flows_of
from subjects import BIN, SUBJECTS, Redirect, process
from table import save

SETTLE_SECONDS = 5  # in which the masks that most packets have come first, and hints are weighed
WINDOW_SECONDS = 0.05


def take(rig, subject, masks, flows, args):
    """Nanoseconds that a packet takes, and how many of those measured had no megaflow."""
    rules = f"masks-{masks}" if masks else "each"
    with rig.sink() as counter, subject.connect(rig, rules):
        subject.leave_core_to_generator()
        Load(rig, subject, counter, flows_of(rules, flows), 64).warm_up()
        with rig.generate(flows, 64, 0, SETTLE_SECONDS + args.times, args.order):
            Load(rig, subject, counter, flows, 64).readings(SETTLE_SECONDS, 1)
            before = subject.missed()
            ns = json.loads(process.run([*rig.prefix(), BIN / "program_ns", "p0", subject.hook, WINDOW_SECONDS, args.times]))
            assert ns, f"{subject.name}: no packet came by p0"
            return min(ns), subject.missed() - before


def measured(subject, masks, flows, args):
    """The figures of the median round, the trivial program's turn before the subject's in each."""
    rounds = []
    for _ in range(args.rounds):
        with Rig() as rig:
            trivial, _ = take(rig, Redirect(subject.hook), masks, flows, args)
        with Rig() as rig:
            ns, missed = take(rig, subject, masks, flows, args)
        rounds.append({"above_ns": round(ns - trivial), "trivial_ns": round(trivial), "missed": missed})
    return sorted(rounds, key=lambda r: r["above_ns"])[len(rounds) // 2]


def main():
    numbers = lambda t: [int(n) for n in t.split(",")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="weft-ebpf,weft-xdp", type=lambda t: t.split(","))
    parser.add_argument("--masks", default=[1, 10, 50], type=numbers)
    parser.add_argument("--flows", default=[1, 10000], type=numbers)
    parser.add_argument("--order", default="cycle", choices=("cycle", "random"), help="of the packets of many flows")
    parser.add_argument("--times", default=25, type=int)
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    subjects, results = [SUBJECTS[name]() for name in args.subjects], []
    for flows in args.flows:
        for masks in args.masks:
            title = f"{flows} flows, {f'{masks} masks' if masks else 'a megaflow each'}"
            row = {"row": f"program, {title}"}
            for subject in subjects:
                row[subject.name] = measured(subject, masks, flows, args)
                print(f"{title:30} {subject.name:20} {row[subject.name]}", flush=True)
            results.append(row)
    save(results, args.json)


if __name__ == "__main__":
    main()
