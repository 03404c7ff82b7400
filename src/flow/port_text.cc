// SPDX-License-Identifier: Apache-2.0
#include "flow/port_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weft::flow {
namespace {

constexpr std::array<std::pair<std::string_view, OfPort>, 10> standard_names{{
    {"IN_PORT", ofpp::in_port},
    {"TABLE", ofpp::table},
    {"NORMAL", ofpp::normal},
    {"FLOOD", ofpp::flood},
    {"ALL", ofpp::all},
    {"CONTROLLER", ofpp::controller},
    {"LOCAL", ofpp::local},
    {"ANY", ofpp::none},
    {"UNSET", ofpp::unset},
    {"NONE", ofpp::none},
}};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_alpha(char c) { return upper(c) >= 'A' && upper(c) <= 'Z'; }
bool is_word(char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '_'; }

/// Reads back as a name without quotes: what a C identifier is.
bool is_plain(std::string_view name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, is_word);
}

std::optional<OfPort> parse_number(std::string_view text) {
    uint64_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    constexpr uint64_t first_reserved_32 = 0xffffff00;
    if (v > 0xffff && (v < first_reserved_32 || v > 0xffffffff)) return std::nullopt;
    return OfPort{static_cast<uint16_t>(v)};
}

std::optional<OfPort> parse_standard(std::string_view text) {
    for (const auto& [name, port] : standard_names) {
        if (std::ranges::equal(text, name, {}, upper)) return port;
    }
    return std::nullopt;
}

std::string quote(std::string_view name) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += hex[static_cast<size_t>(c) >> 4];
            out += hex[static_cast<size_t>(c) & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

/// The text between quotes, with the escapes undone that a port's name can need.
std::optional<std::string> unquote(std::string_view text) {
    if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        if (text[i] == 'u') {
            unsigned code = 0;
            const auto digits = text.substr(std::min(i + 1, text.size()), 4);
            const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
            if (ec != std::errc{} || end != digits.data() + 4 || code > 0x7f) return std::nullopt;
            out += static_cast<char>(code);
            i += 4;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

void PortNames::add(OfPort port, std::string name) {
    by_number_[port.value] = name;
    const auto [at, is_new] = by_name_.try_emplace(std::move(name), port);
    if (!is_new && at->second != port) at->second = ofpp::none;
}

std::optional<OfPort> PortNames::number(std::string_view name) const {
    const auto at = by_name_.find(name);
    if (at == by_name_.end() || at->second == ofpp::none) return std::nullopt;
    return at->second;
}

std::optional<std::string_view> PortNames::name(OfPort port) const {
    const auto at = by_number_.find(port.value);
    if (at == by_number_.end() || !number(at->second)) return std::nullopt;
    return at->second;
}

std::string format_port(OfPort port, const PortNames* names) {
    for (const auto& [name, reserved] : standard_names) {
        if (reserved == port) return std::string(name);
    }
    const auto name = names ? names->name(port) : std::nullopt;
    if (!name) return std::to_string(port.value);
    return is_plain(*name) && !parse_standard(*name) ? std::string(*name) : quote(*name);
}

std::optional<OfPort> parse_port(std::string_view text, const PortNames* names) {
    if (const auto port = parse_number(text)) return port;
    if (const auto port = parse_standard(text)) return port;
    if (!names) return std::nullopt;
    if (const auto name = unquote(text)) return names->number(*name);
    return names->number(text);
}

std::string format_name(std::string_view name) { return is_plain(name) ? std::string(name) : quote(name); }

std::optional<std::string> parse_name(std::string_view quoted) { return unquote(quoted); }

}  // namespace weft::flow
