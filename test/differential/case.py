# SPDX-License-Identifier: Apache-2.0
"""One case: a set of tables, VLAN modes of the ports, frames that come in, frames that a controller sends; and what differs in it."""
import dataclasses
import random

import actions
import groups
import lookups
import outcome
import switches
import tables
import themes
from stack import ORACLE

FRAMES = 40
OUTS = 2


@dataclasses.dataclass
class Case:
    seed: int
    index: int
    flows: list
    modes: list
    packets: list  # of (port, bytes)
    outs: list  # of (port, bytes, actions)
    style: actions.Style
    groups: list = dataclasses.field(default_factory=list)

    @property
    def version(self):
        return "OpenFlow10" if self.style.old else "OpenFlow13"

    def text(self, options=""):
        return "\n".join([f"replay: test/differential/replay --seed {self.seed} --table {self.index}{options}", *self.groups, *self.flows,
                          "VLAN modes: " + "; ".join(f"{p} {m}" for p, m in zip(switches.PORTS, self.modes) if m),
                          *(f"{port}: {frame.hex()}" for port, frame in self.packets),
                          *(f"{port}: {frame.hex()} sent with actions={words}" for port, frame, words in self.outs)])


def draw(seed, index):
    """The same case for the same two numbers, always."""
    r = random.Random(f"{seed} {index}")
    fields, doings = themes.focus(index)
    style = actions.Style(old=r.random() < 0.33, calm=r.random() < 0.6, fields=fields, actions=doings, encaps=index % 4 == 3)
    pool = [(r.choice(switches.PORTS), frame) for frame in themes.pool(r, FRAMES, fields, doings)]
    modes_random = random.Random(f"{seed} modes {index // 16}")
    modes = [modes_random.choice(switches.VLAN_MODES) if index // 16 % 2 else "" for _ in switches.PORTS]
    lines = tables.draw(r, pool, style)
    lines += lookups.draw(random.Random(f"{seed} lookups {index}"), pool, lines)
    outs = [(port, frame.data, out_actions(r, frame)) for port, frame in r.sample(pool, OUTS)]
    return Case(seed, index, lines, modes, [(port, f.data) for port, f in pool], outs, style, groups.draw(random.Random(f"{seed} groups {index}"), style.calm))


def out_actions(r, frame):
    """Actions of a packet-out: half of them send it to the tables."""
    c = actions.Context(r, frame.protocol, "dl_vlan" in frame.fields, tables.TABLES, actions.Style(old=True, calm=True, fields=(), actions=()))
    return ",".join(["table"] if r.random() < 0.5 else [actions.legacy(c), r.choice(["resubmit(,0)", actions.output(c)])])


@dataclasses.dataclass
class Result:
    """What one switch did with a case."""
    refused: list
    traces: list
    sent: list
    outs: list
    flows: list
    megaflows: int  # 0: some were purged on the way


def forget_what_a_trace_sent(switch):
    """Debian's switch sends the traced frame if check_pkt_larger comes to it; ours must not, and it would be seen."""
    if switch.flavor is ORACLE:
        switch.sent()


def run(switch, case):
    """A case that teaches (learn, NORMAL) begins every packet without megaflows, so that none is older than what the packet
    before it taught; in the others each frame comes twice, and the second meets the megaflows of all before it."""
    refused = switch.load(case.groups, case.flows, case.version)
    traces, sent, outs, counted = [], [], [], case.style.calm
    for port, frame in case.packets:
        traces.append(switch.trace(port[1:], frame))
        forget_what_a_trace_sent(switch)
        for _ in range(2 if case.style.calm else 1):
            switch.receive(port, frame)
        sent.append(switch.sent())
        if not case.style.calm or (switch.flavor is ORACLE and outcome.overwrites_labels(traces[-1])):
            switch.call("revalidator/purge")
            counted = False
    megaflows = switch.megaflows() if counted else 0
    for port, frame, words in case.outs:
        story = switch.call("ofproto/trace-packet-out", "br0", f"in_port={port[1:]}", frame.hex(), words)
        forget_what_a_trace_sent(switch)
        outs.append([switch.packet_out(port, frame, words), switch.sent(), story])
    return Result(refused, traces, sent, outs, switch.flows(case.version), megaflows)


def sent_differently(oracle, ours, frame, trace):
    """Lines for the ports that sent other frames. Their order at one port matters, but not where floods overlap; of frames that
    Debian's switch damages only the lengths or numbers are compared (outcome.py)."""
    order = sorted if outcome.FLOODS.search(trace) else list
    shown = (bool if outcome.is_misplaced(trace, frame) else len if outcome.is_later_fragment(frame)
             else (lambda f: f[:2 * actions.SHORTEST_CUT]) if outcome.is_cut_after_flood(trace) else str)
    ports = [p for p in oracle if order(map(shown, ours.get(p, []))) != order(map(shown, oracle[p]))]
    return [f"{p}: {who} sent {frames.get(p)}" for p in ports for who, frames in (("oracle", oracle), ("ours  ", ours))]


def stories(result):
    """The traces of all frames, those sent by a controller too."""
    return [*result.traces, *(story for *_, story in result.outs)]


def learns_beyond_limit(oracle):
    """Debian's switch lets a packet-out learn beyond learn's limit."""
    return any("Limit exceeded, learn failed" in story for *_, story in oracle.outs)


def is_left_out(theirs, frame):
    """What Debian's switch does wrong (outcome.py)."""
    return (outcome.is_too_big(theirs) or outcome.truncates_wrongly(theirs) or outcome.writes_behind_fragments(theirs, frame) or
            outcome.repeats_action_set(theirs) or outcome.forgets_tags(theirs, frame) or outcome.pops_what_was_encapsulated(theirs) or
            outcome.labels_what_was_encapsulated(theirs))


def flows_differ(oracle, ours):
    """Lines for the flows that are not the same, counters included."""
    priorities = set().union(*map(outcome.relearned, stories(oracle)))
    lengths = not any(map(outcome.is_recirculated, [*stories(oracle), *stories(ours)]))
    theirs, mine = ([outcome.counted(f, priorities, lengths) for f in switch.flows] for switch in (oracle, ours))
    return ["oracle: " + x for x in theirs if x not in mine] + ["ours:   " + x for x in mine if x not in theirs]


def differences(case, oracle, ours):
    """Texts, one for each thing that differs; empty where the switches agree."""
    found = []
    if ours.refused != oracle.refused:
        found.append(f"refused by ours only: {set(ours.refused) - set(oracle.refused)}\nby the oracle only: {set(oracle.refused) - set(ours.refused)}")
    for (port, frame), theirs, mine, sent_theirs, sent_mine in zip(case.packets, oracle.traces, ours.traces, oracle.sent, ours.sent):
        if is_left_out(theirs, frame):
            continue
        other = sent_differently(sent_theirs, sent_mine, frame, theirs)
        told = not outcome.is_recirculated(theirs) and not outcome.is_recirculated(mine)
        if told and outcome.outcome(mine, frame) != outcome.outcome(theirs, frame):
            found.append(f"{port}: {frame.hex()}\n--- oracle\n{theirs}\n--- ours\n{mine}")
        elif other:
            found.append("\n".join([f"{port}: {frame.hex()}", *other, theirs]))
    for (port, frame, words), theirs, mine in zip(case.outs, oracle.outs, ours.outs):
        if learns_beyond_limit(oracle):
            break
        if is_left_out(theirs[2], frame):
            continue
        other = sent_differently(theirs[1], mine[1], frame, theirs[2])
        if mine[0] != theirs[0] or other:
            found.append("\n".join([f"packet-out {port}: {frame.hex()} {words}: oracle {theirs[0]}, ours {mine[0]}", *other, theirs[2]]))
    frames = [frame for _, frame, *_ in [*case.packets, *case.outs]]
    whole = not learns_beyond_limit(oracle) and not any(
        outcome.is_too_big(s) or outcome.gives_up(s) or outcome.counts_a_trace(s) or outcome.forgets_tags(s, f)
        for s, f in zip(stories(oracle), frames))
    flows = flows_differ(oracle, ours) if whole and not found else []
    return found + (["\n".join(["the flows and their counters differ:", *flows])] if flows else [])
