# SPDX-License-Identifier: Apache-2.0
"""What ovs-vsctl writes becomes a switch, and what the switch writes back."""
import re
import subprocess

import process
from stack import WEFT


def test_bridges_and_ports_come_and_go(stack, net):
    net.host("h1")
    stack.add_bridge("br0")
    stack.vsctl("add-port", "br0", "h1")
    assert stack.vsctl("list-br").split() == ["br0"]
    assert stack.vsctl("list-ports", "br0").split() == ["h1"]
    assert stack.ofport("h1") == 1 and stack.ofport("br0") == 65534
    assert re.search(r"^ 1\(h1\): addr:", stack.ofctl("show", "br0"), re.M)
    stack.vsctl("del-port", "h1")
    assert "(h1)" not in stack.ofctl("show", "br0")
    stack.vsctl("del-br", "br0")
    assert stack.appctl("ofproto/list") == ""
    assert "br0" not in net.run("sw", "ip", "-o", "link")


def test_the_switch_reports_what_it_is(stack, flavor):
    stack.add_bridge("br0")
    assert "netdev" in stack.get("Open_vSwitch", ".", "datapath_types") and "internal" in stack.get("Open_vSwitch", ".", "iface_types")
    assert stack.get("Bridge", "br0", "datapath_version") not in ("", "[]")
    assert int(stack.get("Open_vSwitch", ".", "cur_cfg")) == int(stack.get("Open_vSwitch", ".", "next_cfg"))
    assert re.match(r"[0-9a-f]{16}$", stack.get("Bridge", "br0", "datapath_id"))
    desc = stack.ofctl("dump-desc", "br0")
    assert "Manufacturer: Nicira, Inc." in desc and "Hardware: Open vSwitch" in desc and "Software: 3.1.0" in desc
    version = process.run([flavor.program("ovs-vswitchd"), "--version"]).splitlines()
    assert version[0] == "ovs-vswitchd (Open vSwitch) 3.1.0"
    if flavor is WEFT:  # Debian leaves the column to its start script
        assert version[1].startswith("Weft ") and stack.get("Open_vSwitch", ".", "ovs_version") == "3.1.0"


def test_a_row_of_a_datapath_gets_what_it_can_do(stack, flavor):
    stack.add_bridge("br0")
    kind = stack.get("Bridge", "br0", "datapath_type") or "system"
    stack.vsctl("--", "--id=@d", "create", "Datapath", "datapath_version=0", "--", "set", "Open_vSwitch", ".", f"datapaths:{kind}=@d")
    process.until(lambda: stack.get("Open_vSwitch", ".", "datapaths") and "recirc" in stack.vsctl("list-dp-cap", kind), "its capabilities")
    told = dict(word.split("=") for word in stack.vsctl("list-dp-cap", kind).split())
    for name in ("ufid", "trunc", "clone", "recirc", "check_pkt_len", "masked_set_action", "nd_ext", "add_mpls", "explicit_drop_action"):
        assert told[name] == "true", name
    assert told["max_hash_alg"] == "1" and told["max_mpls_depth"] == "3"
    shown = stack.appctl("dpif/show-dp-features", "br0")
    for line in ("Recirc: Yes", "Check pkt length action: Yes", "Sample nesting: 10", "Max dp_hash algorithm: 1", "IPv6 ND Extension: Yes"):
        assert line in shown
    if flavor is WEFT:  # Debian's says "true" for the depth of samples, and has conntrack
        assert told["sample_nesting"] == "10" and told["ct_state"] == "false"


