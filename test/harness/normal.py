# SPDX-License-Identifier: Apache-2.0
"""Makes texts of two switches comparable: what may differ from run to run is replaced, nothing else."""
import re

_EVERYWHERE = [
    (r"duration=[\d.]+s", "duration=T"),
    (r"used:[\d.]+s", "used:T"),
    (r"\b(idle|hard)_age=\d+", r"\1_age=T"),
    (r"\(xid=0x[0-9a-f]+\)", "(xid=X)"),
    (r"\bxid=0x[0-9a-f]+", "xid=X"),
    (r"recirc_id\(0x[0-9a-f]+\)", "recirc_id(R)"),
    (r"recirc\(0x[0-9a-f]+\)", "recirc(R)"),
    (r"ufid:[0-9a-f-]+", "ufid:U"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\bduration_s(ec)?=\d+", "duration_sec=T"),
]


def text(value, *more):
    """`value` with times, transaction ids, uuids replaced, and each (pattern, replacement) of `more`."""
    for pattern, replacement in [*_EVERYWHERE, *more]:
        value = re.sub(pattern, replacement, value)
    return value


def lines(value, *more):
    """The same as sorted lines, for lists whose order is not promised."""
    return sorted(text(value, *more).splitlines())
