# SPDX-License-Identifier: Apache-2.0
"""What has to agree in two traces of one frame, and what Debian's switch does wrong."""
import re

import normal

FLOODS = re.compile(r"^ *(NORMAL|FLOOD|ALL)$|action set is:.*(NORMAL|FLOOD|ALL)|output port is 655(30|31|32)$", re.M)
PORT = re.compile(r"p\d+|br0|\d+")
PUSH_VLAN = re.compile(r"push_vlan\((?:tpid=(0x[0-9a-f]+),)?vid=(\d+),pcp=(\d+)(?:,cfi=\d)?\)")


_SAID = re.compile(r"^(?:Final flow|Datapath actions|Translation failed).*$", re.M)
_SET = re.compile(r"\bset\((\w+)\((?:[^()]|\([^()]*\))*\)\)")


def outcome(trace, frame):
    """The final flow and the datapath actions, of each pass through the datapath. Which bits a "set" names follows from the
    megaflow's mask, so only its header is compared: the values are in the final flow, and in the frames that are sent."""
    kept = normal.text("\n".join(_SAID.findall(trace)))
    if gives_up(trace):
        return kept[kept.find("Datapath actions"):]
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
    """Where to recirculate is each switch's own choice: only what comes out of it is compared."""
    return "recirc(" in trace


def counts_a_trace(trace):
    """Debian's switch sends a traced frame when check_pkt_larger comes to it; if that recirculates, the rules it then meets count it."""
    return "check_pkt_larger" in trace and is_recirculated(trace)


def gives_up(story):
    """What a translation that gives up had counted by then, and had made of the packet, depends on the order of its branches, and on when
    it found that it goes round: the oracle by its limits, ours when a packet comes back unchanged."""
    loops = any(end in story for end in ("over max translation depth", "over 4096 resubmit actions", "gets the same packet again"))
    return loops or "check_pkt_larger" in story and "Translation failed" in story


def repeats_action_set(trace):
    """Debian's switch carries out an action set written before check_pkt_larger for longer packets, and then again for all."""
    return "check_pkt_len(" in trace and "Executing action set" in trace


def relearned(trace):
    """Priorities of flows that the trace learns again with other actions: Debian's switch loses what the first version counted."""
    told = re.findall(r"-> table=\d+ (.*) ?\bpriority=(\d+) (.*)", trace)
    first = {}
    return {priority for match, priority, rest in told if first.setdefault((match, priority), rest) != rest}


def counted(flow, priorities, lengths):
    """A flow as it is compared: without counters if its priority is one of these; without bytes if lengths are not compared, since how
    long a frame is when its rule counts it depends on where it recirculated."""
    priority = re.search(r"priority=(\d+)", flow)
    if priority and priority[1] in priorities:
        return re.sub(r"n_packets=\d+, n_bytes=\d+, ", "", flow)
    return flow if lengths else re.sub(r"n_bytes=\d+, ", "", flow)


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
    it sets then lands 4 bytes too early; and below a label it then sets nothing. The datapath actions are right; the bytes are not."""
    labels, lost, lost_inner = 0, False, False
    for word, tags in told_with_tags(trace, frame):
        labels += (word == "push_mpls") - (word == "pop_mpls")
        if word == "userspace":
            lost, lost_inner = tags > 1, labels > 0
        elif lost and not word.endswith(("_vlan", "(eth", "(skb_priority", "(skb_mark")):
            return True
        elif lost_inner and word.startswith(("set(tcp", "set(udp", "set(sctp", "set(icmp", "set(ip")):
            return True
    return False


def told_with_tags(trace, frame):
    """Each datapath action's name, and how many VLAN tags the frame has when it is done."""
    tags = len(vlan_tags(frame))
    for word in re.findall(r"(?:push|pop|add)_\w+|userspace|set\(\w+", trace[trace.find("Datapath actions: "):]):
        tags = 0 if word == "push_eth" else tags + (word == "push_vlan") - (word == "pop_vlan")
        yield word, tags


def forgets_tags(trace, frame):
    """Debian's switch does not know that encap(mpls) leaves the VLAN tags inside: its rules still match and change them."""
    return any(word == "add_mpls" and tags for word, tags in told_with_tags(trace, frame))


def pops_what_was_encapsulated(trace):
    """Behind a bucket that does encap(mpls) Debian's switch pops the label, but not the Ethernet header in front of it."""
    return re.search(r"Datapath actions: .*add_mpls\(.*pop_mpls\(", trace) is not None


def labels_what_was_encapsulated(trace):
    """Behind a bucket that encapsulates a frame with labels Debian's switch pushes them again, onto what that has become."""
    found = re.search(r"Datapath actions: .*?push_(?:nsh|eth)\((.*)", trace)
    return found is not None and found[1].count("push_mpls(") > trace.count("push_mpls:")


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
            tags = [] if word.startswith("push_eth(") else tags
            inner = _nested(word, lambda list_inside: unordered(list_inside, tags))
            done += [*sorted(run), inner or f"{word}{tags if word.startswith('userspace') else ''}"]
            run = []
    return "\n".join(done + sorted(run))


def _nested(word, each):
    """An action that has lists of actions, with each of them as `each` makes it; None: another action."""
    clone, lengths = re.fullmatch(r"clone\((.*)\)", word), re.fullmatch(r"check_pkt_len\((.*)\)", word)
    if clone:
        return f"clone({each(clone[1])})"
    if lengths:
        size, *branches = split(lengths[1])
        return "check_pkt_len(" + ",".join([size, *(f"{b[:3]}{each(b[3:-1])})" for b in branches)]) + ")"
    return None


def plain(actions):
    """The same in one form: a clone at the end is the packet itself, as is one that only sends it, and what is set is no longer or shorter
    for it."""
    *words, last = split(actions)
    inner = re.fullmatch(r"clone\((.*)\)", last)
    words += split(plain(inner[1])) if inner else [last]
    words = [inside for word in words for inside in _sent_alone(_nested(word, plain) or word)]
    for i in range(len(words) - 1):
        if words[i].startswith("trunc(") and words[i + 1].startswith("set("):
            words[i:i + 2] = words[i + 1], words[i]
    return ",".join(words)


def _sent_alone(word):
    """What a clone has inside, if that changes nothing."""
    clone = re.fullmatch(r"clone\((.*)\)", word)
    inside = split(clone[1]) if clone else []
    return inside if inside and all(PORT.fullmatch(w) or w.startswith("userspace(") for w in inside) else [word]


def split(actions):
    """The members of a list of actions, at commas outside parentheses."""
    words, depth, start = [], 0, 0
    for i, c in enumerate(actions):
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            words.append(actions[start:i])
            start = i + 1
    return [*words, actions[start:]]
