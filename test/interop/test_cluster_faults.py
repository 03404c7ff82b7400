# SPDX-License-Identifier: Apache-2.0
"""Three etcd members and three servers: members and servers are killed and stopped under load, and what clients saw is checked. And etcd with TLS
and users."""
import contextlib
import random
import subprocess
import threading
import time

import pytest

import process
from cluster import DB, LEASE, Server, cluster, count, create, insert, select
from etcd import Etcd

CLIENTS, FAULTS = 20, 8


class Client(threading.Thread):
    """Counts up a row with all the others, and inserts rows of its own; goes on at another server when one fails. `seen` has (begin, end, n) of each
    count, n being what it made; n is None where nobody knows."""

    def __init__(self, number, servers, ended):
        super().__init__()
        self.number, self.servers, self.ended = number, servers, ended
        self.seen, self.kept, self.doubtful = [], [], []

    def run(self):
        at = self.number
        while not self.ended.is_set():
            with contextlib.suppress(OSError, AssertionError), self.servers[at % len(self.servers)].rpc(LEASE * 3) as rpc:
                while not self.ended.is_set() and self.one(rpc):
                    pass
            at += 1
            self.ended.wait(0.05)

    def one(self, rpc):
        name, begin, result = f"{self.number}-{len(self.kept) + len(self.doubtful)}", time.monotonic(), None
        try:
            reply = rpc.call("transact", DB, insert(name), count("count"), select("n", where=[["name", "==", "count"]]))
            result = reply["result"]
        finally:
            if not result or "error" in str(result):
                self.doubtful.append(name)
                self.seen.append((begin, time.monotonic(), None))
        if "error" in str(result):
            return False
        self.kept.append(name)
        self.seen.append((begin, time.monotonic(), result[2]["rows"][0]["n"]))
        return True


def not_linearizable(seen):
    """Of counts that each made a number: two that made the same, or one that began after another had ended and made less. Empty if all is well."""
    known = sorted((s for s in seen if s[2] is not None), key=lambda s: s[2])
    bad = [(a, b) for a, b in zip(known, known[1:]) if a[2] == b[2]]
    latest = (0, 0, 0)  # of those with a smaller number the one that began last
    for one in known:
        if one[1] < latest[0]:
            bad.append((latest, one))
        latest = max(latest, one)
    return bad


def test_the_checker_finds_a_stale_read_and_a_lost_update():
    assert not not_linearizable([(0, 2, 1), (1, 3, 2), (4, 5, 3), (4, 6, None)])
    assert not_linearizable([(0, 1, 5), (2, 3, 4)]), "the later one saw less"
    assert not_linearizable([(0, 1, 5), (0, 3, 5)]), "both made the same"


def acknowledged(clients):
    return sum(len(client.kept) for client in clients)


def disturb(etcd, servers, clients):
    """Kills or stops one etcd member or one server after the other; clients have to go on meanwhile. Brings it back."""
    faults = [(what, i) for what in ("kill server", "stop server", "kill member", "stop member") for i in range(3)]
    random.Random(5).shuffle(faults)
    for what, i in faults[:FAULTS]:
        target = etcd if "member" in what else servers[i].daemon
        if what == "kill server":
            target.kill()
        elif what == "stop server":
            target.kill(19)
        elif what == "kill member":
            etcd.kill(i)
        else:
            etcd.pause(i)
        done = acknowledged(clients)
        process.until(lambda: acknowledged(clients) >= done + 100, f"clients go on after {what} {i}", LEASE + 12)  # noqa: B023
        if "server" in what:
            process.until(lambda: len(etcd.keys("/weft/things/server/")) == 2, "the lease is over", LEASE + 12)
        if what == "kill server":
            process.until(lambda: process.result(target.command, env=target.env, seconds=30).returncode == 0, "the server starts", 30)  # noqa: B023
            target.pid = target._read_pid()
        elif what == "stop server":
            target.kill(18)
        elif what == "kill member":
            etcd.start(i)
        else:
            etcd.resume(i)
        process.until(etcd.healthy, "etcd is healthy", 30)
    return faults[:FAULTS]


