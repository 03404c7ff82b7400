// SPDX-License-Identifier: Apache-2.0
// Bundle messages: standard since 1.4, ONF's extension 230 in 1.3.
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

constexpr uint32_t onf_bundle_control = 2300, onf_bundle_add = 2301;

bool is_standard(Version v) { return v >= Version::v14; }

}  // namespace

OfResult<Body> decode_onf(Input& i, uint32_t subtype) {
    if (i.version == Version::v13 && subtype == onf_bundle_control) return decode_bundle_control(i);
    if (i.version == Version::v13 && subtype == onf_bundle_add) return decode_bundle_add(i);
    return refuse(OfError::brc_bad_subtype);
}

OfResult<Body> decode_bundle_control(Input& i) {
    BundleControl c;
    c.id = i.in.u32();
    const uint16_t step = i.in.u16();
    c.flags = i.in.u16();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (step > static_cast<uint16_t>(BundleStep::discard_reply)) return refuse(OfError::bfc_bad_type);
    i.in.take(i.in.size());  // properties, of which none are known
    c.step = static_cast<BundleStep>(step);
    return c;
}

OfResult<Body> decode_bundle_add(Input& i) {
    BundleAdd a;
    a.id = i.in.u32();
    i.in.skip(2);
    a.flags = i.in.u16();
    if (!i.in.ok() || i.in.size() < header_size) return refuse(OfError::bfc_msg_bad_len);
    const size_t length = read_header(i.in.rest()).length;
    if (length < header_size || length > i.in.size()) return refuse(OfError::bfc_msg_bad_len);
    const ByteSpan message = i.in.take(length);
    a.message.assign(message.begin(), message.end());
    i.in.take(i.in.size());  // padding and properties
    return a;
}

void encode(const BundleControl& m, Output& o) {
    const auto open = is_standard(o.version()) ? o.open(MessageType::bundle_control)
                                               : o.open_experimenter(onf_vendor, onf_bundle_control);
    o.out.u32(m.id);
    o.out.u16(static_cast<uint16_t>(m.step));
    o.out.u16(m.flags);
}

void encode(const BundleAdd& m, Output& o) {
    const auto open = is_standard(o.version()) ? o.open(MessageType::bundle_add)
                                               : o.open_experimenter(onf_vendor, onf_bundle_add);
    o.out.u32(m.id);
    o.out.zeros(2);
    o.out.u16(m.flags);
    o.out.bytes(m.message);
}

}  // namespace weft::openflow
