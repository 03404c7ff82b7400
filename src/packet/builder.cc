// SPDX-License-Identifier: Apache-2.0
#include "packet/builder.h"

#include "packet/checksum.h"

namespace weft::packet {

void PacketBuilder::set_type(uint16_t type) {
    if (type_at_ != none) store(&out_[type_at_], Be16(type));
}

PacketBuilder& PacketBuilder::eth(const Mac& src, const Mac& dst, uint16_t type) {
    append(EthernetHeader{.dst = dst, .src = src, .type = Be16(type)});
    type_at_ = out_.size() - 2;
    return *this;
}

PacketBuilder& PacketBuilder::vlan(uint16_t tci, uint16_t tpid, uint16_t type) {
    set_type(tpid);
    append(VlanHeader{.tci = Be16(tci), .type = Be16(type)});
    type_at_ = out_.size() - 2;
    return *this;
}

PacketBuilder& PacketBuilder::mpls(uint32_t lse, uint16_t type) {
    set_type(type);
    append(Be32(lse));
    return *this;
}

PacketBuilder& PacketBuilder::arp(const ArpOptions& o) {
    set_type(o.type);
    append(ArpHeader{.hardware = Be16(1),
                     .protocol = Be16(ethertype::ipv4),
                     .hardware_size = 6,
                     .protocol_size = 4,
                     .op = Be16(o.op),
                     .sha = o.sha,
                     .spa = SplitBe32(o.spa),
                     .tha = o.tha,
                     .tpa = SplitBe32(o.tpa)});
    return *this;
}

PacketBuilder& PacketBuilder::ip4(Be32 src, Be32 dst, const IpOptions& o) {
    set_type(ethertype::ipv4);
    l3_ = out_.size();
    v6_ = false;
    append(Ipv4Header{.version_ihl = 0x45,
                      .tos = o.tos,
                      .total_length = {},
                      .id = Be16(o.id),
                      .frag = Be16(o.frag),
                      .ttl = o.ttl,
                      .proto = o.proto,
                      .csum = {},
                      .src = src,
                      .dst = dst});
    return *this;
}

PacketBuilder& PacketBuilder::ip6(const Ip6& src, const Ip6& dst, const IpOptions& o) {
    set_type(ethertype::ipv6);
    l3_ = out_.size();
    v6_ = true;
    append(Ipv6Header{.version_class_label = Be32(6u << 28 | static_cast<uint32_t>(o.tos) << 20 | o.label),
                      .payload_length = {},
                      .next_header = o.proto,
                      .hop_limit = o.ttl,
                      .src = src,
                      .dst = dst});
    return *this;
}

void PacketBuilder::begin_l4(uint8_t proto) {
    CHECK(l3_ != none);
    l4_ = out_.size();
    proto_ = proto;
    out_[l3_ + (v6_ ? offsetof(Ipv6Header, next_header) : offsetof(Ipv4Header, proto))] = proto;
}

PacketBuilder& PacketBuilder::tcp(uint16_t src, uint16_t dst, uint16_t flags) {
    begin_l4(ipproto::tcp);
    TcpHeader tcp{};
    tcp.src = Be16(src);
    tcp.dst = Be16(dst);
    tcp.offset_flags = Be16(static_cast<uint16_t>(0x5000 | (flags & 0x0fff)));
    append(tcp);
    return *this;
}

PacketBuilder& PacketBuilder::udp(uint16_t src, uint16_t dst) {
    begin_l4(ipproto::udp);
    append(UdpHeader{.src = Be16(src), .dst = Be16(dst), .length = {}, .csum = {}});
    return *this;
}

PacketBuilder& PacketBuilder::sctp(uint16_t src, uint16_t dst) {
    begin_l4(ipproto::sctp);
    append(SctpHeader{.src = Be16(src), .dst = Be16(dst), .tag = {}, .csum = {}});
    return *this;
}

PacketBuilder& PacketBuilder::icmp(uint8_t type, uint8_t code, uint32_t rest) {
    begin_l4(v6_ ? ipproto::icmpv6 : ipproto::icmp);
    append(IcmpHeader{.type = type, .code = code, .csum = {}, .rest = Be32(rest)});
    return *this;
}

PacketBuilder& PacketBuilder::igmp(uint8_t type, uint8_t code, Be32 group) {
    begin_l4(ipproto::igmp);
    append(IgmpHeader{.type = type, .code = code, .csum = {}, .group = group});
    return *this;
}

PacketBuilder& PacketBuilder::nd_target(const Ip6& target) {
    append(target);
    return *this;
}

PacketBuilder& PacketBuilder::nd_option(uint8_t type, const Mac& address) {
    append(type);
    append(uint8_t{1});  // in units of 8 bytes
    append(address);
    return *this;
}

PacketBuilder& PacketBuilder::raw(ByteSpan bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return *this;
}

PacketBuilder& PacketBuilder::payload(size_t n) {
    for (size_t i = 0; i < n; ++i) out_.push_back(static_cast<uint8_t>(i));
    return *this;
}

namespace {

/// Where the checksum of an L4 header lies, if it is the Internet checksum.
size_t csum_offset(uint8_t proto) {
    switch (proto) {
        case ipproto::tcp:
            return offsetof(TcpHeader, csum);
        case ipproto::udp:
            return offsetof(UdpHeader, csum);
        case ipproto::icmp:
        case ipproto::icmpv6:
        case ipproto::igmp:
            return offsetof(IcmpHeader, csum);
        default:
            return 0;
    }
}

Checksum pseudo_header_of(const uint8_t* l3, bool v6, uint8_t proto, size_t length) {
    if (proto == ipproto::icmp || proto == ipproto::igmp) return {};
    const auto n = static_cast<uint32_t>(length);
    if (v6) {
        const auto ip = load<Ipv6Header>(l3);
        return pseudo_header(ip.src, ip.dst, proto, n);
    }
    const auto ip = load<Ipv4Header>(l3);
    return pseudo_header(ip.src, ip.dst, proto, n);
}

}  // namespace

Bytes PacketBuilder::bytes() const {
    Bytes out = out_;
    if (l3_ == none) return out;
    uint8_t* l3 = &out[l3_];
    const size_t l3_size = out.size() - l3_;
    if (v6_) {
        store(l3 + offsetof(Ipv6Header, payload_length),
              Be16(static_cast<uint16_t>(l3_size - sizeof(Ipv6Header))));
    } else {
        store(l3 + offsetof(Ipv4Header, total_length), Be16(static_cast<uint16_t>(l3_size)));
        store(l3 + offsetof(Ipv4Header, csum), checksum({l3, sizeof(Ipv4Header)}));
    }
    if (l4_ == none) return out;
    const MutableByteSpan l4 = MutableByteSpan(out).subspan(l4_);
    if (proto_ == ipproto::udp)
        store(&l4[offsetof(UdpHeader, length)], Be16(static_cast<uint16_t>(l4.size())));
    const size_t at = csum_offset(proto_);
    if (at == 0) return out;
    const Be16 csum = pseudo_header_of(l3, v6_, proto_, l4.size()).add(l4).value();
    store(&l4[at], proto_ == ipproto::udp ? udp_checksum(csum) : csum);
    return out;
}

}  // namespace weft::packet
