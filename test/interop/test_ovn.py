# SPDX-License-Identifier: Apache-2.0
"""OVN's own programs, as Debian has them, on our database server: they make of the same network the same southbound contents."""
import contextlib
import json
import shlex

import pytest

import process
from fleet import Keys, free_port, said
from normal import assert_same
from ovn import SCHEMAS, UUID, Ovn
from stack import ORACLE, WEFT

# Switches, ports, a router with NAT and a gateway, ACLs with sets and groups, load balancers, DHCP, DNS, QoS, meters, multicast.
NETWORK = """
ls-add s1
ls-add s2
ls-add out
lsp-add s1 a -- lsp-set-addresses a "02:00:00:00:00:0a 10.0.1.10 fd00:1::a" -- lsp-set-port-security a "02:00:00:00:00:0a 10.0.1.10"
lsp-add s1 b -- lsp-set-addresses b "02:00:00:00:00:0b 10.0.1.11" -- lsp-set-enabled b disabled
lsp-add s2 c -- lsp-set-addresses c dynamic -- set Logical_Switch s2 other_config:subnet=10.0.2.0/24
lsp-add s2 d -- lsp-set-addresses d unknown
lsp-add s1 inner a 7
lr-add r
lrp-add r r-s1 02:00:00:00:01:01 10.0.1.1/24 fd00:1::1/64
lrp-add r r-s2 02:00:00:00:01:02 10.0.2.1/24
lrp-add r r-out 02:00:00:00:01:03 172.16.0.2/24
lsp-add s1 s1-r -- lsp-set-type s1-r router -- lsp-set-addresses s1-r router -- lsp-set-options s1-r router-port=r-s1
lsp-add s2 s2-r -- lsp-set-type s2-r router -- lsp-set-addresses s2-r router -- lsp-set-options s2-r router-port=r-s2
lsp-add out out-r -- lsp-set-type out-r router -- lsp-set-addresses out-r router -- lsp-set-options out-r router-port=r-out nat-addresses=router
lsp-add out net -- lsp-set-type net localnet -- lsp-set-addresses net unknown -- lsp-set-options net network_name=physnet
lrp-set-gateway-chassis r-out gw1 20
lrp-set-gateway-chassis r-out gw2 10
lr-route-add r 0.0.0.0/0 172.16.0.1
lr-policy-add r 100 "ip4.src == 10.0.1.0/24" reroute 172.16.0.9
lr-nat-add r snat 172.16.0.2 10.0.0.0/16
lr-nat-add r dnat_and_snat 172.16.0.20 10.0.1.10
create Address_Set name=office addresses="10.0.1.10,10.0.1.11"
pg-add front a b
acl-add s1 to-lport 1000 "ip4.src == $office && tcp.dst == 22" allow-related
-- --name=web --log --severity=info --meter=acls acl-add front from-lport 900 "inport == @front && udp" drop
acl-add s2 to-lport 1 ip4 reject
meter-add acls drop 100 pktps 10
lb-add web 172.16.0.80:80 10.0.1.10:8080,10.0.1.11:8080
lb-add dns 10.0.0.53:53 10.0.2.5:53 udp
ls-lb-add s1 web
lr-lb-add r dns
qos-add s1 to-lport 50 "ip4" rate=1000 burst=100 dscp=32
set Logical_Switch s2 other_config:mcast_snoop=true other_config:mcast_querier=false
create DNS records:a.example=10.0.1.10
dhcp-options-create 10.0.1.0/24 owner=net
""".strip().splitlines()
LATER = """
lsp-del b
lr-nat-del r snat 10.0.0.0/16
acl-del s2
ls-del out
lb-del dns
set Address_Set office addresses=10.0.1.12
""".strip().splitlines()
CHASSIS = [["chassis-add", "gw1", "geneve", "192.0.2.1"], ["chassis-add", "gw2", "geneve,vxlan", "192.0.2.2"], ["lsp-bind", "a", "gw1"]]


@pytest.fixture
def both():
    with contextlib.ExitStack() as ends:
        yield [ends.enter_context(Ovn(flavor)) for flavor in (ORACLE, WEFT)]


def play(ovn, lines):
    for line in lines:
        ovn.nbctl(*shlex.split(line))
    ovn.nbctl("--wait=sb", "sync")


def test_northd_makes_the_same_of_the_same_network(both):
    for ovn in both:
        play(ovn, NETWORK)
        for words in CHASSIS:
            ovn.sbctl(*words)
        ovn.nbctl("--wait=sb", "sync")
    theirs, ours = (ovn.contents() for ovn in both)
    assert len(theirs["Logical_Flow"]) > 300 and len(theirs["Port_Binding"]) > 10 and theirs["RBAC_Role"]
    assert_same(ours, theirs)
    assert_same(both[1].contents("nb"), both[0].contents("nb"))
    for ovn in both:
        play(ovn, LATER)
    assert_same(both[1].contents(), both[0].contents())


