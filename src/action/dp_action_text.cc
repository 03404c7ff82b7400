// SPDX-License-Identifier: Apache-2.0
#include "action/dp_action_text.h"

#include <array>
#include <charconv>
#include <cstring>

#include "action/dp_ct_text.h"
#include "action/dp_set_fields.h"

namespace weft::action::dp {
namespace {

constexpr uint16_t dot1q = 0x8100, dei_present = 0x1000;

/// As printf %#x: zero has no prefix.
std::string hex(uint64_t v) {
    if (v == 0) return "0";
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}
std::string padded_hex(uint64_t v, size_t digits) {
    const std::string text = v ? hex(v).substr(2) : "0";
    return std::string(digits - std::min(digits, text.size()), '0') + text;
}
/// Ethertypes have four digits where something is pushed, as few as possible where it is popped.
std::string ether_type(Be16 type) { return "0x" + padded_hex(type.host(), 4); }

// A header member and its mask.
std::string value_text(Text, const Mac& v) { return v.to_string(); }
std::string value_text(Text, const Ip6& v) { return v.to_string(); }
template <class T>
std::string number_text(Text how, T v) {
    return how == Text::hex ? hex(v) : std::to_string(v);
}
std::string value_text(Text how, Be32 v) {
    return how == Text::address ? format_ip4(v) : number_text(how, v.host());
}
std::string value_text(Text how, Be16 v) { return number_text(how, v.host()); }
std::string value_text(Text how, uint8_t v) { return number_text(how, v); }

template <class T>
bool all_ones(Text how, const T& m) {
    constexpr uint32_t label_bits = 0xfffff;  // of IPv6: the only 32-bit number in hex
    if constexpr (std::is_same_v<T, Be32>)
        if (how == Text::hex) return (m.host() & label_bits) == label_bits;
    T ones;
    std::memset(&ones, 0xff, sizeof ones);
    return m == ones;
}

class Printer {
  public:
    explicit Printer(const PortNaming& ports) : ports_(ports) {}
    std::string take() { return std::move(out_); }

    void list(const Actions& actions) {
        if (actions.empty()) out_ += "drop";
        for (size_t i = 0; i < actions.size(); ++i) {
            if (i) out_ += ",";
            std::visit([this](const auto& a) { print(a); }, actions[i].v);
        }
    }

