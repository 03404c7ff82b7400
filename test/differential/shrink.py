# SPDX-License-Identifier: Apache-2.0
"""Makes a failing case small: fewer frames, fewer flows, shorter actions, as long as it still fails."""
import dataclasses
import time

import outcome


def smaller(case):
    """Cases one step smaller, the big steps first."""
    for name in ("outs", "packets", "flows"):
        items = getattr(case, name)
        size = len(items) // 2
        while size:
            for start in range(0, len(items), size):
                yield dataclasses.replace(case, **{name: items[:start] + items[start + size:]})
            size //= 2
    if any(case.modes):
        yield dataclasses.replace(case, modes=[""] * len(case.modes))
    for i, flow in enumerate(case.flows):
        head, _, tail = flow.partition("actions=")
        words = outcome.split(tail)
        for j in range(len(words) if len(words) > 1 else 0):
            shorter = f"{head}actions={','.join(words[:j] + words[j + 1:])}"
            yield dataclasses.replace(case, flows=[*case.flows[:i], shorter, *case.flows[i + 1:]])


def shrink(case, fails, seconds):
    """The smallest case found within so many seconds for which fails(case) is true."""
    deadline, progress = time.monotonic() + seconds, True
    while progress:
        progress = False
        for candidate in smaller(case):
            if time.monotonic() > deadline:
                return case
            if fails(candidate):
                case, progress = candidate, True
                break
    return case
