# SPDX-License-Identifier: Apache-2.0
"""Those who drive a switch from outside: ovs-testcontroller, os-ken, python3-openvswitch's IDL, Mininet."""
import contextlib
import pathlib
import re

import ovs.db.idl
import ovs.poller
import pytest

import process
from stack import ORACLE

PORT = 6653
LEARNING_APP = pathlib.Path(__file__).with_name("learning_app.py")


@contextlib.contextmanager
def controlled(stack, net, *command, protocols="[]"):
    """Two hosts on a bridge whose controller is the command, listening in the switch's namespace."""
    for i, name in enumerate(("h1", "h2"), 1):
        net.host(name, f"10.0.0.{i}/24")
    stack.allowed += [r"connection|connect|error"]
    stack.add_bridge("br0", "h1", "h2", protocols=protocols, fail_mode="secure")
    with net.background("sw", *command, env=stack.env):
        stack.vsctl("set-controller", "br0", f"tcp:127.0.0.1:{PORT}", "--", "set", "controller", "br0", "max_backoff=1000")
        process.until(lambda: stack.get("Controller", "br0", "is_connected") == "true", "the controller is connected", 20)
        yield


@pytest.mark.parametrize("version", ["OpenFlow10", "OpenFlow13", "OpenFlow14"])
def test_ovs_testcontroller_makes_it_a_learning_switch(stack, net, version):
    with controlled(stack, net, "ovs-testcontroller", "-O", version, f"ptcp:{PORT}", protocols=version):
        net.reaches("h1", "10.0.0.2")
        assert net.pings("h1", "10.0.0.2", 10)
        assert "idle_timeout=60" in stack.ofctl("-O", version, "dump-flows", "br0")
        assert "role=other" in stack.get("Controller", "br0", "role") or stack.get("Controller", "br0", "role") == "other"
    process.until(lambda: stack.get("Controller", "br0", "is_connected") == "false", "the controller's end is noticed", 20)


@pytest.mark.parametrize("version", ["v1_0", "v1_2", "v1_3", "v1_4", "v1_5"])
def test_an_os_ken_application_controls_the_switch(stack, net, version):
    protocol = f"OpenFlow{version[1]}{version[3]}"
    command = ["env", f"APP_VERSION={version}", "osken-manager", "--ofp-tcp-listen-port", str(PORT), LEARNING_APP]
    with controlled(stack, net, *command, protocols=protocol):
        net.reaches("h1", "10.0.0.2")
        assert net.pings("h1", "10.0.0.2", 10)
        flows = stack.ofctl("-O", protocol, "--no-stats", "dump-flows", "br0")
        assert len(re.findall(r"priority=5,in_port=\S+,dl_src=\S+,dl_dst=\S+ actions=output:", flows)) >= 2, flows


def test_a_standalone_bridge_forwards_without_its_controller_and_a_secure_one_does_not(stack, net):
    for i, name in enumerate(("h1", "h2"), 1):
        net.host(name, f"10.0.0.{i}/24")
    stack.allowed += [r"connection|connect|fail|error"]
    stack.add_bridge("br0", "h1", "h2")
    stack.vsctl("set-controller", "br0", f"tcp:127.0.0.1:{PORT}", "--", "set", "controller", "br0", "inactivity_probe=1000")
    net.reaches("h1", "10.0.0.2", 30)
    stack.vsctl("set-fail-mode", "br0", "secure")
    stack.ofctl("del-flows", "br0")
    process.until(lambda: not net.pings("h1", "10.0.0.2", 1), "a secure bridge drops")


def test_a_port_mod_turns_the_device_off_and_on(stack, net):
    for i, name in enumerate(("h1", "h2"), 1):
        net.host(name, f"10.0.0.{i}/24")
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")

    def is_up():
        flags = net.run("sw", "ip", "-o", "link", "show", "h1")
        return "UP" in re.search(r"<(.*?)>", flags).group(1).split(",")

    def port():
        return re.search(r"\(h1\):.*\n +config: +(.*)\n +state: +(.*)\n", stack.ofctl("-O", "OpenFlow13", "dump-ports-desc", "br0")).groups()

    stack.ofctl("mod-port", "br0", "h1", "down")
    process.until(lambda: stack.get("Interface", "h1", "admin_state") == "down", "the database tells that the port is down")
    assert not is_up() and port() == ("PORT_DOWN", "LINK_DOWN")
    assert not net.pings("h1", "10.0.0.2", 1)
    stack.ofctl("mod-port", "br0", "h1", "up")
    process.until(lambda: stack.get("Interface", "h1", "admin_state") == "up", "the database tells that the port is up")
    net.reaches("h1", "10.0.0.2")
    assert is_up() and port() == ("0", "LIVE")


