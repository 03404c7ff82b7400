// SPDX-License-Identifier: Apache-2.0
// push and pop: a stack for fields, to save and restore them around a resubmit.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<flow::Subfield> decode_subfield(Body& b) {
    flow::Subfield sf;
    sf.ofs = b.in.u16();
    sf.field = TRY(read_field_header(b.in));
    sf.n_bits = b.in.u16();
    TRY(expect_zeros(b.in, OfError::nxbrc_must_be_zero));
    return sf;
}

OfResult<Action> decode_push(Body& b) {
    const StackPush a{TRY(decode_subfield(b))};
    TRY(check_source(a.src));
    return a;
}

OfResult<Action> decode_pop(Body& b) {
    const StackPop a{TRY(decode_subfield(b))};
    TRY(check_destination(a.dst));
    return a;
}

constexpr std::array rows{
    WireForm{nicira_vendor, 27, v10, v15, 24, false, decode_push},
    WireForm{nicira_vendor, 28, v10, v15, 24, false, decode_pop},
};

void encode_subfield(uint16_t subtype, flow::Subfield sf, Encoder& e) {
    constexpr size_t size = 24, header = 10;
    const auto open = e.nicira(subtype);
    const size_t start = e.out().size() - header;
    e.out().u16(sf.ofs);
    write_field_header(e.out(), sf.field, v10);
    e.out().u16(sf.n_bits);
    e.out().pad_to(size, start);
}

}  // namespace

forms::Rows forms::stack() { return rows; }

void encode(const StackPush& a, Encoder& e) { encode_subfield(27, a.src, e); }
void encode(const StackPop& a, Encoder& e) { encode_subfield(28, a.dst, e); }

// Text.

namespace {

template <class StackAction>
Result<> parse_stack(const TextArgs& a, Actions& out) {
    out.emplace_back(StackAction{TRY(flow::parse_subfield(a.args))});
    return {};
}

constexpr std::array names_of_stack{TextForm{"push", parse_stack<StackPush>},
                                    TextForm{"pop", parse_stack<StackPop>}};

}  // namespace

texts::Rows texts::stack() { return names_of_stack; }

void print(const StackPush& a, Printer& p) { p.put("push:" + flow::format_subfield(a.src)); }
void print(const StackPop& a, Printer& p) { p.put("pop:" + flow::format_subfield(a.dst)); }

}  // namespace weft::action
