# SPDX-License-Identifier: Apache-2.0
"""ovs-ctl and ovs-save: ours do what Debian's do; and flow-restore-wait, which a restart that keeps flows builds on."""
import pathlib
import re

import pytest

import process
from conftest import FLAVORS
from stack import ORACLE, ROOT, WEFT

SCRIPTS = {ORACLE.name: pathlib.Path("/usr/share/openvswitch/scripts"), WEFT.name: ROOT / "packaging/scripts"}


class Machine:
    """A host's folders, in one of our own; everything runs in the namespace of a switch."""

    def __init__(self, flavor, net, folder):
        self.flavor, self.net, self.folder, self.scripts = flavor, net, folder, SCRIPTS[flavor.name]
        (folder / "openvswitch").mkdir()
        self.env = {name: str(folder) for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR", "TMPDIR")}
        self.env |= {"OVS_PKGDATADIR": str(flavor.schema.parent)}
        if flavor is WEFT:
            self.env |= {"OVS_BINDIR": str(flavor.folders[0]), "OVS_SBINDIR": str(flavor.folders[0])}

    def __call__(self, *words, script="ovs-ctl"):
        return process.result([*self.net.prefix(), self.scripts / script, *words], env=self.env, seconds=60)

    def good(self, *words, **options):
        done = self(*words, **options)
        assert done.returncode == 0, done
        return done.stdout

    def start(self, command="start", *words):
        return self.good("--system-id=random", "--no-mlockall", "--no-monitor", *words, command)

    def run(self, program, *words):
        return process.run([*self.net.prefix(), self.flavor.program(program), *words], env=self.env)

    def vsctl(self, *words):
        return self.run("ovs-vsctl", *words)

    def top(self, column):
        return self.vsctl("--if-exists", "get", "Open_vSwitch", ".", column).strip().strip('"')


@pytest.fixture(params=FLAVORS)
def machine(request, net, tmp_path):
    made = Machine(FLAVORS[request.param], net, tmp_path)
    yield made
    made("stop")


def test_the_life_of_the_daemons(machine):
    assert machine("status").returncode == 1
    machine.start()
    status = machine("status")
    assert status.returncode == 0 and re.fullmatch(r"ovsdb-server is running with pid \d+\novs-vswitchd is running with pid \d+\n", status.stdout)
    first = machine.top("external_ids:system-id")
    assert first == (machine.folder / "openvswitch/system-id.conf").read_text().strip()
    assert machine.top("external_ids:rundir") == str(machine.folder) and machine.top("external_ids:hostname")
    assert machine.top("db_version") and machine.top("ovs_version") and machine.top("system_type") == "debian"
    assert "ovsdb-server is already running" in machine.start()
    machine.good("stop")
    assert machine("status").returncode == 1
    machine.good("stop")
    machine.start("start", "--external-id=a=b", "--system-type=toaster", "--system-version=7")
    assert machine.top("external_ids:system-id") == first and machine.top("external_ids:a") == "b"
    assert (machine.top("system_type"), machine.top("system_version")) == ("toaster", "7")
    machine.good("--no-ovsdb-server", "stop")
    status = machine("status")
    assert status.returncode == 1 and "ovs-vswitchd is not running" in status.stdout and "ovsdb-server is running" in status.stdout


FLOWS = ["cookie=0x5,table=3,priority=9,ip,nw_dst=10.0.0.0/8,actions=dec_ttl,output:7", "table=0,idle_timeout=3600,tcp,tp_dst=80,actions=group:4",
         "table=1,tun_metadata0=5,actions=set_field:0x7->tun_metadata9,output:2", "priority=0,actions=NORMAL"]
TLV_MAP = "{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xff01,type=0x2,len=124}->tun_metadata9"


def test_a_restart_keeps_tlv_maps_flows_and_groups(machine):
    machine.start()
    machine.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "fail_mode=secure", "--", "add-br", "br1",
                  "--", "set", "bridge", "br1", "datapath_type=netdev")
    machine.run("ovs-ofctl", "add-tlv-map", "br0", TLV_MAP)
    machine.run("ovs-ofctl", "-O", "OpenFlow15", "add-group", "br0", "group_id=4,type=all,bucket=bucket_id:0,actions=output:2,bucket=bucket_id:1,actions=output:3")
    for flow in FLOWS:
        machine.run("ovs-ofctl", "-O", "OpenFlow15", "add-flow", "br0", flow)

    def tables():
        return [[line for line in machine.run("ovs-ofctl", "-O", "OpenFlow15", *words).splitlines() if " reply " not in line] for words in (
            ["--no-stats", "--sort", "dump-flows", "br0"], ["dump-groups", "br0"], ["dump-tlv-map", "br0"], ["--no-stats", "--sort", "dump-flows", "br1"])]

    before = tables()
    pid = (machine.folder / "ovs-vswitchd.pid").read_text()
    assert len(before[0]) == 4 and len(before[1]) == 1 and sum("tun_metadata" in line for line in before[2]) == 2
    said = machine.start("restart")
    assert "Saving flows" in said and "Restoring saved flows" in said
    assert tables() == before and (machine.folder / "ovs-vswitchd.pid").read_text() != pid
    assert machine.top("other_config") == "{}"
    assert not list(machine.folder.glob("ovs-*.*T*")) or machine.flavor is ORACLE


