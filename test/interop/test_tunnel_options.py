# SPDX-License-Identifier: Apache-2.0
"""tun_metadata: what a TLV map names is matched, set, listed, traced and refused as by the oracle."""
import pytest

from normal import assert_same, said, text

MAP = "{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=20}->tun_metadata1,{class=0xffff,type=2,len=8}->tun_metadata5"
VERSIONS = ("OpenFlow10", "OpenFlow13", "OpenFlow15")

FLOWS = [
    "tun_metadata0=0x1234,actions=1", "tun_metadata0=0x1234/0xff00,actions=1", "tun_metadata0,actions=1", "tun_metadata0=0,actions=1",
    "tun_metadata0=0/0xff,actions=1", "tun_metadata0=0x1234/0,actions=1", "tun_metadata5=0x12/0xffffffffffffffff,actions=1",
    "tun_metadata1=0x123456789a123456789a123456789a123456789a,actions=1", "tun_metadata1=0x12/0xff000000000000000000000000000000000000ff,actions=1",
    "tun_metadata5=9,tun_metadata0=7,ip,nw_src=10.0.0.1,actions=1", "tun_id=5,tun_metadata0=7,reg0=1,actions=1",
    "actions=set_field:0x1234->tun_metadata0", "actions=set_field:0x12/0xff->tun_metadata1", "actions=load:0x55->tun_metadata5[8..15]",
    "actions=set_field:0->tun_metadata5", "actions=move:tun_metadata0[0..15]->reg0[0..15]", "actions=move:reg1[]->tun_metadata0[0..31]",
    "actions=push:tun_metadata5[0..63],pop:tun_metadata1[0..63]", "actions=delete_field:tun_metadata5,1", "actions=output:tun_metadata0[0..15]",
    "actions=clone(set_field:1->tun_metadata0,1),2", "actions=multipath(eth_src,50,modulo_n,1,0,tun_metadata0[0..7])",
    "actions=learn(table=1,tun_metadata0[0..31]=tun_metadata5[0..31],load:tun_metadata5[0..31]->reg1[],output:in_port)",
    "actions=learn(table=1,tun_metadata0[0..15]=7,load:5->tun_metadata1[0..3])",
    # Refused
    "tun_metadata2=0x12,actions=1", "tun_metadata2,actions=1", "actions=set_field:1->tun_metadata9", "actions=delete_field:tun_metadata9",
    "actions=load:1->tun_metadata9[0..3]", "actions=push:tun_metadata5[]", "actions=push:tun_metadata5[60..70]", "actions=delete_field:reg0",
    "actions=move:tun_metadata0[]->tun_metadata1[]", "actions=learn(table=1,tun_metadata9[0..3]=reg0[0..3])", "tun_metadata0=zz,actions=1",
    "actions=clone(set_field:1->tun_metadata9,1)",
]


@pytest.fixture
def mapped(both):
    for stack in both:
        stack.ofctl("add-tlv-map", "br0", MAP)
    yield both
    for stack in both:
        stack.ofctl("del-flows", "br0")
        stack.ofctl("del-tlv-map", "br0")


def added(stack, version, flow):
    stack.ofctl("-O", version, "del-flows", "br0")
    done = stack.result("ovs-ofctl", "-O", version, "add-flow", "br0", flow)
    return said(done) + sorted(text(stack.ofctl("-O", version, "dump-flows", "br0")).splitlines())


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_is_listed_or_refused_as_by_the_oracle(mapped, flow):
    for version in VERSIONS:
        assert_same([version, *added(mapped[1], version, flow)], [version, *added(mapped[0], version, flow)])


