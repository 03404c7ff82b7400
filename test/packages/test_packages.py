# SPDX-License-Identifier: Apache-2.0
"""What the packages say and hold."""
import pytest

import process

REPLACED = {f"weft-{part}": f"openvswitch-{part}" for part in ("common", "switch", "pki", "testcontroller")}
UNITS = ["openvswitch-switch", "ovsdb-server", "ovs-vswitchd", "ovs-record-hostname"]


def field(package, name):
    return process.run(["dpkg-deb", "-f", package, name]).strip()


def files(package):
    return {line.split()[5][1:]: line.split() for line in process.run(["dpkg-deb", "-c", package]).splitlines()}


def test_there_is_one_for_each_of_open_vswitch(packages):
    assert set(packages) == set(REPLACED) | {"weft-etcd"}


def test_only_the_package_for_etcd_needs_grpc(packages):
    for name, package in packages.items():
        assert ("grpc" in field(package, "Depends")) == (name == "weft-etcd"), name
    assert "/usr/lib/weft/weft-etcd.so" in files(packages["weft-etcd"])


@pytest.mark.parametrize("name", REPLACED)
def test_each_provides_a_version_that_others_may_ask_for(packages, name):
    provided = field(packages[name], "Provides")
    assert provided.startswith(f"{REPLACED[name]} (= 3.1.0-") and field(packages[name], "Conflicts") == field(packages[name], "Replaces") == REPLACED[name]
    version = provided.split("= ")[1].rstrip(")")
    for asked in ("2.17.0~", "3.1", "3.1.0"):
        assert process.result(["dpkg", "--compare-versions", version, "ge", asked]).returncode == 0, asked


def test_files_are_where_open_vswitch_has_them(packages):
    switch, common = files(packages["weft-switch"]), files(packages["weft-common"])
    for unit in UNITS:
        assert f"/lib/systemd/system/{unit}.service" in switch
    for path in ("/usr/sbin/ovs-vswitchd", "/usr/bin/ovs-vsctl", "/usr/share/openvswitch/scripts/ovs-ctl", "/usr/share/openvswitch/scripts/ovs-save",
                 "/usr/share/openvswitch/vswitch.ovsschema", "/usr/share/bash-completion/completions/ovs-vsctl", "/usr/share/man/man8/ovs-ctl.8.gz"):
        assert path in switch
    for path in ("/usr/sbin/ovsdb-server", "/usr/bin/ovs-ofctl", "/usr/bin/ovs-pki", "/usr/share/openvswitch/scripts/ovs-lib"):
        assert path in common
    assert all(line[1] == "root/root" for line in (switch | common).values())
    assert not any(path.startswith("/etc/") for path in switch | common), "made where they are absent: postinst"


def test_dependencies_name_the_libraries(packages):
    assert "libssl3" in field(packages["weft-common"], "Depends") and "libbpf" in field(packages["weft-switch"], "Depends")
