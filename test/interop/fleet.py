# SPDX-License-Identifier: Apache-2.0
"""A small database of ships with rules of who may write them, clients with certificates, and the operations they try."""
import contextlib
import json
import pathlib
import socket
import ssl

import process
from rpc import Rpc

SCHEMA = pathlib.Path(__file__).with_name("fleet.ovsschema")
REMOTES = "db:Fleet,Remotes,connections"
SUBJECTS = {"authority": "/CN=authority", "server": "/CN=server", "ann": "/O=x/CN=ann", "bob": "/CN=bob", "nameless": "/O=nobody",
            "twice": "/CN=ann/CN=bob", "quotes": '/CN=an"n', "umlaut": "/CN=\u00e4nn"}


class Keys:
    """One authority and whom it knows."""

    def __init__(self, folder):
        self.folder = folder
        for name, subject in SUBJECTS.items():
            key, certificate = self.of(name)
            by = [] if name == "authority" else [word for pair in zip(("-CAkey", "-CA"), self.of("authority")) for word in pair]
            process.run(["openssl", "req", "-x509", "-utf8", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                         "-subj", subject, "-keyout", key, "-out", certificate, *by])

    def of(self, name):
        return self.folder / f"{name}-key.pem", self.folder / f"{name}-cert.pem"

    def options(self):
        key, certificate = self.of("server")
        return (f"--private-key={key}", f"--certificate={certificate}", f"--ca-cert={self.of('authority')[1]}")

    def connect(self, port, name):
        """A client that shows that name's certificate, once somebody listens."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(self.of("authority")[1])
        context.load_cert_chain(*reversed(self.of(name)))

        def attempt():
            with contextlib.suppress(ConnectionRefusedError):
                rpc = Rpc(f"tcp:127.0.0.1:{port}")
                rpc.socket = context.wrap_socket(rpc.socket)
                return rpc
        return process.until(attempt, f"port {port} is served")


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def strings(*words):
    return ["set", list(words)]


def pairs(**values):
    return ["map", [list(pair) for pair in values.items()]]


def insert(table="Ship", **row):
    return {"op": "insert", "table": table, "row": row}


def update(where=(), **row):
    return {"op": "update", "table": "Ship", "where": list(where), "row": row}


def mutate(*mutations, where=()):
    return {"op": "mutate", "table": "Ship", "where": list(where), "mutations": list(mutations)}


def delete(table="Ship", where=()):
    return {"op": "delete", "table": table, "where": list(where)}


def is_of(owner):
    return [["owner", "==", owner]]


ABORT = {"op": "abort"}


def rule(*tables, authorization=(), update=(), insert_delete=False):
    """Operations that make this the only rule of the only role, "captain"."""
    row = {"authorization": strings(*authorization), "update": strings(*update), "insert_delete": insert_delete}
    permissions = ["map", [[table, ["named-uuid", "rule"]] for table in tables or ["Ship"]]]
    return [delete("RBAC_Role"), delete("RBAC_Permission"), insert("RBAC_Permission", **row) | {"uuid-name": "rule"},
            insert("RBAC_Role", name="captain", permissions=permissions)]


def remotes(*rows):
    """Operations that make these the remotes that the database names."""
    return [delete("Remotes"), *(insert("Connection", **row) | {"uuid-name": f"c{i}"} for i, row in enumerate(rows)),
            insert("Remotes", connections=["set", [["named-uuid", f"c{i}"] for i in range(len(rows))]])]


def said(rpc, *operations, database="Fleet"):
    """The answer to a transaction, without uuids, rows in a fixed order."""
    return without_uuids(rpc.call("transact", database, *operations))


def without_uuids(answer):
    return json.dumps({k: v for k, v in blank(answer).items() if k != "id"}, sort_keys=True)


def blank(value):
    if isinstance(value, dict):
        return {k: sorted(map(blank, v), key=json.dumps) if k == "rows" else blank(v) for k, v in value.items()}
    if isinstance(value, list):
        return ["uuid", "UUID"] if len(value) == 2 and value[0] == "uuid" else [blank(v) for v in value]
    return value