  private:
    void print(const Output& a) {
        const auto name = ports_.name ? ports_.name(a.port) : std::nullopt;
        out_ += name ? *name : std::to_string(a.port.value);
    }
    void print(const Userspace& a);
    void print(const PushVlan& a) {
        const uint16_t tci = a.tci.host();
        out_ += "push_vlan(";
        if (a.tpid.host() != dot1q) out_ += "tpid=" + ether_type(a.tpid) + ",";
        out_ += "vid=" + std::to_string(tci & 0xfff) + ",pcp=" + std::to_string(tci >> 13);
        out_ += tci & dei_present ? ")" : ",cfi=0)";
    }
    void print(const PopVlan&) { out_ += "pop_vlan"; }
    void lse(Be32 lse) {
        const LseParts p = LseParts::of(lse);
        out_ += "label=" + std::to_string(p.label) + ",tc=" + std::to_string(p.tc) +
                ",ttl=" + std::to_string(p.ttl) + ",bos=" + std::to_string(p.bos);
    }
    void print(const PushMpls& a) {
        out_ += "push_mpls(";
        lse(a.lse);
        out_ += ",eth_type=" + hex(a.eth_type.host()) + ")";
    }
    void print(const AddMpls& a) {
        out_ += "add_mpls(";
        lse(a.lse);
        out_ += ",eth_type=" + hex(a.eth_type.host()) + ")";
    }
    void print(const PushEth& a) {
        out_ += "push_eth(src=" + a.src.to_string() + ",dst=" + a.dst.to_string() + ")";
    }
    void print(const PopEth&) { out_ += "pop_eth"; }
    void print(const PushNsh& a) {
        const auto number = [](uint8_t v) { return std::to_string(v); };
        const auto hex_always = [](Be32 v) { return "0x" + padded_hex(v.host(), 1); };
        out_ += "push_nsh(flags=" + number(a.flags) + ",ttl=" + number(a.ttl) +
                ",mdtype=" + number(a.mdtype) + ",np=" + number(a.np) + ",spi=" + hex_always(a.spi) +
                ",si=" + number(a.si);
        if (a.mdtype == 1)
            for (size_t i = 0; i < 4; ++i)
                out_ += ",c" + std::to_string(i + 1) + "=" + hex_always(a.context[i]);
        else
            out_ += ",md2=" + (a.md2.empty() ? "0" : "0x" + format_hex(a.md2));
        out_ += ")";
    }
    void print(const PopNsh&) { out_ += "pop_nsh()"; }
    void print(const PopMpls& a) { out_ += "pop_mpls(eth_type=" + hex(a.eth_type.host()) + ")"; }
    template <class H>
    void print(const Set<H>& a) {
        out_ += "set(" + std::string(set_name(a.value)) + "(";
        const size_t start = out_.size();
        for_each_field(a.value, a.mask, [&](std::string_view name, Text how, const auto& v, const auto& m) {
            field(start, name, how, v, m);
        });
        out_ += "))";
    }
    void print(const Set<MplsHeader>& a) {
        out_ += "set(mpls(";
        const LseParts v = LseParts::of(a.value.lse), m = LseParts::of(a.mask.lse);
        const bool whole = a.mask.lse == be_max<Be32>;
        const size_t start = out_.size();
        const auto part = [&](std::string_view name, uint32_t value, uint32_t mask, std::string_view prefix) {
            if (!mask) return;
            if (out_.size() > start) out_ += ",";
            (out_ += name) += "=" + std::to_string(value);
            if (!whole) (out_ += "/") += std::string(prefix) + hex(mask).substr(2);
        };
        part("label", v.label, m.label, "0x");
        part("tc", v.tc, m.tc, "");
        part("ttl", v.ttl, m.ttl, "0x");
        part("bos", v.bos, m.bos, "");
        out_ += "))";
    }
    void print(const Set<NshHeader>& a) {
        out_ += "set(nsh(";
        const size_t start = out_.size();
        for_each_field(a.value, a.mask, [&](std::string_view name, Text how, const auto& v, const auto& m) {
            nsh_field(start, name, how, v, m);
        });
        out_ += "))";
    }
    /// Under a mask, both are in hex, and the mask has all its digits.
    template <class T>
    void nsh_field(size_t start, std::string_view name, Text how, const T& v, const T& m) {
        constexpr uint32_t path_bits = 0xffffff;
        uint64_t value = 0, mask = 0;
        if constexpr (std::is_same_v<T, Be32>) {
            value = v.host();
            mask = m.host();
        } else {
            value = v;
            mask = m;
        }
        if (!mask) return;
        if (out_.size() > start) out_ += ",";
        out_ += name;
        out_ += "=";
        const uint64_t ones = sizeof(T) == 1 ? 0xff : name == "spi" ? path_bits : ~0u;
        if ((mask & ones) == ones) {
            out_ += how == Text::hex ? "0x" + padded_hex(value, 1) : std::to_string(value);
            return;
        }
        out_ += "0x" + padded_hex(value, sizeof(T) == 1 ? 2 : 1) + "/0x" + padded_hex(mask, 2 * sizeof(T));
    }
    void print(const SetL4& a) {
        out_ += "set(" + std::string(l4_names[static_cast<size_t>(a.proto)]) + "(";
        const size_t start = out_.size();
        // ICMP's type and code are 8 bits wide, so any mask over those is whole.
        const Be16 beyond = is_icmp(a.proto) ? Be16(0xff00) : Be16(0);
        const auto half = [&](std::string_view name, Be16 v, Be16 m) {
            if (m & ~beyond) field(start, name, Text::decimal, v & ~beyond, m | beyond);
        };
        half(is_icmp(a.proto) ? "type" : "src", a.value.src, a.mask.src);
        half(is_icmp(a.proto) ? "code" : "dst", a.value.dst, a.mask.dst);
        out_ += "))";
    }
    void print(const SetSkbMark& a) {
        out_ += "set(skb_mark(" + hex(a.value) + (a.mask == ~0u ? "" : "/" + hex(a.mask)) + "))";
    }
    void print(const SetSkbPriority& a) { out_ += "set(skb_priority(" + hex(a.value) + "))"; }
    void print(const Trunc& a) { out_ += "trunc(" + std::to_string(a.max_len) + ")"; }
    void nested(const std::shared_ptr<const Actions>& actions) { list(actions ? *actions : Actions{}); }
    void print(const Clone& a) {
        out_ += "clone(";
        nested(a.actions);
        out_ += ")";
    }
    void print(const Sample& a) {
        // In tenths of a percent.
        const auto tenths = static_cast<uint64_t>(1000.0 * a.probability / 0xffffffffu + 0.5);
        out_ +=
            "sample(sample=" + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%,actions(";
        nested(a.actions);
        out_ += "))";
    }
    void print(const Recirc& a) { out_ += "recirc(" + hex(a.id) + ")"; }
    void print(const Hash& a) {
        out_ += a.algorithm == 0 ? "hash(hash_l4(" : a.algorithm == 1 ? "hash(sym_l4(" : "hash(unknown(";
        out_ += std::to_string(a.basis) + "))";
    }
    void print(const Meter& a) { out_ += "meter(" + std::to_string(a.id) + ")"; }
    void print(const CheckPktLen& a) {
        out_ += "check_pkt_len(size=" + std::to_string(a.size) + ",gt(";
        nested(a.greater);
        out_ += "),le(";
        nested(a.less_equal);
        out_ += "))";
    }
    void print(const Ct& a) { out_ += format_ct(a); }
    void print(const CtClear&) { out_ += "ct_clear"; }
    void print(const Drop&) { out_ += "drop"; }

    template <class T>
    void field(size_t start, std::string_view name, Text how, const T& v, const T& m) {
        if (m == T{}) return;
        if (out_.size() > start) out_ += ",";
        (out_ += name) += "=" + value_text(how, v);
        if (!all_ones(how, m)) out_ += "/" + value_text(how == Text::decimal ? Text::hex : how, m);
    }

    const PortNaming& ports_;
    std::string out_;
};

void Printer::print(const Userspace& a) {
    out_ += "userspace(pid=0";
    switch (a.reason) {
        case PuntReason::controller:
            out_ += ",controller(reason=" + std::to_string(a.controller_reason) +
                    ",dont_send=" + std::to_string(a.dont_send) +
                    ",continuation=" + std::to_string(a.continuation) +
                    ",recirc_id=" + std::to_string(a.arg) + ",rule_cookie=" + hex(a.cookie) +
                    ",controller_id=" + std::to_string(a.controller_id) +
                    ",max_len=" + std::to_string(a.max_len) + ")";
            break;
        case PuntReason::slow_path: {
            out_ += ",slow_path(";
            std::string_view comma;
            for (size_t i = 0; i < std::size(slow_names); ++i) {
                if (!(a.arg >> i & 1)) continue;
                (out_ += comma) += slow_names[i];
                comma = ",";
            }
            out_ += ")";
            break;
        }
        default:
            break;
    }
    out_ += ")";
}

}  // namespace

namespace {
bool same(const std::shared_ptr<const Actions>& a, const std::shared_ptr<const Actions>& b) {
    return a == b || (a && b && *a == *b);
}
}  // namespace

bool Clone::operator==(const Clone& o) const { return same(actions, o.actions); }
bool Sample::operator==(const Sample& o) const {
    return probability == o.probability && same(actions, o.actions);
}
bool CheckPktLen::operator==(const CheckPktLen& o) const {
    return size == o.size && same(greater, o.greater) && same(less_equal, o.less_equal);
}

std::string to_text(const Actions& actions, const PortNaming& ports) {
    Printer p(ports);
    p.list(actions);
    return p.take();
}

}  // namespace weft::action::dp
