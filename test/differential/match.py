# SPDX-License-Identifier: Apache-2.0
"""The match itself: many cases through both switches, restarting one that died."""
import contextlib

import case as cases
import coverage
import switches
from stack import ORACLE, WEFT

REPORTED = 4
SHRINK_SECONDS = 40


class Died(Exception):
    """A switch ended in the middle of a case."""

    def __init__(self, flavor, log):
        super().__init__(f"{flavor} died:\n{log}")
        self.flavor = flavor


class Match:
    """Two switches, and what has been seen of them. A context: leaving it ends both."""

    def __init__(self, ours=WEFT):
        self.flavors, self.pair, self.modes, self.ends = (ORACLE, ours), None, None, contextlib.ExitStack()
        self.coverage, self.differing, self.megaflows, self.oracle_deaths, self.outs_to_table, self.unsteady = (
            coverage.Coverage(), [], [0, 0], 0, 0, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends.close()

    def results(self, case):
        """What each switch did with the case."""
        if self.pair is None:
            self.pair, self.modes = [self.ends.enter_context(switches.Switch(f)) for f in self.flavors], None
        done = []
        for flavor, switch in zip(self.flavors, self.pair):
            try:
                if case.modes != self.modes:
                    switch.set_vlan_modes(case.modes)
                done.append(cases.run(switch, case))
            except (AssertionError, OSError) as error:
                log = "\n".join([str(error)[-2000:], *switch.stack.switch.log().splitlines()[-15:]])
                self.pair = None
                self.ends.close()
                raise Died(flavor, log) from error
        self.modes = case.modes
        return done

    def play_case(self, case):
        """What differs in the case, and again when it is repeated: Debian's switch may count a packet after its flow was purged."""
        found = self.differences(case)
        again = self.differences(case) if found else []
        self.unsteady += bool(found) and not again
        return again

    def differences(self, case):
        """What differs in the case; the death of ours is a difference, that of the oracle is counted and passed over."""
        try:
            oracle, ours = self.results(case)
        except Died as death:
            if death.flavor is ORACLE:
                self.oracle_deaths += 1
                return []
            return [str(death)]
        flows = dict(map(coverage.names_of, case.flows))
        for trace in oracle.traces:
            self.coverage.add(trace, flows)
        self.outs_to_table += sum(words == "table" for *_, words in case.outs)
        if oracle.megaflows and ours.megaflows:
            self.megaflows = [n + m for n, m in zip(self.megaflows, (oracle.megaflows, ours.megaflows))]
        return cases.differences(case, oracle, ours)

    def play(self, seed, count):
        """Plays cases 0 ... count-1 of a seed; stops early when enough of them differ."""
        for index in range(count):
            case = cases.draw(seed, index)
            found = self.play_case(case)
            if found:
                self.differing.append((case, found))
            if len(self.differing) >= REPORTED:
                break
