# SPDX-License-Identifier: Apache-2.0
"""`weft ofdump` and `ovs-ofctl ofp-parse-pcap`: OpenFlow out of captures, in any order of packets, and off a live interface."""
import itertools
import json
import random
import socket
import struct

import pytest

import process
from stack import ORACLE, WEFT

VERSIONS = range(1, 7)
SYN, ACK = 2, 16


def message(version, kind, xid, body=b""):
    return struct.pack(">BBHI", version, kind, 8 + len(body), xid) + body


def segment(ends, sequence, data=b"", flags=ACK, ip6=False):
    source, target = ends
    tcp = struct.pack(">HHIIBBHHH", source, target, sequence & 0xFFFFFFFF, 0, 0x50, flags, 0, 0, 0) + data
    if ip6:
        return bytes(12) + struct.pack(">HIHBB", 0x86DD, 6 << 28, len(tcp), 6, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + tcp
    return bytes(12) + struct.pack(">HBBHIBBHII", 0x0800, 0x45, 0, 20 + len(tcp), 0, 64, 6, 0, 0x0A000001, 0x0A000002) + tcp


def capture(file, frames, link=1):
    file.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link) +
                     b"".join(struct.pack("<IIII", 1, 2, len(f), len(f)) + f for f in frames))
    return file


def cooked(frame, version):
    """As `tcpdump -i any` has it."""
    sender, kind, packet = frame[6:12], frame[12:14], frame[14:]
    if version == 1:
        return struct.pack(">HHH6s2x2s", 0, 1, 6, sender, kind) + packet
    return struct.pack(">2sHIHBB6s2x", kind, 0, 3, 1, 0, 6, sender) + packet


def capture_as(file, frames, form):
    """The frames in another form: a link type, a unit of time, or what editcap makes of it."""
    if form == "nanosecond":
        capture(file, frames)
        file.write_bytes(struct.pack("<I", 0xA1B23C4D) + file.read_bytes()[4:])
    elif form.startswith("pcapng"):
        inner = form.removeprefix("pcapng ") if " " in form else "Ethernet"
        capture_as(file.with_suffix(".old"), frames, inner)
        process.run(["editcap", "-F", "pcapng", file.with_suffix(".old"), file])
        assert file.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    elif form == "Ethernet":
        capture(file, frames)
    else:
        link, change = {"cooked": (113, lambda f: cooked(f, 1)), "cooked 2": (276, lambda f: cooked(f, 2)), "IP": (101, lambda f: f[14:])}[form]
        capture(file, map(change, frames), link)
    return file


def conversation(ends, stream, first, size, **how):
    yield segment(ends, first - 1, flags=SYN, **how)
    for at in range(0, len(stream), size):
        yield segment(ends, first + at, stream[at:at + size], **how)


def ofdump(*words):
    done = process.result([WEFT.program("weft"), *words])
    assert done.returncode == 0, done.stderr
    return done.stdout


def xids(text):
    return [one["xid"] for one in map(json.loads, text.splitlines())]


def test_messages_of_all_versions_in_both_directions_are_printed_as_debians_ovs_ofctl_does(tmp_path):
    requests = b"".join(message(v, 2, v, b"abc" * v) for v in VERSIONS)
    answers = b"".join(message(v, 3, v, b"abc" * v) for v in VERSIONS)
    pairs = zip(conversation((40000, 6653), requests, 1000, 11), conversation((6653, 40000), answers, 7, 11))
    file = capture(tmp_path / "pcap", itertools.chain.from_iterable(pairs))
    ours = ofdump("ofdump", file)
    assert "10.0.0.1.6653 > 10.0.0.2.40000:\nOFPT_ECHO_REPLY (OF1.5) (xid=0x6): 18 bytes of payload\n" in ours
    programs = [process.run([flavor.program("ovs-ofctl"), "ofp-parse-pcap", file]) for flavor in (ORACLE, WEFT)]
    assert ours == programs[1]
    # Debian's tool prints IP addresses and ports in the same form.
    assert [line for line in programs[0].splitlines() if "OFPT" in line] == [line for line in ours.splitlines() if "OFPT" in line]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_and_repetition_of_packets_do_not_matter(tmp_path, seed):
    rnd = random.Random(seed)
    stream = b"".join(message(4, 2, xid, bytes(rnd.randrange(300))) for xid in range(1, 60))
    start, *rest = conversation((6633, 40000), stream, 0xFFFFFF00, 50, ip6=seed % 2)
    rest += rnd.sample(rest, 10)
    rnd.shuffle(rest)
    assert xids(ofdump("--format=json", "ofdump", capture(tmp_path / "pcap", [start, *rest]))) == list(range(1, 60))


