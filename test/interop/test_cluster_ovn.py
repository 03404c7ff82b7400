# SPDX-License-Identifier: Apache-2.0
"""OVN's databases in etcd: two of Debian's ovn-northd on two servers, one of which is killed."""
import contextlib
import pathlib
import shlex
import tempfile

import process
from cluster import Server
from daemon import Daemon
from etcd import Etcd
from normal import assert_same
from ovn import FIXED, SCHEMAS, Ovn, contents_of
from stack import ORACLE, WEFT
from test_ovn import CHASSIS, LATER, NETWORK, play

LEASE = 6  # seconds: ovn-northd starts over with each change of the leader, which a busy machine must not bring about
MOVE_SECONDS = 60  # the lease, and how long Debian's clients wait before they try again


class Northd:
    def __init__(self, name, folder, remotes):
        self.env = {key: str(folder) for key in ("OVS_RUNDIR", "OVN_RUNDIR", "OVS_LOGDIR", "OVN_LOGDIR", "OVS_DBDIR", "OVN_DBDIR")}
        self.control = f"{folder}/{name}.ctl"
        self.daemon = Daemon(name, "/usr/bin/ovn-northd", [f"--ovnnb-db={remotes}", f"--ovnsb-db={remotes}"], self.env, control=self.control)

    def is_active(self):
        return process.run(["ovn-appctl", "-t", self.control, "status"], env=self.env).strip() == "Status: active"


class ClusteredOvn:
    """Two servers that both have both databases, and two ovn-northd that know both servers."""

    def __init__(self, ends):
        self.etcd = ends.enter_context(Etcd())
        addresses = {side: self.etcd.address(f"ovn/{side}") for side in SCHEMAS}
        for side, schema in SCHEMAS.items():
            process.run([WEFT.program("ovsdb-tool"), "create", addresses[side], schema])
        self.servers = []
        for _ in range(2):
            self.servers.append(Server(*addresses.values(), options=(f"--etcd-lease={LEASE}",)))
            ends.callback(self.servers[-1].close)
            self.servers[-1].start()
        self.remotes = ",".join(server.socket for server in self.servers)
        folder = pathlib.Path(ends.enter_context(tempfile.TemporaryDirectory()))
        self.nbctl("init", "--", "set", "NB_Global", ".", *FIXED)
        self.northds = [Northd(name, folder, self.remotes) for name in ("north", "star")]
        for northd in self.northds:
            ends.callback(northd.daemon.stop)
            northd.daemon.start()

    def nbctl(self, *words):
        return process.run(["ovn-nbctl", f"--db={self.remotes}", "--timeout=60", *words], seconds=70)

    def sbctl(self, *words):
        return process.run(["ovn-sbctl", f"--db={self.remotes}", "--timeout=60", *words], seconds=70)

    def one_is_active(self):
        """Which; None if none is. Both at one time is an error: the first is asked before and after."""
        first, second, again = self.northds[0].is_active(), self.northds[1].is_active(), self.northds[0].is_active()
        assert not (first and second and again), "both are active"
        return 0 if again and not second else 1 if second and not again else None

    def leader(self, side):
        name = {"nb": "OVN_Northbound", "sb": "OVN_Southbound"}[side]
        for server in self.servers:
            if not server.daemon.alive():
                continue
            with server.rpc() as rpc:
                rows = rpc.transact("_Server", {"op": "select", "table": "Database", "where": [["name", "==", name]]})[0]["rows"]
            if rows and rows[0]["leader"]:
                return server
        return None


def test_two_northd_are_never_both_active_and_make_what_one_makes():
    with contextlib.ExitStack() as ends:
        ovn, plain = ClusteredOvn(ends), ends.enter_context(Ovn(ORACLE))
        process.until(lambda: ovn.one_is_active() is not None, "one has the lock", MOVE_SECONDS)
        for one in (ovn, plain):
            play(one, NETWORK)
            for words in CHASSIS:
                one.sbctl(*words)
            one.nbctl("--wait=sb", "sync")
        assert_same(contents_of(ovn.servers[0].socket), plain.contents())

        gone = process.until(lambda: ovn.leader("sb"), "the southbound database has a leader", 3 * LEASE)
        gone.daemon.kill()
        left = next(server for server in ovn.servers if server is not gone)
        process.until(lambda: ovn.one_is_active() is not None and ovn.leader("sb") is left, "the server that is left leads, and one has the lock",
                      MOVE_SECONDS)
        active = process.until(lambda: ovn.northds[i] if (i := ovn.one_is_active()) is not None else None, "one is active", MOVE_SECONDS)
        for line in LATER:
            ovn.nbctl(*shlex.split(line))
        active.daemon.kill()
        process.until(lambda: any(n.daemon.alive() and n.is_active() for n in ovn.northds), "the other northd takes over", MOVE_SECONDS)
        ovn.nbctl("--wait=sb", "sync")
        play(plain, LATER)
        assert_same(contents_of(left.socket), plain.contents())
