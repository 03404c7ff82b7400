# SPDX-License-Identifier: Apache-2.0
"""encap and decap: the datapath actions that traces tell are the oracle's, and so are the frames that leave."""
import pytest

from normal import assert_same, text

FLOWS = [
    ("actions=encap(nsh(md_type=1)),set_field:0x1234->nsh_spi,set_field:7->nsh_c1,encap(ethernet),set_field:11:22:33:44:55:66->dl_dst,output:2", "tcp"),
    ("actions=encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfedcba9876543210))),encap(ethernet),output:2", "tcp"),
    ("actions=encap(nsh(tlv(0x1000,10,0x123456))),encap(ethernet),output:2", "dl_type=0x88cc"),
    ("dl_type=0x894f,actions=decap(),decap(),output:2", "dl_type=0x894f,nsh_mdtype=1,nsh_np=3"),
    ("dl_type=0x894f,actions=decap(),decap(),output:2", "dl_type=0x894f,nsh_mdtype=1,nsh_np=4"),
    ("dl_type=0x894f,actions=decap(),decap(),output:2", "dl_type=0x894f,nsh_mdtype=1,nsh_np=7"),
    ("actions=encap(nsh(md_type=1)),output:2", "tcp"), ("actions=encap(ethernet),output:2", "tcp"),
    ("ip,actions=decap(),encap(ethernet),output:2", "ip,nw_proto=77"), ("ip,actions=decap(),encap(ethernet),output:2", "ip,nw_proto=77,dl_vlan=5"),
    ("tcp,actions=decap(),encap(nsh()),encap(ethernet),output:2", "tcp"), ("udp,actions=encap(mpls),set_field:5->mpls_label,output:2", "udp,nw_ttl=9"),
    ("icmp,actions=decap(),encap(mpls),encap(ethernet),output:2", "icmp"), ("udp6,actions=decap(),encap(mpls),encap(ethernet),output:2", "udp6"),
    ("mpls,actions=decap(),decap(packet_type(ns=1,type=0x800)),encap(ethernet),output:2", "mpls,mpls_label=5,mpls_bos=1"),
    ("mpls,actions=decap(),decap(packet_type(ns=0,type=0)),output:2", "mpls,mpls_label=5,mpls_bos=1"),
    ("mpls,actions=decap(),encap(mpls),set_field:9->mpls_label,encap(ethernet),output:2", "mpls,mpls_label=7,mpls_bos=1"),
    ("mpls,actions=decap(),encap(nsh()),output:2", "mpls,mpls_label=7,mpls_bos=1"), ("ipv6,actions=decap(),decap(),output:2", "ipv6,nw_proto=77"),
    ("arp,actions=encap(mpls),encap(mpls_mc),encap(ethernet),output:2", "arp"), ("arp,actions=encap(nsh()),encap(nsh(md_type=2)),encap(ethernet),output:2", "arp"),
    ("udp,actions=clone(decap(),encap(ethernet),output:2),output:3", "udp"), ("sctp,actions=encap(nsh()),decap(),output:2", "sctp"),
    ("actions=clone(encap(nsh),encap(ethernet),2),encap(nsh),clone(encap(ethernet),2),encap(ethernet),output:3", "dl_type=0x88cc"),
    ("rarp,actions=decap(),normal", "rarp"), ("dl_type=0x88cd,actions=decap(),push_vlan:0x8100,output:2", "dl_type=0x88cd"),
    ("dl_type=0x88cc,actions=push_vlan:0x8100,encap(nsh()),encap(ethernet),output:2", "dl_type=0x88cc"),
    ("ip,actions=set_field:11:22:33:44:55:66->dl_dst,set_field:9.9.9.9->nw_src,decap(),encap(ethernet),output:2", "ip,nw_proto=77"),
    ("arp,actions=encap(nsh()),encap(ethernet),output:2,set_field:11:22:33:44:55:66->eth_dst,output:3", "arp"),
    ("arp,actions=decap(),encap(nsh()),encap(ethernet),output:2", "arp"), ("tcp,actions=decap(),resubmit(,1)", "tcp"), ("tcp6,actions=decap(),resubmit(,1)", "tcp6"),
    ("arp,actions=encap(nsh()),encap(ethernet),write_actions(output:3)", "arp"),
]
SECOND = ["table=1,packet_type=(1,0x800),actions=encap(ethernet),output:2", "table=1,priority=1,ip,actions=output:3"]


