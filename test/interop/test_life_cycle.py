# SPDX-License-Identifier: Apache-2.0
"""Devices and daemons come and go: what is noticed at once, what stays, what is taken over."""
import contextlib
import threading

import process


def link_state(stack, name):
    return stack.get("Interface", name, "link_state")


def soon(condition, what):
    """Sooner than by looking now and then (every 5 s)."""
    process.until(condition, what, 2)


def test_changes_of_a_device_are_noticed_at_once(stack, net):
    net.host("h1")
    stack.add_bridge("br0", "h1")
    for _ in range(3):
        net.run("h1", "ip", "link", "set", "eth0", "down")
        soon(lambda: link_state(stack, "h1") == "down", "the link goes down")
        net.run("h1", "ip", "link", "set", "eth0", "up")
        soon(lambda: link_state(stack, "h1") == "up", "the link comes up")
    net.run("sw", "ip", "link", "set", "h1", "mtu", "1400")
    soon(lambda: stack.get("Interface", "h1", "mtu") == "1400", "the new MTU")
    net.run("sw", "ip", "link", "set", "h1", "down")
    soon(lambda: stack.get("Interface", "h1", "admin_state") == "down", "the administrator's down")
    assert int(stack.get("Interface", "h1", "link_resets")) >= 6


def test_a_device_is_taken_in_as_soon_as_it_appears_and_let_go_when_it_is_renamed(ours, net):
    """Debian's sees neither the renaming nor the return."""
    ours.allowed += [r"\b(h\d|late)\b"]
    ours.add_bridge("br0")
    for name in ("h1", "h2", "h3"):
        ours.vsctl("--no-wait", "add-port", "br0", name)
        process.until(lambda n=name: n in ours.get("Interface", n, "error"), f"the error of {name}")
        net.host(name)
        soon(lambda n=name: ours.get("Interface", n, "error") == "[]", f"{name} works")
    number = ours.ofport("h3")
    for old, new in (("h3", "late"), ("late", "h3")):
        net.run("sw", "ip", "link", "set", old, "down")
        net.run("sw", "ip", "link", "set", old, "name", new)
        net.run("sw", "ip", "link", "set", new, "up")
        soon(lambda n=new: (ours.get("Interface", "h3", "error") == "[]") == (n == "h3"), f"{old} is now {new}")
    assert ours.ofport("h3") == number


def test_a_device_replaced_at_once_by_another_of_its_name_works(ours, net):
    ours.allowed += [r"\bh2\b"]
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    ours.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    net.space_end("h2")
    net.host("h2", "10.0.0.2/24")
    net.run("h1", "ip", "neigh", "flush", "dev", "eth0")  # the new one has another address
    net.reaches("h1", "10.0.0.2")


def test_internal_ports_outlive_an_exit_and_end_with_its_cleanup(ours, net):
    """Debian's userspace datapath keeps none; its kernel datapath keeps them, as the manual says."""
    ours.add_bridge("br0")
    net.run("sw", "ip", "addr", "add", "10.9.0.1/24", "dev", "br0")
    ours.appctl("exit")
    process.until(lambda: not ours.switch.alive(), "the switch ends")
    assert "10.9.0.1/24" in net.run("sw", "ip", "addr", "show", "br0")
    ours.switch.start()
    assert "10.9.0.1/24" in net.run("sw", "ip", "addr", "show", "br0")
    ours.appctl("exit", "--cleanup")
    process.until(lambda: not ours.switch.alive(), "the switch ends")
    assert "br0" not in net.run("sw", "ip", "-o", "link")


def test_a_switch_whose_lock_was_stolen_lets_go_of_the_devices_until_it_gets_it_back(stack, net):
    stack.allowed += [r"another ovs-vswitchd process is running", r"ovs_vswitchd"]
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    stack.add_bridge("br0", "h1", "h2")
    net.reaches("h1", "10.0.0.2")
    numbers = [stack.ofport("h1"), stack.ofport("h2")]
    with process.killed_after(process.background(["ovsdb-client", "steal", stack.socket, "ovs_vswitchd"], env=stack.env)):
        process.until(lambda: stack.appctl("ofproto/list") == "", "the bridge is let go")
        assert not net.pings("h1", "10.0.0.2", count=1)
    net.reaches("h1", "10.0.0.2")
    assert [stack.ofport("h1"), stack.ofport("h2")] == numbers


def test_a_standby_and_another_switch_leave_the_devices_of_a_living_one_alone(ours, net, make_stack):
    ours.allowed += [r"another ovs-vswitchd process is running"]
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    ours.add_bridge("br0", "h1", "h2")
    net.run("sw", "ip", "addr", "add", "10.0.0.9/24", "dev", "h1")
    net.reaches("h1", "10.0.0.2")
    second = ours.make_switch(ours.switch_flavor, "second")
    try:
        second.start_standby()
        other = make_stack(ours.switch_flavor, net=net)
        other.add_bridge("br7")
        assert not net.pings("h1", "10.0.0.9", count=1)  # the kernel would answer for its address if it saw the frames
        assert net.pings("h1", "10.0.0.2")
    finally:
        second.stop()


@contextlib.contextmanager
def transactions(stack):
    """Sets external_ids:n of br0 to 1, 2, 3 ... until the context ends; gives the list of numbers that were acknowledged."""
    acknowledged, ended = [], threading.Event()

    def work():
        n = 0
        while not ended.is_set():
            n += 1
            command = ["ovs-vsctl", "--no-wait", "--timeout=5", f"--db={stack.socket}", "set", "bridge", "br0", f"external_ids:n={n}"]
            if process.result(command, env=stack.env).returncode == 0:
                acknowledged.append(n)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield acknowledged
    finally:
        ended.set()
        thread.join()


def test_daemons_killed_under_load_lose_nothing(ours, net):
    """Each daemon is killed while packets and transactions flow: what was acknowledged is there, and nobody tells the new process anything."""
    ours.allowed += [r"connection|send error|receive error|Connection refused|No such file", r"another ovs-vswitchd process is running"]
    net.host("h1", "10.0.0.1/24")
    net.host("h2", "10.0.0.2/24")
    ours.add_bridge("br0", "h2")
    ours.vsctl("add-port", "br0", "h1", "--", "set", "interface", "h1", "ofport_request=40")
    net.run("sw", "ip", "addr", "add", "10.0.0.3/24", "dev", "br0")
    net.run("sw", "ip", "link", "set", "br0", "up")
    net.run("sw", "ip", "route", "add", "10.10.0.0/16", "via", "10.0.0.1")
    net.reaches("h1", "10.0.0.2")
    numbers = {name: ours.ofport(name) for name in ("h1", "h2", "br0")}
    with net.background("h1", "ping", "-n", "-q", "-f", "10.0.0.2"), transactions(ours) as acknowledged:
        for victim in (ours.server, ours.switch, ours.server, ours.switch):
            done = len(acknowledged)
            process.until(lambda n=done: len(acknowledged) > n + 3, "transactions are acknowledged")
            before = acknowledged[-1]
            victim.kill()
            victim.start()
            assert int(ours.get("Bridge", "br0", "external_ids:n")) >= before
            net.reaches("h1", "10.0.0.2")
            net.reaches("h1", "10.0.0.3")
            assert {name: ours.ofport(name) for name in numbers} == numbers
    assert int(ours.get("Bridge", "br0", "external_ids:n")) >= acknowledged[-1]
    assert "10.10.0.0/16 via 10.0.0.1 dev br0" in net.run("sw", "ip", "route")