TRACED = """
table=0,in_port=1,actions=set_field:0x1234->tun_metadata0,resubmit(,1)
table=0,in_port=2,actions=set_field:0x12/0xff->tun_metadata1,load:0x55->tun_metadata5[8..15],push:tun_metadata5[0..63],pop:tun_metadata1[0..63],resubmit(,1)
table=0,in_port=3,actions=move:tun_metadata0[0..15]->reg0[0..15],delete_field:tun_metadata0,resubmit(,1)
table=1,priority=9,tun_metadata0=0x1234,actions=2
table=1,priority=8,tun_metadata1=0x5500/0xff00,actions=3
table=1,priority=7,tun_metadata0,actions=LOCAL
table=1,priority=1,actions=drop
"""
PACKETS = ["in_port=1,tcp", "in_port=2,tcp", "in_port=3,tcp", "in_port=3,tcp,tun_metadata0=0xabcd", "in_port=3,tcp,tun_metadata0=0",
           "in_port=2,tcp,tun_metadata5=0x77", "in_port=3,tcp,tun_metadata0=0x1234,tun_metadata5=9"]


@pytest.mark.parametrize("packet", PACKETS)
def test_trace_tells_the_same(mapped, packet):
    def told(stack):
        stack.ofctl("add-flows", "br0", "-", stdin=TRACED)
        return stack.appctl("ofproto/trace", "br0", packet)
    assert_same(told(mapped[1]).splitlines(), told(mapped[0]).splitlines())


def test_trace_refuses_options_that_are_not_mapped(mapped):
    for packet in ("in_port=1,tcp,tun_metadata9=1", "in_port=1,tcp,tun_metadata0=0x123456789a"):
        done = mapped[1].result("ovs-appctl", "ofproto/trace", "br0", packet)
        assert done.returncode != 0 and "tlv-map" in done.stderr, done


USES = ["tun_metadata0=1,actions=1", "tun_metadata0,actions=1", "actions=set_field:1->tun_metadata0", "actions=delete_field:tun_metadata0",
        "actions=clone(move:tun_metadata0[0..3]->reg0[0..3])", "actions=learn(table=1,tun_metadata0[0..31]=reg0[])"]


@pytest.mark.parametrize("flow", USES)
def test_what_a_flow_names_stays_mapped(mapped, flow):
    def tried(stack):
        stack.ofctl("add-flow", "br0", flow)
        out = [said(stack.result("ovs-ofctl", *words)) for words in (
            ("del-tlv-map", "br0", "{class=0xffff,type=0,len=4}->tun_metadata0"), ("del-tlv-map", "br0"),
            ("del-tlv-map", "br0", "{class=0xffff,type=1,len=20}->tun_metadata1"))]
        stack.ofctl("del-flows", "br0")
        out.append(said(stack.result("ovs-ofctl", "del-tlv-map", "br0", "{class=0xffff,type=0,len=4}->tun_metadata0")))
        return [str(x) for x in out] + stack.ofctl("dump-tlv-map", "br0").splitlines()[1:]
    assert_same(tried(mapped[1]), tried(mapped[0]))


def test_a_value_longer_than_its_option_is_refused_not_cut_off(mapped):
    """Open vSwitch keeps the first bytes of it."""
    for flow in ("tun_metadata0=0x123456789a,actions=1", "actions=set_field:0x123456789a->tun_metadata0"):
        done = mapped[1].result("ovs-ofctl", "add-flow", "br0", flow)
        assert done.returncode != 0 and ("BAD_VALUE" in done.stderr or "BAD_SET_LEN" in done.stderr), done
    assert "tun_metadata" not in mapped[1].ofctl("dump-flows", "br0")


def test_a_monitor_hears_of_flows_with_options(mapped):
    def heard(stack):
        stack.ofctl("add-flow", "br0", "tun_metadata0=0x1234,actions=1")
        stack.ofctl("add-flow", "br0", "tun_metadata5=0x1234,actions=1")
        return sorted(line.strip() for line in stack.ofctl("dump-flows", "br0", "tun_metadata0=0x1234").splitlines() if "tun_" in line)
    mine = heard(mapped[1])
    assert len(mine) == 1 and "tun_metadata0=0x1234" in mine[0]
