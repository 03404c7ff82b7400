# SPDX-License-Identifier: Apache-2.0
"""What each case is about: a few fields and actions, in turn, so that every one is met often however rare it is by chance."""
import coverage
import frames

FIELDS_AT_ONCE = 8
ACTIONS_AT_ONCE = 4
TRIES = 300
# Few frames have these, and few of those the value that a flow wants: they have a turn more often.
RARE = ["nd_sll", "ip_frag=first", "nd_reserved", "nd_tll", "sctp_dst", "nd_target", "ip_frag=later", "ip_frag=yes"]


def focus(index):
    """The names of fields and of actions that case number `index` is about."""
    fields, actions = coverage.FIELDS + RARE * 3, coverage.ACTIONS
    return (tuple(fields[(index * FIELDS_AT_ONCE + i) % len(fields)] for i in range(FIELDS_AT_ONCE)),
            tuple(actions[(index * ACTIONS_AT_ONCE + i) % len(actions)] for i in range(ACTIONS_AT_ONCE)))


def fits(frame, name):
    """Whether the frame has the field `name`, or is of the protocol of that name."""
    name, _, value = name.partition("=")
    return frame.protocol == name or (name in frame.fields and value in ("", str(frame.fields[name][0])))


def pool(random, size, fields, doings):
    """Frames of which each second one has a header that is named, or that an action in question is for."""
    wanted, found = [n for n in fields if n not in coverage.PIPELINE], []
    wanted += [protocol for name in doings for word, protocol in (("mpls", "mpls"), ("_tp_", "tcp"), ("_nw_", "udp")) if word in name]
    while len(found) < size:
        name = random.choice(wanted) if wanted and len(found) % 2 else None
        tries = (frames.draw(random) for _ in range(TRIES))
        found.append(next((f for f in tries if name is None or fits(f, name)), None) or frames.draw(random))
    return found
