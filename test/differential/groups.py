# SPDX-License-Identifier: Apache-2.0
"""Random groups whose choice does not depend on a hash, so that both switches make the same: of several buckets one can win."""
COUNT = 5
PORTS = ["1", "2", "3", "4", "5", "6", "LOCAL"]
DEAD = "watch_port:99,"


def _bucket(r, calm):
    changes = ["", "", "set_field:02:00:00:00:00:0c->eth_dst,", "set_field:5->reg7,", "dec_ttl,", "mod_vlan_vid:9,"]
    return "actions=" + r.choice(changes) + r.choice([f"output:{r.choice(PORTS)}"] * 4 + ["in_port", *(["resubmit(,3)", "all"] if calm else ["normal"])])


def draw(r, calm):
    """Lines for ovs-ofctl add-groups: ids 1 to COUNT."""
    one = lambda: _bucket(r, calm)  # noqa: E731
    alive = f"watch_port:{r.randint(1, 6)},"
    return [f"group_id=1,type=all,bucket={one()},bucket={one()}", f"group_id=2,type=indirect,bucket={one()}",
            f"group_id=3,type=ff,bucket={r.choice([DEAD, alive])}{one()},bucket={alive}{one()}",
            f"group_id=4,type=select,selection_method=hash,fields(eth_src),bucket=weight:{r.randint(1, 9)},{one()},bucket=weight:0,{one()}",
            f"group_id=5,type=all,bucket=actions=group:{r.randint(1, 4)},bucket={one()}"]


def action(c):
    return f"group:{c.random.randint(1, COUNT)}"
