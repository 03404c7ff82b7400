# SPDX-License-Identifier: Apache-2.0
"""One port name in two bridges: refused by the clients and by the database, and a row that two bridges name is a port of one of them."""
import pytest

import process
from normal import assert_same, said
from stack import ORACLE, WEFT, Stack

DUMMY = ("--enable-dummy=override", "--disable-system")


def ports(stack, bridge):
    """The names of a bridge's ports that OpenFlow tells."""
    return sorted(line.split("(")[1].split(")")[0] for line in stack.ofctl("show", bridge).splitlines() if line.startswith(" ") and "): addr" in line)


def both_bridges(flavor):
    stack = Stack(flavor, switch_options=DUMMY)
    stack.allowed += [r"p1"]
    return stack


@pytest.mark.parametrize("words", [["add-port", "two", "p1"], ["--may-exist", "add-port", "two", "p1"], ["add-br", "p1"], ["add-port", "two", "one"],
                                   ["--", "--id=@p", "create", "port", "name=p1", "--", "add", "bridge", "two", "ports", "@p"],
                                   ["--", "--id=@i", "create", "interface", "name=p1", "--", "--id=@p", "create", "port", "name=p9", "interfaces=@i", "--",
                                    "add", "bridge", "two", "ports", "@p"]])
def test_a_second_port_of_one_name_is_refused(words):
    texts = []
    for flavor in (ORACLE, WEFT):
        with both_bridges(flavor) as stack:
            stack.vsctl("add-br", "one", "--", "add-br", "two", "--", "add-port", "one", "p1", "--", "set", "interface", "p1", "type=dummy")
            done = stack.result(flavor.program("ovs-vsctl"), f"--db={stack.socket}", *words)
            texts.append([*said(done), ports(stack, "one"), ports(stack, "two")])
    assert_same(texts[1], texts[0])


def test_a_row_that_two_bridges_name_is_a_port_of_the_first_by_name():
    """Ours; Debian's switch takes it out of both. When the first lets go of it, it goes to the other, in both switches."""
    for flavor in (ORACLE, WEFT):
        with both_bridges(flavor) as stack:
            stack.vsctl("add-br", "one", "--", "add-br", "two", "--", "add-port", "one", "p1", "--", "set", "interface", "p1", "type=dummy")
            row = stack.get("Port", "p1", "_uuid")
            stack.vsctl("add", "bridge", "two", "ports", row)
            if flavor is WEFT:
                assert (ports(stack, "one"), ports(stack, "two")) == (["one", "p1"], ["two"])
                assert "Bridge two: column ports names port p1, which another bridge has" in stack.switch.log()
            stack.vsctl("remove", "bridge", "one", "ports", row)
            process.until(lambda s=stack: "p1" in ports(s, "two"), "the port goes to the other bridge")
            assert (ports(stack, "one"), stack.get("Interface", "p1", "error")) == (["one"], "[]")
