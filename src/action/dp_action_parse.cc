// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "action/dp_action_text.h"
#include "action/dp_ct_text.h"
#include "action/dp_set_fields.h"
#include "flow/key_value.h"

namespace weft::action::dp {
namespace {

constexpr int max_depth = 16;
constexpr uint16_t dot1q = 0x8100, dei_present = 0x1000;

std::optional<uint64_t> number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    uint64_t v = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v, base);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return v;
}

std::unexpected<Error> bad(std::string_view what, std::string_view text) {
    return fail("bad " + std::string(what) + " \"" + std::string(text) + "\" in datapath actions");
}

template <class T>
Result<T> to_int(std::string_view text, std::string_view what, uint64_t max = std::numeric_limits<T>::max()) {
    const auto v = number(text);
    if (!v || *v > max) return bad(what, text);
    return static_cast<T>(*v);
}

// A header member from text.
Result<> read(std::string_view text, Text, Mac& out) {
    out = TRY(Mac::parse(text));
    return {};
}
Result<> read(std::string_view text, Text, Ip6& out) {
    out = TRY(Ip6::parse(text));
    return {};
}
Result<> read(std::string_view text, Text how, Be32& out) {
    out = how == Text::address ? TRY(parse_ip4(text)) : Be32(TRY(to_int<uint32_t>(text, "number")));
    return {};
}
Result<> read(std::string_view text, Text, Be16& out) {
    out = Be16(TRY(to_int<uint16_t>(text, "number")));
    return {};
}
Result<> read(std::string_view text, Text, uint8_t& out) {
    out = TRY(to_int<uint8_t>(text, "number"));
    return {};
}

/// VALUE or VALUE/MASK.
template <class T>
Result<> read_masked(std::string_view text, Text how, T& value, T& mask) {
    const size_t slash = text.find('/');
    TRY(read(text.substr(0, slash), how, value));
    if (slash != std::string_view::npos) return read(text.substr(slash + 1), how, mask);
    std::memset(&mask, 0xff, sizeof mask);
    return {};
}

template <class H>
Result<Action> parse_header(std::string_view text) {
    Set<H> set;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        bool found = false;
        Result<> done;
        for_each_field(set.value, set.mask, [&](std::string_view name, Text how, auto& v, auto& m) {
            if (name != kv->key) return;
            found = true;
            done = read_masked(kv->value, how, v, m);
        });
        if (!found) return bad("field", kv->text);
        if (!done) return std::unexpected(done.error());
    }
    return set;
}

struct MaskedNumber {
    uint32_t value = 0, mask = 0;
};
Result<MaskedNumber> masked_number(std::string_view text, uint32_t max) {
    const size_t slash = text.find('/');
    MaskedNumber n{TRY(to_int<uint32_t>(text.substr(0, slash), "number", max)), max};
    if (slash != std::string_view::npos) n.mask = TRY(to_int<uint32_t>(text.substr(slash + 1), "mask", max));
    return n;
}

Result<Action> parse_l4(L4 proto, std::string_view text) {
    SetL4 set{.proto = proto};
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        const bool first = kv->key == (is_icmp(proto) ? "type" : "src");
        if (!first && kv->key != (is_icmp(proto) ? "code" : "dst")) return bad("field", kv->text);
        const MaskedNumber n = TRY(masked_number(kv->value, is_icmp(proto) ? 0xff : 0xffff));
        (first ? set.value.src : set.value.dst) = Be16(static_cast<uint16_t>(n.value));
        (first ? set.mask.src : set.mask.dst) = Be16(static_cast<uint16_t>(n.mask));
    }
    return set;
}

