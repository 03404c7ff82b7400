// SPDX-License-Identifier: Apache-2.0
// move (copy_field): bits of one field into another.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

struct Offsets {
    uint16_t n_bits, src, dst;
};

OfResult<Action> decode_fields(Body& b, Offsets o, OfError not_zero) {
    const flow::FieldId src = TRY(read_field_header(b.in));
    const flow::FieldId dst = TRY(read_field_header(b.in));
    TRY(expect_zeros(b.in, not_zero));
    const Move a{{src, o.src, o.n_bits}, {dst, o.dst, o.n_bits}};
    TRY(check_source(a.src));
    TRY(check_destination(a.dst));
    return a;
}

OfResult<Action> decode_nicira(Body& b) {
    const Offsets o{b.in.u16(), b.in.u16(), b.in.u16()};
    return decode_fields(b, o, OfError::nxbrc_must_be_zero);
}

OfResult<Action> decode_15(Body& b) {
    const Offsets o{b.in.u16(), b.in.u16(), b.in.u16()};
    b.in.skip(2);
    return decode_fields(b, o, OfError::nxbrc_must_be_zero);
}

OfResult<Action> decode_onf(Body& b) {
    b.in.skip(2);
    return decode_15(b);
}

constexpr std::array rows{
    WireForm{nicira_vendor, 6, v10, v14, 24, true, decode_nicira},
    WireForm{onf_vendor, 3200, v13, v14, 24, true, decode_onf},
    WireForm{0, 28, v15, v15, 20, true, decode_15},
};

}  // namespace

forms::Rows forms::move() { return rows; }

void encode(const Move& a, Encoder& e) {
    const bool is_standard = e.version() >= v15;
    const auto open = is_standard ? e.standard(28) : e.nicira(6);
    e.out().u16(a.src.n_bits);
    e.out().u16(a.src.ofs);
    e.out().u16(a.dst.ofs);
    if (is_standard) e.out().zeros(2);
    const Version ids = is_standard ? e.version() : v10;
    write_field_header(e.out(), a.src.field, ids);
    write_field_header(e.out(), a.dst.field, ids);
}

// Text.

namespace {

Result<> parse_move(const TextArgs& a, Actions& out) {
    const auto arrow = split_arrow(a.args);
    if (!arrow) return fail(std::string(a.args) + ": missing `->' following source");
    const Move m{TRY(flow::parse_subfield(arrow->before)), TRY(flow::parse_subfield(arrow->after))};
    if (m.src.n_bits != m.dst.n_bits)
        return fail(std::string(a.args) + ": source field is " + std::to_string(m.src.n_bits) +
                    " bits wide but destination is " + std::to_string(m.dst.n_bits) + " bits wide");
    out.emplace_back(m);
    return {};
}

constexpr std::array names_of_move{TextForm{"move", parse_move}};

}  // namespace

texts::Rows texts::move() { return names_of_move; }

void print(const Move& a, Printer& p) {
    p.put("move:" + flow::format_subfield(a.src) + "->" + flow::format_subfield(a.dst));
}

}  // namespace weft::action