def test_ports_and_bridges_that_are_not_to_last(machine):
    machine.start()
    machine.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "--", "add-port", "br0", "t0", "--", "set", "port", "t0",
                  "other_config:transient=true", "--", "set", "interface", "t0", "type=internal", "--", "add-port", "br0", "p0", "--", "set", "interface",
                  "p0", "type=internal")
    machine.good("delete-transient-ports")
    assert machine.vsctl("list-ports", "br0") == "p0\n"
    machine.good("stop")
    machine.start("start", "--delete-bridges")
    assert machine.vsctl("list-br") == ""


def test_what_is_asked_wrongly(machine):
    for words in ([], ["frob"]):
        done = machine(*words)
        assert done.returncode == 1 and "(use --help for help)" in done.stderr
    assert "unknown option \"--frob\" (use --help for help)" in machine("--frob", "version").stderr
    assert machine.good("version").splitlines() == ["ovsdb-server (Open vSwitch) 3.1.0", "ovs-vswitchd (Open vSwitch) 3.1.0"]
    assert "restart" in machine.good("--help") and "save-flows" in machine.good("--help", script="ovs-save")


def test_there_is_no_kernel_module_to_load(net, tmp_path):
    machine = Machine(WEFT, net, tmp_path)
    assert "there is no kernel module" in machine.good("load-kmod")
    done = machine("--system-type", "start")
    assert done.returncode == 1 and "--system-type=VALUE" in done.stderr


def test_while_flows_are_restored_no_packet_passes_and_no_controller_comes(dummy):
    port = dummy.folder / "controller"
    dummy.add_dummy(**{"fail-mode": "standalone"})
    dummy.vsctl("set", "Open_vSwitch", ".", "other_config:flow-restore-wait=true")
    dummy.switch.stop()
    controller = process.background([WEFT.program("ovs-testcontroller"), "--hub", f"punix:{port}", "--unixctl=none"])
    with process.killed_after(controller):
        process.until(port.exists, "the controller's socket")
        dummy.vsctl("--no-wait", "set-controller", "br0", f"unix:{port}")
        dummy.switch.start()
        dummy.ofctl("add-flow", "br0", "priority=5,in_port=1,idle_timeout=3600,actions=output:2")

        def sent():
            return dummy.ofctl("dump-ports", "br0", "2").split("tx pkts=")[1].split(",")[0]

        for _ in range(3):
            dummy.receive("p1", "eth(src=02:00:00:00:00:0a,dst=02:00:00:00:00:0b),eth_type(0x0800),ipv4(proto=1,frag=no),icmp(type=8,code=0)")
        assert sent() == "0" and dummy.get("Controller", ".", "is_connected") == "false"
        if dummy.switch_flavor is WEFT:
            assert "flow_restore_wait" in dummy.appctl("drops/show")
            assert "remove Open_vSwitch . other_config flow-restore-wait" in dummy.appctl("drops/why", "--last", "1")
        dummy.vsctl("remove", "Open_vSwitch", ".", "other_config", "flow-restore-wait")
        process.until(lambda: dummy.get("Controller", ".", "is_connected") == "true", "the controller is connected")
        dummy.receive("p1", "eth(src=02:00:00:00:00:0a,dst=02:00:00:00:00:0b),eth_type(0x0800),ipv4(proto=1,frag=no),icmp(type=8,code=0)")
        process.until(lambda: sent() != "0", "a packet passes")
