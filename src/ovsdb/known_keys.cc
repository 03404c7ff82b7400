// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/known_keys.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>

#include "base/address.h"

namespace weft::ovsdb {
namespace {

std::optional<int64_t> number(std::string_view text) {
    int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (!line.empty()) {
        const size_t blank = std::min(line.find(' '), line.size());
        if (blank > 0) out.push_back(line.substr(0, blank));
        line.remove_prefix(std::min(blank + 1, line.size()));
    }
    return out;
}

bool is_station(std::string_view text) {
    const auto mac = Mac::parse(text);
    return mac && !mac->is_multicast() && !mac->is_zero();
}

/// A number that 64 bits hold, not zero.
bool is_hex(std::string_view text, size_t digits) {
    const bool prefixed = text.starts_with("0x");
    if (prefixed) text.remove_prefix(2);
    if (text.size() > 16 || (digits && !prefixed && text.size() != digits)) return false;
    const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    return std::ranges::all_of(text, is_digit) && text.find_first_not_of('0') != text.npos;
}

/// The words after the key.
Result<> parse_kind(std::span<const std::string_view> words, KnownKey& key) {
    const std::string_view kind = words[0];
    const auto rest = words.subspan(1);
    if (kind == "one-of" && !rest.empty()) {
        key.kind = KnownKey::Kind::one_of;
        key.words.assign(rest.begin(), rest.end());
        return {};
    }
    if (kind == "integer" && rest.size() <= 2) {
        key.kind = KnownKey::Kind::integer;
        for (size_t i = 0; i < rest.size(); ++i) {
            const auto n = number(rest[i]);
            if (!n) return fail("\"" + std::string(rest[i]) + "\" is no number");
            (i == 0 ? key.min : key.max) = *n;
        }
        return {};
    }
    if (kind == "hex" && rest.size() <= 1) {
        const auto digits = rest.empty() ? 0 : number(rest[0]);
        if (!digits || *digits < 0 || *digits > 16)
            return fail("expected hex [DIGITS], of which 16 are most");
        key.kind = KnownKey::Kind::hex;
        key.digits = static_cast<size_t>(*digits);
        return {};
    }
    constexpr std::pair<std::string_view, KnownKey::Kind> plain[] = {{"string", KnownKey::Kind::string},
                                                                     {"boolean", KnownKey::Kind::boolean},
                                                                     {"mac", KnownKey::Kind::mac}};
    const auto found = std::ranges::find(plain, kind, &std::pair<std::string_view, KnownKey::Kind>::first);
    if (!rest.empty() || found == std::end(plain))
        return fail(
            "expected string, boolean, integer [MIN [MAX]], one-of WORD..., mac or hex [DIGITS], not \"" +
            std::string(kind) + "\"");
    key.kind = found->second;
    return {};
}

}  // namespace

std::string fault_of(const KnownKey& key, std::string_view value) {
    switch (key.kind) {
        case KnownKey::Kind::string:
            return {};
        case KnownKey::Kind::boolean:
            return value == "true" || value == "false" ? "" : "true or false";
        case KnownKey::Kind::mac:
            return is_station(value) ? "" : "the MAC address of a station";
        case KnownKey::Kind::hex: {
            if (is_hex(value, key.digits)) return {};
            const std::string digits =
                key.digits ? std::to_string(key.digits) + " hexadecimal digits, or 0x and up to 16"
                           : "up to 16 hexadecimal digits";
            return digits + ", not all zero";
        }
        case KnownKey::Kind::one_of: {
            if (std::ranges::count(key.words, value) > 0) return {};
            std::string out = "one of";
            for (const auto& word : key.words) out += " " + word;
            return out;
        }
        case KnownKey::Kind::integer: {
            const auto n = number(value);
            if (n && *n >= key.min && *n <= key.max) return {};
            std::string out = "an integer";
            if (key.min != INT64_MIN) out += " of at least " + std::to_string(key.min);
            if (key.max != INT64_MAX) out += " and at most " + std::to_string(key.max);
            return out;
        }
    }
    return {};
}

Result<std::vector<KnownKey>> parse_known_keys(std::string_view text) {
    std::vector<KnownKey> out;
    for (size_t line = 1; !text.empty(); ++line) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty() || one.starts_with('#')) continue;
        const auto words = words_of(one);
        const auto bad = [&](const std::string& why) {
            return fail("line " + std::to_string(line) + ": " + why);
        };
        if (words.size() < 4) return bad("expected TABLE COLUMN KEY KIND");
        KnownKey key{
            .table = std::string(words[0]), .column = std::string(words[1]), .key = std::string(words[2])};
        if (key.key.ends_with('*')) {
            key.is_prefix = true;
            key.key.pop_back();
        }
        if (const auto done = parse_kind(std::span(words).subspan(3), key); !done)
            return bad(done.error().message);
        out.push_back(std::move(key));
    }
    return out;
}

}  // namespace weft::ovsdb
