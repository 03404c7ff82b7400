# SPDX-License-Identifier: Apache-2.0
"""Servers that share a database in etcd."""
import contextlib
import pathlib
import shutil
import tempfile

import process
from daemon import Daemon
from etcd import Etcd
from rpc import Rpc
from stack import WEFT

SCHEMA = pathlib.Path(__file__).with_name("cluster.ovsschema")
DB = "Things"
LEASE = 3  # seconds
ROW = {"op": "select", "table": "Database", "where": [["name", "==", DB]]}


def insert(name, **more):
    return {"op": "insert", "table": "Item", "row": {"name": name} | more}


def select(*columns, where=(), table="Item"):
    return {"op": "select", "table": table, "where": list(where), "columns": list(columns or ["name"])}


def update(name_now, /, **row):
    return {"op": "update", "table": "Item", "where": [["name", "==", name_now]], "row": row}


def count(name):
    """One more in its column n."""
    return {"op": "mutate", "table": "Item", "where": [["name", "==", name]], "mutations": [["n", "+=", 1]]}


class Server:
    """One ovsdb-server with a folder of its own."""

    def __init__(self, *databases, options=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="server-"))
        folder = str(self.folder)
        self.env = dict.fromkeys(("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR"), folder) | {"OVS_CTL_TIMEOUT": "15"}
        self.socket = f"unix:{folder}/db.sock"
        self.daemon = Daemon("ovsdb-server", WEFT.program("ovsdb-server"),
                             [*databases, f"--remote=punix:{folder}/db.sock", "--no-dbs", f"--etcd-lease={LEASE}", *options], self.env)

    def start(self):
        self.daemon.start()
        return self

    def close(self):
        self.daemon.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rpc(self, seconds=20):
        return Rpc(self.socket, seconds)

    def transact(self, *operations):
        with self.rpc() as rpc:
            return rpc.transact(DB, *operations)

    def names(self):
        return sorted(row["name"] for row in self.transact(select())[0]["rows"])

    def row(self):
        """Its row in _Server."""
        with self.rpc() as rpc:
            return rpc.transact("_Server", ROW)[0]["rows"][0]

    def appctl(self, *words):
        return process.result(["ovs-appctl", "-T", "15", "-t", "ovsdb-server", *words], env=self.env)

    def log(self):
        return self.daemon.log()


def create(etcd, *options, schema=SCHEMA, prefix="weft/things"):
    return process.result([WEFT.program("ovsdb-tool"), *options, "create", etcd.address(prefix), schema])


@contextlib.contextmanager
def cluster(servers, members=1, etcd_options=(), server_options=()):
    """etcd with the database of cluster.ovsschema, and servers of it."""
    with contextlib.ExitStack() as ends:
        etcd = ends.enter_context(Etcd(members, etcd_options))
        done = create(etcd)
        assert done.returncode == 0, done.stderr
        made = []
        for _ in range(servers):
            made.append(Server(etcd.address(), options=server_options))
            ends.callback(made[-1].close)
            made[-1].start()
        yield etcd, *made