def test_an_interface_row_tells_the_state_of_its_device(stack, net):
    net.host("h1")
    stack.add_bridge("br0", "h1")
    mac, index = re.search(r"^(\d+): .*link/ether (\S+)", net.run("sw", "ip", "-o", "link", "show", "h1")).group(2, 1)
    process.until(lambda: stack.get("Interface", "h1", "link_state") == "up", "link_state")
    assert stack.get("Interface", "h1", "admin_state") == "up" and stack.get("Interface", "h1", "mtu") == "1500"
    assert stack.get("Interface", "h1", "mac_in_use") == mac and stack.get("Interface", "h1", "ifindex") == index
    net.run("h1", "ip", "link", "set", "eth0", "down")
    process.until(lambda: stack.get("Interface", "h1", "link_state") == "down", "link_state goes down")
    net.run("h1", "ip", "link", "set", "eth0", "up")
    process.until(lambda: stack.get("Interface", "h1", "link_state") == "up", "link_state comes back")
    process.until(lambda: "rx_packets" in stack.get("Interface", "h1", "statistics"), "statistics")


def test_a_bad_interface_gets_its_error_and_disturbs_nobody(stack, net):
    net.host("h1")
    stack.allowed += [r"could not (open|add) network device", r"nosuch", r"frob", r"unknown type"]
    stack.vsctl("--no-wait", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "--", "add-port", "br0", "nosuch",
                "--", "add-port", "br0", "odd", "--", "set", "interface", "odd", "type=frob", "--", "add-port", "br0", "h1")
    assert stack.ofport("h1") > 0
    process.until(lambda: "could not open network device nosuch" in stack.get("Interface", "nosuch", "error"), "the error of nosuch")
    process.until(lambda: stack.get("Interface", "odd", "error") not in ("", "[]"), "the error of odd")
    assert stack.get("Interface", "nosuch", "ofport") == "-1"
    assert stack.get("Interface", "h1", "error") == "[]"


