# SPDX-License-Identifier: Apache-2.0
"""Flows that lookups find by way of something: conjunctive flows, and nested prefixes of addresses and ports."""
import re

import tables

PREFIXED = {"nw_src": 32, "nw_dst": 32, "ipv6_src": 128, "ipv6_dst": 128, "tcp_src": 16, "tcp_dst": 16, "udp_src": 16, "udp_dst": 16}


def prefix(random, name, value, bits, form):
    """The field's first bits, often few or all of them."""
    length = random.choice([bits, bits, bits - 1, random.randrange(1, bits)])
    mask = (1 << bits) - (1 << bits - length)
    if bits == 16:
        return f"{name}=0x{value & mask:x}/0x{mask:x}"
    return f"{name}={tables.FORMS[form](value & mask)}/{length}"


def prefixes(random, frame, count):
    """A match on prefixes of up to `count` of the frame's fields; None if it has none of them."""
    names = sorted(set(frame.fields) & set(PREFIXED))
    if not names:
        return None
    names = random.sample(names, min(count, len(names)))
    return ",".join([tables.prerequisites(frame, set(names)) or frame.protocol] + [prefix(random, n, *frame.fields[n]) for n in sorted(names)])


def clause(random, port, frame):
    """One of the ways to meet a condition: one field of a frame, or the port."""
    return (random.random() < 0.8 and prefixes(random, frame, 1)) or f"in_port={port[1:]}"


def conjunction(random, pool, table, priority, number):
    """The flows of a conjunctive flow: two or three conditions with a few ways to meet each, some of them met by every frame of the
    pool. All clauses have one priority; what to do then has one not below it, as Debian's switch passes over flows between the two
    that match the same as a clause."""
    n, lines = random.choice([2, 2, 3]), set()
    for k in range(1, n + 1):
        for port, frame in random.sample(pool, random.randint(2, 6)):
            lines.add((clause(random, port, frame), k))
    first = dict(sorted(lines, key=lambda line: (line[0], -line[1])))  # a match serves one condition here
    flows = [f"table={table},priority={priority},{match},actions=conjunction({number},{k}/{n})" for match, k in first.items()]
    return flows + [f"table={table},priority={priority + 1},conj_id={number},actions=output:{random.randint(1, tables.PORTS)}"]


def draw(random, pool, others):
    """Lines for tables 0 and 1, in some cases, at priorities that the other lines there do not have."""
    lines = []
    for table in (0, 1):
        taken = {int(re.search(r"priority=(\d+)", line)[1]) for line in others if line.split(",actions")[0].find(f"table={table},") >= 0}
        free = [p for p in random.sample(range(3, 60000, 3), 12) if not {p, p + 1} & taken]
        for number, priority in enumerate(free[:random.choice([0, 0, 1, 2])], 1):
            lines += conjunction(random, pool, table, priority, number)
        for priority in free[2:2 + random.choice([0, 0, 4])]:
            match = prefixes(random, random.choice(pool)[1], 2)
            if match:
                lines.append(f"table={table},priority={priority},{match},actions=output:{random.randint(1, tables.PORTS)}")
    return [f"cookie=0x{len(others) + i:x},{line}" for i, line in enumerate(lines, 1)]
