# SPDX-License-Identifier: Apache-2.0
"""Runs the areas asked for (default: all), prints each one's counts, and as last line "N passed, M failed"."""
import argparse
import signal
import sys
import time

import areas
import leftovers
from results import Counts


def arguments():
    lines = "\n".join(f"  {name:<13} {area.__doc__}" for name, area in areas.ALL.items())
    parser = argparse.ArgumentParser(prog="run-tests", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Builds Weft and runs its tests.", epilog=f"areas:\n{lines}")
    parser.add_argument("area", nargs="*", help="which areas (default: all)")
    parser.add_argument("--long", action="store_true", help="fuzz, differential tests and benchmarks for minutes each")
    options = parser.parse_args()
    unknown = [a for a in options.area if a not in areas.ALL]
    if unknown:
        parser.error(f"unknown area {unknown[0]}: one of {', '.join(areas.ALL)}")
    return options


def run(options, world):
    total, rows = Counts(), []
    for name in options.area or areas.ALL:
        print(f"\n== {name}: {areas.ALL[name].__doc__}", flush=True)
        started = time.monotonic()
        try:
            counts = areas.ALL[name](options)
        except areas.Broken as error:
            print(f"{name}: {error}")
            counts = Counts(failed=1)
        left = world.clean()
        for thing in left:
            print(f"{name}: left behind (removed now): {thing}")
        counts += Counts(failed=len(left))
        rows.append(f"{name:<13} {counts.passed:6} passed {counts.failed:4} failed {counts.known:4} known {time.monotonic() - started:7.1f} s")
        total += counts
        print(rows[-1], flush=True)
    print("\n" + "\n".join(["== summary"] + rows))
    return total


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with leftovers.World() as world:
        total = run(options, world)
    known = f", {total.known} skipped" if total.known else ""  # they ran, and failed as listed
    print(f"{total.passed} passed, {total.failed} failed{known}")
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