def test_an_unknown_datapath_type_is_an_error_in_each_row(stack, flavor):
    stack.allowed += [r"br0", r"frob"]
    stack.vsctl("--no-wait", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=frob")
    process.until(lambda: any("br0" in c for c in stack.switch.complaints()), "the log names br0")
    stack.add_bridge("br1")
    if flavor is WEFT:  # Debian's only logs it
        process.until(lambda: "frob" in stack.get("Interface", "br0", "error"), "the error of br0's own port")
    assert stack.appctl("ofproto/list").split() == ["br1"]


def test_ofport_requests_are_honoured_and_numbers_survive_a_restart(stack, net):
    for name in ("h1", "h2", "h3"):
        net.host(name)
    stack.add_bridge("br0", "h2")
    stack.vsctl("add-port", "br0", "h3", "--", "set", "interface", "h3", "ofport_request=77", "--", "add-port", "br0", "h1")
    before = {name: stack.ofport(name) for name in ("h1", "h2", "h3")}
    assert before["h3"] == 77
    stack.switch.stop()
    stack.switch.start()
    stack.vsctl("del-port", "h2")
    assert {name: stack.ofport(name) for name in ("h1", "h3")} == {"h1": before["h1"], "h3": 77}


def test_the_local_ports_mtu_follows_the_smallest_member(stack, net):
    for name in ("h1", "h2"):
        net.host(name)
    stack.add_bridge("br0", "h1", "h2")
    net.run("sw", "ip", "link", "set", "h2", "mtu", "1300")
    process.until(lambda: "mtu 1300" in net.run("sw", "ip", "link", "show", "br0"), "br0's MTU is 1300")
    stack.vsctl("del-port", "h2")
    process.until(lambda: "mtu 1500" in net.run("sw", "ip", "link", "show", "br0"), "br0's MTU is 1500 again")


def test_controllers_and_fail_mode_are_followed(stack):
    stack.add_bridge("br0", fail_mode="secure")
    assert stack.ofctl("--no-stats", "dump-flows", "br0") == ""
    stack.vsctl("del-fail-mode", "br0")
    process.until(lambda: stack.ofctl("--no-stats", "dump-flows", "br0") == " priority=0 actions=NORMAL\n", "the flow of a standalone bridge")
    stack.allowed += [r"connection|connect"]
    stack.vsctl("--no-wait", "set-controller", "br0", f"unix:{stack.folder}/nobody.sock")
    process.until(lambda: "status" in stack.vsctl("list", "controller") and stack.get("Controller", "br0", "is_connected") in ("false", ""),
                  "the controller is away")
    stack.vsctl("--no-wait", "set-controller", "br0", f"punix:{stack.folder}/br0.ctl")
    process.until(lambda: (stack.folder / "br0.ctl").exists(), "the bridge listens for controllers")
    assert "flow_count=1" in stack.ofctl("dump-aggregate", f"unix:{stack.folder}/br0.ctl")
    stack.vsctl("del-controller", "br0")


def test_protocols_of_the_bridge_limit_the_versions(stack):
    stack.add_bridge("br0", protocols="OpenFlow13")
    stack.allowed += [r"version negotiation failed", r"version"]
    assert stack.result("ovs-ofctl", "-O", "OpenFlow13", "show", "br0").returncode == 0
    assert stack.result("ovs-ofctl", "-O", "OpenFlow10", "show", "br0").returncode != 0


def test_kernel_addresses_and_routes_are_left_alone_even_by_a_kill(stack, net):
    net.host("h1")
    stack.add_bridge("br0", "h1")
    net.run("sw", "ip", "addr", "add", "10.9.0.1/24", "dev", "br0")
    net.run("sw", "ip", "link", "set", "br0", "up")
    net.run("sw", "ip", "route", "add", "10.10.0.0/16", "via", "10.9.0.7")
    routes = net.run("sw", "ip", "route")
    stack.allowed += [r"another ovs-vswitchd process is running"]
    stack.switch.kill()
    stack.switch.start()
    stack.add_bridge("br1")
    assert net.run("sw", "ip", "-o", "route").replace(" linkdown", "") == routes.replace(" linkdown", "")


def test_a_second_switch_stands_by_on_the_lock(stack, flavor):
    stack.add_bridge("br0")
    second = stack.make_switch(flavor, "second")
    try:
        parent = second.start_standby()
        assert "br0" not in stack.appctl("ofproto/list", target=second.control, ok=False)
        stack.switch.kill()
        process.until(lambda: stack.appctl("ofproto/list", target=second.control, ok=False) == "br0\n", "the second switch takes over")
        stack.add_bridge("br1")
        assert parent.wait(10) == 0
    finally:
        second.stop()


def test_what_is_not_done_yet_says_so(ours, net):
    """Accepted by the schema, not by us: a WARN naming row and column, or the row's error. Debian's does them all."""
    net.host("h1")
    ours.allowed += [r"doc/compatibility\.md", r"vx0"]
    ours.vsctl("--no-wait", "add-br", "br0", "--", "add-port", "br0", "h1", "--", "add-port", "br0", "vx0", "--", "set", "interface", "vx0",
                "type=vxlan", "options:remote_ip=10.0.0.2", "--", "set", "bridge", "br0", "stp_enable=true", "--", "--id=@m", "create",
                "mirror", "name=m0", "select_all=true", "--", "set", "bridge", "br0", "mirrors=@m", "--", "--id=@n", "create", "netflow",
                'targets="10.0.0.1:2055"', "--", "set", "bridge", "br0", "netflow=@n")
    process.until(lambda: ours.get("Interface", "vx0", "error") not in ("", "[]"), "the tunnel's error")
    for word in ("stp_enable", "mirrors", "netflow"):
        process.until(lambda word=word: any(word in c and "compatibility.md" in c for c in ours.switch.complaints()), f"a WARN on {word}")
    assert ours.ofport("h1") > 0


def test_keys_of_other_config_that_are_not_heeded_are_named(ours):
    ours.allowed += [r"column other_config:(n-handler-threads|bundle-idle-timout|stp-system-id|foo) is "]
    ours.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "other_config:stp-system-id=1", "other_config:hwaddr=02:00:00:00:00:05", "--",
               "set", "Open_vSwitch", ".", "other_config:n-handler-threads=2", "other_config:bundle-idle-timout=3", "other_config:max-idle=2000")
    complaints = [c for c in ours.switch.complaints() if "other_config:" in c]
    assert len(complaints) == 3, complaints
    for told in ("Open_vSwitch .: column other_config:n-handler-threads is not supported yet",
                 'column other_config:bundle-idle-timout is no key that is known and is ignored. Did you mean "bundle-idle-timeout"?',
                 "Bridge br0: column other_config:stp-system-id is not supported yet and is ignored (see doc/compatibility.md)"):
        assert any(told in c for c in complaints), told
    ours.vsctl("set", "interface", "br0", "other_config:foo=bar")
    assert sum("other_config:" in c for c in ours.switch.complaints()) == 4, "each is told once"


