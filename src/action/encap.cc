// SPDX-License-Identifier: Apache-2.0
// encap, decap and dec_nsh_ttl: headers around the packet. Since OpenFlow 1.3, as it takes match fields of
// any packet type.
#include <algorithm>
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "flow/field_text.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using enum Version;

// Properties of encap(nsh): class, type, and a length that counts this header.
constexpr uint16_t nsh_class = 4;
constexpr uint8_t md_type_property = 1, tlv_property = 2;
constexpr size_t property_header = 4, tlv_header = 4;

constexpr size_t padded(size_t n) { return (n + 7) / 8 * 8; }

struct Header {
    std::string_view name;
    uint32_t packet_type;
};
constexpr Header headers[] = {{"ethernet", packet_type::ethernet},
                              {"nsh", packet_type::nsh},
                              {"mpls", packet_type::mpls},
                              {"mpls_mc", packet_type::mpls_multicast}};

OfResult<NshTlv> read_tlv(ByteReader in) {
    NshTlv tlv{.option_class = in.u16(), .type = in.u8(), .value = {}};
    const ByteSpan value = in.take(in.u8());
    if (!in.ok()) return refuse(OfError::nxbac_bad_ed_prop);
    tlv.value.assign(value.begin(), value.end());
    return tlv;
}

OfResult<> read_property(ByteReader& in, Encap& a) {
    const uint16_t property_class = in.u16();
    const uint8_t type = in.u8(), length = in.u8();
    if (length < property_header || length - property_header > in.size())
        return refuse(OfError::nxbac_bad_ed_prop);
    ByteReader body(in.take(length - property_header));
    in.take(std::min(padded(length) - length, in.size()));
    if (property_class != nsh_class) return refuse(OfError::nxbac_unknown_ed_prop);
    if (type == md_type_property) {
        a.md_type = body.u8();
        if (!body.ok() || (a.md_type != 1 && a.md_type != 2)) return refuse(OfError::nxbac_bad_ed_prop);
    } else if (type == tlv_property) {
        a.tlvs.push_back(TRY(read_tlv(body)));
    } else {
        return refuse(OfError::nxbac_unknown_ed_prop);
    }
    return {};
}

OfResult<Action> decode_encap(Body& b) {
    b.in.skip(2);
    Encap a{.packet_type = b.in.u32(), .tlvs = {}};
    const bool known =
        std::ranges::any_of(headers, [&](const Header& h) { return h.packet_type == a.packet_type; });
    if (!known) return refuse(OfError::nxbac_bad_header_type);
    while (b.in.size() >= property_header) TRY(read_property(b.in, a));
    return a;
}

OfResult<Action> decode_decap(Body& b) {
    b.in.skip(2);
    return Decap{b.in.u32()};
}

OfResult<Action> decode_dec_ttl(Body&) { return DecNshTtl{}; }

constexpr std::array rows{
    WireForm{nicira_vendor, 46, v13, v15, 16, true, decode_encap},
    WireForm{nicira_vendor, 47, v13, v15, 16, false, decode_decap},
    WireForm{nicira_vendor, 48, v13, v15, 16, false, decode_dec_ttl},
};

}  // namespace

forms::Rows forms::encap() { return rows; }

void encode(const Encap& a, Encoder& e) {
    const auto open = e.nicira(46);
    e.out().u16(0);
    e.out().u32(a.packet_type);
    const auto property = [&](uint8_t type, size_t length) {
        e.out().u16(nsh_class);
        e.out().u8(type);
        e.out().u8(static_cast<uint8_t>(length));
    };
    if (a.md_type) {
        property(md_type_property, property_header + 1);
        e.out().u8(a.md_type);
        e.out().zeros(3);
    }
    for (const NshTlv& tlv : a.tlvs) {
        const size_t size = property_header + tlv_header + tlv.value.size();
        property(tlv_property, padded(size));
        e.out().u16(tlv.option_class);
        e.out().u8(tlv.type);
        e.out().u8(static_cast<uint8_t>(tlv.value.size()));
        e.out().bytes(tlv.value);
        e.out().zeros(padded(size) - size);
    }
}

void encode(const Decap& a, Encoder& e) {
    const auto open = e.nicira(47);
    e.out().u16(0);
    e.out().u32(a.packet_type);
}

void encode(const DecNshTtl&, Encoder& e) {
    const auto open = e.nicira(48);
    e.out().zeros(6);
}

// Text.

