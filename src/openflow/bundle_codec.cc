// SPDX-License-Identifier: Apache-2.0
// Bundle messages: standard since 1.4, ONF's extension 230 in 1.3.
#include "openflow/codec.h"
#include "openflow/in_place.h"

namespace weft::openflow {
namespace {

bool is_standard(Version v) { return v >= Version::v14; }

OfResult<BundleAddView> view(ByteReader& in) {
    BundleAddView a;
    a.id = in.u32();
    in.skip(2);
    a.flags = in.u16();
    if (!in.ok() || in.size() < header_size) return refuse(OfError::bfc_msg_bad_len);
    const size_t length = read_header(in.rest()).length;
    if (length < header_size || length > in.size()) return refuse(OfError::bfc_msg_bad_len);
    a.message = in.take(length);
    in.take(in.size());  // padding and properties
    return a;
}

}  // namespace

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
    const BundleAddView a = TRY(view(i.in));
    return BundleAdd{a.id, a.flags, Bytes(a.message.begin(), a.message.end())};
}

std::optional<OfResult<BundleAddView>> view_bundle_add(ByteSpan message, const Dialect& dialect) {
    const Version v = dialect.version;
    if (v < Version::v13) return std::nullopt;
    const uint8_t type = read_header(message).type;
    ByteReader in(message.subspan(header_size));
    if (is_standard(v)) {
        if (type != message_number(MessageType::bundle_add, v)) return std::nullopt;
    } else if (type != message_number(MessageType::experimenter, v) || in.u32() != onf_vendor ||
               in.u32() != onf::bundle_add) {
        return std::nullopt;
    }
    return view(in);
}

void encode(const BundleControl& m, Output& o) {
    const auto open = is_standard(o.version()) ? o.open(MessageType::bundle_control)
                                               : o.open_experimenter(onf_vendor, onf::bundle_control);
    o.out.u32(m.id);
    o.out.u16(static_cast<uint16_t>(m.step));
    o.out.u16(m.flags);
}

void encode(const BundleAdd& m, Output& o) {
    const auto open = is_standard(o.version()) ? o.open(MessageType::bundle_add)
                                               : o.open_experimenter(onf_vendor, onf::bundle_add);
    o.out.u32(m.id);
    o.out.zeros(2);
    o.out.u16(m.flags);
    o.out.bytes(m.message);
}

}  // namespace weft::openflow
