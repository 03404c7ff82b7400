# SPDX-License-Identifier: Apache-2.0
"""usage: bench/table.py FILE...: the results of forwarding.py, control.py, database.py, cluster.py and clients.py --json as one Markdown table; ratios are
to the first subject of each row that passed anything."""
import json
import sys

MEASURES = ("pps", "gbit_s", "per_second", "above_ns")


def unit_of(figures):
    """Which of its figures is the row's; None if it has none."""
    return next((m for m in MEASURES if m in (figures or {})), None)


def base_of(row, subjects):
    """The figures that ratios of a row are to: the first that are not zero."""
    return next((row[s] for s in subjects if (unit := unit_of(row.get(s))) and row[s][unit]), None)


def ratio_text(figures, base, unit):
    """What the figures are to the base's; of several rounds, the median of the rounds' ratios and the least and greatest."""
    if "ratio" in figures:
        least, most = figures["ratios"]
        return f"{figures['ratio']:.2f}x, {least:.2f} to {most:.2f}"
    return f"{figures[unit] / base[unit]:.2f}x"


def report(results, title, row):
    """Adds a row, whose first subject is what the others are compared with, and prints it."""
    results.append({"row": title, **row})
    first = next(iter(row.values()))["per_second"]
    for name, figures in row.items():
        print(f"{title:40} {name:20} {figures['per_second'] / first:6.2f}x  {figures}", flush=True)


def save(results, path):
    """For main(), if there is a path."""
    if path:
        with open(path, "w", encoding="utf-8") as f:
            json.dump(results, f, indent=1)


def cell(figures, base):
    if not figures:
        return "-"
    unit = unit_of(figures)
    if unit is None:
        return str(figures.get("error", "-"))
    if not figures[unit]:
        return "passes nothing"
    ratio = f" ({ratio_text(figures, base, unit)})" if base else ""
    more = "; ".join(f"{key} {value}" for key, value in figures.items() if key not in (unit, "ratio", "ratios"))
    return f"{figures[unit]:,}{ratio}" + (f"; {more}" if more else "")


def main(files):
    rows = [row for file in files for row in json.load(open(file, encoding="utf-8"))]
    subjects = list(dict.fromkeys(key for row in rows for key in row if key != "row"))
    print("| row | " + " | ".join(subjects) + " |\n|---|" + "---|" * len(subjects))
    for row in rows:
        base = base_of(row, subjects)
        print(f"| {row['row']} | " + " | ".join(cell(row.get(s), base) for s in subjects) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
