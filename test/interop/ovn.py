# SPDX-License-Identifier: Apache-2.0
"""OVN's databases on a server of either flavor, and Debian's ovn-northd between them."""
import json
import pathlib
import re
import shutil
import tempfile

import process
from daemon import Daemon

SCHEMAS = {"nb": pathlib.Path("/usr/share/ovn/ovn-nb.ovsschema"), "sb": pathlib.Path("/usr/share/ovn/ovn-sb.ovsschema")}
# What ovn-northd would draw by lot.
FIXED = ('options:mac_prefix="02:aa:bb"', 'options:svc_monitor_mac="02:00:00:00:00:fe"')
# Numbers that it gives out in the order of row identifiers, and times.
BY_LOT = {"tunnel_key", "nb_cfg_timestamp", "sb_cfg_timestamp", "hv_cfg_timestamp"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Ovn:
    """Two servers, as OVN runs them, and ovn-northd; `server_options` go to the southbound one."""

    def __init__(self, flavor, server_options=()):
        self.flavor, self.folder = flavor, pathlib.Path(tempfile.mkdtemp(prefix="ovn-"))
        self.env = {name: str(self.folder) for name in ("OVS_RUNDIR", "OVN_RUNDIR", "OVS_LOGDIR", "OVN_LOGDIR", "OVS_DBDIR", "OVN_DBDIR")}
        self.sockets = {side: f"unix:{self.folder}/{side}.sock" for side in SCHEMAS}
        self.servers = {side: self._server(side, server_options if side == "sb" else ()) for side in SCHEMAS}
        self.northd = self.make_northd("ovn-northd")

    def _server(self, side, options):
        return Daemon(f"{side}-server", self.flavor.program("ovsdb-server"),
                      [self.folder / f"{side}.db", f"--remote=p{self.sockets[side]}", *options], self.env, control=f"{self.folder}/{side}.ctl")

    def make_northd(self, name):
        """One more, beside the first, if it has another name."""
        return Daemon(name, "/usr/bin/ovn-northd", [f"--ovnnb-db={self.sockets['nb']}", f"--ovnsb-db={self.sockets['sb']}"], self.env,
                      control=f"{self.folder}/{name}.ctl")

    def __enter__(self):
        try:
            for side, schema in SCHEMAS.items():
                assert schema.exists(), f"{schema} is missing: apt-get install ovn-common"
                process.run([self.flavor.program("ovsdb-tool"), "create", self.folder / f"{side}.db", schema])
                self.servers[side].start()
            self.nbctl("init", "--", "set", "NB_Global", ".", *FIXED)
            self.northd.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in (self.northd, *self.servers.values()):
            daemon.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def nbctl(self, *words, **options):
        return process.run(["ovn-nbctl", f"--db={self.sockets['nb']}", "--timeout=15", *words], env=self.env, **options)

    def sbctl(self, *words, **options):
        return process.run(["ovn-sbctl", f"--db={self.sockets['sb']}", "--timeout=15", *words], env=self.env, **options)

    def contents(self, side="sb"):
        return contents_of(self.sockets[side], side)


def contents_of(socket, side="sb"):
    """{table: its rows, sorted}, the same for contents that differ only in identifiers and in what ovn-northd draws by lot."""
    name = json.loads(SCHEMAS[side].read_text())["name"]
    tables = [json.loads(line) for line in process.run(["ovsdb-client", "dump", "--format=json", socket, name]).splitlines() if line.strip()]
    return canonical({t["caption"].removesuffix(" table"): [dict(zip(t["headings"], row)) for row in t["data"]] for t in tables})


def canonical(tables):
    """Rows named by what they hold, and what they refer to by its name so far, until that tells no more rows apart."""
    names, kinds = {}, 0
    while True:
        fresh = {row["_uuid"][1]: f"{table} {json.dumps(told(row, names), sort_keys=True)}" for table, rows in tables.items() for row in rows}
        # Names grow with every round: numbers in their order say the same.
        order = {text: n for n, text in enumerate(sorted(set(fresh.values())))}
        names = {uuid: f"row {order[text]}" for uuid, text in fresh.items()}
        if len(order) == kinds:
            return {table: sorted(fresh[row["_uuid"][1]] for row in rows) for table, rows in tables.items()}
        kinds = len(order)


def told(row, names):
    return {column: plain(value, names) for column, value in row.items() if column not in BY_LOT | {"_uuid", "_version"}}


def plain(value, names):
    if isinstance(value, list) and len(value) == 2 and value[0] == "uuid":
        return names.get(value[1], "a row")
    if isinstance(value, list) and len(value) == 2 and value[0] in ("set", "map"):
        pairs = [pair for pair in value[1] if value[0] == "set" or pair[0] != "stage-hint"]  # the first digits of an identifier
        return [value[0], sorted((plain(item, names) for item in pairs), key=json.dumps)]
    if isinstance(value, list):
        return [plain(item, names) for item in value]
    return UUID.sub("a row", value) if isinstance(value, str) else value
