// SPDX-License-Identifier: Apache-2.0
// Internal to action/: the members of the headers that set(..) changes, with their names and how they are
// written.
#pragma once

#include <string_view>

#include "action/dp_action.h"

namespace weft::action::dp {

enum class Text : uint8_t { decimal, hex, address };

// f(name, how it is written, value, mask) for each member that may change, in the order of the text.

template <class H, class F>
    requires std::is_same_v<std::remove_const_t<H>, EthHeader>
void for_each_field(H& v, H& m, F&& f) {
    f("src", Text::address, v.src, m.src);
    f("dst", Text::address, v.dst, m.dst);
}
template <class H, class F>
    requires std::is_same_v<std::remove_const_t<H>, Ipv4Header>
void for_each_field(H& v, H& m, F&& f) {
    f("src", Text::address, v.src, m.src);
    f("dst", Text::address, v.dst, m.dst);
    f("tos", Text::hex, v.tos, m.tos);
    f("ttl", Text::decimal, v.ttl, m.ttl);
}
template <class H, class F>
    requires std::is_same_v<std::remove_const_t<H>, Ipv6Header>
void for_each_field(H& v, H& m, F&& f) {
    f("src", Text::address, v.src, m.src);
    f("dst", Text::address, v.dst, m.dst);
    f("label", Text::hex, v.label, m.label);
    f("tclass", Text::hex, v.tclass, m.tclass);
    f("hlimit", Text::decimal, v.hlimit, m.hlimit);
}
template <class H, class F>
    requires std::is_same_v<std::remove_const_t<H>, ArpHeader>
void for_each_field(H& v, H& m, F&& f) {
    f("sip", Text::address, v.sip, m.sip);
    f("tip", Text::address, v.tip, m.tip);
    f("op", Text::decimal, v.op, m.op);
    f("sha", Text::address, v.sha, m.sha);
    f("tha", Text::address, v.tha, m.tha);
}
template <class H, class F>
    requires std::is_same_v<std::remove_const_t<H>, NdHeader>
void for_each_field(H& v, H& m, F&& f) {
    f("target", Text::address, v.target, m.target);
    f("sll", Text::address, v.sll, m.sll);
    f("tll", Text::address, v.tll, m.tll);
}

template <class H, class F>
    requires std::is_same_v<std::remove_const_t<H>, NshHeader>
void for_each_field(H& v, H& m, F&& f) {
    f("flags", Text::decimal, v.flags, m.flags);
    f("ttl", Text::decimal, v.ttl, m.ttl);
    f("spi", Text::hex, v.spi, m.spi);
    f("si", Text::decimal, v.si, m.si);
    f("c1", Text::hex, v.context[0], m.context[0]);
    f("c2", Text::hex, v.context[1], m.context[1]);
    f("c3", Text::hex, v.context[2], m.context[2]);
    f("c4", Text::hex, v.context[3], m.context[3]);
}

/// A label stack entry's parts.
struct LseParts {
    uint32_t label = 0;
    uint8_t tc = 0, ttl = 0, bos = 0;

    static LseParts of(Be32 lse) {
        const uint32_t x = lse.host();
        return {x >> 12, static_cast<uint8_t>(x >> 9 & 7), static_cast<uint8_t>(x),
                static_cast<uint8_t>(x >> 8 & 1)};
    }
    Be32 lse() const { return Be32(label << 12 | uint32_t{tc} << 9 | uint32_t{bos} << 8 | ttl); }
};

constexpr std::string_view set_name(const EthHeader&) { return "eth"; }
constexpr std::string_view set_name(const Ipv4Header&) { return "ipv4"; }
constexpr std::string_view set_name(const Ipv6Header&) { return "ipv6"; }
constexpr std::string_view set_name(const ArpHeader&) { return "arp"; }
constexpr std::string_view set_name(const NdHeader&) { return "nd"; }
constexpr std::string_view l4_names[] = {"tcp", "udp", "sctp", "icmp", "icmpv6"};
constexpr bool is_icmp(L4 proto) { return proto == L4::icmp || proto == L4::icmpv6; }

/// Names of the bits of slow::*, from the least significant.
constexpr std::string_view slow_names[] = {"cfm",  "bfd",    "lacp",  "stp",
                                           "lldp", "action", "match", "controller"};

}  // namespace weft::action::dp
