# SPDX-License-Identifier: Apache-2.0
"""Namespaces around a switch: one for the switch, one per host, joined by veth pairs."""
import itertools
import os

import process

_numbers = itertools.count()


def prefix():
    """What names of this run begin with; each of several pytest workers has its own."""
    run = os.environ.get("WEFT_TEST_PREFIX") or f"w{os.getpid() % 4096:03x}"
    return run + os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")


class Net:
    """Namespaces with names of their own; leaving the context removes them and all devices in them."""

    def __init__(self):
        self.name = f"{prefix()}n{next(_numbers)}"
        self.switch = f"{self.name}sw"
        self.spaces = []

    def __enter__(self):
        self.space("sw")
        return self

    def __exit__(self, *_):
        for space in self.spaces:
            process.result(["ip", "netns", "del", space])

    def space(self, name):
        """Makes the namespace `name` (its real name is returned) without IPv6 chatter, loopback up."""
        real = f"{self.name}{name}"
        process.run(["ip", "netns", "add", real])
        self.spaces.append(real)
        process.run(["ip", "netns", "exec", real, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                     "net.ipv6.conf.default.disable_ipv6=1"])
        process.run(["ip", "-n", real, "link", "set", "lo", "up"])
        return real

    def prefix(self):
        """What to put before a command to run it in the switch's namespace."""
        return ["ip", "netns", "exec", self.switch]

    def host(self, name, address=None, offloads=False):
        """A namespace `name` with device eth0, whose other end `name` lies in the switch's namespace. Without offloads
        checksums are computed before the veth, as switches that do not complete them need."""
        real = self.space(name)
        process.run(["ip", "-n", self.switch, "link", "add", "name", name, "type", "veth", "peer", "name", "eth0", "netns", real])
        process.run(["ip", "-n", self.switch, "link", "set", name, "up"])
        process.run(["ip", "-n", real, "link", "set", "eth0", "up"])
        if address:
            process.run(["ip", "-n", real, "addr", "add", address, "dev", "eth0"])
        if not offloads:
            process.run(["ip", "netns", "exec", real, "ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso", "off"])
        return real

    def run(self, name, *command, **options):
        return process.run(["ip", "netns", "exec", f"{self.name}{name}", *command], **options)

    def result(self, name, *command, **options):
        return process.result(["ip", "netns", "exec", f"{self.name}{name}", *command], **options)

    def space_end(self, name):
        """Removes a namespace made by space() or host()."""
        self.spaces.remove(f"{self.name}{name}")
        process.run(["ip", "netns", "del", f"{self.name}{name}"])

    def background(self, name, *command, **streams):
        """A context in which the command runs in host `name`'s namespace; gives its Popen."""
        return process.killed_after(process.background(["ip", "netns", "exec", f"{self.name}{name}", *command], **streams))

    def pings(self, name, address, count=3):
        """Whether `count` echo requests from host `name` are all answered within two seconds each."""
        return self.result(name, "ping", "-n", "-q", "-c", str(count), "-i", "0.05", "-W", "2", address).returncode == 0

    def reaches(self, name, address, seconds=10):
        """Waits until host `name` gets one answer from `address`."""
        process.until(lambda: self.result(name, "ping", "-n", "-q", "-c", "1", "-W", "1", address).returncode == 0,
                      f"{name} reaches {address}", seconds)
