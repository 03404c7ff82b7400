// SPDX-License-Identifier: Apache-2.0
// MAC, IPv4 and IPv6 addresses: value types laid out as on the wire.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/be.h"
#include "base/result.h"

namespace weft {

struct Mac {
    std::array<uint8_t, 6> b{};

    static constexpr Mac from_u64(uint64_t v) {
        Mac m;
        for (int i = 5; i >= 0; --i, v >>= 8) m.b[static_cast<size_t>(i)] = static_cast<uint8_t>(v);
        return m;
    }
    constexpr uint64_t to_u64() const {
        uint64_t v = 0;
        for (const uint8_t x : b) v = v << 8 | x;
        return v;
    }
    constexpr bool is_multicast() const { return b[0] & 1; }
    constexpr bool is_broadcast() const { return to_u64() == 0xffff'ffff'ffff; }
    constexpr bool is_zero() const { return to_u64() == 0; }
    constexpr auto operator<=>(const Mac&) const = default;

    /// Six two-digit hex bytes with colons; errors name the text.
    static Result<Mac> parse(std::string_view text);
    std::string to_string() const;
};
static_assert(sizeof(Mac) == 6);

using Ip4 = Be32;

/// Dotted quad.
Result<Ip4> parse_ip4(std::string_view text);
std::string format_ip4(Ip4 ip);

struct Ip6 {
    std::array<uint8_t, 16> b{};

    constexpr auto operator<=>(const Ip6&) const = default;
    constexpr bool is_zero() const { return *this == Ip6{}; }
    constexpr bool is_multicast() const { return b[0] == 0xff; }

    /// RFC 4291 2.2 text in, RFC 5952 text out.
    static Result<Ip6> parse(std::string_view text);
    std::string to_string() const;
};
static_assert(sizeof(Ip6) == 16);

}  // namespace weft
