# SPDX-License-Identifier: Apache-2.0
"""The change from Debian's openvswitch-switch to ours and back, and ovn-host on top of ours, in a chroot of Debian 12."""
import os
import pathlib
import shutil

import pytest

import process

SECONDS = 900
CTL = "/usr/share/openvswitch/scripts/ovs-ctl"


class Chroot:
    def __init__(self, folder, base):
        if not (base / "etc/debian_version").exists():
            process.run(["debootstrap", "--variant=minbase", "bookworm", base], seconds=SECONDS)
        process.run(["cp", "-a", base, folder])
        self.folder = folder
        policy = folder / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)

    def __call__(self, *words, ok=True):
        """In namespaces of network, mounts and processes of its own: what is started ends with it."""
        inside = "mount -t proc proc \"$0/proc\" && ip link set lo up && exec chroot \"$0\" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \"$@\""
        command = ["unshare", "-n", "-m", "-p", "-f", "--kill-child", "bash", "-c", inside, self.folder, *words]
        return process.run(command, ok=ok, seconds=SECONDS)

    def apt(self, *words):
        """With the host's network."""
        command = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "chroot", self.folder, "apt-get", "-qy", "--no-install-recommends", *words]
        return process.run(command, seconds=SECONDS)

    def installed(self):
        return set(process.run(["chroot", self.folder, "dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n"]).replace("installed ", "").split("\n"))

    def switch(self, script):
        """Runs a script while the daemons run; its output."""
        start = f"{CTL} --system-id=random --no-mlockall --no-monitor --no-record-hostname start >&2"
        return self("sh", "-ec", f"{start}\n{script}\n{CTL} stop >&2")


@pytest.fixture
def chroot(tmp_path):
    base = pathlib.Path(os.environ.get("WEFT_CHROOT", tmp_path / "base"))
    folder = tmp_path / "debian"
    yield Chroot(folder, base)
    shutil.rmtree(tmp_path)


@pytest.mark.timeout(4 * SECONDS)
def test_packages_take_turns_and_the_database_survives(chroot, packages):
    chroot.apt("update")
    chroot.apt("install", "openvswitch-switch", "openvswitch-pki", "openvswitch-testcontroller")
    chroot.switch("ovs-vsctl --no-wait add-br kept -- set bridge kept datapath_type=netdev other_config:hwaddr=02:00:00:00:00:01")
    system_id = chroot.switch("ovs-vsctl get Open_vSwitch . external_ids:system-id")

    for package in packages.values():
        shutil.copy(package, chroot.folder / "tmp")
    chroot.apt("install", *(f"/tmp/{package.name}" for package in packages.values()))
    installed = chroot.installed()
    assert set(packages) <= installed and not {name for name in installed if name.startswith("openvswitch-")}
    script = "ovs-vsctl --version | head -n 1; ovs-vsctl list-br; ovs-vsctl get Open_vSwitch . external_ids:system-id; weft --version >&2"
    assert chroot.switch(script).splitlines()[1:] == ["kept", system_id.strip()]

    process.run(["chroot", chroot.folder, "dpkg", "--purge", "openvswitch-switch"])
    assert "kept" in chroot.switch("ovs-vsctl list-br")

    chroot.apt("install", "ovn-host")
    assert "ovn-host" in chroot.installed() and "weft-switch" in chroot.installed()
    controller = chroot.switch("/usr/share/ovn/scripts/ovn-ctl start_controller >&2; /usr/share/ovn/scripts/ovn-ctl status_controller; "
                               "/usr/share/ovn/scripts/ovn-ctl stop_controller >&2")
    assert "ovn-controller is running" in controller

    chroot.switch("ovs-vsctl --no-wait add-br ours -- set bridge ours datapath_type=netdev")
    chroot.apt("install", "openvswitch-switch", "openvswitch-common")
    installed = chroot.installed()
    assert {"openvswitch-switch", "ovn-host"} <= installed and "weft-switch" not in installed
    assert {"kept", "ours"} <= set(chroot.switch("ovs-vsctl list-br").split())
    settings = chroot.folder / "etc/default/openvswitch-switch"
    assert settings.exists()
    chroot.apt("purge", "weft-switch", "weft-common")
    assert settings.exists()
    assert {"kept", "ours"} <= set(chroot.switch("ovs-vsctl list-br").split())
