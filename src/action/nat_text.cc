// SPDX-License-Identifier: Apache-2.0
// Text of nat(...): `nat(src=10.0.0.1-10.0.0.9:1000-2000,hash)`, `nat(dst=[fe80::1]-[fe80::9]:1-2)`.
#include <charconv>

#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using Family = Nat::Family;

Ip6 from_ip4(Be32 ip) {
    Ip6 out;
    std::memcpy(out.b.data() + 12, &ip, 4);
    return out;
}
Be32 to_ip4(const Ip6& v) {
    Be32 ip;
    std::memcpy(&ip, v.b.data() + 12, 4);
    return ip;
}

/// Takes ADDR[-ADDR][:PORT[-PORT]] off a text from the left. The error names the whole text.
class RangeParser {
  public:
    explicit RangeParser(std::string_view text) : all_(text), rest_(text) {}

    Result<> parse(Nat& nat) {
        if (!take_address(nat.first, nat.family)) return at_end(0);
        bool ok = true;
        if (take('-')) ok = take_last(nat);
        if (ok && take(':')) ok = take_ports(nat);
        if (!ok) return invalid();
        // The address 0.0.0.0 stands for none.
        if (nat.first.is_zero()) nat.family = Family::none;
        return at_end(all_.size() - rest_.size());
    }

  private:
    std::unexpected<Error> invalid() const { return fail("invalid nat range \"" + std::string(all_) + "\""); }
    Result<> at_end(size_t at) const {
        if (at == all_.size()) return {};
        return fail("garbage (" + std::string(all_.substr(at)) + ") after nat range \"" + std::string(all_) +
                    "\" (pos: " + std::to_string(at) + ")");
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_address(Ip6& out, Family& family) {
        const bool bracketed = rest_.starts_with('[');
        const std::string_view digits = rest_.substr(bracketed);
        const size_t size = std::min(digits.find_first_not_of("0123456789abcdefABCDEF:."), digits.size());
        const std::string_view word = digits.substr(0, size);
        if (!bracketed)
            if (take_ip4(word, out)) return family = Family::ipv4, true;
        const auto ip6 = Ip6::parse(word);
        if (!ip6 || (bracketed && !digits.substr(size).starts_with(']'))) return false;
        out = *ip6;
        family = Family::ipv6;
        rest_.remove_prefix(size + (bracketed ? 2 : 0));
        return true;
    }
    /// A port may follow the address without a break.
    bool take_ip4(std::string_view word, Ip6& out) {
        const std::string_view dotted = word.substr(0, word.find_first_not_of("0123456789."));
        const auto ip4 = parse_ip4(dotted);
        if (!ip4) return false;
        out = from_ip4(*ip4);
        rest_.remove_prefix(dotted.size());
        return true;
    }
    bool take_last(Nat& nat) {
        Family family{};
        return take_address(nat.last, family) && family == nat.family && nat.first <= nat.last;
    }
    /// Larger numbers count with their low 16 bits.
    bool take_port(uint16_t& out) {
        uint64_t v = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), v);
        if (error != std::errc{}) return false;
        rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
        out = static_cast<uint16_t>(v);
        return true;
    }
    bool take_ports(Nat& nat) {
        if (!take_port(nat.first_port)) return false;
        return !take('-') || (take_port(nat.last_port) && nat.first_port <= nat.last_port);
    }

    std::string_view all_, rest_;
};

struct Flag {
    std::string_view name;
    uint16_t bit;
};
constexpr Flag flags[] = {
    {"persistent", nat_flag::persistent}, {"hash", nat_flag::hash}, {"random", nat_flag::random}};
constexpr uint16_t either_end = nat_flag::src | nat_flag::dst;

Result<> parse_item(const flow::KeyValue& kv, Nat& nat) {
    if (kv.key == "src" || kv.key == "dst") {
        if (nat.flags & either_end) return fail("May only specify one of \"src\" or \"dst\".");
        nat.flags |= kv.key == "src" ? nat_flag::src : nat_flag::dst;
        if (!kv.value.empty()) return RangeParser(kv.value).parse(nat);
        return {};
    }
    for (const Flag& flag : flags) {
        if (flag.name != kv.key) continue;
        nat.flags |= flag.bit;
        return {};
    }
    return fail("invalid key \"" + std::string(kv.key) + "\" in \"nat\" argument");
}

std::string address(const Nat& nat, const Ip6& v, bool with_ports) {
    if (nat.family == Family::ipv4) return format_ip4(to_ip4(v));
    return with_ports ? "[" + v.to_string() + "]" : v.to_string();
}

}  // namespace

Result<Nat> parse_nat(std::string_view text) {
    Nat nat;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);)
        TRY(parse_item(*kv, nat));
    if (nat.flags && !(nat.flags & either_end)) return fail("Flags allowed only with \"src\" or \"dst\".");
    if (nat.flags & nat_flag::hash && nat.flags & nat_flag::random)
        return fail("Both \"hash\" and \"random\" are not allowed.");
    return nat;
}

std::string format_nat(const Nat& nat) {
    if (!nat.flags) return "nat";
    std::string out = nat.flags & nat_flag::src ? "nat(src" : nat.flags & nat_flag::dst ? "nat(dst" : "nat(";
    if (nat.family == Family::none) return out + ")";
    out += "=" + address(nat, nat.first, nat.first_port);
    if (!nat.last.is_zero() && nat.last != nat.first) out += "-" + address(nat, nat.last, nat.first_port);
    if (nat.first_port) out += ":" + std::to_string(nat.first_port);
    if (nat.last_port && nat.last_port != nat.first_port) out += "-" + std::to_string(nat.last_port);
    for (const Flag& flag : flags)
        if (nat.flags & flag.bit) out += "," + std::string(flag.name);
    return out + ")";
}

void print(const Nat& a, Printer& p) { p.put(format_nat(a)); }

}  // namespace weft::action
