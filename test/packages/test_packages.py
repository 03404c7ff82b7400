# SPDX-License-Identifier: Apache-2.0
"""What the packages say and hold."""
import pathlib

import pytest

import process

ROOT = pathlib.Path(__file__).resolve().parents[2]

REPLACED = {f"weft-{part}": f"openvswitch-{part}" for part in ("common", "switch", "pki", "testcontroller")}
BESIDE = {"libweft-ovsdb0", "libweft-ovsdb-dev", "python3-weft-ovsdb"}
UNITS = ["openvswitch-switch", "ovsdb-server", "ovs-vswitchd", "ovs-record-hostname"]


def field(package, name):
    return process.run(["dpkg-deb", "-f", package, name]).strip()


def files(package):
    return {line.split()[5][1:]: line.split() for line in process.run(["dpkg-deb", "-c", package]).splitlines()}


def test_there_is_one_for_each_of_open_vswitch_and_those_for_programs(packages):
    assert set(packages) == set(REPLACED) | BESIDE | {"weft-etcd"}


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
                 "/usr/share/openvswitch/vswitch.ovsschema", "/usr/share/openvswitch/local-config.ovsschema", "/usr/share/bash-completion/completions/ovs-vsctl", "/usr/share/man/man8/ovs-ctl.8.gz"):
        assert path in switch
    for path in ("/usr/sbin/ovsdb-server", "/usr/bin/ovs-ofctl", "/usr/bin/ovs-pki", "/usr/share/openvswitch/scripts/ovs-lib"):
        assert path in common
    assert all(line[1] == "root/root" for line in (switch | common).values())
    assert not any(path.startswith("/etc/") for path in switch | common), "made where they are absent: postinst"


def test_dependencies_name_the_libraries(packages):
    assert "libssl3" in field(packages["weft-common"], "Depends") and "libbpf" in field(packages["weft-switch"], "Depends")
    assert "libssl3" in field(packages["libweft-ovsdb0"], "Depends")


def test_programs_find_the_library_its_header_and_the_python_package(packages, tmp_path):
    """Unpacked in one place, without Open vSwitch's or our own programs."""
    for name in BESIDE:
        assert field(packages[name], "Conflicts") == field(packages[name], "Replaces") == ""
        process.run(["dpkg-deb", "-x", packages[name], tmp_path])
    lib = tmp_path / "usr/lib"
    assert (lib / "libweft-ovsdb.so").resolve() == (lib / "libweft-ovsdb.so.0").resolve() and (lib / "libweft-ovsdb.so.0").is_symlink()
    flags = process.run(["pkg-config", "--cflags", "--libs", "weft-ovsdb"], env={"PKG_CONFIG_PATH": str(lib / "pkgconfig")}).split()
    for compiler, source in (("gcc", "follow_database.c"), ("g++", "follow_database.cc")):
        process.run([compiler, "-D_POSIX_C_SOURCE=200809L", ROOT / "doc/examples" / source, "-o", tmp_path / "example", *flags])
        usage = process.result([tmp_path / "example"], env={"LD_LIBRARY_PATH": str(lib)})
        assert usage.returncode == 2 and "usage:" in usage.stderr
    words = "import weft_ovsdb; weft_ovsdb.Database('unix:none').close(); print(weft_ovsdb.__file__)"
    assert str(tmp_path) in process.run(["/usr/bin/python3", "-B", "-c", words], env={"PYTHONPATH": str(lib / "python3/dist-packages")})
    assert "ldconfig" in process.run(["dpkg-deb", "-I", packages["libweft-ovsdb0"], "triggers"])
