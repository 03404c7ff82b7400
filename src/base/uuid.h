// SPDX-License-Identifier: Apache-2.0
// RFC 4122 UUIDs: value type, ordered and printed as big-endian bytes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weft {

class Prng;

struct Uuid {
    std::array<uint8_t, 16> b{};

    constexpr auto operator<=>(const Uuid&) const = default;
    constexpr bool is_zero() const { return *this == Uuid{}; }

    /// Version 4, from the given source of randomness.
    static Uuid random(Prng& prng);
    /// 8-4-4-4-12 hex digits, exactly.
    static Result<Uuid> parse(std::string_view text);
    std::string to_string() const;
};

}  // namespace weft

template <>
struct std::hash<weft::Uuid> {
    size_t operator()(const weft::Uuid& u) const noexcept {
        uint64_t a, c;
        std::memcpy(&a, u.b.data(), 8);
        std::memcpy(&c, u.b.data() + 8, 8);
        return static_cast<size_t>((a ^ (c * 0x9e3779b97f4a7c15u)) * 0xff51afd7ed558ccdu);
    }
};
