# SPDX-License-Identifier: Apache-2.0
"""weft doctor: setups broken on purpose are each named, with what to change, and well again once that is done."""
import json
import pathlib
import subprocess
import sys

import pytest

from stack import USER, WEFT

HERE = pathlib.Path(__file__).resolve().parent
MOUNTED = ["sh", "-c", 'mount -t bpf bpf /sys/fs/bpf && exec "$@"', "sh"]


def doctor(net, stack, *devices, within=(), mounted=MOUNTED):
    """What weft doctor says, in the switch's namespace and under the command `within`."""
    done = stack.result(*net.prefix(), *mounted, *within, WEFT.program("weft"), "--format=json", "doctor", *devices)
    said = json.loads(done.stdout)
    assert done.returncode == (2 if any(f["grade"] == "fault" for f in said["findings"]) else 0), done
    return said


def named(said, grade=("fault", "slow")):
    return {(f["subject"], f["name"]): f["remedy"] for f in said["findings"] if f["grade"] in grade}


@pytest.fixture
def br(ours, net):
    net.host("h1", offloads=True)
    net.host("h2", offloads=True)
    ours.add_bridge("br0", "h1", "h2")
    net.run("sw", "ip", "link", "set", "br0", "up")
    return ours


def test_a_healthy_switch_has_no_fault_and_its_ports_have_hooks(br, net):
    said = doctor(net, br)
    assert said["datapath"] == "ebpf" and named(said) == {}, said
    assert {p["device"]: p["hook"] for p in said["ports"]} == {"h1": "tc", "h2": "tc", "br0": "none" if br.switch_flavor is USER else "tc"}, said
    text = br.result(*net.prefix(), *MOUNTED, WEFT.program("weft"), "doctor").stdout
    assert text.startswith("datapath: ebpf (") and "port h1: hook tc (" in text, text


@pytest.mark.parametrize("name,within,remedy", [
    ("no_privilege", ["setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin"], "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"),
    ("no_bpf", [sys.executable, str(HERE / "without_bpf.py")], "seccomp"),
    ("no_types", ["sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh"], "CONFIG_DEBUG_INFO_BTF"),
])
def test_what_takes_the_kernels_datapath_away_is_named(name, within, remedy, br, net):
    if name == "no_privilege":  # a switch that runs may have other privileges
        br.switch.stop()
    said = doctor(net, br, within=within)
    assert remedy in named(said)[("kernel", name)], said
    assert said["datapath"] == "userspace" and said["reason"], said


def test_a_missing_bpf_file_system_is_named(br, net):
    said = doctor(net, br, mounted=())
    assert named(said) == {("kernel", "no_file_system"): "mount -t bpf bpf /sys/fs/bpf"} and said["datapath"] == "ebpf", said


def test_a_switch_without_privilege_is_named(br, net):
    br.switch.stop()
    n = len(net.prefix())
    br.switch.command[n:n] = ["setpriv", "--bounding-set", "-bpf,-sys_admin"]
    br.allowed.append("forwarding in user space instead")
    br.switch.start()
    said = doctor(net, br)
    assert "AmbientCapabilities=CAP_BPF" in named(said)[("switch", "switch_privilege")] and said["datapath"] == "userspace", said


@pytest.mark.parametrize("name,breaks,remedy", [
    ("down", "ip link set h1 down", "ip link set h1 up"),
    ("enslaved", "ip link add k0 type bridge; ip link set h1 master k0", "ip link set h1 nomaster"),
    ("address", "ip addr add 10.1.1.1/24 dev h1", "ip addr del 10.1.1.1/24 dev h1"),
    ("tso", "ethtool -K h1 tso off", "ethtool -K h1 tso on"),
    ("tx_checksum", "ethtool -K h1 tx off", "ethtool -K h1 tx on"),
    ("mtu", "ip link set h2 mtu 9000", "ip link set h1 mtu 9000"),
])
def test_an_ailing_device_is_named_and_the_remedy_cures(name, breaks, remedy, br, net):
    net.run("sw", "sh", "-c", breaks)
    said = doctor(net, br, "h1", "h2")
    told = named(said)[("h1", name)]
    assert told.startswith(remedy), said
    net.run("sw", "sh", "-c", told.split(",")[0])
    assert ("h1", name) not in named(doctor(net, br, "h1", "h2"))


def test_a_foreign_xdp_program_is_named(br, net):
    with net.background("sw", sys.executable, HERE / "attach_xdp.py", "h1", stdout=subprocess.PIPE) as attached:
        assert attached.stdout.readline() == "attached\n"
        assert named(doctor(net, br, "h1"))[("h1", "xdp_attached")].startswith("ip link set h1 xdp off")
    assert ("h1", "xdp_attached") not in named(doctor(net, br, "h1"))


def test_the_switchs_own_xdp_program_is_no_fault(br, net):
    net.run("sw", "ethtool", "-K", "h1", "tso", "off")
    br.vsctl("set", "interface", "h1", "other_config:ebpf-hook=xdp")
    said = doctor(net, br, "h1", "h2")
    assert named(said) == {} and [p["hook"] for p in said["ports"]] == ["xdp", "tc"], said


def test_a_doctor_from_outside_looks_into_the_switchs_namespace(br):
    done = br.result(WEFT.program("weft"), "--format=json", "doctor")
    assert {p["device"] for p in json.loads(done.stdout)["ports"]} == {"h1", "h2", "br0"}, done


def test_a_peer_without_napi_is_named(br, net):
    net.run("h1", "ethtool", "-K", "eth0", "gro", "off")
    said = doctor(net, br, "h1", "h2")
    assert named(said, ("note",))[("h1", "peer_napi")] == "ethtool -K eth0 gro on, at the other end", said
    net.run("h1", "ethtool", "-K", "eth0", "gro", "on")
    assert ("h1", "peer_napi") not in named(doctor(net, br, "h1"), ("note",))


def test_a_device_that_is_not_there_is_named(br, net):
    assert "create it" in named(doctor(net, br, "h1", "nowhere0"))[("nowhere0", "no_device")]