struct MaskedLse {
    LseParts value, mask;
    Be16 eth_type;
};
Result<MaskedLse> parse_lse(std::string_view text) {
    MaskedLse lse;
    const auto part = [](const flow::KeyValue& kv, uint8_t& value, uint8_t& mask, uint8_t max) -> Result<> {
        const MaskedNumber n = TRY(masked_number(kv.value, max));
        value = static_cast<uint8_t>(n.value);
        mask = static_cast<uint8_t>(n.mask);
        return {};
    };
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "label") {
            const MaskedNumber n = TRY(masked_number(kv->value, 0xfffff));
            lse.value.label = n.value;
            lse.mask.label = n.mask;
        } else if (kv->key == "tc") {
            TRY(part(*kv, lse.value.tc, lse.mask.tc, 7));
        } else if (kv->key == "ttl") {
            TRY(part(*kv, lse.value.ttl, lse.mask.ttl, 255));
        } else if (kv->key == "bos") {
            TRY(part(*kv, lse.value.bos, lse.mask.bos, 1));
        } else if (kv->key == "eth_type") {
            lse.eth_type = Be16(TRY(to_int<uint16_t>(kv->value, "eth_type")));
        } else {
            return bad("field", kv->text);
        }
    }
    return lse;
}

Result<Action> parse_set(std::string_view text) {
    std::string_view items = text;
    const auto kv = flow::next_key_value(items);
    if (!kv || flow::next_key_value(items)) return bad("set", text);
    if (kv->key == "eth") return parse_header<EthHeader>(kv->value);
    if (kv->key == "ipv4") return parse_header<Ipv4Header>(kv->value);
    if (kv->key == "ipv6") return parse_header<Ipv6Header>(kv->value);
    if (kv->key == "arp") return parse_header<ArpHeader>(kv->value);
    if (kv->key == "nd") return parse_header<NdHeader>(kv->value);
    if (kv->key == "nsh") return parse_header<NshHeader>(kv->value);
    if (kv->key == "mpls") {
        const MaskedLse lse = TRY(parse_lse(kv->value));
        return Set<MplsHeader>{{lse.value.lse()}, {lse.mask.lse()}};
    }
    for (size_t i = 0; i < std::size(l4_names); ++i) {
        if (kv->key == l4_names[i]) return parse_l4(static_cast<L4>(i), kv->value);
    }
    if (kv->key == "skb_mark") {
        const MaskedNumber n = TRY(masked_number(kv->value, 0xffffffff));
        return SetSkbMark{n.value, n.mask};
    }
    if (kv->key == "skb_priority") return SetSkbPriority{TRY(to_int<uint32_t>(kv->value, "skb_priority"))};
    return bad("set", text);
}

Result<Action> parse_push_vlan(std::string_view text) {
    uint16_t tpid = dot1q, tci = dei_present;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "tpid")
            tpid = TRY(to_int<uint16_t>(kv->value, "tpid"));
        else if (kv->key == "vid")
            tci = static_cast<uint16_t>(tci | TRY(to_int<uint16_t>(kv->value, "vid", 0xfff)));
        else if (kv->key == "pcp")
            tci = static_cast<uint16_t>(tci | TRY(to_int<uint16_t>(kv->value, "pcp", 7)) << 13);
        else if (kv->key == "cfi" && kv->value == "0")
            tci = static_cast<uint16_t>(tci & ~dei_present);
        else if (kv->key != "cfi")
            return bad("field", kv->text);
    }
    return PushVlan{Be16(tpid), Be16(tci)};
}

Result<Action> parse_push_eth(std::string_view text) {
    PushEth out;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key != "src" && kv->key != "dst") return bad("field", kv->text);
        (kv->key == "src" ? out.src : out.dst) = TRY(Mac::parse(kv->value));
    }
    return out;
}

Result<Bytes> parse_md2(std::string_view text) {
    if (text == "0") return Bytes{};
    const auto bytes = text.starts_with("0x") ? parse_hex(text.substr(2)) : Result<Bytes>(Bytes{});
    constexpr size_t longest = 248;
    if (!bytes || bytes->empty() || bytes->size() % 4 || bytes->size() > longest) return bad("md2", text);
    return *bytes;
}

