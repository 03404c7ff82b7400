// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace weft {

Result<Mac> Mac::parse(std::string_view text) {
    const auto bad = [&] {
        return fail("bad Ethernet address \"" + std::string(text) +
                    "\": expected six hex bytes like 00:11:22:33:44:55");
    };
    const auto hex = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    };
    Mac mac;
    size_t at = 0;
    for (size_t i = 0; i < 6; ++i) {
        if (i > 0 && (at >= text.size() || text[at++] != ':')) return bad();
        int value = 0, digits = 0;
        for (; digits < 2 && at < text.size() && hex(text[at]) >= 0; ++digits)
            value = value << 4 | hex(text[at++]);
        if (digits == 0) return bad();
        mac.b[i] = static_cast<uint8_t>(value);
    }
    if (at != text.size()) return bad();
    return mac;
}

std::string Mac::to_string() const {
    char out[18];
    std::snprintf(out, sizeof out, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    return out;
}

Result<Ip4> parse_ip4(std::string_view text) {
    in_addr addr{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &addr) != 1) {
        return fail("bad IPv4 address \"" + std::string(text) + "\": expected a dotted quad like 192.0.2.1");
    }
    return Ip4::from_raw(addr.s_addr);
}

std::string format_ip4(Ip4 ip) {
    std::array<char, 16> text{};
    char* at = text.data();
    for (const int shift : {24, 16, 8, 0}) {
        if (shift < 24) *at++ = '.';
        at = std::to_chars(at, text.data() + text.size(), ip.host() >> shift & 255).ptr;
    }
    return {text.data(), at};
}

Result<Ip6> Ip6::parse(std::string_view text) {
    Ip6 ip;
    if (inet_pton(AF_INET6, std::string(text).c_str(), ip.b.data()) != 1) {
        return fail("bad IPv6 address \"" + std::string(text) + "\": expected text like 2001:db8::1");
    }
    return ip;
}

std::string Ip6::to_string() const {
    char out[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, b.data(), out, sizeof out);
    return out;
}

}  // namespace weft
