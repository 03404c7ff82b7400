// SPDX-License-Identifier: Apache-2.0
// learn: adds or modifies a flow made from the packet. Layout: a header, then specs that each copy bits from
// a field or a constant into the new flow's match or actions.
#include <array>

#include "action/codec.h"

namespace weft::action {
namespace {

using enum Version;
using Spec = Learn::Spec;

// A spec's 16-bit header.
constexpr uint16_t n_bits_mask = 0x3ff, dst_shift = 11, dst_mask = 3, immediate_bit = 1 << 13;
constexpr uint16_t spec_bits = n_bits_mask | dst_mask << dst_shift | immediate_bit;

OfResult<flow::Subfield> read_subfield(ByteReader& in, uint16_t n_bits) {
    const flow::FieldId id = TRY(read_field_header(in, OfError::bac_bad_set_type));
    const flow::Subfield sf{id, in.u16(), n_bits};
    return sf;
}

OfResult<flow::FieldValue> read_immediate(ByteReader& in, uint16_t n_bits) {
    flow::FieldValue v;
    const ByteSpan bytes = in.take((n_bits + 15u) / 16 * 2);
    if (bytes.size() > v.b.size()) return refuse(OfError::bac_bad_argument);
    std::copy(bytes.begin(), bytes.end(), v.b.end() - static_cast<ptrdiff_t>(bytes.size()));
    if (!(v & ~flow::FieldValue::ones(n_bits)).is_zero()) return refuse(OfError::bac_bad_argument);
    return v;
}

OfResult<> check_spec(const Spec& s) {
    if (!s.immediate) TRY(check_source(s.src));
    if (s.dst_kind == Spec::Dst::match) TRY(check_source(s.dst));
    if (s.dst_kind == Spec::Dst::load) TRY(check_destination(s.dst));
    return {};
}

OfResult<Spec> read_spec(uint16_t header, ByteReader& in) {
    const uint16_t dst = header >> dst_shift & dst_mask;
    const bool immediate = header & immediate_bit;
    if (header & ~spec_bits || dst > static_cast<uint16_t>(Spec::Dst::output))
        return refuse(OfError::bac_bad_argument);
    Spec s{.dst_kind = static_cast<Spec::Dst>(dst),
           .immediate = immediate,
           .n_bits = static_cast<uint16_t>(header & n_bits_mask)};
    if (immediate && s.dst_kind == Spec::Dst::output) return refuse(OfError::bac_bad_argument);
    if (immediate)
        s.value = TRY(read_immediate(in, s.n_bits));
    else
        s.src = TRY(read_subfield(in, s.n_bits));
    if (s.dst_kind != Spec::Dst::output) s.dst = TRY(read_subfield(in, s.n_bits));
    if (!in.ok()) return refuse(OfError::bac_bad_len);
    TRY(check_spec(s));
    return s;
}

OfResult<> read_specs(ByteReader& in, Learn& a) {
    while (in.size() >= 2) {
        const uint16_t header = in.u16();
        if (header == 0) break;
        a.specs.push_back(TRY(read_spec(header, in)));
    }
    return expect_zeros(in, OfError::bac_bad_argument);
}

OfResult<Learn> read_head(ByteReader& in) {
    Learn a;
    a.idle_timeout = in.u16();
    a.hard_timeout = in.u16();
    a.priority = in.u16();
    a.cookie = in.u64();
    a.flags = in.u16();
    a.table = in.u8();
    if (in.u8()) return refuse(OfError::bac_bad_argument);
    a.fin_idle = in.u16();
    a.fin_hard = in.u16();
    if (a.table == 0xff || a.flags & ~learn_flag::all) return refuse(OfError::bac_bad_argument);
    return a;
}

OfResult<Action> decode_1(Body& b) {
    Learn a = TRY(read_head(b.in));
    if (a.flags & learn_flag::write_result)
        return refuse(OfError::bac_bad_argument);  // it has no place for one
    TRY(read_specs(b.in, a));
    return a;
}

OfResult<Action> decode_2(Body& b) {
    Learn a = TRY(read_head(b.in));
    a.limit = b.in.u32();
    const uint16_t result_ofs = b.in.u16();
    if (b.in.u16()) return refuse(OfError::nxbac_must_be_zero);
    if (a.flags & learn_flag::write_result) {
        const flow::FieldId id = TRY(read_field_header(b.in, OfError::bac_bad_set_type));
        a.result = {id, result_ofs, 1};
        TRY(check_destination(a.result));
    } else if (result_ofs) {
        return refuse(OfError::bac_bad_argument);
    }
    TRY(read_specs(b.in, a));
    return a;
}

constexpr std::array rows{
    WireForm{nicira_vendor, 16, v10, v15, 32, true, decode_1},
    WireForm{nicira_vendor, 45, v10, v15, 40, true, decode_2},
};

void write_subfield(ByteWriter& out, flow::Subfield sf) {
    write_field_header(out, sf.field, v10);
    out.u16(sf.ofs);
}

void write_spec(ByteWriter& out, const Spec& s) {
    out.u16(static_cast<uint16_t>(s.n_bits | static_cast<uint16_t>(s.dst_kind) << dst_shift |
                                  (s.immediate ? immediate_bit : 0)));
    if (s.immediate)
        out.bytes(ByteSpan(s.value.b).last((s.n_bits + 15u) / 16 * 2));
    else
        write_subfield(out, s.src);
    if (s.dst_kind != Spec::Dst::output) write_subfield(out, s.dst);
}

}  // namespace

forms::Rows forms::learn() { return rows; }

void encode(const Learn& a, Encoder& e) {
    ByteWriter& out = e.out();
    const bool has_result = a.flags & learn_flag::write_result;
    const bool is_second = a.limit || has_result;
    const auto open = e.nicira(is_second ? 45 : 16);
    out.u16(a.idle_timeout);
    out.u16(a.hard_timeout);
    out.u16(a.priority);
    out.u64(a.cookie);
    out.u16(a.flags);
    out.u8(a.table);
    out.u8(0);
    out.u16(a.fin_idle);
    out.u16(a.fin_hard);
    if (is_second) {
        out.u32(a.limit);
        out.u16(has_result ? a.result.ofs : 0);
        out.u16(0);
        if (has_result) write_field_header(out, a.result.field, v10);
    }
    for (const Spec& s : a.specs) write_spec(out, s);
}

}  // namespace weft::action
