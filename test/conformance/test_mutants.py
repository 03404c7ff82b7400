# SPDX-License-Identifier: Apache-2.0
"""The requests of all cases with a few bytes changed, and frames after each: the switch answers and lives on. Ours alone; the seed is printed."""
import os
import random

import pytest
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

from actions import ACTIONS
from bench import Switch
from controller import DATAPATH, Controller, apply, flow, output, raw
from errors import ALL
from frames import arp, frame, icmp6, ns, tcp, tcp6
from groups import GROUPS, INSTRUCTIONS, METERS
from matches import FIELDS
from stack import WEFT

MUTANTS, EACH = 2400, 12  # in all, and between two looks at the switch
NO_FLOWS = parse.OFPFlowStatsRequest(DATAPATH, 0, of.OFPTT_ALL, of.OFPP_ANY, of.OFPG_ANY, 0, 0, parse.OFPMatch())
FRAMES = [tcp(), tcp6(), arp(), ns(), icmp6(), tcp((0x8100, 5, 3)), frame("tcp", labels=[(100, 2, 1, 64)]), frame("pbb"), b"\0" * 60]
EDGES = (0, 1, 2, 4, 7, 8, 16, 24, 0x7f, 0x80, 0xfd, 0xfe, 0xff)


def requests():
    """One of each request that the cases make."""
    made = [flow(match, apply(output(2)), table_id=0) for match, *_ in FIELDS.values()]
    made += [flow(row[0], apply(*row[1], output(2))) for row in ACTIONS.values()]
    made += [r for rows in (INSTRUCTIONS, GROUPS) for row in rows.values() for r in row[0]]
    made += [row[0] for row in METERS.values()]
    made += [r for row in ALL.values() for r in row[1:] if isinstance(r, bytes)]
    return made


def mutant(random_, request):
    """The request with up to three bytes changed behind its header; its length stays true, so that the stream goes on."""
    body = bytearray(request[8:])
    for _ in range(random_.randint(1, 3)):
        if body:
            at = random_.randrange(len(body))
            body[at] = random_.choice(EDGES) if random_.randrange(4) else random_.randrange(256)
    if not random_.randrange(10):
        body += bytes(8)
    if not random_.randrange(10):
        del body[-8:]
    return raw(request[1], bytes(body))


def try_out(switch, random_, batch):
    """Sends the batch on a connection of its own, then frames; the switch has to answer commands afterwards."""
    with Controller(switch.stack) as controller:
        for request in batch:
            try:
                controller.errors(request)
            except (AssertionError, OSError):
                break  # what ends a connection, as a hello may
    for data in FRAMES:
        switch.receive(data, random_.choice((1, 2)))
    switch.call("ofproto/trace", "br0", "in_port=1,tcp,nw_ttl=64")
    switch.call("revalidator/wait")
    assert switch.stack.switch.alive()


@pytest.mark.parametrize("seed", [int(os.environ.get("SEED", "1"))])
def test_mutants_of_requests_do_no_harm(seed):
    random_, good = random.Random(seed), requests()
    with Switch(WEFT) as switch:
        for n in range(MUTANTS // EACH):
            batch = [mutant(random_, random_.choice(good)) for _ in range(EACH)]
            try:
                try_out(switch, random_, batch)
            except (AssertionError, OSError) as broken:
                raise AssertionError(f"seed {seed}, batch {n}: {broken}: {' '.join(b.hex() for b in batch)}\n{switch.stack.logs()}") from None
            if n % 20 == 19:
                switch.clear()
                assert switch.controller.stats(NO_FLOWS) == [], f"seed {seed}, batch {n}: flows are left"