def test_keys_and_values_that_make_no_sense_are_named_once_each_time_they_come(ours):
    ours.allowed += [r"column (options|bfd|lldp|other_config)"]
    ours.vsctl("add-br", "br0", "--", "set", "interface", "br0", "options:n_rxq=2", "options:foo=1", "bfd:enabel=true", "lldp:enable=yes", "--",
               "set", "bridge", "br0", "other_config:mac-aging-time=5", "other_config:datapath-id=7", "--",
               "set", "Open_vSwitch", ".", "other_config:max-idle=soon")
    told = ["Interface br0: column options:n_rxq is for ports of another type, or not supported yet",
            "Interface br0: column options:foo is no key that is known",
            'Interface br0: column bfd:enabel is no key that is known and is ignored. Did you mean "enable"?',
            'Interface br0: column lldp:enable is "yes", and should be true or false: false is used instead',
            'Bridge br0: column other_config:mac-aging-time is "5", and should be an integer of at least 15 and at most 3600: 15 is used instead',
            'Bridge br0: column other_config:datapath-id is "7", and should be 16 hexadecimal digits',
            'Open_vSwitch .: column other_config:max-idle is "soon", and should be an integer of at least 500']
    complaints = [c for c in ours.switch.complaints() if "column " in c]
    assert [word for word in told if not any(word in c for c in complaints)] == [] and len(complaints) == len(told), complaints
    ours.vsctl("set", "bridge", "br0", "other_config:mac-aging-time=60")
    ours.vsctl("set", "bridge", "br0", "other_config:mac-aging-time=5")
    assert sum('mac-aging-time is "5"' in c for c in ours.switch.complaints()) == 2
    ours.vsctl("set", "interface", "br0", "bfd={enable=true,min_rx=100}")
    assert sum("column bfd is not supported yet" in c for c in ours.switch.complaints()) == 1
    assert sum("column " in c for c in ours.switch.complaints()) == len(told) + 2


def test_numbers_out_of_range_are_forced_into_it(stack):
    stack.allowed.append("other_config:mac-table-size")
    stack.add_bridge("br0")
    for given, used in (("5", 10), ("2000000", 1000000), ("100", 100), ("x", 8192), ("", 8192)):
        stack.vsctl("set", "bridge", "br0", f'other_config:mac-table-size="{given}"')
        assert f"/{used}\n" in stack.appctl("fdb/stats-show", "br0"), given


def test_a_bundle_left_alone_ends_when_it_is_told_to(stack):
    """bundle-idle-timeout takes effect on bundles that are open."""
    stack.add_bridge("br0")
    stack.vsctl("set", "Open_vSwitch", ".", "other_config:bundle-idle-timeout=1")
    open_bundle = "05 21 00 10 00 00 00 09 00 00 00 05 00 00 00 03"
    monitor = subprocess.Popen([WEFT.program("ovs-ofctl"), "-O", "OpenFlow14", "--unixctl", f"{stack.folder}/m.ctl", "monitor", "br0", "65534"],
                               env=stack.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process.killed_after(monitor):
        process.until(lambda: (stack.folder / "m.ctl").exists(), "the control socket")
        out = stack.folder / "out"
        stack.appctl("ofctl/set-output-file", out, target=f"{stack.folder}/m.ctl")
        stack.appctl("ofctl/send", open_bundle.replace(" ", ""), target=f"{stack.folder}/m.ctl")
        process.until(lambda: "OFPBFC_TIMEOUT" in out.read_text(), "the bundle's end", 8)
