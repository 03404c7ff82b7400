// SPDX-License-Identifier: Apache-2.0
// MPLS label stack entries: push, pop, set label, traffic class and TTL.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

constexpr uint16_t unicast = 0x8847, multicast = 0x8848;

OfResult<Action> decode_push(Body& b) {
    const PushMpls a{b.in.u16()};
    if (a.eth_type != unicast && a.eth_type != multicast) return refuse(OfError::bac_bad_argument);
    return a;
}
OfResult<Action> decode_pop(Body& b) { return PopMpls{b.in.u16()}; }
OfResult<Action> decode_label(Body& b) {
    const SetMplsLabel a{b.in.u32()};
    if (a.label > 0xfffff) return refuse(OfError::bac_bad_argument);
    return a;
}
OfResult<Action> decode_label_nicira(Body& b) {
    b.in.skip(2);
    return decode_label(b);
}
OfResult<Action> decode_tc(Body& b) {
    const SetMplsTc a{b.in.u8()};
    if (a.tc > 7) return refuse(OfError::bac_bad_argument);
    return a;
}
OfResult<Action> decode_ttl(Body& b) { return SetMplsTtl{b.in.u8()}; }

constexpr std::array rows{
    WireForm{0, 13, v11, v15, 8, false, decode_label},
    WireForm{0, 14, v11, v15, 8, false, decode_tc},
    WireForm{0, 15, v11, v15, 8, false, decode_ttl},
    WireForm{0, 19, v11, v15, 8, false, decode_push},
    WireForm{0, 20, v11, v15, 8, false, decode_pop},
    WireForm{nicira_vendor, 23, v10, v10, 16, false, decode_push},
    WireForm{nicira_vendor, 24, v10, v10, 16, false, decode_pop},
    WireForm{nicira_vendor, 25, v10, v10, 16, false, decode_ttl},
    WireForm{nicira_vendor, 30, v10, v10, 16, false, decode_label_nicira},
    WireForm{nicira_vendor, 31, v10, v10, 16, false, decode_tc},
};

/// Nicira's action before there was a standard one.
Encoder::Open standard_or_nicira(Encoder& e, uint16_t type, uint16_t subtype) {
    return e.version() == v10 ? e.nicira(subtype) : e.standard(type);
}

}  // namespace

forms::Rows forms::mpls() { return rows; }

void encode(const PushMpls& a, Encoder& e) {
    const auto open = standard_or_nicira(e, 19, 23);
    e.out().u16(a.eth_type);
}

void encode(const PopMpls& a, Encoder& e) {
    const auto open = standard_or_nicira(e, 20, 24);
    e.out().u16(a.eth_type);
}

void encode(const SetMplsLabel& a, Encoder& e) {
    if (e.version() > v11) return encode(set_whole(flow::FieldId::mpls_label, a.label), e);
    const auto open = standard_or_nicira(e, 13, 30);
    if (e.version() == v10) e.out().zeros(2);
    e.out().u32(a.label);
}

void encode(const SetMplsTc& a, Encoder& e) {
    if (e.version() > v11) return encode(set_whole(flow::FieldId::mpls_tc, a.tc), e);
    const auto open = standard_or_nicira(e, 14, 31);
    e.out().u8(a.tc);
}

void encode(const SetMplsTtl& a, Encoder& e) {
    const auto open = standard_or_nicira(e, 15, 25);
    e.out().u8(a.ttl);
}

// Text.

namespace {

Result<> parse_pop(const TextArgs& a, Actions& out) {
    out.emplace_back(PopMpls{static_cast<uint16_t>(TRY(parse_number(a.args, a.name, 0xffff)))});
    return {};
}

Result<> parse_push(const TextArgs& a, Actions& out) {
    const auto type = static_cast<uint16_t>(TRY(parse_number(a.args, a.name, 0xffff)));
    if (type != unicast && type != multicast)
        return fail(std::string(a.args) + ": not a valid MPLS ethertype");
    out.emplace_back(PushMpls{type});
    return {};
}

Result<> parse_label(const TextArgs& a, Actions& out) {
    if (a.args.empty()) return fail("set_mpls_label: expected label.");
    const uint64_t label = TRY(parse_number(a.args, "MPLS label", 0xffffffff));
    if (label > 0xfffff) return fail(std::string(a.args) + ": not a valid MPLS label");
    out.emplace_back(SetMplsLabel{static_cast<uint32_t>(label)});
    return {};
}

Result<> parse_tc(const TextArgs& a, Actions& out) {
    if (a.args.empty()) return fail("set_mpls_tc: expected tc.");
    const uint64_t tc = TRY(parse_number(a.args, "MPLS TC", 0xff));
    if (tc > 7) return fail(std::string(a.args) + ": not a valid MPLS TC");
    out.emplace_back(SetMplsTc{static_cast<uint8_t>(tc)});
    return {};
}

Result<> parse_ttl(const TextArgs& a, Actions& out) {
    if (a.args.empty()) return fail("set_mpls_ttl: expected ttl.");
    out.emplace_back(SetMplsTtl{static_cast<uint8_t>(TRY(parse_number(a.args, "MPLS TTL", 0xff)))});
    return {};
}

Result<> parse_dec_ttl(const TextArgs&, Actions& out) {
    out.emplace_back(DecMplsTtl{});
    return {};
}

constexpr std::array names_of_mpls{
    TextForm{"push_mpls", parse_push},       TextForm{"pop_mpls", parse_pop},
    TextForm{"set_mpls_label", parse_label}, TextForm{"set_mpls_tc", parse_tc},
    TextForm{"set_mpls_ttl", parse_ttl},     TextForm{"dec_mpls_ttl", parse_dec_ttl},
};

/// Ethertypes have four digits.
void print_type(std::string_view name, uint16_t type, Printer& p) {
    const std::array<uint8_t, 2> bytes{static_cast<uint8_t>(type >> 8), static_cast<uint8_t>(type)};
    p.put(name);
    p.put(":0x" + format_hex(bytes));
}

void print_call(std::string_view name, uint32_t v, Printer& p) {
    p.put(name);
    p.put("(" + std::to_string(v) + ")");
}

}  // namespace

texts::Rows texts::mpls() { return names_of_mpls; }

void print(const PushMpls& a, Printer& p) { print_type("push_mpls", a.eth_type, p); }
void print(const PopMpls& a, Printer& p) { print_type("pop_mpls", a.eth_type, p); }
void print(const SetMplsLabel& a, Printer& p) { print_call("set_mpls_label", a.label, p); }
void print(const SetMplsTc& a, Printer& p) { print_call("set_mpls_tc", a.tc, p); }
void print(const SetMplsTtl& a, Printer& p) { print_call("set_mpls_ttl", a.ttl, p); }
void print(const DecMplsTtl&, Printer& p) { p.put("dec_mpls_ttl"); }

}  // namespace weft::action
