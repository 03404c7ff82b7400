# SPDX-License-Identifier: Apache-2.0
"""The plan of a network: 1000 hosts on eight ports in two VLANs behind one router, as ten thousand flows in nine tables.

    0 port ACL -> 1 VLAN -> 2 source MAC -> 3 destination MAC -> the host's port, by its group
                                             |-> 4 TTL -> 5 IPv4 routes | 6 IPv6 routes -> 7 next hop -> the host's port
                                             \\-> 8 flood of the VLAN
"""
import dataclasses

from os_ken.ofproto import ofproto_v1_3 as of
from os_ken.ofproto import ofproto_v1_3_parser as parse

from controller import TO_CONTROLLER, apply, bucket, flow, group, output, set_field, write

PORTS, HOSTS, NETS = 8, 1000, 2500
ROUTER = "02:00:00:00:00:fe"
PORT_GROUP, FLOOD_GROUP = 1000, 2000
goto, to_group = parse.OFPInstructionGotoTable, parse.OFPActionGroup
IPV4, IPV6 = {"eth_type": 0x0800}, {"eth_type": 0x86dd}


@dataclasses.dataclass(frozen=True)
class Host:
    number: int

    @property
    def port(self):
        return self.number % PORTS + 1

    @property
    def vlan(self):
        return vlan_of(self.port)

    @property
    def mac(self):
        return f"02:01:00:00:{self.number >> 8:02x}:{self.number & 255:02x}"

    @property
    def ipv4(self):
        return f"10.0.{self.number >> 8}.{self.number & 255}"

    @property
    def ipv6(self):
        return f"fd00::{self.number + 1:x}"


def vlan_of(port):
    return 10 + port % 2


def net4(number):
    """A network behind host `number % HOSTS`."""
    return f"172.{16 + (number >> 8)}.{number & 255}.0"


def net6(number):
    return f"fd01:{number:x}::"


ALL_HOSTS = [Host(n) for n in range(HOSTS)]


def metadata(vlan=0, hop=None):
    """VLAN in the low bits; the next hop above them."""
    return (vlan, 0xffff) if hop is None else (hop + 1 << 16, 0xffffffff0000)


def groups():
    yield from (group(of.OFPGT_INDIRECT, bucket(output(p)), number=PORT_GROUP + p) for p in range(1, PORTS + 1))
    for vlan in {vlan_of(p) for p in range(1, PORTS + 1)}:
        yield group(of.OFPGT_ALL, *(bucket(output(p)) for p in range(1, PORTS + 1) if vlan_of(p) == vlan), number=FLOOD_GROUP + vlan)


def edge():
    yield flow({**IPV4, "ip_proto": 17, "udp_dst": 7}, priority=100)
    for port in range(1, PORTS + 1):
        yield flow({"in_port": port}, goto(1))
        yield flow({"in_port": port, "vlan_vid": 0}, parse.OFPInstructionWriteMetadata(*metadata(vlan_of(port))), goto(2), table_id=1)
    yield flow({}, apply(TO_CONTROLLER), table_id=2, priority=0)
    yield flow({"eth_dst": ROUTER}, goto(4), table_id=3)
    yield flow({}, goto(8), table_id=3, priority=0)
    yield flow(IPV4, apply(parse.OFPActionDecNwTtl()), goto(5), table_id=4)
    yield flow(IPV6, apply(parse.OFPActionDecNwTtl()), goto(6), table_id=4)
    for vlan in {vlan_of(p) for p in range(1, PORTS + 1)}:
        yield flow({"metadata": metadata(vlan)}, apply(to_group(FLOOD_GROUP + vlan)), table_id=8)


def of_host(h):
    hop, by = parse.OFPInstructionWriteMetadata(*metadata(hop=h.number)), write(to_group(PORT_GROUP + h.port))
    yield flow({"in_port": h.port, "eth_src": h.mac}, goto(3), table_id=2)
    yield flow({"metadata": metadata(h.vlan), "eth_dst": h.mac}, by, table_id=3)
    yield flow({**IPV4, "ipv4_dst": h.ipv4}, hop, goto(7), table_id=5, priority=132)
    yield flow({**IPV6, "ipv6_dst": h.ipv6}, hop, goto(7), table_id=6, priority=228)
    yield flow({"metadata": metadata(hop=h.number)}, apply(set_field(eth_src=ROUTER), set_field(eth_dst=h.mac)), by, table_id=7)


def routes():
    for n in range(NETS):
        hop = parse.OFPInstructionWriteMetadata(*metadata(hop=n % HOSTS))
        yield flow({**IPV4, "ipv4_dst": (net4(n), "255.255.255.0")}, hop, goto(7), table_id=5, priority=124)
        yield flow({**IPV6, "ipv6_dst": (net6(n), "ffff:ffff::")}, hop, goto(7), table_id=6, priority=132)


def flows():
    yield from edge()
    for host in ALL_HOSTS:
        yield from of_host(host)
    yield from routes()
