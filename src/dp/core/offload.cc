// SPDX-License-Identifier: Apache-2.0
#include "dp/core/offload.h"

#include <algorithm>

#include "dp/core/checksum.h"
#include "dp/core/layers.h"

namespace weft::dp {
namespace {

using packet::Packet;

constexpr uint16_t sctp_csum_offset = 8;

void put16(uint8_t* p, uint32_t v) {
    p[0] = static_cast<uint8_t>(v >> 8);
    p[1] = static_cast<uint8_t>(v);
}
uint32_t get16(const uint8_t* p) { return static_cast<uint32_t>(p[0] << 8 | p[1]); }
uint32_t get32(const uint8_t* p) { return get16(p) << 16 | get16(p + 2); }
void put32(uint8_t* p, uint32_t v) {
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

/// Where a super-packet's headers lie. MPLS labels may stand before IP, so the start of the transport header
/// comes from the offload metadata and IP is found backwards from there.
struct Shape {
    uint32_t network = 0, transport = 0, payload = 0;
    bool v6 = false, tcp = false;
};

bool shape_of(const Packet& p, Shape& s) {
    s.v6 = p.offload.gso == packet::Gso::tcp6;
    s.tcp = p.offload.gso == packet::Gso::tcp4 || s.v6;
    s.transport = p.offload.csum_start;
    if (p.offload.csum != packet::Csum::partial || p.offload.gso_size == 0) return false;
    if (s.transport + (s.tcp ? 20u : 8u) > p.size()) return false;
    const Layers l = layers_of(p);
    s.network = l.network;
    uint16_t type = l.eth_type;
    if (ethertype::is_mpls(type)) {
        while (s.network + 4 <= s.transport && !(p.data()[s.network + 2] & 1)) s.network += 4;
        s.network += 4;
        if (s.network >= s.transport) return false;
        type = p.data()[s.network] >> 4 == 6 ? ethertype::ipv6 : ethertype::ip;
    }
    if (type != ethertype::ip && type != ethertype::ipv6) return false;
    if (s.tcp && (type == ethertype::ipv6) != s.v6) return false;
    s.v6 = type == ethertype::ipv6;
    const uint32_t ip_size = s.v6 ? 40u : (p.data()[s.network] & 0xf) * 4u;
    const uint32_t transport_size = s.tcp ? (p.data()[s.transport + 12] >> 4) * 4u : 8u;
    if (ip_size < 20 || s.network + ip_size > s.transport || (s.tcp && transport_size < 20)) return false;
    s.payload = s.transport + transport_size;
    return s.payload <= p.size();
}

/// Makes the IP header that of segment number `i` with `size` bytes behind the start of IP.
void set_ip(uint8_t* ip, const Shape& s, uint32_t i, uint32_t size) {
    if (s.v6) {
        put16(ip + 4, size - 40);
        return;
    }
    put16(ip + 2, size);
    put16(ip + 4, get16(ip + 4) + i);
    put16(ip + 10, 0);
    put16(ip + 10, static_cast<uint16_t>(~fold(ones_sum({ip, (ip[0] & 0xf) * 4u}))));
}

/// The sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1).
uint64_t pseudo_sum(const uint8_t* ip, const Shape& s, uint32_t transport_size) {
    const ByteSpan addresses = s.v6 ? ByteSpan(ip + 8, 32) : ByteSpan(ip + 12, 8);
    return ones_sum(addresses) + (s.tcp ? ip_protocol::tcp : ip_protocol::udp) + transport_size;
}

void set_tcp(uint8_t* tcp, uint32_t offset, bool first, bool last) {
    constexpr uint8_t fin = 1, psh = 8, cwr = 0x80;
    put32(tcp + 4, get32(tcp + 4) + offset);
    if (!last) tcp[13] &= static_cast<uint8_t>(~(fin | psh));
    if (!first) tcp[13] &= static_cast<uint8_t>(~cwr);
}

}  // namespace

void finish_checksum(Packet& p) {
    if (p.offload.csum != packet::Csum::partial) return;
    const uint32_t start = p.offload.csum_start, at = start + p.offload.csum_offset;
    const bool is_crc =
        p.offload.csum_offset == sctp_csum_offset && layers_of(p).protocol == ip_protocol::sctp;
    p.offload.csum = packet::Csum::none;
    p.offload.csum_start = p.offload.csum_offset = 0;
    if (at + 2 > p.size()) return;
    const ByteSpan summed(p.data() + start, p.size() - start);
    if (is_crc) {
        if (at + 4 > p.size()) return;
        std::memset(p.data() + at, 0, 4);
        const uint32_t crc = crc32c(summed);
        for (uint32_t i = 0; i < 4; ++i) p.data()[at + i] = static_cast<uint8_t>(crc >> 8 * i);
        return;
    }
    // The field holds the pseudo header's sum, so it is summed with the rest. A result of zero would mean "no
    // checksum" in UDP; its other form is right for all.
    const auto sum = static_cast<uint16_t>(~fold(ones_sum(summed)));
    put16(p.data() + at, sum ? sum : 0xffff);
}

bool segment(const Packet& p, const std::function<void(Packet&&)>& emit) {
    if (p.offload.gso == packet::Gso::none) {
        Packet copy = p.clone();
        finish_checksum(copy);
        emit(std::move(copy));
        return true;
    }
    Shape s;
    if (p.offload.gso == packet::Gso::udp_fragment || !shape_of(p, s)) return false;
    const uint32_t total = p.size() - s.payload, step = p.offload.gso_size;
    uint32_t i = 0;
    for (uint32_t offset = 0; offset < total || i == 0; offset += step, ++i) {
        const uint32_t n = std::min(step, total - offset);
        Packet out = Packet::copy_of(p.bytes().first(s.payload));
        out.in_port = p.in_port;
        std::memcpy(out.append(n), p.data() + s.payload + offset, n);
        uint8_t* ip = out.data() + s.network;
        uint8_t* transport = out.data() + s.transport;
        set_ip(ip, s, i, out.size() - s.network);
        if (s.tcp)
            set_tcp(transport, offset, i == 0, offset + n >= total);
        else
            put16(transport + 4, out.size() - s.transport);
        out.offload = {.csum = packet::Csum::partial,
                       .csum_start = p.offload.csum_start,
                       .csum_offset = static_cast<uint16_t>(s.tcp ? 16 : 6)};
        put16(transport + out.offload.csum_offset, fold(pseudo_sum(ip, s, out.size() - s.transport)));
        finish_checksum(out);
        emit(std::move(out));
    }
    return true;
}

bool kernel_can_segment(const Packet& p) {
    const uint16_t type = layers_of(p).eth_type;
    return type == ethertype::ip || type == ethertype::ipv6;
}

}  // namespace weft::dp
