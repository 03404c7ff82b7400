// SPDX-License-Identifier: Apache-2.0
// set_field and load: a constant into a field or into some of its bits.
#include <array>

#include "action/codec.h"
#include "action/field_bits.h"

namespace weft::action {
namespace {

using enum Version;
using flow::FieldId;
using flow::FieldValue;

constexpr uint16_t max_load_bits = 64;

OfError set_error(flow::MatchError e) {
    switch (e) {
        case flow::MatchError::bad_field:
            return OfError::bac_bad_set_type;
        case flow::MatchError::bad_len:
            return OfError::bac_bad_set_len;
        case flow::MatchError::bad_value:
        case flow::MatchError::bad_prereq:
            return OfError::bac_bad_set_argument;
        case flow::MatchError::bad_mask:
            return OfError::bac_bad_set_mask;
        default:
            return of_error(e);
    }
}

OfResult<flow::OxmField> read_field(ByteReader& in) {
    const auto f = flow::decode_field(in);
    if (!f) return refuse(set_error(f.error()));
    if (!flow::field(f->id).writable) return refuse(OfError::bac_bad_set_argument);
    return *f;
}

/// A VID cannot be set to "no tag".
bool is_untagging(const SetField& a) {
    return a.field == FieldId::vlan_vid && !(a.value.to_u64() & flow::vlan_present);
}

OfResult<Action> decode_standard(Body& b) {
    const flow::OxmField f = TRY(read_field(b.in));
    if (f.has_mask && b.version < v15) return refuse(OfError::bac_bad_set_mask);
    const SetField a{f.id, f.value, f.mask};
    // OpenFlow lets set-field write any field but the ingress port; load and move may.
    if (is_untagging(a) || a.field == FieldId::in_port_oxm) return refuse(OfError::bac_bad_set_argument);
    TRY(expect_zeros(b.in, OfError::bac_bad_set_argument));
    return a;
}

OfResult<Action> decode_load2(Body& b) {
    const flow::OxmField f = TRY(read_field(b.in));
    TRY(expect_zeros(b.in, OfError::bac_bad_set_argument));
    return SetField{f.id, f.value, f.mask};
}

OfResult<Action> decode_load(Body& b) {
    const uint16_t packed = b.in.u16();
    const flow::FieldId id = TRY(read_field_header(b.in, OfError::bac_bad_set_type));
    const flow::Subfield dst = from_ofs_nbits(id, packed);
    TRY(check_destination(dst));
    if (!fits_load(dst)) return refuse(OfError::bac_bad_set_len);
    const uint64_t value = b.in.u64();
    if (dst.n_bits < max_load_bits && value >> dst.n_bits) return refuse(OfError::bac_bad_argument);
    return load(FieldValue::from_u64(value), dst);
}

constexpr std::array rows{
    WireForm{0, 25, v12, v15, 8, true, decode_standard},  // 8: an option that is zero has no bytes
    WireForm{nicira_vendor, 7, v10, v14, 24, false, decode_load},
    WireForm{nicira_vendor, 33, v10, v14, 16, true, decode_load2},
};

bool is_whole(const SetField& a) { return (a.mask & flow::legal_bits(a.field)) == flow::legal_bits(a.field); }

bool bit(const FieldValue& v, unsigned i) { return v.b[15 - i / 8] >> (i % 8) & 1; }

/// Runs of ones, from the low end, none longer than one load can set.
std::vector<flow::Subfield> runs(const SetField& a) {
    std::vector<flow::Subfield> out;
    for (uint16_t i = 0; i < flow::field(a.field).n_bits;) {
        uint16_t n = 0;
        while (i + n < flow::field(a.field).n_bits && n < max_load_bits && bit(a.mask, i + n)) ++n;
        if (n) out.push_back({a.field, i, n});
        i = static_cast<uint16_t>(i + std::max<uint16_t>(n, 1));
    }
    return out;
}

void encode_loads(const SetField& a, Encoder& e) {
    if (has_long_header(a.field) || flow::field(a.field).is_tun_metadata()) {
        const auto open = e.nicira(33);
        return flow::encode_field({a.field, a.value, a.mask, !is_whole(a)}, wire(v10), e.out());
    }
    for (const flow::Subfield& dst : runs(a)) {
        const auto open = e.nicira(7);
        e.out().u16(ofs_nbits(dst));
        write_field_header(e.out(), a.field, v10);
        e.out().u64(bits_at(a.value, dst.ofs, dst.n_bits).to_u64());
    }
}

void encode_standard(const SetField& a, Encoder& e) {
    const auto open = e.standard(25);
    flow::encode_field({a.field, a.value, a.mask, !is_whole(a)}, wire(e.version()), e.out());
}

}  // namespace

forms::Rows forms::set_field() { return rows; }

/// Options are told as set_field, whatever they came as.
SetField load(const FieldValue& value, flow::Subfield dst) {
    const bool option = flow::field(dst.field).is_tun_metadata();
    return {dst.field, shift_left(value, dst.ofs), shift_left(FieldValue::ones(dst.n_bits), dst.ofs),
            option ? SetField::Form::set_field : SetField::Form::load, dst};
}

bool fits_load(flow::Subfield dst) {
    constexpr unsigned value_bits = 128;
    return unsigned{dst.ofs} + dst.n_bits <= value_bits;
}

void encode(const SetField& a, Encoder& e) {
    if (a.form != SetField::Form::load && is_whole(a) && encode_legacy(a, e)) return;
    const bool fits_standard = e.version() >= v15 || (is_whole(a) && a.form != SetField::Form::load);
    if (e.version() > v11 && fits_standard)
        encode_standard(a, e);
    else
        encode_loads(a, e);
}

}  // namespace weft::action
