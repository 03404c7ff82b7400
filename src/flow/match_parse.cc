// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "flow/match_text.h"
#include "packet/headers.h"

namespace weft::flow {
namespace {

using namespace packet;

struct Shorthand {
    std::string_view name;
    uint16_t eth_type;
    int nw_proto;  // -1: any
};
constexpr int any = -1;
constexpr Shorthand shorthands[] = {
    {"eth", 0, any},
    {"ip", ethertype::ipv4, any},
    {"ipv4", ethertype::ipv4, any},
    {"ipv6", ethertype::ipv6, any},
    {"icmp", ethertype::ipv4, ipproto::icmp},
    {"icmp6", ethertype::ipv6, ipproto::icmpv6},
    {"tcp", ethertype::ipv4, ipproto::tcp},
    {"tcp6", ethertype::ipv6, ipproto::tcp},
    {"udp", ethertype::ipv4, ipproto::udp},
    {"udp6", ethertype::ipv6, ipproto::udp},
    {"sctp", ethertype::ipv4, ipproto::sctp},
    {"sctp6", ethertype::ipv6, ipproto::sctp},
    {"arp", ethertype::arp, any},
    {"rarp", ethertype::rarp, any},
    {"mpls", ethertype::mpls, any},
    {"mplsm", ethertype::mpls_multicast, any},
};

void apply(const Shorthand& s, Match& m) {
    if (s.eth_type) m.with(FieldId::eth_type, FieldValue::from_u64(s.eth_type));
    if (s.nw_proto != any) m.with(FieldId::nw_proto, FieldValue::from_u64(static_cast<uint8_t>(s.nw_proto)));
}

/// Bytes of a number of any length; decimal ones fit 16.
Result<std::vector<uint8_t>> parse_bytes(const Field& f, std::string_view text, std::string_view what) {
    const auto bad = [&](const std::string& why) { return fail(std::string(text) + ": " + why); };
    if (!text.starts_with("0x") && !text.starts_with("0X")) {
        const auto number = parse_integer(text);
        if (!number) return bad("bad syntax for " + std::string(f.name) + " " + std::string(what));
        return std::vector<uint8_t>(number->b.begin(), number->b.end());
    }
    std::string_view digits = text.substr(2);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    if (digits.size() > 2 * TunOption::max_bytes)
        return bad("value too large for 124-byte field " + std::string(f.name));
    const auto bytes = parse_hex((digits.size() % 2 ? "0" : "") + std::string(digits));
    if (!bytes || digits.empty())
        return bad("bad syntax for " + std::string(f.name) + " " + std::string(what));
    return *bytes;
}

std::vector<uint8_t> widened(std::vector<uint8_t> bytes, size_t size) {
    if (bytes.size() < size) bytes.insert(bytes.begin(), size - bytes.size(), uint8_t{0});
    return bytes;
}

/// `0x12`, `0x12/0xff`; nothing: that it is there.
Result<TunOption> parse_option(const Field& f, std::string_view text) {
    const auto index =
        static_cast<uint8_t>(static_cast<unsigned>(f.id) - static_cast<unsigned>(FieldId::tun_metadata0));
    if (text.empty() || text == "*") return TunOption::masked(index, {}, {});
    const size_t slash = text.find('/');
    auto value = TRY(parse_bytes(f, text.substr(0, slash), "value"));
    if (slash == std::string_view::npos) return TunOption::exactly(index, std::move(value));
    auto mask = TRY(parse_bytes(f, text.substr(slash + 1), "mask"));
    const size_t size = std::max(value.size(), mask.size());
    return TunOption::masked(index, widened(std::move(value), size), widened(std::move(mask), size));
}

}  // namespace

Result<bool> parse_match_word(const KeyValue& word, const PortNames* names, Match& match) {
    const auto shorthand = std::ranges::find(shorthands, word.key, &Shorthand::name);
    if (shorthand != std::end(shorthands)) {
        apply(*shorthand, match);
        return true;
    }
    const Field* f = find_field(word.key);
    if (!f) return false;
    if (f->is_tun_metadata()) {
        add_option(TRY(parse_option(*f, word.value)), match);
        return true;
    }
    const MaskedValue v = TRY(parse_value(*f, word.value, names));
    match.with(f->id, v.value, v.mask);
    return true;
}

bool finish_match(Match& match) {
    const bool icmp = prereq_holds(Prereq::icmpv4, match) || prereq_holds(Prereq::icmpv6, match);
    if (!icmp) return match.drop_inapplicable();
    // Ports of ICMP are 8 bits wide: that is no loss. They have no masks: that is one.
    bool differs = false;
    for (Be16* mask : {&match.mask.packet.tp_src, &match.mask.packet.tp_dst}) {
        constexpr Be16 whole(0xff);
        *mask &= whole;
        if (!*mask || *mask == whole) continue;
        *mask = whole;
        differs = true;
    }
    match.normalize();
    return match.drop_inapplicable() || differs;
}

Error unknown_word(const KeyValue& word) {
    if (word.value.empty()) return {"field " + std::string(word.key) + " missing value"};
    return {"unknown keyword " + std::string(word.key)};
}

Result<Match> parse_match(std::string_view text, const PortNames* names) {
    Match m;
    while (const auto word = next_key_value(text))
        if (!TRY(parse_match_word(*word, names, m))) return std::unexpected(unknown_word(*word));
    finish_match(m);
    return m;
}

}  // namespace weft::flow
