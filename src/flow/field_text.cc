// SPDX-License-Identifier: Apache-2.0
#include "flow/field_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"

namespace weft::flow {
namespace {

FieldValue u64(uint64_t v) { return FieldValue::from_u64(v); }

std::unexpected<Error> bad(std::string_view text, std::string_view what) {
    return fail(std::string(text) + ": " + std::string(what));
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

struct ValueAndMask {
    std::string_view value;
    std::optional<std::string_view> mask;
};
ValueAndMask split_mask(std::string_view text) {
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {text, std::nullopt};
    return {text.substr(0, slash), text.substr(slash + 1)};
}

/// `what`: value or mask, the part of `whole` that `number` is.
Result<FieldValue> parse_integer_of(const Field& f, std::string_view number, const std::string& what,
                                    std::string_view whole) {
    bool overflow = false;
    const auto v = parse_integer(number, &overflow);
    if (!v && !overflow) return bad(whole, "bad syntax for " + std::string(f.name) + " " + what);
    const FieldValue room = FieldValue::ones(f.n_bytes * 8u);
    if (overflow && f.is_tun_metadata())
        return bad(whole, what + " too large: actions set at most 16 bytes of " + std::string(f.name));
    if (overflow || !(*v & ~room).is_zero())
        return bad(whole, what + " too large for " + std::to_string(f.n_bytes) + "-byte field " +
                              std::string(f.name));
    return *v;
}

Result<MaskedValue> parse_number(const Field& f, std::string_view text) {
    const auto [value, mask] = split_mask(text);
    MaskedValue out{.value = TRY(parse_integer_of(f, value, "value", text)),
                    .mask = FieldValue::ones(f.n_bytes * 8u)};
    if (mask) out.mask = TRY(parse_integer_of(f, *mask, "mask", text));
    return out;
}

std::optional<FieldValue> parse_mac(std::string_view text) {
    uint64_t v = 0;
    for (int i = 0; i < 6; ++i) {
        const size_t end = i < 5 ? text.find(':') : text.size();
        if (end == std::string_view::npos || end == 0 || end > 2) return std::nullopt;
        unsigned byte = 0;
        for (const char c : text.substr(0, end)) {
            if (digit_of(c) == 16) return std::nullopt;
            byte = byte << 4 | static_cast<unsigned>(digit_of(c));
        }
        v = v << 8 | byte;
        text.remove_prefix(i < 5 ? end + 1 : end);
    }
    return u64(v);
}

std::optional<FieldValue> parse_ip4_value(std::string_view text) {
    const auto ip = parse_ip4(text);
    if (!ip) return std::nullopt;
    return u64(ip->host());
}
std::optional<FieldValue> parse_ip6_value(std::string_view text) {
    const auto ip = Ip6::parse(text);
    if (!ip) return std::nullopt;
    return FieldValue::from(*ip);
}

/// What an address kind needs to know about itself.
struct AddressKind {
    const char* name;
    unsigned n_bits;
    bool prefix;  // `/8` is a length
    std::optional<FieldValue> (*parse)(std::string_view);
};
constexpr AddressKind mac_kind{"Ethernet", 48, false, parse_mac};
constexpr AddressKind ip4_kind{"IP", 32, true, parse_ip4_value};
constexpr AddressKind ip6_kind{"IPv6", 128, true, parse_ip6_value};

FieldValue prefix_mask(unsigned length, unsigned n_bits) {
    return FieldValue::ones(n_bits) & ~FieldValue::ones(n_bits - length);
}

Result<MaskedValue> parse_address(const AddressKind& kind, std::string_view text) {
    const auto [value, mask] = split_mask(text);
    const auto invalid = bad(text, std::string("invalid ") + kind.name + " address");
    const auto v = kind.parse(value);
    if (!v) return invalid;
    if (!mask) return MaskedValue{*v, FieldValue::ones(kind.n_bits)};
    unsigned length = 0;
    const auto [end, ec] = std::from_chars(mask->data(), mask->data() + mask->size(), length);
    if (kind.prefix && ec == std::errc{} && end == mask->data() + mask->size()) {
        if (length > kind.n_bits)
            return bad(text, std::string(kind.n_bits == 32 ? "IPv4" : "IPv6") +
                                 " network prefix bits not between 0 and " + std::to_string(kind.n_bits) +
                                 ", inclusive");
        return MaskedValue{*v, prefix_mask(length, kind.n_bits)};
    }
    const auto m = kind.parse(*mask);
    if (!m) return invalid;
    return MaskedValue{*v, *m};
}

Result<MaskedValue> parse_port_value(const Field& f, std::string_view text, const PortNames* names) {
    const auto port = parse_port(text, names);
    if (!port && f.text == FieldText::of_port_32)
        return bad(text, "port value out of range for " + std::string(f.name));
    if (!port) return bad(text, "invalid or unknown port for " + std::string(f.name));
    return MaskedValue{u64(port->value), FieldValue::ones(f.n_bits)};
}

constexpr struct {
    std::string_view name;
    uint8_t value, mask;
} frag_kinds[] = {
    {"no", 0, 3}, {"yes", 1, 1}, {"first", 1, 3}, {"later", 3, 3}, {"not_later", 0, 2},
};

Result<MaskedValue> parse_frag(std::string_view text) {
    for (const auto& kind : frag_kinds)
        if (kind.name == text) return MaskedValue{u64(kind.value), u64(kind.mask)};
    return bad(text, R"(unknown fragment type (valid types are "no", "yes", "first", "later", "not_later"))");
}

std::string_view flags_title(FieldText kind) {
    return kind == FieldText::tcp_flags ? "TCP" : kind == FieldText::ct_state ? "ct_state" : "tunnel";
}

/// `+syn-ack`.
Result<MaskedValue> parse_signed_flags(FieldText kind, std::string_view text) {
    uint32_t value = 0, mask = 0;
    while (!text.empty()) {
        const bool set = text.front() == '+';
        if (!set && text.front() != '-')
            return bad(text, "Flag must be preceded by '+' (for SET) or '-' (NOT SET)");
        text.remove_prefix(1);
        const std::string_view name = text.substr(0, text.find_first_of("+-"));
        const auto names = flag_names(kind);
        const auto flag = std::ranges::find(names, name, &FlagName::name);
        if (flag == names.end()) return bad(text, "unknown " + std::string(flags_title(kind)) + " flag(s)");
        if (mask & flag->bit)
            return bad(name, "Each " + std::string(flags_title(kind)) + " flag can be specified only once");
        mask |= flag->bit;
        if (set) value |= flag->bit;
        text.remove_prefix(name.size());
    }
    return MaskedValue{u64(value), u64(mask)};
}

/// `syn|ack`.
Result<MaskedValue> parse_flag_list(const Field& f, std::string_view text) {
    uint32_t value = 0;
    const auto names = flag_names(f.text);
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view name = rest.substr(0, rest.find('|'));
        const auto flag = std::ranges::find(names, name, &FlagName::name);
        if (flag == names.end()) return bad(rest, "unknown " + std::string(flags_title(f.text)) + " flag(s)");
        value |= flag->bit;
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
    return MaskedValue{u64(value), legal_bits(f.id)};
}

Result<MaskedValue> parse_flags(const Field& f, std::string_view text) {
    if (text.front() == '+' || text.front() == '-') return parse_signed_flags(f.text, text);
    const auto [value, mask] = split_mask(text);
    const auto v = parse_integer(value);
    if (!v) return parse_flag_list(f, text);
    const FieldValue legal = legal_bits(f.id);
    const auto m = mask ? parse_integer(*mask) : std::optional(legal);
    if (!m || !(*v & ~legal).is_zero())
        return bad(text, "unknown " + std::string(flags_title(f.text)) + " flag(s)");
    return MaskedValue{*v, *m & legal};
}

/// `(1,0x800)`: name space and type.
Result<MaskedValue> parse_packet_type(std::string_view text) {
    if (!text.starts_with('(')) return bad(text, "bad syntax for packet type missing '('");
    const std::string_view inside = text.substr(1, text.find(')') - 1);
    const size_t comma = inside.find(',');
    const auto ns = parse_integer(inside.substr(0, comma));
    if (!ns || ns->to_u64() > 0xffff) return bad(inside, "bad syntax for packet type ns");
    const auto type =
        comma == std::string_view::npos ? std::nullopt : parse_integer(inside.substr(comma + 1));
    if (!type || type->to_u64() > 0xffff) return bad(inside, "bad syntax for packet type ns_type");
    return MaskedValue{u64(ns->to_u64() << 16 | type->to_u64()), FieldValue::ones(32)};
}

std::string format_packet_type(const FieldValue& v) {
    const uint64_t type = v.to_u64() & 0xffff;
    const uint64_t ns = v.to_u64() >> 16;
    return "(" + std::to_string(ns) + "," +
           (ns == 1 && type >= 0x600 ? format_hex_value(u64(type)) : std::to_string(type)) + ")";
}

/// The mask's length if it is a prefix of an address.
std::optional<unsigned> prefix_length(const FieldValue& mask, unsigned n_bits) {
    for (unsigned n = 0; n <= n_bits; ++n)
        if (mask == prefix_mask(n, n_bits)) return n;
    return std::nullopt;
}

std::string format_address(FieldText kind, const FieldValue& v) {
    if (kind == FieldText::mac) return Mac::from_u64(v.to_u64()).to_string();
    if (kind == FieldText::ip4) return format_ip4(Ip4(static_cast<uint32_t>(v.to_u64())));
    return Ip6{v.b}.to_string();
}

std::string format_masked_address(const Field& f, const FieldValue& value, const FieldValue& mask) {
    std::string out = format_address(f.text, value);
    if (mask == FieldValue::ones(f.n_bits)) return out;
    const auto length = f.text == FieldText::mac ? std::nullopt : prefix_length(mask, f.n_bits);
    return out + "/" + (length ? std::to_string(*length) : format_address(f.text, mask));
}

std::string format_frag(const FieldValue& value, const FieldValue& mask) {
    for (const auto& kind : frag_kinds)
        if (u64(kind.value) == value && u64(kind.mask) == mask) return std::string(kind.name);
    return format_hex_value(value) + "/" + format_hex_value(mask);
}

bool is_number(FieldText kind) {
    using enum FieldText;
    constexpr std::array kinds{decimal, hex, tun_flags, tcp_flags, ct_state};
    return std::ranges::find(kinds, kind) != kinds.end();
}

}  // namespace

std::optional<FieldValue> parse_integer(std::string_view text, bool* overflow) {
    int base = 10;
    const bool negative = text.starts_with("-");
    if (negative || text.starts_with("+")) text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
    }
    if (text.empty()) return std::nullopt;
    unsigned __int128 v = 0;
    const unsigned __int128 limit = ~static_cast<unsigned __int128>(0) / static_cast<unsigned>(base);
    bool too_large = false;
    for (const char c : text) {
        const int digit = digit_of(c);
        if (digit >= base) return std::nullopt;
        too_large |= v > limit;
        v = v * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
        too_large |= v < static_cast<unsigned>(digit);
    }
    if (negative) {  // as C's strtoull
        too_large |= v > UINT64_MAX;
        v = uint64_t{0} - static_cast<uint64_t>(v);
    }
    if (overflow) *overflow = too_large;
    if (too_large) return std::nullopt;
    FieldValue out;
    for (size_t i = 16; i-- > 0; v >>= 8) out.b[i] = static_cast<uint8_t>(v);
    return out;
}

std::string format_hex_value(const FieldValue& v) {
    const std::string digits = format_hex(v.b);
    const size_t first = digits.find_first_not_of('0');
    return first == std::string::npos ? "0" : "0x" + digits.substr(first);
}

Result<MaskedValue> parse_value(const Field& f, std::string_view text, const PortNames* names) {
    if (text == "*") return MaskedValue{};
    if (text.empty() && is_number(f.text)) return MaskedValue{};  // as Open vSwitch has it
    if (text.empty()) return fail("field " + std::string(f.name) + " missing value");
    const auto parse = [&]() -> Result<MaskedValue> {
        switch (f.text) {
            case FieldText::decimal:
            case FieldText::hex:
                return parse_number(f, text);
            case FieldText::mac:
                return parse_address(mac_kind, text);
            case FieldText::ip4:
                return parse_address(ip4_kind, text);
            case FieldText::ip6:
                return parse_address(ip6_kind, text);
            case FieldText::of_port:
            case FieldText::of_port_32:
                return parse_port_value(f, text, names);
            case FieldText::frag:
                return parse_frag(text);
            case FieldText::tun_flags:
            case FieldText::tcp_flags:
            case FieldText::ct_state:
                return parse_flags(f, text);
            case FieldText::packet_type:
                return parse_packet_type(text);
        }
        return fail("unknown kind of text");
    };
    const MaskedValue out = TRY(parse());
    const FieldValue legal = legal_bits(f.id);
    if (f.maskable == Maskable::no && !out.mask.is_zero() && (out.mask & legal) != legal)
        return bad(text, "invalid mask for field " + std::string(f.name));
    return out;
}

std::string format_value(const Field& f, const FieldValue& value, const FieldValue& mask,
                         const PortNames* names) {
    const FieldValue legal = legal_bits(f.id);
    const bool exact = (mask & legal) == legal;
    const auto number = [&](const std::string& text) {
        return exact ? text : text + "/" + format_hex_value(mask & legal);
    };
    switch (f.text) {
        case FieldText::decimal:
            return number(std::to_string(value.to_u64()));
        case FieldText::hex:
            return number(format_hex_value(value));
        case FieldText::mac:
        case FieldText::ip4:
        case FieldText::ip6:
            return format_masked_address(f, value, mask & legal);
        case FieldText::of_port:
        case FieldText::of_port_32:
            return format_port(OfPort{static_cast<uint16_t>(value.to_u64())}, names);
        case FieldText::frag:
            return format_frag(value, mask & legal);
        case FieldText::tun_flags:
        case FieldText::tcp_flags:
        case FieldText::ct_state:
            return format_flags(f.text, static_cast<uint32_t>(value.to_u64()),
                                static_cast<uint32_t>(mask.to_u64()), exact);
        case FieldText::packet_type:
            return format_packet_type(value);
    }
    return "";
}

}  // namespace weft::flow
