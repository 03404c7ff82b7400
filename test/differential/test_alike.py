# SPDX-License-Identifier: Apache-2.0
"""The random flows and frames of test_differential.py on our datapaths of devices, where they have to do what they do on dummy ports."""
import os
import random

import actions
import case as cases
import frames
import pytest
from alike import Alike
from match import REPORTED, SHRINK_SECONDS
from shrink import shrink
from stack import EBPF, USER

LONG = bool(os.environ.get("WEFT_LONG"))
SEED = int(os.environ.get("WEFT_SEED") or (random.SystemRandom().randrange(10**6) if LONG else 2))
CASES = 1500 if LONG else 40
FLAVORS = [USER, EBPF]

pytestmark = pytest.mark.timeout(3600 if LONG else 300)


@pytest.fixture(scope="module", params=FLAVORS, ids=str)
def played(request):
    """All cases on one datapath; what differs is made small before it is shown."""
    with Alike(request.param) as alike:
        for index in range(CASES):
            case = cases.draw(SEED, index)
            if found := alike.play_case(case):
                alike.differing.append((case, found))
            if len(alike.differing) >= REPORTED:
                break
        alike.hits, alike.misses = alike.device.lookups()
        alike.in_kernel = alike.device.kernel_hits()
        print(f"seed {SEED}: {alike.frames} frames; {alike.hits} hits, {alike.misses} misses, {alike.in_kernel} hits in the kernel")
        alike.shown = []
        for case, found in alike.differing[:1]:
            small = shrink(case, alike.differences, SHRINK_SECONDS)
            alike.shown.append("\n".join([small.text(f" --on {alike.flavor.datapath}"), *(alike.differences(small) or found)[:1]]))
        yield alike


def test_frames_leave_as_they_do_by_dummy_ports(played):
    assert not played.differing, f"{len(played.differing)} cases differ\n\n" + "\n\n".join(played.shown)


def test_what_differs_does_so_every_time_but_rarely(played):
    """A difference that does not repeat is a race of what is learned, and must stay rare."""
    assert played.unsteady * 20 <= CASES


def test_many_frames_meet_a_megaflow(played):
    """Else nothing would be tested of those. Of these flows, few are such as the kernel does wholly: it has to forward a tenth of the frames."""
    assert played.hits * 5 >= played.frames * 2
    assert played.flavor is not EBPF or played.in_kernel * 10 >= played.frames


def wide_megaflow(switch):
    """As if the translation of a frame to that port had not said that it looked at the port."""
    switch.add_megaflow("eth(),eth_type(0x0800),ipv4(frag=no)", "p1", "p2", "p3")


@pytest.mark.parametrize("plant", [None, wide_megaflow])
@pytest.mark.parametrize("flavor", FLAVORS, ids=str)
def test_a_megaflow_that_matches_too_much_is_found(flavor, plant):
    builder = frames.Builder(random.Random(1))
    udp = next(f for f in iter(builder.frame, None) if f.protocol == "udp" and f.fields["vlan_tci"][0] == 0 and f.fields["ip_frag"][0] == "no")
    flows = [f"cookie=1,priority=2,udp,udp_dst={udp.fields['udp_dst'][0]},actions=output:2,output:3", "cookie=2,priority=1,actions=output:3"]
    style = actions.Style(old=False, calm=True, fields=(), actions=())
    other = bytearray(udp.data)
    other[37] ^= 1
    case = cases.Case(0, 0, flows, ["" for _ in range(6)], [("p1", udp.data), ("p1", bytes(other))], [], style)
    with Alike(flavor, plant) as alike:
        assert bool(alike.differences(case)) == bool(plant)