namespace {

/// CLASS,TYPE,0xVALUE
Result<NshTlv> parse_tlv(std::string_view text) {
    constexpr size_t value_max = 124;  // a multiple of 4 that fits into the header's 7 bits
    const size_t first = text.find(','), second = text.find(',', first + 1);
    const auto bad = [&] { return fail("Invalid NSH TLV header: " + std::string(text)); };
    if (first == std::string_view::npos || second == std::string_view::npos) return bad();
    const auto option_class = parse_number(text.substr(0, first), 0xffff);
    const auto type = parse_number(text.substr(first + 1, second - first - 1), 0xff);
    const std::string_view digits = text.substr(second + 1);
    if (!option_class || !type || !digits.starts_with("0x")) return bad();
    auto value = parse_hex(digits.substr(2));
    if (!value || value->size() > value_max) return bad();
    return NshTlv{static_cast<uint16_t>(*option_class), static_cast<uint8_t>(*type), *std::move(value)};
}

Result<> parse_nsh(std::string_view text, Encap& a) {
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "md_type") {
            const auto v = parse_number(kv->value, 0xff);
            if (!v || (*v != 1 && *v != 2)) return fail("invalid md_type");
            a.md_type = static_cast<uint8_t>(*v);
        } else if (kv->key == "tlv") {
            a.tlvs.push_back(TRY(parse_tlv(kv->value)));
        } else {
            return fail("Invalid property: " + std::string(kv->key));
        }
    }
    return {};
}

Result<> parse_encap(const TextArgs& args, Actions& out) {
    std::string_view items = args.args;
    const auto kv = flow::next_key_value(items);
    if (!kv) return fail("Missing encap hdr: " + std::string(args.args));
    const auto header = std::ranges::find(headers, kv->key, &Header::name);
    if (header == std::end(headers)) return fail("Encap hdr not supported: " + std::string(kv->value));
    Encap a{.packet_type = header->packet_type, .tlvs = {}};
    if (a.packet_type == packet_type::nsh) {
        TRY(parse_nsh(kv->value, a));
    } else if (std::string_view rest = kv->value; const auto property = flow::next_key_value(rest)) {
        return fail("Invalid property: " + std::string(property->key));
    }
    out.emplace_back(std::move(a));
    return {};
}

/// packet_type(ns=NAMESPACE,type=TYPE)
Result<uint32_t> parse_packet_type(std::string_view text) {
    std::optional<uint64_t> ns, type;
    for (std::string_view items = text; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "ns") {
            ns = TRY(parse_number(kv->value, "ns", 0xffff));
            if (*ns > 1) return fail("Unsupported ns value: " + std::to_string(*ns));
        } else if (kv->key == "type") {
            type = TRY(parse_number(kv->value, "type", 0xffff));
        } else {
            return fail("Invalid packet_type attribute: " + std::string(kv->key));
        }
    }
    if (!ns) return fail("Missing packet_type attribute ns");
    if (!type) return fail("Missing packet_type attribute type");
    return static_cast<uint32_t>(*ns << 16 | *type);
}

Result<> parse_decap(const TextArgs& args, Actions& out) {
    Decap a;
    for (std::string_view items = args.args; const auto kv = flow::next_key_value(items);) {
        if (kv->key != "packet_type") return fail("Invalid decap argument: " + std::string(kv->key));
        a.packet_type = TRY(parse_packet_type(kv->value));
    }
    out.emplace_back(a);
    return {};
}

Result<> parse_dec_ttl(const TextArgs&, Actions& out) {
    out.emplace_back(DecNshTtl{});
    return {};
}

constexpr std::array names_of_encap{TextForm{"encap", parse_encap}, TextForm{"decap", parse_decap},
                                    TextForm{"dec_nsh_ttl", parse_dec_ttl}};

}  // namespace

texts::Rows texts::encap() { return names_of_encap; }

void print(const Encap& a, Printer& p) {
    const auto header = std::ranges::find(headers, a.packet_type, &Header::packet_type);
    p.put("encap(" + std::string(header->name));
    std::string_view separator = "(";
    const auto item = [&](const std::string& text) {
        p.put(separator);
        p.put(text);
        separator = ",";
    };
    if (a.md_type) item("md_type=" + std::to_string(a.md_type));
    for (const NshTlv& tlv : a.tlvs) {
        const auto option_class = flow::format_hex_value(flow::FieldValue::from_u64(tlv.option_class));
        item("tlv(" + option_class + "," + std::to_string(tlv.type) + ",0x" + format_hex(tlv.value) + ")");
    }
    if (separator == ",") p.put(")");
    p.put(")");
}

void print(const Decap& a, Printer& p) {
    p.put("decap(");
    if (a.packet_type != packet_type::of_next_protocol) {
        p.put("packet_type(ns=" + std::to_string(a.packet_type >> 16) + ",type=");
        p.hex(a.packet_type & 0xffff);
        p.put(")");
    }
    p.put(")");
}

void print(const DecNshTtl&, Printer& p) { p.put("dec_nsh_ttl"); }

}  // namespace weft::action
