# SPDX-License-Identifier: Apache-2.0
"""What has to agree in two traces of one frame: the final flow, the datapath actions, the reasons for the slow path."""
import re

import normal

FLOODS = re.compile(r"^ *(NORMAL|FLOOD|ALL)$|action set is:.*(NORMAL|FLOOD|ALL)|output port is 655(30|31|32)$", re.M)
PORT = re.compile(r"p\d+|br0|\d+")
PUSH_VLAN = re.compile(r"push_vlan\((?:tpid=(0x[0-9a-f]+),)?vid=(\d+),pcp=(\d+)(?:,cfi=\d)?\)")


def outcome(trace, frame):
    """The end of the trace without its megaflow and without the identity of a continuation; where it floods, without order."""
    kept = trace[max(trace.find("Final flow:"), 0):]
    kept = re.sub(r"Megaflow: .*\n", "", kept)
    kept = re.sub(r"recirc_id=\d+", "recirc_id=R", normal.text(kept))
    if FLOODS.search(trace):
        kept = re.sub(r"(?<=Datapath actions: )(.*)$", lambda m: unordered(m[1], vlan_tags(frame)), kept, flags=re.M)
    return kept


def vlan_tags(frame):
    """The frame's VLAN tags, innermost first: (tpid, vid, pcp)."""
    tags, at = [], 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        tci = int.from_bytes(frame[at + 2:at + 4], "big")
        tags.insert(0, ("0x" + frame[at:at + 2].hex(), str(tci & 0xfff), str(tci >> 13)))
        at += 4
    return tags


def unordered(actions, tags):
    """Datapath actions with the tags that each output carries written beside it, and the outputs between two other actions
    sorted: two floods in different order read the same."""
    tags, run, done = list(tags), [], []
    for word in split(actions):
        pushed = PUSH_VLAN.fullmatch(word)
        if PORT.fullmatch(word):
            run.append(f"{word}{tags}")
        elif pushed:
            tags.append((pushed[1] or "0x8100", pushed[2], pushed[3]))
        elif word == "pop_vlan" and tags:
            tags.pop()
        else:
            inner = re.fullmatch(r"clone\((.*)\)", word)
            done += [*sorted(run), f"clone({unordered(inner[1], tags)})" if inner else f"{word}{tags if word.startswith('userspace') else ''}"]
            run = []
    return "\n".join(done + sorted(run))


def split(actions):
    """The members of a list of actions, at commas outside parentheses."""
    words, depth, start = [], 0, 0
    for i, c in enumerate(actions):
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            words.append(actions[start:i])
            start = i + 1
    return [*words, actions[start:]]
