// SPDX-License-Identifier: Apache-2.0
#include "openflow/number_text.h"

#include <charconv>

namespace weft::openflow {

Result<uint64_t> parse_u64(std::string_view text) {
    if (text.empty()) return fail("missing required numeric argument");
    int base = 10;
    std::string_view digits = text;
    const bool negative = digits.starts_with("-");
    if (negative) digits.remove_prefix(1);
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        base = 16;
    }
    uint64_t v = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), v, base);
    if (ec != std::errc{} || end != digits.data() + digits.size())
        return fail("invalid numeric format " + std::string(text));
    return negative ? uint64_t{0} - v : v;
}

Result<uint32_t> parse_u32(std::string_view text) {
    const uint64_t v = TRY(parse_u64(text));
    if (v > 0xffffffff && v != ~uint64_t{0}) return fail("invalid numeric format " + std::string(text));
    return static_cast<uint32_t>(v);
}

Result<uint64_t> parse_up_to(std::string_view text, std::string_view what, uint64_t max) {
    const auto v = parse_u64(text);
    if (!v || *v > max) return fail("invalid " + std::string(what) + " " + quoted(text));
    return *v;
}

}  // namespace weft::openflow
