# SPDX-License-Identifier: Apache-2.0
"""What the switch writes into rows of Interface and Open_vSwitch, side by side with the oracle."""
import csv
import io
import re

import pytest

import process
from net import Net
from normal import assert_same
from stack import ORACLE, WEFT

COLUMNS = ["type", "ofport", "error", "admin_state", "link_state", "link_speed", "link_resets", "duplex", "mtu", "statistics", "status",
           "external_ids", "lacp_current", "cfm_fault"]


def rows(stack):
    """Columns of each interface by its name; of statistics the keys alone."""
    printed = stack.vsctl("--format=csv", "--data=bare", f"--columns=name,{','.join(COLUMNS)}", "list", "Interface")
    found = {row["name"]: row for row in csv.DictReader(io.StringIO(printed))}
    for row in found.values():
        row["status"] = re.sub(r"ebpf_hook=\w+ ebpf_hook_reason=.*? (?=firmware_version=)", "", row["status"])  # ours
        row["statistics"] = sorted(re.findall(r"(\w+)=", row["statistics"]))
    return dict(sorted(found.items()))


def each(make_stack, act):
    """What act(stack, net) returns of ours and of the oracle."""
    texts = []
    for flavor in (WEFT, ORACLE):
        with Net() as net:
            stack = make_stack(flavor, net=net)
            texts.append(act(stack, net))
            stack.close()
    return texts


def test_rows_of_all_types_of_devices_are_as_the_oracles(make_stack):
    def act(stack, net):
        for name in ("h1", "h2"):
            net.host(name, f"10.0.0.{name[1]}/24")
        stack.add_bridge("br0", "h1", "h2")
        stack.vsctl("add-port", "br0", "int0", "--", "set", "interface", "int0", "type=internal", "external_ids:iface-id=a",
                    "--", "add-port", "br0", "tap0", "--", "set", "interface", "tap0", "type=tap", "--", "add-port", "br0", "pa", "--", "set",
                    "interface", "pa", "type=patch", "options:peer=pb", "--", "add-port", "br0", "pb", "--", "set", "interface", "pb",
                    "type=patch", "options:peer=pa")
        net.run("sw", "ip", "link", "set", "int0", "up")
        net.run("h2", "ip", "link", "set", "eth0", "down")
        process.until(lambda: all(row["statistics"] for row in rows(stack).values()), "statistics of all")
        process.until(lambda: rows(stack)["h2"]["link_state"] == "down" and rows(stack)["int0"]["link_state"] == "up", "the links' states")
        found = rows(stack)
        for name in ("br0", "int0"):  # the oracle's are taps, ours veths, so that the kernel forwards for them
            found[name]["status"] = re.sub("driver_name=(tun|veth) driver_version=[0-9.]+", "driver", found[name]["status"])
        return {name: row | {"ofport": int(row["ofport"]) > 0} for name, row in found.items()}

    assert_same(*each(make_stack, act))


def test_statistics_of_the_host_are_as_the_oracles(make_stack):
    def act(stack, _):
        assert stack.get("Open_vSwitch", ".", "statistics") == "{}"
        stack.vsctl("set", "Open_vSwitch", ".", "other_config:enable-statistics=true")
        printed = process.until(lambda: stack.get("Open_vSwitch", ".", "statistics").strip("{}"), "statistics", 15)
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', printed))
        total = {key: found[key].split(",")[at] for key, at in (("memory", 0), ("memory", 3))}
        counts = {key: len(value.split(",")) for key, value in found.items()}
        stack.vsctl("set", "Open_vSwitch", ".", "other_config:enable-statistics=false")
        process.until(lambda: stack.get("Open_vSwitch", ".", "statistics") == "{}", "statistics end", 15)
        return [found["cpu"], total, counts, re.sub(r",\d+,\d+", "", found.get("file_systems", ""))]

    assert_same(*each(make_stack, act))


BAD = {
    "no device": ["nosuch"], "a loopback device": ["lo"], "a slash": ["a/b", "type=internal"],
    "an unknown type": ["odd", "type=frob"], "system without device": ["nosuch", "type=system"],
    "patch without peer": ["p", "type=patch"], "patch to itself": ["p", "type=patch", "options:peer=p"],
    "patch with more": ["p", "type=patch", "options:peer=q", "options:frob=1"],
}


@pytest.mark.parametrize("name", BAD)
def test_error_of_a_bad_row_is_the_oracles(make_stack, name):
    port, *settings = BAD[name]

    def act(stack, net):
        net.host("h1")
        stack.allowed += [r"could not|lo: |device|patch|unknown type|bad name"]
        stack.vsctl("--no-wait", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "--", "add-port", "br0", port, "--",
                    "add-port", "br0", "h1", *(["--", "set", "interface", port, *settings] if settings else []))
        process.until(lambda: rows(stack)[port]["error"], "an error")
        return [stack.ofport("h1") > 0, {key: rows(stack)[port][key] for key in ("ofport", "error", "mtu", "statistics")}]

    assert_same(*each(make_stack, act))


@pytest.mark.parametrize("settings", [[], ["type=internal"]], ids=["system", "internal"])
def test_a_name_too_long_for_the_kernel_is_an_error(ours, settings):
    """Debian's takes the device that the name begins with."""
    ours.allowed += [r"averyveryverylongname"]
    ours.add_bridge("br0")
    ours.vsctl("--no-wait", "add-port", "br0", "averyveryverylongname", *(["--", "set", "interface", "averyveryverylongname", *settings] if settings else []))
    process.until(lambda: "(File name too long)" in ours.get("Interface", "averyveryverylongname", "error"), "the error")


def test_a_number_asked_for_is_taken_from_who_got_it_by_chance(make_stack):
    """As the manual says; Debian's does it with a later change only."""
    dummy = make_stack(WEFT, switch_options=("--enable-dummy=override", "--disable-system"))
    dummy.vsctl("add-br", "br0", "--", "add-port", "br0", "a", "--", "set", "interface", "a", "type=dummy")
    assert dummy.ofport("a") == 1
    dummy.vsctl("add-port", "br0", "b", "--", "set", "interface", "b", "type=dummy", "ofport_request=1")
    process.until(lambda: dummy.ofport("b") == 1, "b has the number it asked for")
    assert dummy.ofport("a") == 2
    dummy.vsctl("add-port", "br0", "c", "--", "set", "interface", "c", "type=dummy", "ofport_request=1")
    assert [dummy.ofport(name) for name in "ab"] == [2, 1] and dummy.ofport("c") == 3