def test_a_capture_that_lacks_packets_goes_on_behind_them(tmp_path):
    frames = list(conversation((6653, 40000), b"".join(message(4, 2, xid) for xid in range(9)), 0, 8))
    done = process.result([WEFT.program("weft"), "-f", "json", "ofdump", capture(tmp_path / "pcap", frames[2:])])
    assert xids(done.stdout) == list(range(1, 9))
    late = process.result([WEFT.program("weft"), "-f", "json", "ofdump",
                           capture(tmp_path / "pcap", [segment((6653, 1), 5, b"\xee" * 9), segment((6653, 1), 14, message(1, 2, 77))])])
    assert xids(late.stdout) == [77] and "9 bytes belong to no whole message" in late.stderr


@pytest.mark.parametrize("form", ["nanosecond", "cooked", "cooked 2", "IP", "pcapng", "pcapng cooked", "pcapng cooked 2", "pcapng nanosecond"])
@pytest.mark.parametrize("ip6", [False, True])
def test_captures_of_every_form_say_the_same(tmp_path, form, ip6):
    frames = list(conversation((6653, 40000), b"".join(message(4, 2, xid, bytes(xid)) for xid in range(1, 30)), 7, 50, ip6=ip6))
    plain, other = capture(tmp_path / "plain", frames), capture_as(tmp_path / "other", frames, form)
    assert xids(ofdump("-f", "json", "ofdump", other)) == list(range(1, 30))
    ofctl = WEFT.program("ovs-ofctl")
    for command in ("ofp-parse-pcap", "parse-pcap"):
        assert process.run([ofctl, command, other]) == process.run([ofctl, command, plain]) != ""
    theirs = process.result([ORACLE.program("ovs-ofctl"), "parse-pcap", other])
    if form in ("nanosecond", "cooked"):  # Debian's reads no others
        assert theirs.stdout == process.run([ofctl, "parse-pcap", other]) and theirs.returncode == 0
    else:
        assert theirs.returncode != 0


def test_other_ports_are_read_if_named(tmp_path):
    file = capture(tmp_path / "pcap", conversation((6000, 40000), message(4, 2, 5), 0, 100))
    assert ofdump("ofdump", file) == ""
    assert xids(ofdump("-f", "json", "ofdump", file, "6000")) == [5]


def test_json_tells_header_ends_and_entries(tmp_path):
    desc = message(4, 19, 5, struct.pack(">HH4x", 0, 0) + b"".join(text.ljust(size, b"\0") for text, size in
                                                                  ((b"us", 256), (b"hw", 256), (b"sw", 256), (b"1", 32), (b"dp", 256))))
    one, = map(json.loads, ofdump("-f", "json", "ofdump", capture(tmp_path / "pcap", conversation((6653, 40000), desc, 0, 1400))).splitlines())
    assert one.pop("text").startswith("OFPST_DESC reply (OF1.3) (xid=0x5):")
    assert one == {"version": "OpenFlow13", "type": "OFPST_DESC reply", "xid": 5, "length": 1072, "from": {"address": "10.0.0.1", "port": 6653},
                   "to": {"address": "10.0.0.2", "port": 40000},
                   "entries": [{"manufacturer": "us", "hardware": "hw", "software": "sw", "serial": "1", "datapath": "dp"}]}


@pytest.mark.parametrize("words, error", [
    ([], "ofdump: name a capture file or a network interface"),
    (["/nonexistent"], "/nonexistent is neither a capture file nor a network interface"),
    (["/etc/passwd"], "/etc/passwd is not a pcap file"),
    (["x", "-w"], "ofdump: -w needs a value"),
    (["x", "-z"], "ofdump: unknown option -z; there are -w PCAP and --count N"),
    (["lo", "70000"], 'invalid port "70000"'),
])
def test_mistakes_are_named(words, error):
    done = process.result([WEFT.program("weft"), "ofdump", *words])
    assert done.returncode == 1
    assert error.split(" (")[0] in done.stderr, done.stderr


def test_a_live_interface_is_read_and_written(tmp_path):
    written = tmp_path / "written"
    with socket.socket() as probe:  # a port that nobody has
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        dump = process.background([WEFT.program("weft"), "-f", "json", "ofdump", "lo", port, "-w", written, "--count", "2"], stdout=stdout, stderr=stderr)
        with process.killed_after(dump):
            process.until(lambda: "listening on lo" in err.read_text(), "ofdump listens")
            with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(("127.0.0.1", port)) as client:
                peer, _ = server.accept()
                with peer:
                    client.sendall(message(4, 2, 1))
                    assert peer.recv(100)
                    peer.sendall(message(4, 3, 2))
                    assert dump.wait(10) == 0
    assert sorted(xids(out.read_text())) == [1, 2]
    assert sorted(xids(ofdump("-f", "json", "ofdump", written, port))) == [1, 2]
