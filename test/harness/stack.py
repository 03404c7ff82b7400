# SPDX-License-Identifier: Apache-2.0
"""A database and a switch in a folder of their own, and Debian's clients pointed at them."""
import contextlib
import dataclasses
import os
import pathlib
import shutil
import tempfile

import process
from daemon import Daemon

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Flavor:
    """Whose programs run: Debian's Open vSwitch (the oracle) or ours."""
    name: str
    folders: tuple
    schema: pathlib.Path
    datapath: str = ""  # datapath_type of its bridges

    def program(self, name):
        for folder in self.folders:
            if (folder / name).exists():
                return folder / name
        raise AssertionError(f"{self.name}: no program {name} in {' '.join(map(str, self.folders))}: "
                             "apt-get install openvswitch-switch, or cmake --build --preset release")

    def __str__(self):
        return self.name


ORACLE = Flavor("oracle", (pathlib.Path("/usr/sbin"), pathlib.Path("/usr/bin")),
                pathlib.Path("/usr/share/openvswitch/vswitch.ovsschema"), "netdev")
WEFT = Flavor("weft", tuple(map(pathlib.Path, os.environ.get("WEFT_BIN", str(ROOT / "build/release/bin")).split(":"))),
              pathlib.Path(os.environ.get("WEFT_SCHEMA", ROOT / "schema/vswitch.ovsschema")))
USER = dataclasses.replace(WEFT, name="weft-user", datapath="netdev")
EBPF = dataclasses.replace(WEFT, name="weft-ebpf", datapath="ebpf")

# A client of Debian's that ends while the server still writes to it is no fault of the server.
CLIENT_GONE = r"(jsonrpc|reconnect|stream\w*)\|WARN\|.*(Broken pipe|Connection reset by peer)"


class Stack:
    """ovsdb-server and ovs-vswitchd, of one flavor or two, with a folder of their own. `switch_options` go to
    ovs-vswitchd; `net` (net.Net) puts the switch into that net's switch namespace."""
    FIXED = {"fail-mode": "secure", "other_config:datapath-id": "0123456789abcdef", "other_config:hwaddr": "02:00:00:00:00:99"}

    def __init__(self, server, switch=None, net=None, switch_options=(), server_options=(), schema=None):
        self.server_flavor, self.switch_flavor, self.net = server, switch or server, net
        self.server_options, self.switch_options = server_options, switch_options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-"))
        folder = str(self.folder)
        self.env = {"OVS_RUNDIR": folder, "OVS_LOGDIR": folder, "OVS_DBDIR": folder, "OVS_SYSCONFDIR": folder, "OVS_CTL_TIMEOUT": "15"}
        self.schema = schema or server.schema
        self.db_file = self.folder / "conf.db"
        self.socket = f"unix:{folder}/db.sock"
        self.server = self.make_server(server)
        self.switch = self.make_switch(self.switch_flavor)
        self.allowed = [CLIENT_GONE]

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.switch.stop()
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_server(self, flavor):
        """A server of any flavor on this stack's file and socket."""
        return Daemon("ovsdb-server", flavor.program("ovsdb-server"),
                      [self.db_file, f"--remote=punix:{self.folder}/db.sock", *self.server_options], self.env)

    def make_switch(self, flavor, name="ovs-vswitchd"):
        """A switch of any flavor on this stack's database; one with another name has its own pidfile, log and socket."""
        control = None if name == "ovs-vswitchd" else f"{self.folder}/{name}.ctl"
        return Daemon(name, flavor.program("ovs-vswitchd"), [self.socket, *self.switch_options], self.env,
                      self.net.prefix() if self.net else (), control)

    def start(self):
        self.start_server()
        self.vsctl("--no-wait", "init")
        self.switch.start()

    def start_server(self):
        if not self.db_file.exists():
            process.run([self.server_flavor.program("ovsdb-tool"), "create", self.db_file, self.schema])
        self.server.start()

    def vsctl(self, *words, **options):
        return process.run(["ovs-vsctl", f"--db={self.socket}", *words], env=self.env, **options)

    def add_bridge(self, name, *ports, **settings):
        """A bridge with ports of the same names as their devices, on the flavor's datapath."""
        settings = ({"datapath_type": self.switch_flavor.datapath} if self.switch_flavor.datapath else {}) | settings
        words = ["add-br", name, *(["--", "set", "bridge", name, *(f"{k}={v}" for k, v in settings.items())] if settings else [])]
        for port in ports:
            words += ["--", "add-port", name, port]
        self.vsctl(*words)

    def add_dummy(self, name="br0", ports=3, **settings):
        """A bridge of dummy ports p1 ... pN with OpenFlow numbers 1 ... N, its datapath id and address fixed; drops what misses."""
        settings = self.FIXED | settings
        words = ["add-br", name, "--", "set", "bridge", name, *(f"{k}={v}" for k, v in settings.items())]
        for i in range(1, ports + 1):
            words += ["--", "add-port", name, f"p{i}", "--", "set", "interface", f"p{i}", "type=dummy", f"ofport_request={i}"]
        self.vsctl(*words)

    def receive(self, port, *packets):
        """Lets a dummy port receive packets, each a flow's text or the frame's bytes in hexadecimal."""
        return self.appctl("netdev-dummy/receive", port, *packets)

    def ofctl(self, *words, **options):
        return process.run(["ovs-ofctl", *words], env=self.env, **options)

    def appctl(self, *words, target="ovs-vswitchd", **options):
        return process.run(["ovs-appctl", "-T", "15", "-t", target, *words], env=self.env, **options)

    @contextlib.contextmanager
    def without_revalidation(self):
        """For flows that are made by hand: Debian's switch takes out of its datapath what it did not make, sooner or later."""
        self.appctl("revalidator/pause")
        try:
            yield
        finally:
            self.appctl("revalidator/resume")

    def result(self, *command, **options):
        """Any program in this stack's environment, its exit code not looked at."""
        return process.result(command, env=self.env | options.pop("env", {}), **options)

    def dbclient(self, *words, **options):
        return process.run(["ovsdb-client", *words], env=self.env, **options)

    def get(self, table, row, column):
        """A column's value as ovs-vsctl prints it, without quotes."""
        return self.vsctl("--if-exists", "get", table, row, column).strip().strip('"')

    def ofport(self, interface):
        """The interface's OpenFlow port number, once the switch has set it."""
        return int(process.until(lambda: self.get("Interface", interface, "ofport").strip("[]"), f"ofport of {interface}"))

    def complaints(self):
        """What the logs of our daemons complain of."""
        pairs = ((self.server_flavor, self.server), (self.switch_flavor, self.switch))
        return [f"{d.name}: {line}" for f, d in pairs if f is WEFT for line in d.complaints(self.allowed)]

    def logs(self, lines=60):
        return "\n".join("\n".join([f"--- {d.name} ({'alive' if d.alive() else 'dead'})"] + d.log().splitlines()[-lines:])
                         for d in (self.server, self.switch))