@contextlib.contextmanager
def idl(stack, *columns):
    """An IDL of python3-openvswitch that follows (table, columns) of a stack's database."""
    helper = ovs.db.idl.SchemaHelper(location=str(stack.schema))
    for table, names in columns:
        helper.register_columns(table, names)
    made = ovs.db.idl.Idl(stack.socket, helper)
    try:
        yield made
    finally:
        made.close()


def follow(replica, condition, what):
    """Runs the IDL until condition() holds."""
    def step():
        replica.run()
        return condition()
    process.until(step, what)


def names(replica, table):
    return sorted(row.name for row in replica.tables[table].rows.values())


def test_the_idl_follows_changes(stack):
    with idl(stack, ("Bridge", ["name", "ports", "other_config"]), ("Port", ["name", "tag"])) as replica:
        stack.add_bridge("br0")
        follow(replica, lambda: names(replica, "Bridge") == ["br0"], "br0 appears")
        stack.vsctl("add-port", "br0", "p1", "tag=7", "--", "set", "interface", "p1", "type=internal", "--", "set", "bridge", "br0",
                    "other_config:dp-desc=b")
        follow(replica, lambda: names(replica, "Port") == ["br0", "p1"], "p1 appears")
        bridge = next(iter(replica.tables["Bridge"].rows.values()))
        assert dict(bridge.other_config)["dp-desc"] == "b" and sorted(p.name for p in bridge.ports) == ["br0", "p1"]
        assert [p.tag for p in bridge.ports if p.name == "p1"] == [[7]]
        stack.vsctl("del-br", "br0")
        follow(replica, lambda: names(replica, "Bridge") == [] and names(replica, "Port") == [], "all is gone")


def test_the_idl_changes_rows_and_verifies_them(stack):
    stack.add_bridge("br0")
    with idl(stack, ("Bridge", ["name", "external_ids"]), ("Open_vSwitch", ["bridges"])) as replica:
        follow(replica, lambda: names(replica, "Bridge") == ["br0"], "br0 appears")
        bridge = next(iter(replica.tables["Bridge"].rows.values()))
        transaction = ovs.db.idl.Transaction(replica)
        bridge.verify("external_ids")
        bridge.setkey("external_ids", "who", "idl")
        assert transaction.commit_block() == ovs.db.idl.Transaction.SUCCESS
        assert stack.vsctl("br-get-external-id", "br0", "who") == "idl\n"
        stack.vsctl("br-set-external-id", "br0", "who", "vsctl")
        transaction = ovs.db.idl.Transaction(replica)
        bridge.verify("external_ids")
        bridge.setkey("external_ids", "who", "late")
        assert transaction.commit_block() in (ovs.db.idl.Transaction.TRY_AGAIN, ovs.db.idl.Transaction.SUCCESS)
        follow(replica, lambda: bridge.external_ids.get("who") == "vsctl", "the newer value arrives")


def test_the_idl_with_a_condition_sees_only_what_matches(stack):
    with idl(stack, ("Bridge", ["name"])) as replica:
        replica.cond_change("Bridge", [["name", "==", "br1"]])
        stack.add_bridge("br0")
        stack.add_bridge("br1")
        follow(replica, lambda: names(replica, "Bridge") == ["br1"], "only br1 is seen")
        replica.cond_change("Bridge", [["name", "==", "br0"]])
        follow(replica, lambda: names(replica, "Bridge") == ["br0"], "only br0 is seen")


def test_the_idl_reconnects_to_a_server_that_was_killed(stack):
    stack.allowed += [r"connection|connect|error"]
    stack.add_bridge("br0")
    with idl(stack, ("Bridge", ["name"])) as replica:
        follow(replica, lambda: names(replica, "Bridge") == ["br0"], "br0 appears")
        stack.server.kill()
        stack.server.start()
        stack.add_bridge("br1")
        follow(replica, lambda: names(replica, "Bridge") == ["br0", "br1"], "br1 appears over a new connection")


@pytest.mark.parametrize("topology", ["single,3", "linear,3"])
def test_mininet_pings_all(stack, net, flavor, topology):
    """Mininet runs in the switch's namespace and drives the running switch by Debian's tools, as it does anywhere."""
    switch = "ovs,datapath=user" if flavor is ORACLE else "ovs"
    stack.allowed += [r"connection|connect|error"]
    done = net.result("sw", "mn", "--switch", switch, "--topo", topology, "--test", "pingall", env=stack.env, seconds=60)
    assert "Results: 0% dropped" in done.stderr + done.stdout, done.stderr + done.stdout
    assert stack.vsctl("list-br") == ""