Result<> read_nsh_number(const flow::KeyValue& kv, PushNsh& out) {
    const std::pair<std::string_view, uint8_t*> small[] = {
        {"flags", &out.flags}, {"ttl", &out.ttl}, {"mdtype", &out.mdtype}, {"np", &out.np}, {"si", &out.si}};
    for (const auto& [name, to] : small)
        if (kv.key == name) return read(kv.value, Text::decimal, *to);
    if (kv.key == "spi") return read(kv.value, Text::hex, out.spi);
    const bool context = kv.key.size() == 2 && kv.key[0] == 'c' && kv.key[1] >= '1' && kv.key[1] <= '4';
    if (!context) return bad("field", kv.text);
    return read(kv.value, Text::hex, out.context[kv.key[1] - '1']);
}

Result<Action> parse_push_nsh(std::string_view text) {
    PushNsh out;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "md2")
            out.md2 = TRY(parse_md2(kv->value));
        else
            TRY(read_nsh_number(*kv, out));
    }
    constexpr uint32_t path_max = 0xffffff;
    if (out.flags > 3 || out.ttl > 63 || (out.mdtype != 1 && out.mdtype != 2) || out.spi.host() > path_max)
        return bad("push_nsh", text);
    return out;
}

Result<> parse_controller(std::string_view text, Userspace& u) {
    u.reason = PuntReason::controller;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        const uint64_t v = TRY(to_int<uint64_t>(kv->value, kv->key));
        if (kv->key == "reason")
            u.controller_reason = static_cast<uint8_t>(v);
        else if (kv->key == "dont_send")
            u.dont_send = v != 0;
        else if (kv->key == "continuation")
            u.continuation = v != 0;
        else if (kv->key == "recirc_id")
            u.arg = static_cast<uint32_t>(v);
        else if (kv->key == "rule_cookie")
            u.cookie = v;
        else if (kv->key == "controller_id")
            u.controller_id = static_cast<uint16_t>(v);
        else if (kv->key == "max_len")
            u.max_len = static_cast<uint16_t>(v);
        else
            return bad("field", kv->text);
    }
    return {};
}

Result<> parse_slow_path(std::string_view text, Userspace& u) {
    u.reason = PuntReason::slow_path;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        bool found = kv->key == "0";
        for (size_t i = 0; i < std::size(slow_names); ++i) {
            if (kv->key != slow_names[i]) continue;
            u.arg |= 1u << i;
            found = true;
        }
        if (!found) return bad("slow path reason", kv->text);
    }
    return {};
}

Result<Action> parse_userspace(std::string_view text) {
    Userspace u;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "pid")
            TRY(to_int<uint32_t>(kv->value, "pid"));
        else if (kv->key == "controller")
            TRY(parse_controller(kv->value, u));
        else if (kv->key == "slow_path")
            TRY(parse_slow_path(kv->value, u));
        else
            return bad("userspace argument", kv->text);
    }
    return u;
}

Result<Action> parse_hash(std::string_view text) {
    std::string_view items = text;
    const auto kv = flow::next_key_value(items);
    if (!kv || (kv->key != "hash_l4" && kv->key != "sym_l4")) return bad("hash", text);
    return Hash{kv->key == "sym_l4", TRY(to_int<uint32_t>(kv->value, "hash basis"))};
}

Result<uint32_t> parse_probability(std::string_view text) {
    if (!text.ends_with('%')) return bad("sample", text);
    const std::string copy(text.substr(0, text.size() - 1));
    char* end = nullptr;
    const double percent = std::strtod(copy.c_str(), &end);
    if (copy.empty() || *end || !(percent >= 0 && percent <= 100)) return bad("sample", text);
    return static_cast<uint32_t>(percent / 100 * 0xffffffffu);
}

class Parser {
  public:
    explicit Parser(const PortNaming& ports) : ports_(ports) {}

