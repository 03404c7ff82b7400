# SPDX-License-Identifier: Apache-2.0
"""What has to agree in two traces of one frame, and what Debian's switch does wrong."""
import re

import normal

FLOODS = re.compile(r"^ *(NORMAL|FLOOD|ALL)$|action set is:.*(NORMAL|FLOOD|ALL)|output port is 655(30|31|32)$", re.M)
PORT = re.compile(r"p\d+|br0|\d+")
PUSH_VLAN = re.compile(r"push_vlan\((?:tpid=(0x[0-9a-f]+),)?vid=(\d+),pcp=(\d+)(?:,cfi=\d)?\)")


RECIRCULATION = "Needs recirculation"  # what we refuse for now, by this name
_SLOW_PATH = re.compile(r"This flow is handled by the userspace slow path because it:\n(  - .*\n)*")
_SET = re.compile(r"\bset\((\w+)\((?:[^()]|\([^()]*\))*\)\)")


def outcome(trace, frame):
    """The final flow and the datapath actions. Which bits a "set" names follows from the megaflow's mask, so only its header is
    compared: the values are in the final flow, and in the frames that are sent."""
    kept = trace[max(trace.find("Final flow:"), 0):]
    kept = _SLOW_PATH.sub("", re.sub(r"Megaflow: .*\n", "", normal.text(kept)))
    kept = _SET.sub(r"set(\1)", kept)
    kept = re.sub(r"(?<=Datapath actions: )(.*)$", lambda m: plain(m[1]), kept, flags=re.M)
    if FLOODS.search(trace):
        kept = re.sub(r"(?<=Datapath actions: )(.*)$", lambda m: unordered(m[1], vlan_tags(frame)), kept, flags=re.M)
    return kept


def is_later_fragment(frame):
    """Debian's switch writes a transport checksum into the payload of IPv4 fragments that have none, when it sets an address."""
    at = 12 + 4 * len(vlan_tags(frame))
    return frame[at:at + 2] == b"\x08\x00" and int.from_bytes(frame[at + 8:at + 10], "big") & 0x1fff != 0


def is_recirculated(trace):
    """Debian's switch recirculates after a popped label for any action; ours, not yet able to, goes on as long as none looks below."""
    return "recirc(" in trace[trace.find("Datapath actions: "):]


def relearned(trace):
    """Priorities of flows that the trace learns again with other actions: Debian's switch loses what the first version counted."""
    told = re.findall(r"-> table=\d+ (.*) ?\bpriority=(\d+) (.*)", trace)
    first = {}
    return {priority for match, priority, rest in told if first.setdefault((match, priority), rest) != rest}


def without_counters(flow, priorities):
    priority = re.search(r"priority=(\d+)", flow)
    return re.sub(r"n_packets=\d+, n_bytes=\d+, ", "", flow) if priority and priority[1] in priorities else flow


def writes_behind_fragments(trace, frame):
    """Debian's switch sets ICMP fields of later fragments, which have none: it writes into their payload."""
    return is_later_fragment(frame) and "set(icmp(" in trace


def is_too_big(trace):
    """Debian's switch stops at 64 kB of datapath actions in netlink's form, which ours does not have."""
    return "yielded over 64 kB of actions" in trace


def truncates_wrongly(trace):
    """Where Debian's switch skips a truncated output between protected ports, it truncates the next output instead."""
    return re.search(r"output\(port=\w+,max_len=\d+\)\n *>> Flow is between protected", trace) is not None


def is_cut_after_flood(trace):
    """A cut is from the end, so a truncated frame is as long as the tags it has at that moment decide: after a flood, those of the port
    that the flood left by last."""
    return FLOODS.search(trace) is not None and re.search(r"_vlan.*trunc\(", trace[trace.find("Datapath actions: "):]) is not None


def is_misplaced(trace, frame):
    """Debian's switch parses a frame again when it sends it up, and only as deep as vlan-limit says: behind more tags than that, what
    it sets then lands 4 bytes too early. The datapath actions are right; the bytes are not."""
    tags, lost = len(vlan_tags(frame)), False
    for word in re.findall(r"push_vlan|pop_vlan|userspace|push_mpls|pop_mpls|set\(\w+", trace[trace.find("Datapath actions: "):]):
        tags += (word == "push_vlan") - (word == "pop_vlan")
        if word == "userspace":
            lost = tags > 1
        elif lost and not word.endswith(("_vlan", "(eth", "(skb_priority", "(skb_mark")):
            return True
    return False


def overwrites_labels(trace):
    """Debian's switch sets a whole MPLS label where one field of it is to change, but its megaflow does not say that it depends on
    the others: it does the wrong to other packets."""
    return "set(mpls(" in trace


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


def plain(actions):
    """The same in one form: a clone at the end is the packet itself, and what is set is no longer or shorter for it."""
    *words, last = split(actions)
    inner = re.fullmatch(r"clone\((.*)\)", last)
    words += split(plain(inner[1])) if inner else [last]
    for i in range(len(words) - 1):
        if words[i].startswith("trunc(") and words[i + 1].startswith("set("):
            words[i:i + 2] = words[i + 1], words[i]
    return ",".join(words)


def split(actions):
    """The members of a list of actions, at commas outside parentheses."""
    words, depth, start = [], 0, 0
    for i, c in enumerate(actions):
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            words.append(actions[start:i])
            start = i + 1
    return [*words, actions[start:]]
