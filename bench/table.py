# SPDX-License-Identifier: Apache-2.0
"""usage: bench/table.py FILE...: the results of forwarding.py --json and control.py --json as one Markdown table; ratios are to
the first subject of each row."""
import json
import sys

MEASURES = ("pps", "gbit_s", "per_second")


def cell(figures, base):
    if not figures:
        return "-"
    unit = next((m for m in MEASURES if m in figures), None)
    if unit is None:
        return str(figures.get("error", "-"))
    ratio = f" ({figures[unit] / base[unit]:.2f}x)" if base and base.get(unit) else ""
    more = "; ".join(f"{key} {value}" for key, value in figures.items() if key != unit)
    return f"{figures[unit]:,}{ratio}" + (f"; {more}" if more else "")


def main(files):
    rows = [row for file in files for row in json.load(open(file, encoding="utf-8"))]
    subjects = list(dict.fromkeys(key for row in rows for key in row if key != "row"))
    print("| row | " + " | ".join(subjects) + " |\n|---|" + "---|" * len(subjects))
    for row in rows:
        base = next((row[s] for s in subjects if row.get(s)), None)
        print(f"| {row['row']} | " + " | ".join(cell(row.get(s), base) for s in subjects) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
