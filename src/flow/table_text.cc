// SPDX-License-Identifier: Apache-2.0
#include "flow/table_text.h"

#include <charconv>

namespace weft::flow {

std::optional<uint8_t> TableNames::number(std::string_view name) const {
    const auto found = names_.number(name);
    if (!found) return std::nullopt;
    return static_cast<uint8_t>(found->value);
}

std::string format_table(uint8_t table, const TableNames* names) {
    const auto name = names ? names->name(table) : std::nullopt;
    return name ? format_name(*name) : std::to_string(table);
}

std::optional<uint8_t> parse_table(std::string_view text, const TableNames* names) {
    const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
    const std::string_view digits = text.substr(is_hex ? 2 : 0);
    uint8_t v = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), v, is_hex ? 16 : 10);
    if (error == std::errc{} && end == digits.data() + digits.size()) return v;
    if (!names) return std::nullopt;
    if (const auto name = parse_name(text)) return names->number(*name);
    return names->number(text);
}

}  // namespace weft::flow
