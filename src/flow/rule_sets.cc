// SPDX-License-Identifier: Apache-2.0
#include "flow/rule_sets.h"

#include <algorithm>

#include "base/address.h"
#include "base/prng.h"

namespace weft::flow {
namespace {

/// A prefix length, and how many of 100 rules have it; what is left of the 100 has any.
struct Length {
    uint8_t length, share;
};
struct Ports {
    uint8_t any, exact;  // of 100; the rest are prefixes of 1024-65535
};
struct Profile {
    std::vector<Length> src, dst;
    Ports src_ports, dst_ports;
    uint8_t tcp, udp;  // of 100; the rest match any protocol
};

const Profile& profile(RuleSetKind kind) {
    static const Profile profiles[] = {
        {{{0, 20}, {16, 6}, {24, 28}, {28, 12}, {30, 3}, {32, 30}},
         {{0, 2}, {16, 10}, {20, 4}, {24, 22}, {27, 12}, {32, 49}},
         {100, 0},
         {35, 50},
         75,
         15},
        {{{0, 38}, {8, 6}, {16, 8}, {24, 20}, {29, 5}, {32, 22}},
         {{0, 30}, {8, 5}, {16, 10}, {24, 22}, {28, 8}, {32, 24}},
         {70, 15},
         {40, 40},
         65,
         20},
        {{{0, 12}, {8, 5}, {16, 8}, {24, 28}, {28, 12}, {32, 34}},
         {{0, 10}, {16, 8}, {23, 6}, {24, 24}, {28, 12}, {32, 39}},
         {60, 25},
         {40, 45},
         65,
         25},
    };
    return profiles[static_cast<size_t>(kind)];
}

constexpr uint32_t mask_of(unsigned length) { return length ? ~0u << (32 - length) : 0; }

class Maker {
  public:
    Maker(RuleSetKind kind, uint64_t seed) : profile_(profile(kind)), prng_(seed) {}

    FilterRule rule() {
        FilterRule r;
        r.src_length = length(profile_.src);
        r.dst_length = length(profile_.dst);
        r.src = address() & mask_of(r.src_length);
        r.dst = address() & mask_of(r.dst_length);
        const uint64_t p = prng_.below(100);
        r.proto = p < profile_.tcp ? 6 : p < profile_.tcp + profile_.udp ? 17 : 0;
        if (!r.proto) return r;
        port(profile_.src_ports, r.src_port, r.src_port_mask);
        port(profile_.dst_ports, r.dst_port, r.dst_port_mask);
        return r;
    }
    FilterPacket packet(const FilterRule& r) {
        const auto fill = [&](uint64_t value, uint64_t mask, uint64_t other) {
            return value | (other & ~mask);
        };
        return {static_cast<uint32_t>(fill(r.src, mask_of(r.src_length), address())),
                static_cast<uint32_t>(fill(r.dst, mask_of(r.dst_length), address())),
                static_cast<uint16_t>(fill(r.src_port, r.src_port_mask, prng_.next())),
                static_cast<uint16_t>(fill(r.dst_port, r.dst_port_mask, prng_.next()))};
    }
    FilterPacket packet() { return packet(FilterRule{}); }
    /// Specific rules go first, as in a table that was written to have an effect.
    uint64_t place(const FilterRule& r) {
        const unsigned bits = r.src_length + r.dst_length + (r.src_port_mask != 0 ? 8u : 0) +
                              (r.dst_port_mask != 0 ? 8u : 0) + (r.proto ? 4u : 0);
        return 100 - bits + prng_.below(24);
    }
    Prng& prng() { return prng_; }

