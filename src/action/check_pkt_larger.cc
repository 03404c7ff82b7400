// SPDX-License-Identifier: Apache-2.0
// check_pkt_larger(LENGTH)->BIT: whether the packet is longer.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_check(Body& b) {
    CheckPktLarger a{.length = b.in.u16(), .dst = {}};
    const uint16_t ofs = b.in.u16();
    a.dst = {TRY(read_field_header(b.in, OfError::bac_bad_set_type)), ofs, 1};
    TRY(expect_zeros(b.in, OfError::nxbrc_must_be_zero));
    TRY(check_destination(a.dst));
    return a;
}

constexpr std::array rows{WireForm{nicira_vendor, 49, v10, v15, 24, false, decode_check}};

Result<> parse_check(const TextArgs& a, Actions& out) {
    const Arrow arrow = TRY(split_arrow(a.args));
    std::string_view length = arrow.before;
    if (length.ends_with(')')) length.remove_suffix(1);
    // The oracle prints a null pointer for what is wrong; ours names it.
    CheckPktLarger check{.length = static_cast<uint16_t>(TRY(parse_number(length, "pkt_len", 0xffff))),
                         .dst = TRY(flow::parse_subfield(arrow.after))};
    if (check.dst.n_bits != 1) return fail("Only 1-bit destination field is allowed");
    out.emplace_back(check);
    return {};
}

constexpr std::array names_of_check{TextForm{"check_pkt_larger", parse_check}};

}  // namespace

forms::Rows forms::check_pkt_larger() { return rows; }
texts::Rows texts::check_pkt_larger() { return names_of_check; }

void encode(const CheckPktLarger& a, Encoder& e) {
    const auto open = e.nicira(49);
    e.out().u16(a.length);
    e.out().u16(a.dst.ofs);
    const size_t dst_at = e.out().size();
    write_field_header(e.out(), a.dst.field, v10);
    e.out().zeros(10 - (e.out().size() - dst_at));
}

void print(const CheckPktLarger& a, Printer& p) {
    p.put("check_pkt_larger(" + std::to_string(a.length) + ")->" + flow::format_subfield(a.dst));
}

}  // namespace weft::action
