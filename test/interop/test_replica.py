# SPDX-License-Identifier: Apache-2.0
"""The switch's replica of the database: whatever happens to the server, it misses no change and what it writes arrives."""
import pytest

import process
from conftest import DUMMY
from stack import ORACLE, WEFT

ROUNDS = 4


@pytest.fixture(params=[ORACLE, WEFT], ids=str)
def followed(request, make_stack):
    """Our switch on a server of a flavor."""
    stack = make_stack(request.param, WEFT, switch_options=DUMMY)
    stack.allowed += [r"reconnect\|WARN\|.*connection", r"ovsdb_(cs|idl)\|WARN\|"]
    stack.add_dummy(ports=1)
    return stack


def add_port(stack, name, *options):
    stack.vsctl(*options, "add-port", "br0", name, "--", "set", "interface", name, "type=dummy", f"mtu_request={1000 + len(name)}")


def is_there(stack, name):
    return f"({name})" in stack.ofctl("show", "br0") and stack.get("Interface", name, "ofport").strip("[]")


def test_no_change_is_lost_when_the_server_is_killed_again_and_again(followed):
    """Changes come while the switch is without a server, or has just found it, and before the server dies once more."""
    names = []
    for i in range(ROUNDS):
        followed.server.kill()
        followed.server.start()
        names.append(f"k{i}")
        add_port(followed, names[-1], "--no-wait")
        followed.server.kill()
        followed.server.start()
    for name in names:
        process.until(lambda name=name: is_there(followed, name), f"{name} is on the bridge", 30)
    add_port(followed, "last")  # waits until the switch has said in the database that it is done
    assert is_there(followed, "last")


def test_a_port_that_goes_while_the_server_is_away_goes_from_the_bridge(followed):
    followed.server.stop()
    followed.server.start()
    followed.vsctl("--no-wait", "del-port", "p1")
    process.until(lambda: "(p1)" not in followed.ofctl("show", "br0"), "p1 leaves the bridge", 30)


def test_what_the_switch_writes_arrives_though_the_server_dies(followed):
    """The state of a device changes while there is no server to tell."""
    followed.server.kill()
    followed.appctl("netdev-dummy/set-admin-state", "p1", "up")
    followed.server.start()
    process.until(lambda: followed.get("Interface", "p1", "admin_state") == "up", "the new state is in the database", 30)
    followed.server.kill()
    followed.appctl("netdev-dummy/set-admin-state", "p1", "down")
    followed.server.start()
    process.until(lambda: followed.get("Interface", "p1", "admin_state") == "down", "the newer state is in the database", 30)
