# SPDX-License-Identifier: Apache-2.0
"""Random Ethernet frames with right checksums, and the match fields that each of them has."""
import dataclasses
import ipaddress
import struct

MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03", "52:54:00:11:22:33", "01:00:5e:00:00:05", "ff:ff:ff:ff:ff:ff"]
IPS = ["10.0.0.1", "10.0.0.2", "10.0.1.3", "192.168.0.1", "224.0.0.5", "10.255.0.9"]
IP6S = ["fe80::1", "fe80::2", "2001:db8::1", "2001:db8:0:1::2", "ff02::1"]
PORTS = [1, 53, 80, 443, 1024, 65535]
VLANS = [0, 5, 9, 100]
TTLS = [0, 1, 2, 64, 255]
PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "icmp6": 58, "ip": 89}


@dataclasses.dataclass
class Frame:
    """The bytes on the wire, the protocol's name in ovs-ofctl's flow syntax, and its fields: name -> (value, bits, form)."""
    data: bytes
    protocol: str
    fields: dict


def checksum(data):
    total = sum(struct.unpack(f"!{len(data + b'0') // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def number(text):
    return int(text.replace(":", ""), 16) if text.count(":") == 5 and "::" not in text else int(ipaddress.ip_address(text))


class Builder:
    """Draws one frame from a random.Random; every choice is recorded as a match field."""

    def __init__(self, random):
        self.random, self.fields = random, {}

    def draw(self, name, values, bits, form="int"):
        value = self.random.choice(values)
        self.fields[name] = (number(value) if isinstance(value, str) else value, bits, form)
        return value

    def transport(self, kind, pseudo):
        """The transport header and payload, checksum included."""
        r = self.random
        payload = r.randbytes(r.choice([0, 1, 18, 40]))
        if kind in ("tcp", "udp", "sctp"):
            ports = struct.pack("!HH", self.draw(f"{kind}_src", PORTS, 16), self.draw(f"{kind}_dst", PORTS, 16))
        if kind == "tcp":
            flags = self.draw("tcp_flags", [0x02, 0x10, 0x12, 0x18, 0x11, 0x04, 0xfff & 0x1c2], 12, "hex")
            head = ports + struct.pack("!IIHHHH", r.getrandbits(32), r.getrandbits(32), 0x5000 | flags, 512, 0, 0)
            at = 16
        elif kind == "udp":
            head, at = ports + struct.pack("!HH", 8 + len(payload), 0), 6
        elif kind == "sctp":
            return ports + struct.pack("!II", r.getrandbits(32), 0) + payload
        elif kind == "icmp":
            head, at = struct.pack("!BBHI", self.draw("icmp_type", [0, 3, 8, 11], 8), self.draw("icmp_code", [0, 1], 8), 0, 7), 2
            pseudo = b""
        elif kind == "icmp6":
            head, at = self.icmp6(), 2
        else:
            return payload
        whole = head + payload
        if pseudo:
            pseudo += struct.pack("!HH", len(whole), PROTOCOLS[kind]) if len(pseudo) == 8 else struct.pack("!II", len(whole), PROTOCOLS[kind])
        value = checksum(pseudo + whole)
        if kind == "udp":
            value = value or 0xffff
        return whole[:at] + struct.pack("!H", value) + whole[at + 2:]

    def icmp6(self):
        kind, code = self.draw("icmpv6_type", [1, 128, 129, 135, 136], 8), self.draw("icmpv6_code", [0], 8)
        reserved = self.draw("nd_reserved", [0, 0x20000000, 0xe0000000, 5], 32, "hex") if kind in (135, 136) else 0
        head = struct.pack("!BBHI", kind, code, 0, reserved)
        if kind in (135, 136):
            head += ipaddress.ip_address(self.draw("nd_target", IP6S, 128, "ip6")).packed
            option = "nd_sll" if kind == 135 else "nd_tll"
            self.fields["nd_options_type"] = (0, 8, "int")
            if self.random.random() < 0.9:
                head += bytes([1 if kind == 135 else 2, 1]) + mac_bytes(self.draw(option, MACS[:4], 48, "mac"))
                self.fields["nd_options_type"] = (head[24], 8, "int")
        return head

    def dscp(self):
        dscp = self.draw("ip_dscp", [0, 10, 46], 6)
        self.fields["nw_tos"] = (dscp << 2, 8, "int")
        return dscp

    def ipv4(self):
        r, kind = self.random, self.random.choice(["tcp", "tcp", "udp", "udp", "icmp", "sctp", "ip"])
        source = ipaddress.ip_address(self.draw("nw_src", IPS[:4], 32, "ip")).packed
        target = ipaddress.ip_address(self.draw("nw_dst", IPS, 32, "ip")).packed
        fragment = r.choice([0] * 8 + [0x4000, 0x2000, 0x2010, 0x0010])
        later = fragment & 0x1fff
        body = r.randbytes(32) if later else self.transport(kind, source + target)
        if not later and fragment & 0x2000:
            body += b"\0" * (-len(body) % 8)
        dscp, ecn, ttl = self.dscp(), self.draw("nw_ecn", [0, 1, 3], 2), self.draw("nw_ttl", TTLS, 8)
        self.fields["nw_proto"] = (PROTOCOLS[kind], 8, "int")
        kinds = ["later", "yes"] if later else ["first", "yes", "not_later"] if fragment & 0x2000 else ["no", "not_later"]
        self.fields["ip_frag"] = (r.choice(kinds), 0, "word")
        head = struct.pack("!BBHHHBBH", 0x45, dscp << 2 | ecn, 20 + len(body), r.getrandbits(16), fragment, ttl, PROTOCOLS[kind], 0) + source + target
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return 0x0800, "ip" if later or kind == "ip" else kind, head + body

    def ipv6(self):
        kind = self.random.choice(["tcp", "udp", "icmp6", "icmp6", "sctp", "ip"])
        source = ipaddress.ip_address(self.draw("ipv6_src", IP6S[:4], 128, "ip6")).packed
        target = ipaddress.ip_address(self.draw("ipv6_dst", IP6S, 128, "ip6")).packed
        body = self.transport(kind, source + target)
        dscp, ecn = self.dscp(), self.draw("nw_ecn", [0, 2], 2)
        label, ttl = self.draw("ipv6_label", [0, 0x12345, 5], 20), self.draw("nw_ttl", TTLS, 8)
        self.fields["nw_proto"] = (PROTOCOLS[kind], 8, "int")
        head = struct.pack("!IHBB", 6 << 28 | dscp << 22 | ecn << 20 | label, len(body), PROTOCOLS[kind], ttl)
        return 0x86dd, {"ip": "ipv6", "icmp6": "icmp6"}.get(kind, kind + "6"), head + source + target + body

    def arp(self):
        kind = self.random.choice([0x0806, 0x0806, 0x8035])
        operation = self.draw("arp_op", [1, 2], 8)
        sha, spa = self.draw("arp_sha", MACS[:4], 48, "mac"), self.draw("arp_spa", IPS[:4], 32, "ip")
        tha, tpa = self.draw("arp_tha", MACS[:4], 48, "mac"), self.draw("arp_tpa", IPS[:4], 32, "ip")
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + mac_bytes(sha) + ipaddress.ip_address(spa).packed + mac_bytes(
            tha) + ipaddress.ip_address(tpa).packed
        return kind, "arp" if kind == 0x0806 else "rarp", body + b"\0" * 18

    def mpls(self):
        kind, depth = self.random.choice([0x8847, 0x8847, 0x8848]), self.random.choice([1, 1, 2])
        label, tc, ttl = self.draw("mpls_label", [3, 100, 0xfffff], 20), self.draw("mpls_tc", [0, 5], 3), self.draw("mpls_ttl", [1, 2, 64], 8)
        self.fields["mpls_bos"] = (int(depth == 1), 1, "int")
        stack = struct.pack("!I", label << 12 | tc << 9 | (depth == 1) << 8 | ttl)
        if depth == 2:
            stack += struct.pack("!I", 77 << 12 | 1 << 8 | 9)
        kept = dict(self.fields)
        inner = self.ipv4()[2]
        self.fields = kept
        return kind, "mpls" if kind == 0x8847 else "mplsm", stack + inner

    def nsh(self):
        """RFC 8300 2.2, 2.4: metadata of type 1, and an IPv4 packet that is out of sight."""
        flags, ttl = self.draw("nsh_flags", [0, 2], 8), self.draw("nsh_ttl", [0, 1, 63], 6)
        md_type, following = self.draw("nsh_mdtype", [1], 4), self.draw("nsh_np", [1, 3], 8)
        path, service = self.draw("nsh_spi", [0, 7, 0xfffff], 24), self.draw("nsh_si", [1, 255], 8)
        contexts = [self.draw(f"nsh_c{i}", [0, 1, 0xdeadbeef], 32, "hex") for i in (1, 2, 3, 4)]
        kept = dict(self.fields)
        inner = self.ipv4()[2]
        self.fields = {**kept, "dl_type": (0x894f, 16, "word")}
        return 0x894f, "", struct.pack("!HBBIIIII", flags << 12 | ttl << 6 | 6, md_type, following, path << 8 | service, *contexts) + inner

    def other(self):
        kind = self.random.choice([0x88cc, 0x1234, 0x8902])
        self.fields["dl_type"] = (kind, 16, "word")
        return kind, "", self.random.randbytes(46)

    def frame(self):
        r = self.random
        target, source = self.draw("dl_dst", MACS, 48, "mac"), self.draw("dl_src", MACS[:4], 48, "mac")
        make = r.choice([self.ipv4] * 8 + [self.ipv6] * 5 + [self.arp] * 2 + [self.mpls] * 2 + [self.other, self.nsh])
        kind, protocol, body = make()
        head = mac_bytes(target) + mac_bytes(source)
        if r.random() < 0.35:
            vid, pcp = self.draw("dl_vlan", VLANS, 12), self.draw("dl_vlan_pcp", [0, 3, 7], 3)
            self.fields["vlan_tci"] = (0x1000 | pcp << 13 | vid, 16, "hex")
            self.fields["vlan_vid"], self.fields["vlan_pcp"] = (0x1000 | vid, 13, "hex"), (pcp, 3, "int")
            head += struct.pack("!HH", r.choice([0x8100, 0x8100, 0x88a8]), pcp << 13 | vid)
            if r.random() < 0.15:
                head += struct.pack("!HH", 0x8100, 33)
        else:
            self.fields["vlan_tci"] = (0, 16, "hex")
        data = head + struct.pack("!H", kind) + body
        return Frame(data + b"\0" * (60 - len(data)), protocol, self.fields)


def draw(random):
    return Builder(random).frame()