  private:
    uint8_t length(const std::vector<Length>& lengths) {
        uint64_t n = prng_.below(100);
        for (const Length& l : lengths) {
            if (n < l.share) return l.length;
            n -= l.share;
        }
        return static_cast<uint8_t>(8 + prng_.below(25));
    }
    /// Few networks, more subnets, many hosts.
    uint32_t address() {
        constexpr uint64_t networks = 12, subnets = 40, nets = 64;
        const uint64_t a = 10 + skewed(networks) * 7, b = skewed(subnets) * 5, c = skewed(nets) * 3;
        return static_cast<uint32_t>(a << 24 | b << 16 | c << 8 | prng_.below(256));
    }
    uint64_t skewed(uint64_t n) { return std::min(prng_.below(n), prng_.below(n)); }
    void port(const Ports& ports, uint16_t& value, uint16_t& mask) {
        constexpr uint16_t known[] = {20,  21,  22,  23,  25,  53,   80,   110,  123,  143, 161,
                                      179, 389, 443, 445, 993, 1433, 1521, 3306, 5632, 8080};
        const uint64_t n = prng_.below(100);
        if (n < ports.any) return;
        if (n < uint64_t{ports.any} + ports.exact) {
            value = prng_.one_in(8) ? static_cast<uint16_t>(prng_.below(65536))
                                    : known[prng_.below(std::size(known))];
            mask = 0xffff;
            return;
        }
        const unsigned bit = prng_.one_in(2) ? 10 : 15;  // 1024-2047, 32768-65535
        value = static_cast<uint16_t>(1u << bit);
        mask = static_cast<uint16_t>(0xffffu << bit);
    }

    const Profile& profile_;
    Prng prng_;
};

std::string hex(uint16_t v) {
    char text[8];
    std::snprintf(text, sizeof text, "0x%x", v);
    return text;
}

}  // namespace

Match FilterRule::match() const {
    Match m;
    const auto with = [&](FieldId id, uint64_t v, uint64_t mask) {
        if (mask) m.with(id, FieldValue::from_u64(v), FieldValue::from_u64(mask));
    };
    with(FieldId::eth_type, 0x0800, 0xffff);
    with(FieldId::ip_src, src, mask_of(src_length));
    with(FieldId::ip_dst, dst, mask_of(dst_length));
    if (!proto) return m;
    with(FieldId::nw_proto, proto, 0xff);
    with(proto == 6 ? FieldId::tcp_src : FieldId::udp_src, src_port, src_port_mask);
    with(proto == 6 ? FieldId::tcp_dst : FieldId::udp_dst, dst_port, dst_port_mask);
    return m;
}

FlowKey FilterPacket::key() const {
    FlowKey k{};
    k.packet.eth_type = Be16(0x0800);
    k.packet.nw_proto = 6;
    k.packet.nw_src = Be32(src);
    k.packet.nw_dst = Be32(dst);
    k.packet.tp_src = Be16(src_port);
    k.packet.tp_dst = Be16(dst_port);
    return k;
}

std::string FilterRule::text() const {
    std::string out = "priority=" + std::to_string(priority) + (proto == 6 ? ",tcp" : proto ? ",udp" : ",ip");
    const auto address = [&](const char* name, uint32_t v, uint8_t length) {
        if (length) out += name + format_ip4(Be32(v)) + "/" + std::to_string(length);
    };
    const auto port = [&](const char* name, uint16_t v, uint16_t mask) {
        if (mask) out += name + hex(v) + "/" + hex(mask);
    };
    address(",nw_src=", src, src_length);
    address(",nw_dst=", dst, dst_length);
    port(",tp_src=", src_port, src_port_mask);
    port(",tp_dst=", dst_port, dst_port_mask);
    return out;
}

RuleSet make_rule_set(RuleSetKind kind, size_t n_rules, size_t n_packets, uint64_t seed) {
    Maker maker(kind, seed);
    std::vector<std::pair<uint64_t, FilterRule>> placed;  // places differ
    while (placed.size() < n_rules) {
        const FilterRule r = maker.rule();
        placed.emplace_back(maker.place(r) << 32 | placed.size(), r);
    }
    std::ranges::sort(placed, {}, &std::pair<uint64_t, FilterRule>::first);
    constexpr uint64_t highest = 65000;
    RuleSet out;
    for (size_t i = 0; i < n_rules; ++i) {
        placed[i].second.priority = static_cast<int32_t>(highest - i * (highest - 1) / n_rules);
        out.rules.push_back(placed[i].second);
    }
    while (out.packets.size() < n_packets) {
        const FilterRule& r = out.rules[maker.prng().below(n_rules)];
        out.packets.push_back(maker.prng().one_in(10) ? maker.packet() : maker.packet(r));
    }
    return out;
}

}  // namespace weft::flow
