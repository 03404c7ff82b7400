// SPDX-License-Identifier: Apache-2.0
#include "dp/core/edit.h"

#include <array>
#include <optional>

#include "dp/core/checksum.h"
#include "dp/core/layers.h"
#include "flow/flow_key.h"

namespace weft::dp {
namespace {

using packet::Packet;
namespace act = action::dp;

/// to = to with `mask`'s bits of `value`.
template <class T>
void blend(uint8_t* to, const T& value, const T& mask) {
    const auto* v = reinterpret_cast<const uint8_t*>(&value);
    const auto* m = reinterpret_cast<const uint8_t*>(&mask);
    for (size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<uint8_t>((to[i] & ~m[i]) | (v[i] & m[i]));
}

/// The checksum of the frame's transport header.
class TransportChecksum {
  public:
    TransportChecksum(Packet& p, const Layers& l) : p_(p), l_(l) {}

    /// `change` was made to bytes of the pseudo header.
    void follow_pseudo_header(const ChecksumChange& change) {
        if (!l_.transport || l_.protocol == ip_protocol::icmp || l_.protocol == ip_protocol::sctp) return;
        apply(change, is_partial());
    }
    /// `change` was made to the transport header or what follows it.
    void follow_payload(const ChecksumChange& change) {
        if (l_.transport && !is_partial()) apply(change, false);
    }

  private:
    bool is_partial() const {
        return p_.offload.csum == packet::Csum::partial && p_.offload.csum_start == l_.transport;
    }
    void apply(const ChecksumChange& change, bool partial) {
        uint8_t* t = p_.data() + l_.transport;
        uint8_t* field = nullptr;
        switch (l_.protocol) {
            case ip_protocol::tcp:
                field = t + 16;
                break;
            case ip_protocol::udp:
                field = t + 6;
                break;
            case ip_protocol::icmp:
            case ip_protocol::icmpv6:
                field = t + 2;
                break;
            default:
                return;
        }
        if (partial)
            change.apply_partial(field);
        else if (l_.protocol == ip_protocol::udp)
            change.apply_udp(field);
        else
            change.apply(field);
    }

    Packet& p_;
    const Layers& l_;
};

/// Rewrites `n` bytes (a multiple of 2, at an even offset) by `write`, and tells what changed.
template <size_t N, class F>
void rewrite(uint8_t* at, ChecksumChange& change, const F& write) {
    std::array<uint8_t, N> before;
    std::memcpy(before.data(), at, N);
    write(at);
    change.add(before, {at, N});
}

void set_eth_type(Packet& p, const Layers& l, Be16 type) {
    if (p.l3_type)
        p.l3_type = type.host();
    else
        std::memcpy(p.data() + l.network - 2, &type, 2);
}

bool has_network(const Packet& p, const Layers& l) { return l.network || p.l3_type; }

/// What an NSH header carries (RFC 8300 2.2), as Packet::l3_type.
std::optional<uint16_t> carried_by_nsh(uint8_t next_protocol) {
    switch (next_protocol) {
        case 1:
            return ethertype::ip;
        case 2:
            return ethertype::ipv6;
        case 3:
            return uint16_t{0};  // a frame
        case 4:
            return ethertype::nsh;
        case 5:
            return ethertype::mpls;
        default:
            return std::nullopt;
    }
}

/// SCTP's CRC covers the rest of the packet, though not the frame's padding. A wrong one stays wrong in the
/// same bits.
void set_sctp_ports(Packet& p, const Layers& l, const act::SetL4& a) {
    const auto whole = [&] { return ByteSpan(p.data() + l.transport, l.end - l.transport); };
    uint8_t* field = p.data() + l.transport + 8;
    uint32_t stored;
    std::memcpy(&stored, field, 4);
    const auto computed = [&] {
        std::memset(field, 0, 4);
        return crc32c(whole());
    };
    const bool left_to_do = p.offload.csum == packet::Csum::partial;
    const uint32_t error = left_to_do ? 0 : stored ^ computed();
    blend(p.data() + l.transport, a.value, a.mask);
    const uint32_t fresh = left_to_do ? stored : computed() ^ error;
    std::memcpy(field, &fresh, 4);
}

}  // namespace

void edit(Packet& p, const act::PushVlan& a) {
    if (p.l3_type || p.size() < 12) return;
    const Be16 tci(a.tci.host() & ~flow::vlan_present);
    uint8_t* tag = p.insert(12, 4);
    std::memcpy(tag, &a.tpid, 2);
    std::memcpy(tag + 2, &tci, 2);
}

void edit(Packet& p, const act::PopVlan&) {
    if (p.l3_type || p.size() < 18) return;
    const auto type = static_cast<uint16_t>(p.data()[12] << 8 | p.data()[13]);
    if (ethertype::is_vlan(type)) p.erase(12, 4);
}

void edit(Packet& p, const act::PushMpls& a) {
    const Layers l = layers_of(p);
    if (!has_network(p, l)) return;
    std::memcpy(p.insert(l.network, 4), &a.lse, 4);
    set_eth_type(p, l, a.eth_type);
}

void edit(Packet& p, const act::PopMpls& a) {
    const Layers l = layers_of(p);
    if (!has_network(p, l) || !ethertype::is_mpls(l.eth_type) || l.network + 4 > p.size()) return;
    p.erase(l.network, 4);
    constexpr uint16_t bridged_ethernet = 0x6558;  // RFC 1701's number for a whole frame
    if (p.l3_type && a.eth_type.host() == bridged_ethernet)
        p.l3_type = 0;
    else
        set_eth_type(p, l, a.eth_type);
}

void edit(Packet& p, const act::PushEth& a) {
    if (!p.l3_type) return;
    const Be16 type(p.l3_type);
    uint8_t* frame = p.push(14);
    std::memcpy(frame, &a.dst, 6);
    std::memcpy(frame + 6, &a.src, 6);
    std::memcpy(frame + 12, &type, 2);
    p.l3_type = 0;
}

/// Not if there are VLAN tags: translation does not ask for that.
void edit(Packet& p, const act::PopEth&) {
    if (p.l3_type || p.size() < 14) return;
    const auto type = static_cast<uint16_t>(p.data()[12] << 8 | p.data()[13]);
    if (ethertype::is_vlan(type) || type == 0) return;
    p.pull(14);
    p.l3_type = type;
}

void edit(Packet& p, const act::PushNsh& a) {
    constexpr uint32_t base = 8;  // RFC 8300 2.2-2.5
    const bool fixed = a.mdtype == 1;
    const uint32_t size = base + (fixed ? 16u : static_cast<uint32_t>(a.md2.size()));
    const Be16 first(static_cast<uint16_t>((a.flags & 3) << 12 | (a.ttl & 0x3f) << 6 | size / 4));
    const Be32 path(a.spi.host() << 8 | a.si);
    uint8_t* nsh = p.push(size);
    std::memcpy(nsh, &first, 2);
    nsh[2] = a.mdtype;
    nsh[3] = a.np;
    std::memcpy(nsh + 4, &path, 4);
    if (fixed)
        std::memcpy(nsh + base, a.context, sizeof a.context);
    else if (!a.md2.empty())
        std::memcpy(nsh + base, a.md2.data(), a.md2.size());
    p.l3_type = ethertype::nsh;
}

void edit(Packet& p, const act::PopNsh&) {
    if (p.l3_type != ethertype::nsh || p.size() < 8) return;
    const uint32_t size = (p.data()[1] & 0x3fu) * 4;
    const auto inner = carried_by_nsh(p.data()[3]);
    if (!inner || size < 8 || size > p.size()) return;
    p.pull(size);
    p.l3_type = *inner;
}

void edit(Packet& p, const act::AddMpls& a) {
    std::memcpy(p.push(4), &a.lse, 4);
    p.l3_type = a.eth_type.host();
}

void edit(Packet& p, const act::Set<act::EthHeader>& a) {
    if (p.l3_type || p.size() < 12) return;
    blend(p.data(), a.value.dst, a.mask.dst);
    blend(p.data() + 6, a.value.src, a.mask.src);
}

void edit(Packet& p, const act::Set<act::Ipv4Header>& a, Skip planted) {
    const Layers l = layers_of(p);
    if (l.eth_type != ethertype::ip || l.network + 20 > p.size()) return;
    uint8_t* ip = p.data() + l.network;
    ChecksumChange header, addresses;
    rewrite<2>(ip, header, [&](uint8_t* at) { blend(at + 1, a.value.tos, a.mask.tos); });
    rewrite<2>(ip + 8, header, [&](uint8_t* at) { blend(at, a.value.ttl, a.mask.ttl); });
    rewrite<8>(ip + 12, addresses, [&](uint8_t* at) {
        blend(at, a.value.src, a.mask.src);
        blend(at + 4, a.value.dst, a.mask.dst);
    });
    if (planted != Skip::ip_checksum) header.apply(ip + 10);
    addresses.apply(ip + 10);
    if (planted != Skip::pseudo_header) TransportChecksum(p, l).follow_pseudo_header(addresses);
}

void edit(Packet& p, const act::Set<act::Ipv6Header>& a, Skip planted) {
    const Layers l = layers_of(p);
    if (l.eth_type != ethertype::ipv6 || l.network + 40 > p.size()) return;
    uint8_t* ip = p.data() + l.network;
    // Version, traffic class and flow label share the first word.
    const auto word = [](const act::Ipv6Header& h) {
        return Be32((h.label.host() & 0xfffff) | uint32_t{h.tclass} << 20);
    };
    blend(ip, word(a.value), word(a.mask));
    blend(ip + 7, a.value.hlimit, a.mask.hlimit);
    ChecksumChange addresses;
    rewrite<16>(ip + 8, addresses, [&](uint8_t* at) { blend(at, a.value.src, a.mask.src); });
    ChecksumChange routed;
    rewrite<16>(ip + 24, l.routed6 ? routed : addresses,
                [&](uint8_t* at) { blend(at, a.value.dst, a.mask.dst); });
    if (planted != Skip::pseudo_header) TransportChecksum(p, l).follow_pseudo_header(addresses);
}

void edit(Packet& p, const act::Set<act::ArpHeader>& a) {
    const Layers l = layers_of(p);
    constexpr uint32_t size = 28;  // RFC 826 for Ethernet and IPv4
    if ((l.eth_type != ethertype::arp && l.eth_type != ethertype::rarp) || l.network + size > p.size())
        return;
    uint8_t* arp = p.data() + l.network;
    blend(arp + 6, a.value.op, a.mask.op);
    blend(arp + 8, a.value.sha, a.mask.sha);
    blend(arp + 14, a.value.sip, a.mask.sip);
    blend(arp + 18, a.value.tha, a.mask.tha);
    blend(arp + 24, a.value.tip, a.mask.tip);
}

void edit(Packet& p, const act::Set<act::NdHeader>& a) {
    const Layers l = layers_of(p);
    constexpr uint32_t fixed = 24;  // RFC 4861 4.3, 4.4: header and target address
    if (!l.transport || l.protocol != ip_protocol::icmpv6 || l.transport + fixed > l.end) return;
    ChecksumChange change;
    rewrite<16>(p.data() + l.transport + 8, change,
                [&](uint8_t* at) { blend(at, a.value.target, a.mask.target); });
    for (uint32_t at = l.transport + fixed; at + 8 <= l.end;) {
        uint8_t* option = p.data() + at;
        const uint32_t length = option[1] * 8u;
        if (length == 0) break;
        constexpr uint8_t source = 1, target = 2;
        if (length == 8 && option[0] == source)
            rewrite<6>(option + 2, change, [&](uint8_t* to) { blend(to, a.value.sll, a.mask.sll); });
        if (length == 8 && option[0] == target)
            rewrite<6>(option + 2, change, [&](uint8_t* to) { blend(to, a.value.tll, a.mask.tll); });
        at += length;
    }
    TransportChecksum(p, l).follow_payload(change);
}

void edit(Packet& p, const act::Set<act::MplsHeader>& a) {
    const Layers l = layers_of(p);
    if (ethertype::is_mpls(l.eth_type) && l.network + 4 <= p.size())
        blend(p.data() + l.network, a.value.lse, a.mask.lse);
}

void edit(Packet& p, const act::Set<act::NshHeader>& a) {
    const Layers l = layers_of(p);
    constexpr uint32_t base = 8, context = 16;  // RFC 8300 2.2-2.4
    constexpr uint8_t with_context = 1;
    if (l.eth_type != ethertype::nsh || l.network + base > p.size()) return;
    uint8_t* nsh = p.data() + l.network;
    // Version, O bit and the one unassigned, 6 bits of TTL, 6 of length.
    const auto first = [](const act::NshHeader& h) {
        return Be16(static_cast<uint16_t>((h.flags & 3) << 12 | (h.ttl & 0x3f) << 6));
    };
    blend(nsh, first(a.value), first(a.mask));
    const auto path = [](const act::NshHeader& h) { return Be32(h.spi.host() << 8 | h.si); };
    blend(nsh + 4, path(a.value), path(a.mask));
    if (nsh[2] != with_context || l.network + base + context > p.size()) return;
    for (size_t i = 0; i < 4; ++i) blend(nsh + base + 4 * i, a.value.context[i], a.mask.context[i]);
}

void edit(Packet& p, const act::SetL4& a, Skip planted) {
    const Layers l = layers_of(p);
    constexpr uint8_t protocols[] = {ip_protocol::tcp, ip_protocol::udp, ip_protocol::sctp, ip_protocol::icmp,
                                     ip_protocol::icmpv6};
    if (!l.transport || l.protocol != protocols[static_cast<size_t>(a.proto)]) return;
    if (a.proto == act::L4::sctp) return set_sctp_ports(p, l, a);
    ChecksumChange change;
    uint8_t* t = p.data() + l.transport;
    if (a.proto == act::L4::tcp || a.proto == act::L4::udp) {
        rewrite<4>(t, change, [&](uint8_t* at) { blend(at, a.value, a.mask); });
    } else {
        const auto type = static_cast<uint8_t>(a.value.src.host()),
                   type_mask = static_cast<uint8_t>(a.mask.src.host());
        const auto code = static_cast<uint8_t>(a.value.dst.host()),
                   code_mask = static_cast<uint8_t>(a.mask.dst.host());
        rewrite<2>(t, change, [&](uint8_t* at) {
            blend(at, type, type_mask);
            blend(at + 1, code, code_mask);
        });
    }
    if (planted != Skip::transport_checksum) TransportChecksum(p, l).follow_payload(change);
}

}  // namespace weft::dp
