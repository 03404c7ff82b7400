# SPDX-License-Identifier: Apache-2.0
"""Random flows and packets through Debian's switch and ours, without devices: they have to agree."""
import os
import random

import pytest

from match import SHRINK_SECONDS, Match
from shrink import shrink

LONG = bool(os.environ.get("WEFT_LONG"))
SEED = int(os.environ.get("WEFT_SEED") or (random.SystemRandom().randrange(10**6) if LONG else 2))
CASES = 6000 if LONG else 950
EACH = 100  # how often a field, an action, a reserved port has to be met

pytestmark = pytest.mark.timeout(7200 if LONG else 900)


@pytest.fixture(scope="module")
def match():
    """The whole match, played once; what differs is made small before it is shown."""
    with Match() as match:
        match.play(SEED, CASES)
        counts = match.megaflows
        print(f"seed {SEED}: {match.coverage.packets} frames, {match.coverage.forwarded} forwarded; megaflows: oracle {counts[0]}, ours {counts[1]} "
              f"({counts[1] / max(counts[0], 1):.2f}); the oracle died {match.oracle_deaths} times")
        match.shown = []
        for case, found in match.differing[:2]:
            small = shrink(case, match.differences, SHRINK_SECONDS)
            match.shown.append("\n".join([small.text(), *(match.differences(small) or found)[:1]]))
        yield match


def test_both_switches_do_the_same(match):
    assert not match.differing, f"{len(match.differing)} cases differ\n\n" + "\n\n".join(match.shown)


def test_at_least_half_of_the_packets_are_forwarded(match):
    assert match.coverage.forwarded * 2 >= match.coverage.packets > 0


def test_every_field_action_and_reserved_port_is_met_often(match):
    assert match.coverage.missing(EACH) == {} and match.outs_to_table >= EACH


def test_the_oracle_survives_nearly_all_cases(match):
    """What it dies of is left out of the comparison, so it must stay rare."""
    assert match.oracle_deaths * 100 <= CASES


def test_what_differs_does_so_every_time_but_rarely(match):
    """A difference that does not repeat is a race of counters, and must stay rare."""
    assert match.unsteady * 50 <= CASES


def test_megaflows_are_not_much_more_than_the_oracles(match):
    """The figure is printed above."""
    assert 0 < match.megaflows[1] <= 1.5 * match.megaflows[0]