def told(stack, flow, packet):
    stack.ofctl("-O", "OpenFlow13", "del-flows", "br0")
    for one in (f"in_port=1,{flow}", *SECOND):
        stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", one)
    words = f"in_port=1,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,{packet}"
    return [line for line in text(stack.appctl("ofproto/trace", "br0", words)).splitlines() if line.startswith(("Datapath actions", "Translation failed", "    "))]


@pytest.mark.parametrize("flow,packet", FLOWS)
def test_trace_tells_the_oracles_actions(both, flow, packet):
    assert_same(told(both[1], flow, packet), told(both[0], flow, packet))


FRAME = "0200000000020200000000010800" + "45000020000000004011f979c0a80001c0a80002" + "0001000200080000" + "abcdabcd"
NSH = "020000000002020000000001894f0fc60103001234ff00000007000000000000000000000000"
MPLS = "020000000002020000000001884700005140"
ROUNDS = [
    ("actions=encap(nsh(md_type=1)),set_field:0x1234->nsh_spi,encap(ethernet),set_field:11:22:33:44:55:66->dl_dst,output:2", FRAME),
    ("actions=encap(nsh(md_type=2,tlv(0x1000,10,0x12345678))),encap(ethernet),output:2", FRAME), ("udp,actions=decap(),encap(ethernet),output:2", FRAME),
    ("udp,actions=decap(),encap(mpls),set_field:9->mpls_label,encap(ethernet),output:2", FRAME),
    ("udp,actions=decap(),encap(nsh()),encap(ethernet),output:2,decap(),decap(),resubmit(,1)", FRAME),
    ("actions=encap(nsh()),encap(nsh()),encap(ethernet),output:2,decap(),decap(),decap(),output:3", FRAME),
    ("dl_type=0x894f,actions=decap(),decap(),output:2", NSH + FRAME), ("mpls,actions=decap(),decap(packet_type(ns=1,type=0x800)),encap(ethernet),output:2", MPLS + FRAME[28:]),
    ("actions=clone(encap(nsh),encap(ethernet),2),output:3", FRAME),
]


@pytest.mark.parametrize("flow,frame", ROUNDS)
def test_frames_leave_as_from_the_oracle(both, tmp_path, flow, frame):
    def sent(stack):
        stack.ofctl("-O", "OpenFlow13", "del-flows", "br0")
        for one in (f"in_port=1,{flow}", "table=1,packet_type=(1,0x800),actions=set_field:9.9.9.9->ip_dst,encap(ethernet),output:3"):
            stack.ofctl("-O", "OpenFlow13", "add-flow", "br0", one)
        files = {}
        for port in ("p2", "p3"):
            files[port] = tmp_path / f"{stack.switch_flavor.name}-{port}.pcap"
            stack.vsctl("set", "interface", port, f"options:tx_pcap={files[port]}")
        for _ in range(2):  # by translation, and by the flow that it left
            stack.receive("p1", frame)
        stack.appctl("dpctl/dump-flows")
        out = {port: file.read_bytes()[24:] for port, file in files.items()}
        for port in files:
            stack.vsctl("remove", "interface", port, "options", "tx_pcap")
        # Packets' headers hold the time; what is left is lengths and bytes.
        return {port: frames(data) for port, data in out.items()}
    mine, oracle = sent(both[1]), sent(both[0])
    assert mine == oracle
    assert any(mine.values()), "nothing was sent"


def frames(data):
    out, at = [], 0
    while at + 16 <= len(data):
        length = int.from_bytes(data[at + 8:at + 12], "little")
        out.append(data[at + 16:at + 16 + length].hex())
        at += 16 + length
    return out
