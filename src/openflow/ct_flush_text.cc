// SPDX-License-Identifier: Apache-2.0
#include "openflow/ct_flush_text.h"

#include <vector>

#include "flow/key_value.h"
#include "openflow/number_text.h"

namespace weft::openflow {
namespace {

constexpr uint8_t icmp = 1, icmp6 = 58;

Error bad(std::string_view what) { return {"Failed to parse ct-tuple: " + std::string(what)}; }

class TupleParser {
  public:
    TupleParser(CtTuple& tuple, uint8_t& protocol) : t_(tuple), protocol_(protocol) {}

    Result<> parse(std::string_view text) {
        while (const auto kv = flow::next_key_value(text)) {
            if (!kv->has_value)
                return std::unexpected(bad("field " + std::string(kv->key) + " missing value"));
            if (!TRY(parse_address(*kv)) && !TRY(parse_number(*kv)))
                return std::unexpected(bad("invalid conntrack tuple field: " + std::string(kv->key)));
        }
        return {};
    }

    /// Whether the fields go together.
    Result<> check() const {
        const bool is_icmp = protocol_ == icmp || protocol_ == icmp6;
        const bool has_ports = t_.src_port || t_.dst_port;
        const bool has_icmp = t_.icmp_id || t_.icmp_type || t_.icmp_code;
        if (has_ports && !protocol_) return std::unexpected(bad("port is set without protocol"));
        if ((has_icmp && !is_icmp) || (has_ports && is_icmp))
            return std::unexpected(bad("invalid L4 fields"));
        return {};
    }

  private:
    static Error unreadable(const flow::KeyValue& kv) {
        return bad("failed to parse field " + std::string(kv.key));
    }

    Result<bool> parse_address(const flow::KeyValue& kv) {
        const bool ip4 = kv.key == "ct_nw_src" || kv.key == "ct_nw_dst";
        const bool source = kv.key.ends_with("_src");
        if (!ip4 && kv.key != "ct_ipv6_src" && kv.key != "ct_ipv6_dst") return false;
        Ip6 address;
        if (ip4) {
            const auto v = parse_ip4(kv.value);
            if (!v) return std::unexpected(unreadable(kv));
            address = mapped(*v);
        } else {
            const auto v = Ip6::parse(kv.value);
            if (!v) return std::unexpected(unreadable(kv));
            address = *v;
        }
        const auto& other = source ? t_.dst : t_.src;
        if (other && is_mapped(*other) != ip4)
            return std::unexpected(bad("the L3 protocol does not match " + std::string(kv.value)));
        (source ? t_.src : t_.dst) = address;
        return true;
    }

    template <class T>
    Result<bool> store(const flow::KeyValue& kv, T&& target, uint64_t max) {
        const auto v = parse_u64(kv.value);
        if (!v || *v > max) return std::unexpected(unreadable(kv));
        target = static_cast<uint16_t>(*v);
        return true;
    }

    Result<bool> parse_number(const flow::KeyValue& kv) {
        if (kv.key == "ct_tp_src") return store(kv, t_.src_port, 0xffff);
        if (kv.key == "ct_tp_dst") return store(kv, t_.dst_port, 0xffff);
        if (kv.key == "icmp_id") return store(kv, t_.icmp_id, 0xffff);
        std::optional<uint16_t> byte;
        const auto as_byte = [&](auto& target) -> Result<bool> {
            TRY(store(kv, byte, 0xff));
            target = static_cast<uint8_t>(*byte);
            return true;
        };
        if (kv.key == "ct_nw_proto") return as_byte(protocol_);
        if (kv.key == "icmp_type") return as_byte(t_.icmp_type);
        if (kv.key == "icmp_code") return as_byte(t_.icmp_code);
        return false;
    }

    CtTuple& t_;
    uint8_t& protocol_;
};

Result<std::optional<CtTuple>> parse_tuple(std::string_view text, uint8_t& protocol) {
    if (text.empty()) return std::nullopt;
    CtTuple tuple;
    TupleParser parser(tuple, protocol);
    TRY(parser.parse(text));
    TRY(parser.check());
    if (protocol != icmp && protocol != icmp6) return tuple;
    // All of them say which ICMP message is meant.
    tuple.icmp_id = tuple.icmp_id.value_or(0);
    tuple.icmp_type = tuple.icmp_type.value_or(0);
    tuple.icmp_code = tuple.icmp_code.value_or(0);
    return tuple;
}

}  // namespace

Result<CtFlush> parse_ct_flush(std::span<const std::string> words) {
    constexpr std::string_view zone = "zone=";
    CtFlush m;
    if (!words.empty() && words.front().starts_with(zone)) {
        const auto v = parse_u64(std::string_view(words.front()).substr(zone.size()));
        if (!v) return fail("Failed to parse zone");
        if (*v > 0xffff) return fail("Failed to parse zone\n" + quoted(words.front()) + " is above 65535");
        m.zone = static_cast<uint16_t>(*v);
        words = words.subspan(1);
    }
    if (words.size() > 2)
        return std::unexpected(bad("more than two tuples, of a connection and of its answers"));
    if (!words.empty()) m.original = TRY(parse_tuple(words[0], m.protocol));
    if (words.size() > 1) m.reply = TRY(parse_tuple(words[1], m.protocol));
    return m;
}

Result<uint16_t> parse_ct_zone(std::string_view text) {
    const auto v = parse_u64(text);
    if (!v || *v > 0xffff) return fail("invalid zone_id " + quoted(text));
    return static_cast<uint16_t>(*v);
}

}  // namespace weft::openflow
