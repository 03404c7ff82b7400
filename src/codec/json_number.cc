// SPDX-License-Identifier: Apache-2.0
#include "codec/json_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weft::codec {
namespace {

constexpr int max_exponent = 100'000;  // far beyond any double; sums of two do not overflow
constexpr int max_digits = 19;         // all 64-bit integers have at most so many

/// +-mantissa * 10^exponent, without leading or trailing zeros in the mantissa.
struct Decimal {
    bool negative = false;
    unsigned __int128 mantissa = 0;
    int digits = 0;  ///< significant digits of the text; beyond max_digits the mantissa is cut
    int exponent = 0;
};

int parse_exponent(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    int value = 0;
    for (const char c : text) value = std::min(max_exponent, value * 10 + (c - '0'));
    return negative ? -value : value;
}

Decimal scan(std::string_view text) {
    Decimal d;
    d.negative = text.starts_with('-');
    const size_t e = text.find_first_of("eE");
    const std::string_view coefficient = text.substr(d.negative, e == text.npos ? e : e - d.negative);
    if (e != text.npos) d.exponent = parse_exponent(text.substr(e + 1));
    bool fraction = false;
    int zeros = 0;  // trailing ones so far: counted only if another digit follows
    for (const char c : coefficient) {
        if (c == '.') {
            fraction = true;
            continue;
        }
        if (fraction) --d.exponent;
        if (c == '0') {
            if (d.digits) ++zeros;
            continue;
        }
        d.digits += zeros + 1;
        if (d.digits <= max_digits) {
            for (; zeros > 0; --zeros) d.mantissa *= 10;
            d.mantissa = d.mantissa * 10 + static_cast<unsigned>(c - '0');
        }
        zeros = 0;
    }
    d.exponent += zeros;
    return d;
}

/// The value of `d` as an integer, if it is one and fits.
std::optional<int64_t> exact_integer(const Decimal& d) {
    if (d.digits == 0) return 0;
    if (d.exponent < 0 || d.digits > max_digits || d.digits + d.exponent > max_digits) return std::nullopt;
    unsigned __int128 value = d.mantissa;
    for (int i = 0; i < d.exponent; ++i) value *= 10;
    const auto limit = static_cast<unsigned __int128>(INT64_MAX) + d.negative;
    if (value > limit) return std::nullopt;
    return static_cast<int64_t>(d.negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}

}  // namespace

std::optional<Json> json_number(std::string_view text) {
    const Decimal d = scan(text);
    if (const auto integer = exact_integer(d)) return Json(*integer);
    double value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec == std::errc()) {
        const bool integral = std::abs(value) < 0x1p63 && std::trunc(value) == value;
        return integral ? Json(static_cast<int64_t>(value)) : Json(value);
    }
    // Out of range: too small counts as 0, too large is an error.
    return d.digits + d.exponent <= 0 ? std::optional<Json>(0) : std::nullopt;
}

}  // namespace weft::codec
