# SPDX-License-Identifier: Apache-2.0
"""Metrics over HTTP: by Prometheus' text rules, and the same numbers that OpenFlow tells."""
import pathlib
import re
import socket

import pytest

import process
import prometheus_text
from conftest import DUMMY
from stack import WEFT

UDP = "in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst={})"


def ask(address, request):
    """The answer's first line, headers and body."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(10)
        s.connect(address)
        s.sendall(request.encode())
        data = b""
        while more := s.recv(65536):
            data += more
    head, _, body = data.decode().partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    return first, {k.lower(): v for k, v in (h.split(": ", 1) for h in headers)}, body


def scrape(address):
    first, headers, body = ask(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert first == "HTTP/1.1 200 OK" and headers["content-type"].startswith("text/plain; version=0.0.4")
    assert int(headers["content-length"]) == len(body.encode())
    return prometheus_text.parse(body)


@pytest.fixture
def dummy(make_stack):
    stack = make_stack(WEFT, switch_options=DUMMY)
    stack.add_dummy()
    return stack


def test_metrics_follow_the_rules_and_agree_with_dump_ports(dummy):
    dummy.ofctl("add-flow", "br0", "priority=7,udp,tp_dst=53,actions=drop")
    dummy.ofctl("add-flow", "br0", "priority=6,udp,actions=2,3")
    for _ in range(5):
        dummy.receive("p1", UDP.format(53))
    for i in range(3):
        dummy.receive("p1", UDP.format(1000 + i))
    found = scrape(f"{dummy.folder}/ovs-vswitchd.metrics")

    def value(name, **labels):
        return next(v for (n, at), v in found.items() if n == name and set(labels.items()) <= at)
    ports = dummy.ofctl("dump-ports", "br0")
    for number, rx, tx in re.findall(r'port +"?(\w+)"?: rx pkts=(\d+).*\n.*tx pkts=(\d+)', ports):
        name = f"p{number}" if number.isdigit() else number
        if not name.startswith("p"):
            continue
        assert value("weft_port_receive_packets_total", bridge="br0", port=name) == int(rx)
        assert value("weft_port_transmit_packets_total", bridge="br0", port=name) == int(tx)
    assert value("weft_port_transmit_packets_total", port="p2") == 3 and value("weft_port_receive_packets_total", port="p1") == 8
    assert value("weft_drops_total", bridge="br0", port="p1", reason="rule") == 5
    assert value("weft_table_rules", bridge="br0", table="0") == 2 and value("weft_table_matched_total", table="0") == 8
    upcalls = value("weft_upcalls_total")
    assert upcalls >= 2 and value("weft_upcall_duration_seconds_count") == upcalls
    assert value("weft_database_connected") == 1 and value("weft_port_up", port="p1") == 1
    assert value("process_resident_memory_bytes") > 1 << 20 and value("weft_memory_bytes", subsystem="other") > 1 << 20
    masks = {port: int(n) for port, n in re.findall(r"port (\w+): masks (\d+)", dummy.appctl("upcall/show-masks"))}
    assert masks["p1"] > 0 and {port: value("weft_port_masks", port=port) for port in masks} == masks
    assert value("weft_port_flows_merged_total", port="p1") == 0
    assert value("weft_groups", bridge="br0") == value("weft_meters", bridge="br0") == 0
    manual = (pathlib.Path(__file__).resolve().parents[2] / "packaging/man/ovs-vswitchd.8").read_text()
    families = {re.sub(r"(?<=seconds)_(bucket|sum|count)$", "", name) for name, _ in found}
    assert {f for f in families if f not in manual} == set(), "documented"
    for told, metric in ((r"rx pkts=\d+, bytes=(\d+)", "weft_port_receive_bytes_total"), (r"tx pkts=\d+, bytes=(\d+)", "weft_port_transmit_bytes_total")):
        sums = dict(re.findall(rf'port +"?(\w+)"?:(?:.*\n)??.*{told}', ports))
        assert {p: int(n) for p, n in sums.items()} == {p: value(metric, number=re.sub("LOCAL", "65534", p)) for p in sums} and len(sums) == 4


def test_memory_by_subsystem_is_what_is_in_use(dummy):
    """Of many rules, their groups and the stations, while they are there; and all subsystems together are what the process has."""
    def memory():
        return {dict(at)["subsystem"]: v for (n, at), v in scrape(f"{dummy.folder}/ovs-vswitchd.metrics").items() if n == "weft_memory_bytes"}
    assert set(memory()) == {"other", "rules", "megaflows", "macs", "drop_records", "openflow", "database"}
    before, resident = memory()["rules"], process.rss_kb(dummy.switch.pid) << 10
    flows = "".join(f"table={i % 8},priority={i % 60000},ip,nw_dst=10.{i >> 16}.{i >> 8 & 255}.{i & 255},actions=set_field:{i}->reg0,output:2\n" for i in range(60000))
    dummy.ofctl("-O", "OpenFlow13", "--bundle", "add-flows", "br0", "-", stdin=flows)
    grown = process.rss_kb(dummy.switch.pid) << 10
    rules = memory()["rules"] - before
    assert 60000 * 100 < rules < (grown - resident) * 1.2, (rules, grown - resident)
    assert sum(memory().values()) < grown * 1.2
    dummy.ofctl("del-flows", "br0")
    process.until(lambda: memory()["rules"] - before < rules / 5, "the rules are gone")


@pytest.mark.parametrize("request_text,first", [
    ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found"), ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
    ("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 405 Method Not Allowed"),
    ("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"), ("GET /metrics HTTP/1.1\r\nX: " + "y" * 20000 + "\r\n\r\n", "HTTP/1.1 400 Bad Request"),
])
def test_other_requests_are_refused_and_the_switch_lives_on(dummy, request_text, first):
    address = f"{dummy.folder}/ovs-vswitchd.metrics"
    assert ask(address, request_text)[0] == first
    for _ in range(40):  # clients that say nothing more
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
        s.sendall(b"GET /met")
    assert ("weft_database_connected", frozenset()) in scrape(address)


def test_the_loopback_is_served_by_option_and_no_other_address(make_stack):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    stack = make_stack(WEFT, switch_options=(*DUMMY, f"--metrics=tcp:{port}"))
    assert ("weft_database_connected", frozenset()) in scrape(("127.0.0.1", port))
    for option, error in ((f"tcp:0.0.0.0:{port}", "no address of the loopback"), ("tcp:x", "expected unix:PATH"), ("carrier", "expected unix:PATH")):
        done = process.result([WEFT.program("ovs-vswitchd"), stack.socket, f"--metrics={option}"], env=stack.env)
        assert done.returncode == 1 and error in done.stderr, done.stderr
