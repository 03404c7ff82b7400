// SPDX-License-Identifier: Apache-2.0
#include "packet/defect.h"

#include <fmt/core.h>

namespace weft::packet {

namespace {

/// What is left to look at: bytes at hand, and how many there are in all.
struct Rest {
    ByteSpan head;
    size_t size = 0;

    bool shows(size_t n) const { return n <= head.size(); }
    bool has(size_t n) const { return n <= size; }
    unsigned u8(size_t at) const { return head[at]; }
    unsigned u16(size_t at) const { return u8(at) << 8 | u8(at + 1); }
    void skip(size_t n) {
        head = head.subspan(std::min(n, head.size()));
        size -= std::min(n, size);
    }
};

std::string cut(std::string_view header, size_t need, size_t have) {
    return fmt::format("{} header needs {} bytes, {} are there", header, need, have);
}

std::string l4_defect(unsigned proto, Rest r) {
    constexpr unsigned icmp = 1, tcp = 6, udp = 17, icmpv6 = 58, sctp = 132;
    const size_t need = proto == tcp ? 20 : proto == sctp ? 12 : proto == udp ? 8 : 4;
    const std::string_view name = proto == tcp    ? "TCP"
                                  : proto == sctp ? "SCTP"
                                  : proto == udp  ? "UDP"
                                                  : "ICMP";
    if (proto != icmp && proto != tcp && proto != udp && proto != icmpv6 && proto != sctp) return {};
    if (!r.has(need)) return cut(name, need, r.size);
    if (proto != tcp || !r.shows(need)) return {};
    const size_t header = static_cast<size_t>(r.u8(12) >> 4) * 4;
    if (header < need) return fmt::format("TCP header says it has {} bytes, 20 is the least", header);
    return r.has(header) ? std::string() : cut("TCP", header, r.size);
}

std::string ipv4_defect(Rest r) {
    if (!r.has(20)) return cut("IPv4", 20, r.size);
    if (!r.shows(20)) return {};
    const unsigned version = r.u8(0) >> 4;
    const size_t header = static_cast<size_t>(r.u8(0) & 15) * 4, total = r.u16(2);
    if (header < 20) return fmt::format("IPv4 header says it has {} bytes, 20 is the least", header);
    if (total < header)
        return fmt::format("IPv4 total length {} is less than its header's {}", total, header);
    if (!r.has(total)) return fmt::format("IPv4 header says {} bytes, {} are there", total, r.size);
    if (version != 4) return fmt::format("IP version {} behind the Ethertype of IPv4", version);
    if (r.u16(6) & 0x1fff) return {};  // a later fragment has no L4 header
    const unsigned proto = r.u8(9);
    r.size = total;
    r.skip(header);
    return l4_defect(proto, r);
}

std::string ipv6_defect(Rest r) {
    if (!r.has(40)) return cut("IPv6", 40, r.size);
    if (!r.shows(40)) return {};
    const size_t payload = r.u16(4);
    const unsigned version = r.u8(0) >> 4, next = r.u8(6);
    r.skip(40);
    if (!r.has(payload)) return fmt::format("IPv6 header says {} bytes follow, {} do", payload, r.size);
    if (version != 6) return fmt::format("IP version {} behind the Ethertype of IPv6", version);
    r.size = payload;
    return l4_defect(next, r);
}

}  // namespace

std::string defect(ByteSpan head, size_t size) {
    Rest r{head, size};
    if (!r.has(14)) return cut("Ethernet", 14, size);
    if (!r.shows(14)) return {};
    unsigned type = r.u16(12);
    r.skip(14);
    while (type == 0x8100 || type == 0x88a8) {
        if (!r.has(4)) return "the VLAN tag is cut off";
        if (!r.shows(4)) return {};
        type = r.u16(2);
        r.skip(4);
    }
    if (type == 0x0800) return ipv4_defect(r);
    if (type == 0x86dd) return ipv6_defect(r);
    if (type == 0x0806 && !r.has(28)) return cut("ARP", 28, r.size);
    return {};
}

}  // namespace weft::packet