    Result<Actions> list(std::string_view text, int depth) {
        if (depth > max_depth) return fail("datapath actions are nested too deeply");
        Actions out;
        for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
            if (kv->text == "drop") continue;
            out.push_back(TRY(item(*kv, depth)));
        }
        return out;
    }

  private:
    Result<Action> item(const flow::KeyValue& kv, int depth);
    Result<std::shared_ptr<const Actions>> nested(std::string_view text, int depth) {
        return std::make_shared<const Actions>(TRY(list(text, depth + 1)));
    }
    Result<Action> sample(std::string_view text, int depth) {
        Sample s;
        for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
            if (kv->key == "sample")
                s.probability = TRY(parse_probability(kv->value));
            else if (kv->key == "actions")
                s.actions = TRY(nested(kv->value, depth));
            else
                return bad("sample argument", kv->text);
        }
        if (!s.actions) return bad("sample without actions", text);
        return s;
    }
    Result<Action> check_pkt_len(std::string_view text, int depth) {
        CheckPktLen check;
        std::optional<uint16_t> size;
        for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
            if (kv->key == "size")
                size = TRY(to_int<uint16_t>(kv->value, "size"));
            else if (kv->key == "gt")
                check.greater = TRY(nested(kv->value, depth));
            else if (kv->key == "le")
                check.less_equal = TRY(nested(kv->value, depth));
            else
                return bad("check_pkt_len argument", kv->text);
        }
        if (!size || !check.greater || !check.less_equal)
            return bad("check_pkt_len without size, gt or le", text);
        check.size = *size;
        return check;
    }
    Result<DpPort> port(std::string_view text) const {
        if (const auto v = number(text); v && *v <= 0xffffffff) return DpPort{static_cast<uint32_t>(*v)};
        const auto named = ports_.number ? ports_.number(text) : std::nullopt;
        if (!named) return bad("action", text);
        return *named;
    }

    const PortNaming& ports_;
};

Result<Action> Parser::item(const flow::KeyValue& kv, int depth) {
    if (kv.key == "set") return parse_set(kv.value);
    if (kv.key == "push_vlan") return parse_push_vlan(kv.value);
    if (kv.key == "pop_vlan") return PopVlan{};
    if (kv.key == "push_mpls") {
        const MaskedLse lse = TRY(parse_lse(kv.value));
        return PushMpls{lse.value.lse(), lse.eth_type};
    }
    if (kv.key == "add_mpls") {
        const MaskedLse lse = TRY(parse_lse(kv.value));
        return AddMpls{lse.value.lse(), lse.eth_type};
    }
    if (kv.key == "push_eth") return parse_push_eth(kv.value);
    if (kv.key == "pop_eth") return PopEth{};
    if (kv.key == "push_nsh") return parse_push_nsh(kv.value);
    if (kv.key == "pop_nsh") return PopNsh{};
    if (kv.key == "pop_mpls") return PopMpls{TRY(parse_lse(kv.value)).eth_type};
    if (kv.key == "userspace") return parse_userspace(kv.value);
    if (kv.key == "trunc") return Trunc{TRY(to_int<uint32_t>(kv.value, "trunc"))};
    if (kv.key == "clone") return Clone{TRY(nested(kv.value, depth))};
    if (kv.key == "sample") return sample(kv.value, depth);
    if (kv.key == "recirc") return Recirc{TRY(to_int<uint32_t>(kv.value, "recirc"))};
    if (kv.key == "hash") return parse_hash(kv.value);
    if (kv.key == "meter") return Meter{TRY(to_int<uint32_t>(kv.value, "meter"))};
    if (kv.key == "check_pkt_len") return check_pkt_len(kv.value, depth);
    if (kv.key == "ct") return TRY(parse_ct(kv.value));
    if (kv.key == "ct_clear") return CtClear{};
    return Output{TRY(port(kv.text))};
}

}  // namespace

Result<Actions> parse_actions(std::string_view text, const PortNaming& ports) {
    return Parser(ports).list(text, 0);
}

}  // namespace weft::action::dp
