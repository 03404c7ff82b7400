// SPDX-License-Identifier: Apache-2.0
#include "openflow/print/text.h"

#include <array>
#include <charconv>

#include "openflow/print/print.h"

namespace weft::openflow {

std::string hex(uint64_t v) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

std::string short_hex(uint64_t v) { return v ? hex(v) : "0"; }

std::string count(uint64_t v) { return v == ~uint64_t{0} ? "?" : std::to_string(v); }

std::string duration(uint32_t s, uint32_t ns) {
    std::string out = std::to_string(s);
    if (ns) {
        size_t digits = 9;
        uint32_t fraction = ns;
        for (; fraction % 1000 == 0; fraction /= 1000) digits -= 3;
        // Beyond microseconds zeros at the end are left out one by one.
        for (; digits > 6 && fraction % 10 == 0; fraction /= 10) --digits;
        const std::string text = std::to_string(fraction);
        out += "." + std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
    }
    return out + "s";
}

std::string bit_names(uint64_t bits, std::span<const BitName> names, std::string_view separator,
                      std::string_view none) {
    if (!bits) return std::string(none);
    std::string out;
    const auto add = [&](std::string_view word) {
        if (!out.empty()) out += separator;
        out += word;
    };
    for (const BitName& b : names) {
        if (!(bits & b.bit)) continue;
        add(b.name);
        bits &= ~b.bit;
    }
    if (bits) add(hex(bits));
    return out;
}

std::string flow_flags(uint16_t flags) {
    constexpr std::string_view names[] = {"send_flow_rem ", "check_overlap ", "reset_counts ",
                                          "no_packet_counts ", "no_byte_counts "};
    std::string out;
    for (size_t i = 0; i < std::size(names); ++i) {
        if (flags >> i & 1) out += names[i];
    }
    return out;
}

std::string hex_dump(ByteSpan bytes, bool with_text) {
    constexpr size_t per_line = 16;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (size_t at = 0; at < bytes.size(); at += per_line) {
        const ByteSpan line = bytes.subspan(at, std::min(per_line, bytes.size() - at));
        for (int shift = 28; shift >= 0; shift -= 4) out += digits[at >> shift & 15];
        out += ' ';
        for (size_t i = 0; i < (with_text ? per_line : line.size()); ++i) {
            out += i == per_line / 2 && line.size() >= i ? '-' : ' ';
            out += i < line.size() ? std::string{digits[line[i] >> 4], digits[line[i] & 15]} : "  ";
        }
        if (with_text) {
            out += " |";
            for (size_t i = 0; i < per_line; ++i) {
                const char c = i < line.size() ? static_cast<char>(line[i]) : ' ';
                out += c >= ' ' && c < 0x7f ? c : '.';
            }
            out += '|';
        }
        out += '\n';
    }
    return out;
}

}  // namespace weft::openflow
