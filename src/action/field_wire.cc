// SPDX-License-Identifier: Apache-2.0
// Fields inside actions.
#include "action/codec.h"

namespace weft::action {

OfResult<flow::FieldId> read_field_header(ByteReader& in, OfError unknown) {
    constexpr uint32_t mask_bit = 0x100;
    ByteReader peek = in;
    const bool has_mask = peek.u32() & mask_bit;
    const auto id = flow::decode_field_header(in);
    // A header of the wrong length is the header of nothing.
    if (!id) return refuse(unknown);
    if (has_mask) return refuse(OfError::bmc_bad_mask);
    return *id;
}

void write_field_header(ByteWriter& out, flow::FieldId field, Version id_version) {
    flow::encode_field_header(field, wire(id_version), out);
}

bool has_long_header(flow::FieldId field) {
    constexpr uint16_t experimenter_class = 0xffff;
    const flow::WireId* id = flow::wire_for(flow::field(field), wire(Version::v10));
    return id && id->oxm_class == experimenter_class;
}

OfResult<> check_source(flow::Subfield sf) {
    const flow::Field& f = flow::field(sf.field);
    if (sf.n_bits == 0 || sf.ofs >= f.n_bits || sf.ofs + sf.n_bits > f.n_bits)
        return refuse(OfError::bac_bad_set_len);
    return {};
}

OfResult<> check_destination(flow::Subfield sf) {
    TRY(check_source(sf));
    if (!flow::field(sf.field).writable) return refuse(OfError::bac_bad_set_argument);
    return {};
}

SetField set_whole(flow::FieldId id, uint64_t value) {
    return {id, flow::FieldValue::from_u64(value), flow::FieldValue::ones(flow::field(id).n_bits)};
}

}  // namespace weft::action