def test_what_was_acknowledged_survives_and_is_linearizable():
    with cluster(3, members=3) as (etcd, *servers):
        servers[0].transact(insert("count"))
        ended = threading.Event()
        clients = [Client(i, servers, ended) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            faults = disturb(etcd, servers, clients)
        finally:
            ended.set()
            for client in clients:
                client.join()
        process.until(lambda: all(s.row()["connected"] for s in servers), "all are back", 30)
        seen = [s for client in clients for s in client.seen]
        print(len(seen), "transactions,", sum(s[2] is None for s in seen), "in doubt")
        assert len(seen) > 100 and not not_linearizable(seen), (faults, not_linearizable(seen)[:3])
        kept = {n for client in clients for n in client.kept}
        allowed = kept | {n for client in clients for n in client.doubtful} | {"count"}
        for server in servers:
            names = set(server.names())
            assert kept <= names <= allowed, (faults, kept - names, names - allowed)
            rows = server.transact(select("n", where=[["name", "==", "count"]]))[0]["rows"]
            assert rows == [{"n": len(names) - 1}], "each row that is there was counted once"
        process.until(lambda: len([s for s in servers if s.row()["leader"]]) == 1, "one leads", 20)


def try_to(server, operation):
    with server.rpc() as rpc:
        return rpc.call("transact", DB, operation)["result"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A CA, and a certificate for 127.0.0.1 that serves both ends."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    for words in (("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2"),
                  ("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=weft"),
                  ("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", "cert.pem", "-extfile", "ext")):
        done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    return folder


def test_etcd_is_reached_by_tls(keys):
    secured = [f"--cert-file={keys}/cert.pem", f"--key-file={keys}/key.pem", f"--trusted-ca-file={keys}/ca.pem", "--client-cert-auth"]
    ours = [f"--etcd-ca-cert={keys}/ca.pem", f"--etcd-certificate={keys}/cert.pem", f"--etcd-private-key={keys}/key.pem"]
    ctl = [f"--cacert={keys}/ca.pem", f"--cert={keys}/cert.pem", f"--key={keys}/key.pem"]
    with Etcd(options=secured, ctl_options=ctl) as etcd, contextlib.ExitStack() as ends:
        assert create(etcd, *ours).returncode == 0
        assert create(etcd, ours[0]).returncode == 1, "etcd asks for a certificate"
        assert "go together" in create(etcd, *ours[:2]).stderr
        assert "cannot be read" in create(etcd, "--etcd-ca-cert=/none").stderr
        server = Server(etcd.address(), options=ours)
        ends.callback(server.close)
        server.start().transact(insert("x"))
        assert server.names() == ["x"] and server.row()["connected"]


def test_etcd_asks_for_a_user(tmp_path):
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "wrong").write_text("guess\n")
    ours = ["--etcd-user=weft", f"--etcd-password-file={tmp_path}/password"]
    with Etcd() as etcd, contextlib.ExitStack() as ends:
        for words in (("user", "add", "root:root"), ("user", "grant-role", "root", "root"), ("role", "add", "weft"),
                      ("role", "grant-permission", "weft", "--prefix=true", "readwrite", "/weft/"), ("user", "add", "weft:secret"),
                      ("user", "grant-role", "weft", "weft"), ("auth", "enable")):
            done = etcd.ctl(*words)
            assert done.returncode == 0, (words, done)
        assert create(etcd).returncode == 1
        refused = create(etcd, ours[0], f"--etcd-password-file={tmp_path}/wrong")
        assert refused.returncode == 1 and "authentication failed" in refused.stderr, refused
        assert "permission denied" in create(etcd, *ours, prefix="other/x").stderr
        done = create(etcd, *ours)
        assert done.returncode == 0, done.stderr
        server = Server(etcd.address(), options=ours)
        ends.callback(server.close)
        server.start().transact(insert("x"))
        assert server.names() == ["x"]
        etcd.kill()
        etcd.start()
        process.until(lambda: "error" not in str(try_to(server, insert("y"))), "the server gets itself another token", 15)
        assert server.names() == ["x", "y"]
