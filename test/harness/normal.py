# SPDX-License-Identifier: Apache-2.0
"""Makes texts of two switches comparable: what may differ from run to run is replaced, nothing else."""
import difflib
import json
import re

_EVERYWHERE = [
    (r"duration=[\d.]+s", "duration=T"),
    (r"used:[\d.]+s", "used:T"),
    (r"\b(idle|hard)_age=((?:\x1b\[[\d;]*[mK])*)\d+", r"\1_age=\2T"),
    (r"\(xid=0x[0-9a-f]+\)", "(xid=X)"),
    (r"\bxid=0x[0-9a-f]+", "xid=X"),
    (r"recirc_id\(0x[0-9a-f]+\)", "recirc_id(R)"),
    (r"recirc\(0x[0-9a-f]+\)", "recirc(R)"),
    (r"\brecirc_id=(0x[0-9a-f]+|[1-9]\d*)", "recirc_id=R"),
    (r"ufid:[0-9a-f-]+", "ufid:U"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\bduration_s(ec)?=\d+", "duration_sec=T"),
]


# Dummy devices have addresses counted in the order they were made, and statistics that depend on who asked before.
DUMMY_ADDRESS = (r"addr:aa:55:aa:55:[0-9a-f:]{5}", "addr:DUMMY")


def text(value, *more):
    """`value` with times, transaction ids, uuids replaced, and each (pattern, replacement) of `more`."""
    for pattern, replacement in [*_EVERYWHERE, *more]:
        value = re.sub(pattern, replacement, value)
    return value


def lines(value, *more):
    """The same as sorted lines, for lists whose order is not promised."""
    return sorted(text(value, *more).splitlines())


def flood_order(value):
    """Lists of datapath actions that are nothing but outputs, sorted: a flood promises no order."""
    return re.sub(r"(?<=actions:)( ?)(\w+(?:,\w+)+)(?=$|, dp-)", lambda m: m[1] + ",".join(sorted(m[2].split(","))), value, flags=re.M)


def said(done):
    """What a finished program told its user: exit code, both outputs; log lines without time and number, and without the
    hexadecimal dump of a message that was refused."""
    return [done.returncode, *(text(out, (r"\|\d+\|", "|N|"), (r"\S+Z\|", "T|"), (r"\(xid[^\n]*:\n(.*\n?)*", ":HEX"), DUMMY_ADDRESS)
                               for out in (done.stdout, done.stderr))]


def assert_same(ours, oracle):
    """Fails with a line by line difference; takes texts and nested lists of them."""
    if ours != oracle:
        written = [(v if isinstance(v, str) else json.dumps(v, indent=1).replace("\\n", "\n")).splitlines() for v in (oracle, ours)]
        raise AssertionError("\n".join(["texts differ:", *difflib.unified_diff(*written, "oracle", "ours", n=3, lineterm="")]))
