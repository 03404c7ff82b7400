# SPDX-License-Identifier: Apache-2.0
"""A controller with nine tables, 1000 hosts and ten thousand flows: frames of sampled hosts reach the right port before, while and after
the controller or the switch restarts and two controllers change roles."""
import contextlib
import pathlib
import random

import pytest
from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

import process
from still_switch import DUMMY
from conftest import FLAVORS
from controller import DATAPATH, Controller
from frames import tcp, tcp6, udp
from net import Net
from nine_tables import ALL_HOSTS, NETS, HOSTS, PORTS, ROUTER, flows, net4, net6, vlan_of
from stack import Stack

APP = pathlib.Path(__file__).with_name("nine_tables_app.py")
SAMPLES = 8
INSTALL_SECONDS = 40


class App:
    """A controller that listens in the switch's namespace."""

    def __init__(self, net, folder, name, port):
        self.net, self.name, self.port, self.popen, self.row = net, name, port, None, None
        self.role, self.log = folder / f"{name}.role", folder / f"{name}.log"

    def start(self, role):
        self.wants(role)
        self.log.write_text("")
        command = ["osken-manager", "--ofp-tcp-listen-port", str(self.port), APP]
        self.popen = process.background([*self.net.prefix(), *command], env={"APP_ROLE": str(self.role), "APP_LOG": str(self.log)})

    def wants(self, role):
        self.role.write_text(role)

    def kill(self):
        self.popen.kill()
        self.popen.communicate()

    def said(self, line, seconds=INSTALL_SECONDS):
        process.until(lambda: line in self.log.read_text().splitlines(), f"{self.name} says {line!r}", seconds)


@contextlib.contextmanager
def network(flavor, folder):
    with Net() as net, Stack(flavor, net=net, switch_options=DUMMY) as stack, contextlib.ExitStack() as ends:
        stack.add_dummy(ports=PORTS, protocols="OpenFlow13")
        apps = [App(net, folder, name, 6653 + i) for i, name in enumerate(("one", "two"))]
        for app, role in zip(apps, ("master 1", "slave 1")):
            app.start(role)
            ends.callback(app.kill)
        words = [w for app in apps for w in (f"--id=@{app.name}", "create", "controller", f'target="tcp:127.0.0.1:{app.port}"', "max_backoff=1000", "--")]
        rows = stack.vsctl(*words, "set", "bridge", "br0", "controller=" + ",".join(f"@{app.name}" for app in apps)).split()
        for app, row in zip(apps, rows):
            app.row = row
        yield stack, apps


def expected(random_):
    """(port, frame, ports it leaves by) for one of each kind of traffic between random hosts."""
    a, b = random_.sample(ALL_HOSTS, 2)
    while a.port == b.port or a.vlan != b.vlan:
        a, b = random_.sample(ALL_HOSTS, 2)
    far = next(h for h in random_.sample(ALL_HOSTS, HOSTS) if h.port != a.port)
    net = random_.choice([n for n in range(NETS) if ALL_HOSTS[n % HOSTS].port != a.port])
    behind = ALL_HOSTS[net % HOSTS]
    route = {"eth_src": a.mac, "eth_dst": ROUTER}
    flooded = {p for p in range(1, PORTS + 1) if vlan_of(p) == a.vlan} - {a.port}
    yield "switched", a.port, tcp(eth_src=a.mac, eth_dst=b.mac), {b.port}
    yield "routed", a.port, tcp(**route, ipv4_dst=far.ipv4), {far.port}
    yield "routed, IPv6", a.port, tcp6(**route, ipv6_dst=far.ipv6), {far.port}
    yield "to a network", a.port, tcp(**route, ipv4_dst=net4(net)[:-1] + "9"), {behind.port}
    yield "to a network, IPv6", a.port, tcp6(**route, ipv6_dst=net6(net) + "9"), {behind.port}
    yield "flooded", a.port, tcp(eth_src=a.mac, eth_dst="ff:ff:ff:ff:ff:ff"), flooded
    yield "denied", a.port, udp(eth_src=a.mac, eth_dst=b.mac, dst=7), set()
    yield "of a wrong source", a.port, tcp(eth_src="02:09:00:00:00:01", eth_dst=b.mac), set()


def sent(controller):
    rows = controller.stats(parse.OFPPortStatsRequest(DATAPATH, 0, of.OFPP_ANY))
    return {row.port_no: row.tx_packets for row in rows}


def traffic(stack, seed):
    """Sends each kind of frame between sampled hosts; what is dropped is followed by one that is not, so that all is counted by then."""
    random_ = random.Random(seed)
    with Controller(stack) as controller:
        before, total = sent(controller), dict.fromkeys(range(1, PORTS + 1), 0)
        for _ in range(SAMPLES):
            for kind, port, frame, outs in expected(random_):
                stack.receive(f"p{port}", frame.hex())
                for out in outs:
                    total[out] += 1
                process.until(lambda k=kind: {p: sent(controller)[p] - before[p] for p in total} == total, f"a frame {kind} leaves by {outs}", 5)


def roles(stack, apps, *wanted):
    process.until(lambda: [stack.get("Controller", app.row, "role") for app in apps] == list(wanted), f"the database tells the roles {wanted}", 20)


@pytest.mark.parametrize("flavor", FLAVORS)
def test_a_controller_of_nine_tables_survives(flavor, tmp_path):
    with network(FLAVORS[flavor], tmp_path) as (stack, (one, two)):
        one.said("complete")
        two.said("role slave")
        assert f"planned {len(list(flows()))}" in one.log.read_text() and len(list(flows())) >= 10000
        roles(stack, (one, two), "master", "slave")
        traffic(stack, 1)

        one.kill()
        traffic(stack, 2)
        one.start("master 2")
        one.said("complete")
        assert "installs" not in one.log.read_text(), "the flows have outlived the connection"
        traffic(stack, 3)

        two.wants("master 3")
        traffic(stack, 4)
        two.said("complete")
        roles(stack, (one, two), "slave", "master")
        one.wants("master 1")
        one.said("error 11 0")  # a stale generation
        traffic(stack, 5)
        assert "installs" not in two.log.read_text()

        stack.switch.kill()
        for app in (one, two):
            app.wants("master 4" if app is two else "slave 4")
        two.log.write_text("")
        stack.switch.start()
        two.said("complete")
        assert ("installs over 0" in two.log.read_text()) == (stack.switch_flavor is FLAVORS["oracle"]), "ours has its flows again after a crash"
        traffic(stack, 6)
        roles(stack, (one, two), "slave", "master")
