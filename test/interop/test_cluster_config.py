# SPDX-License-Identifier: Apache-2.0
"""ovsdb-server --config-file with databases in etcd."""
import contextlib
import json

import pytest

import process
from cluster import DB, LEASE, SCHEMA, Server, cluster, create, insert
from daemon import Daemon
from etcd import Etcd
from stack import WEFT


class Configured(Server):
    """A server that a file tells what to serve."""

    def __init__(self):
        super().__init__()
        self.file = self.folder / "config.json"
        self.databases = {}
        self.write()
        self.daemon = Daemon("ovsdb-server", WEFT.program("ovsdb-server"), [f"--config-file={self.file}", f"--etcd-lease={LEASE}"], self.env)

    def write(self):
        self.file.write_text(json.dumps({"remotes": {f"punix:{self.folder}/db.sock": {}}, "databases": self.databases}))

    def reload(self, **databases):
        self.databases = databases
        self.write()
        return self.appctl("ovsdb-server/reload")

    def serves(self):
        return self.appctl("ovsdb-server/list-dbs").stdout.split()

    def has_loaded_grpc(self):
        with open(f"/proc/{self.daemon.pid}/maps", encoding="ascii") as maps:
            return "weft-etcd" in maps.read()


def succeeds(done):
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done


def file_database(folder):
    tool, path = WEFT.program("ovsdb-tool"), folder / "things.db"
    process.run([tool, "create", path, SCHEMA])
    process.run([tool, "transact", path, json.dumps([DB, insert("in a file")])])
    return str(path)


@pytest.fixture
def configured():
    with contextlib.closing(Configured()) as server:
        yield server.start()


@pytest.fixture
def beside(configured):
    """An etcd with a server of its database, and the server that may get it by its file."""
    with cluster(1) as (etcd, other):
        yield etcd, other, configured
        configured.daemon.stop()


def test_a_reload_adds_and_removes_a_database_in_etcd(beside):
    etcd, other, server = beside
    with server.rpc() as rpc:
        assert rpc.call("set_db_change_aware", True)["result"] == {}
        assert not server.has_loaded_grpc()
        other.transact(insert("x"))
        succeeds(server.reload(**{etcd.address(): {"service-model": "clustered"}}))
        assert server.serves() == [DB, "_Server"] and server.has_loaded_grpc()
        assert server.names() == ["x"] and server.row()["model"] == "clustered"
        server.transact(insert("y"))
        assert other.names() == ["x", "y"]
        succeeds(server.reload(**{etcd.address(): None}))
        assert rpc.call("list_dbs")["result"] == [DB, "_Server"], "this connection was not touched"
        succeeds(server.reload())
        assert rpc.call("list_dbs")["result"] == ["_Server"]
    process.until(lambda: "(self)\n" in (said := other.appctl("cluster/status", DB).stdout) and said.count("pid") == 1, "it has left", LEASE * 2)


def test_a_server_starts_with_such_a_file(beside):
    etcd, other, server = beside
    server.daemon.stop()
    other.transact(insert("x"))
    server.databases = {etcd.address(): {}}
    server.write()
    assert server.start().names() == ["x"]
    server.daemon.stop()
    server.databases = {etcd.address("none/here"): {}}
    server.write()
    failed = process.result(server.daemon.command, env=server.env)
    assert failed.returncode == 1 and f"{server.file}: {etcd.address('none/here')}: " in failed.stderr and "ovsdb-tool create" in failed.stderr, failed


def test_a_database_moves_from_a_file_into_etcd_and_back(configured):
    path = file_database(configured.folder)
    succeeds(configured.reload(**{path: {"service-model": "standalone"}}))
    with Etcd() as etcd:
        assert create(etcd, schema=path).returncode == 0
        configured.transact(insert("too late"))
        succeeds(configured.reload(**{etcd.address(): {}}))
        assert configured.names() == ["in a file"]
        configured.transact(insert("in etcd"))
        succeeds(configured.reload(**{path: {}}))
        assert configured.names() == ["in a file", "too late"]
        succeeds(configured.reload(**{etcd.address(): {}}))
        assert configured.names() == ["in a file", "in etcd"]


def test_what_cannot_be_had_changes_nothing(beside):
    etcd, _, server = beside
    path = file_database(server.folder)
    for before, name in ((path, "in a file"), (etcd.address(), "in etcd")):
        succeeds(server.reload(**{before: {}}))
        if before != path:
            server.transact(insert(name))
        for wanted, error in ({etcd.address("none/here"): {}}, "ovsdb-tool create"), ({etcd.address(): {}, path: {}}, "already there"), \
                ({etcd.address(): {}, "none.db": {}}, "none.db: open failed"):
            failed = server.reload(**wanted)
            assert failed.returncode == 2 and f"{server.file}: " in failed.stderr and error in failed.stderr, failed
            assert server.serves() == [DB, "_Server"] and server.names() == [name]


def test_an_etcd_that_does_not_answer_holds_up_nobody(configured):
    server = configured
    path = file_database(server.folder)
    server.databases = {path: {}, "etcd://127.0.0.1:1/x": {}}
    server.write()
    reloading = process.background(["ovs-appctl", "-T", "30", "-t", "ovsdb-server", "ovsdb-server/reload"], env=server.env, stderr=process.PIPE)
    with process.killed_after(reloading):
        process.until(lambda: "try again when that is done" in server.appctl("ovsdb-server/reload").stderr, "a second reload is refused")
        assert "_Server" in server.serves()
        error = reloading.communicate(timeout=30)[1]
        assert reloading.returncode == 2 and "etcd://127.0.0.1:1/x: " in error, error
    assert server.serves() == ["_Server"]
    succeeds(server.reload(**{path: {}}))
    assert server.names() == ["in a file"]
