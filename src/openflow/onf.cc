// SPDX-License-Identifier: Apache-2.0
// ONF's extensions to 1.3, dispatch by subtype; and requests of others that are told on.
#include "openflow/codec.h"

namespace weft::openflow {

OfResult<Body> decode_onf(Input& i, uint32_t subtype) {
    if (i.version != Version::v13) return refuse(OfError::brc_bad_subtype);
    switch (subtype) {
        case onf::flow_monitor_cancel:
            return decode_flow_monitor_cancel(i);
        case onf::flow_monitor_paused:
            return decode_flow_monitor_paused(i);
        case onf::flow_monitor_resumed:
            return decode_flow_monitor_resumed(i);
        case onf::role_status:
            return decode_role_status(i);
        case onf::bundle_control:
            return decode_bundle_control(i);
        case onf::bundle_add:
            return decode_bundle_add(i);
        case onf::request_forward:
            return decode_request_forward(i);
        default:
            return refuse(OfError::brc_bad_subtype);
    }
}

OfResult<Body> decode_request_forward(Input& i) {
    if (i.in.size() < header_size || read_header(i.in.rest()).length != i.in.size())
        return refuse(OfError::brc_bad_len);
    return RequestForward{rest_of(i.in)};
}

void encode(const RequestForward& m, Output& o) {
    const auto open = o.version() >= Version::v14 ? o.open(MessageType::request_forward)
                                                  : o.open_experimenter(onf_vendor, onf::request_forward);
    o.out.bytes(m.request);
}

}  // namespace weft::openflow
