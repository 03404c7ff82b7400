# SPDX-License-Identifier: Apache-2.0
"""A cluster of Debian's database servers on loopback, for the files that it leaves."""
import pathlib
import socket

import process
from daemon import Daemon
from rpc import Rpc
from stack import ORACLE


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Member:
    """One server with a folder of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.file, self.socket = self.folder / "db", f"unix:{self.folder}/db.sock"
        self.address = f"tcp:127.0.0.1:{_free_port()}"
        self.env = {name: str(self.folder) for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR")}
        self.server = Daemon("ovsdb-server", ORACLE.program("ovsdb-server"), [self.file, f"--remote=punix:{self.folder}/db.sock"], self.env)

    def control(self, *words):
        return process.run(["ovs-appctl", "-T", "15", "-t", "ovsdb-server", *words], env=self.env)

    def status(self, name, what):
        """A line of cluster/status."""
        lines = process.run(["ovs-appctl", "-T", "15", "-t", "ovsdb-server", "cluster/status", name], ok=False, env=self.env).splitlines()
        return next((line.split(": ", 1)[1] for line in lines if line.startswith(f"{what}: ")), "")


class Cluster:
    """Leaving the context ends the servers; their files stay."""

    def __init__(self, folder, contents, name):
        self.folder, self.contents, self.name, self.members = pathlib.Path(folder), contents, name, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.server.stop()

    def create(self, *options):
        member = Member(self.folder / str(len(self.members) + 1))
        process.run([ORACLE.program("ovsdb-tool"), *options, "create-cluster", member.file, self.contents, member.address])
        return self._start(member)

    def join(self):
        member = Member(self.folder / str(len(self.members) + 1))
        process.run([ORACLE.program("ovsdb-tool"), "join-cluster", member.file, self.name, member.address, self.members[0].address])
        return self._start(member)

    def _start(self, member):
        self.members.append(member)
        member.server.start()
        process.run(["ovsdb-client", "wait", member.socket, self.name, "connected"], env=member.env)
        return member

    def leader(self):
        return process.until(lambda: next((m for m in self.members if m.server.alive() and m.status(self.name, "Role") == "leader"), None),
                             "the cluster has a leader", 20)

    def transact(self, *operations):
        with Rpc(self.leader().socket) as rpc:
            return rpc.transact(self.name, *operations)

    def agrees(self):
        """Waits until all members that run have committed the same log."""
        def logs():
            found = {(m.status(self.name, "Log"), m.status(self.name, "Entries not yet committed")) for m in self.members if m.server.alive()}
            return len({log.strip("[]").split(", ")[-1] for log, _ in found}) == 1 and {waiting for _, waiting in found} == {"0"}
        process.until(logs, "all members have the same log", 20)