def test_a_second_northd_takes_over(flavor):
    with Ovn(flavor) as ovn, contextlib.ExitStack() as ends:
        play(ovn, NETWORK[:4])
        second = ovn.make_northd("second")
        ends.callback(second.stop)
        second.start()

        def status(name):
            return process.run(["ovn-appctl", "-t", f"{ovn.folder}/{name}.ctl", "status"], env=ovn.env).strip()
        process.until(lambda: status("second") == "Status: standby", "the second waits for the lock")
        assert status("ovn-northd") == "Status: active"
        ovn.northd.kill()
        process.until(lambda: status("second") == "Status: active", "the second has the lock")
        play(ovn, NETWORK[4:8])
        assert "inner" in ovn.sbctl("--bare", "--columns=logical_port", "list", "Port_Binding").split()


@contextlib.contextmanager
def chassis_named(keys, name, flavor):
    """(answer to operations as that chassis over TLS, the whole OVN): the server applies the rules that ovn-northd has written."""
    port = free_port()
    with Ovn(flavor, (*keys.options(), "--remote=db:OVN_Southbound,SB_Global,connections")) as ovn:
        play(ovn, NETWORK)
        for other, address in (("ann", "192.0.2.1"), ("bob", "192.0.2.2")):
            ovn.sbctl("chassis-add", other, "geneve", address)
        ovn.sbctl("--", "--id=@c", "create", "Connection", f'target="pssl:{port}:127.0.0.1"', "role=ovn-controller", "--", "set", "SB_Global", ".",
                  "connections=@c")
        with keys.connect(port, name) as rpc:
            yield lambda *operations: said(rpc, *operations, database="OVN_Southbound")


def test_rules_that_northd_writes_bind_a_chassis(tmp_path):
    """ovn-architecture(7), "Role-Based Access Controls": a chassis changes what is its own, and binds ports."""
    keys = Keys(tmp_path)

    def row(op, table, column=None, value=None, **row):
        where = {} if op == "insert" else {"where": [[column, "==", value]] if column else []}
        return {"op": op, "table": table, **where, **({} if op == "delete" else {"row": row})}

    attempts = [
        [row("insert", "Chassis", name="ann2", encaps=["named-uuid", "e"]),
         row("insert", "Encap", type="geneve", ip="192.0.2.3", chassis_name="ann2") | {"uuid-name": "e"}],
        [row("update", "Chassis", "name", "ann", hostname="h")],
        [row("update", "Chassis", "name", "bob", hostname="h")],
        [row("delete", "Chassis", "name", "bob")],
        [row("delete", "Chassis", "name", "ann")],
        [row("insert", "Chassis_Private", name="ann")],
        [row("insert", "Chassis_Private", name="bob")],
        [row("update", "Port_Binding", "logical_port", "a", up=True)],
        [row("update", "Port_Binding", "logical_port", "a", mac="02:00:00:00:00:77")],
        [row("insert", "MAC_Binding", logical_port="r-s1", ip="10.0.1.77", mac="02:00:00:00:00:77")],
        [row("insert", "Address_Set", name="mine")],
        [row("delete", "Logical_Flow")],
        [row("update", "SB_Global", nb_cfg=9)],
    ]
    answers = []
    for flavor in (ORACLE, WEFT):
        with chassis_named(keys, "ann", flavor) as tell:
            answers.append([UUID.sub("a row", f"{json.dumps(operations)}: {tell(*operations)}") for operations in attempts])
    assert sum("permission error" in answer for answer in answers[0]) in range(5, len(attempts) - 3)
    assert_same(answers[1], answers[0])


def test_contents_survive_a_crash_of_both_servers():
    with Ovn(WEFT) as ovn:
        play(ovn, NETWORK)
        before = ovn.contents()
        for side, server in ovn.servers.items():
            server.kill()
            server.start()
        assert_same(ovn.contents(), before)
        play(ovn, ["ls-add after"])
        process.until(lambda: any('"after"' in row for row in ovn.contents()["Datapath_Binding"]), "ovn-northd goes on")


def test_databases_move_between_servers(tmp_path):
    """A file that one server wrote is taken up by the other."""
    for first, second in ((ORACLE, WEFT), (WEFT, ORACLE)):
        with Ovn(first) as ovn:
            play(ovn, NETWORK)
            before = ovn.contents()
            for daemon in (ovn.northd, *ovn.servers.values()):
                daemon.stop()
            for side in SCHEMAS:
                ovn.servers[side].command[0] = second.program("ovsdb-server")
                ovn.servers[side].start()
            assert_same(ovn.contents(), before)
