# SPDX-License-Identifier: Apache-2.0
"""Prometheus' text exposition format 0.0.4, read by its rules: whatever breaks one is an AssertionError."""
import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL},?)*)\}})? (\S+)(?: (-?\d+))?")
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def _value(text):
    return {"+Inf": math.inf, "-Inf": -math.inf, "NaN": math.nan}.get(text) if text in ("+Inf", "-Inf", "NaN") else float(text)


def _labels(text):
    pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"', text or "")
    assert len({k for k, _ in pairs}) == len(pairs), f"a label twice: {text}"
    return frozenset((k, re.sub(r'\\[\\"n]', lambda m: ESCAPES[m.group()], v)) for k, v in pairs)


def _check_histogram(name, samples):
    """Buckets rise to +Inf, which is the count; there is a sum."""
    groups = {}
    for (sample, labels), value in samples.items():
        rest = frozenset(p for p in labels if p[0] != "le")
        groups.setdefault(rest, {}).setdefault(sample, []).append((dict(labels).get("le"), value))
    for group in groups.values():
        buckets = sorted((_value(le), v) for le, v in group[f"{name}_bucket"])
        assert buckets[-1][0] == math.inf and [v for _, v in buckets] == sorted(v for _, v in buckets), f"{name}: {buckets}"
        assert group[f"{name}_count"][0][1] == buckets[-1][1] and len(group[f"{name}_sum"]) == 1


def parse(text):
    """{(sample's name, frozenset of label pairs): value}"""
    assert text.endswith("\n"), "the last line has no end"
    types, helps, found, family, done = {}, set(), {}, None, set()
    for line in text.splitlines():
        if line.startswith("# "):
            kind, name, rest = (line[2:].split(" ", 2) + [""])[:3]
            if kind not in ("HELP", "TYPE"):
                continue
            assert re.fullmatch(NAME, name) and name not in done, f"not in one group: {line}"
            if family != name:
                done.add(family)
                family = name
            if kind == "TYPE":
                assert rest in ("counter", "gauge", "histogram", "summary", "untyped") and name not in types, line
                types[name] = rest
            else:
                assert name not in helps, f"two HELP lines: {line}"
                helps.add(name)
            continue
        if not line.strip():
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line}"
        name, value = match.group(1), _value(match.group(3))
        assert name == family or (types.get(family) == "histogram" and name in {f"{family}_{s}" for s in ("bucket", "sum", "count")}), \
            f"{line}: within the family {family}"
        key = (name, _labels(match.group(2)))
        assert key not in found, f"twice: {line}"
        assert types[family] != "counter" or value >= 0, f"a counter below 0: {line}"
        found[key] = value
    for name, kind in types.items():
        if kind == "histogram":
            _check_histogram(name, {k: v for k, v in found.items() if k[0].startswith(f"{name}_")})
    return found
