// SPDX-License-Identifier: Apache-2.0
// OFPT_PACKET_OUT of all versions.
#include "openflow/packet_out.h"

#include "action/wire.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using flow::FieldId;

/// A packet may come from a port of the switch, from its local port, the controller, or nowhere.
OfResult<> check_in_port(OfPort port) {
    if (port < ofpp::max || port == ofpp::local || port == ofpp::none || port == ofpp::controller) return {};
    return refuse(OfError::brc_bad_port);
}

}  // namespace

OfResult<Body> decode_packet_out(Input& i) {
    PacketOut p;
    p.buffer_id = i.in.u32();
    uint16_t actions_len = 0;
    if (i.version < v15) {
        const OfPort port = TRY(read_port(i, OfError::brc_bad_port));
        p.metadata.with(FieldId::in_port, flow::FieldValue::from_u64(port.value));
        actions_len = i.in.u16();
        if (i.version > v10) i.in.skip(6);
    } else {
        actions_len = i.in.u16();
        i.in.skip(2);
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
        p.metadata = TRY(read_match(i, {.check_prereqs = false}));
        if (p.metadata.mask.packet.in_port == Be32(0)) return refuse(OfError::brc_bad_port);
    }
    TRY(check_in_port(p.in_port()));
    const ByteSpan actions = i.in.take(actions_len);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    p.actions = TRY(action::decode_actions(actions, i.version));
    p.packet = rest_of(i.in);
    return p;
}

void encode(const PacketOut& p, Output& o) {
    const auto open = o.open(MessageType::packet_out);
    o.out.u32(p.buffer_id);
    size_t length_at = 0;
    if (o.version() < v15) {
        write_port(o, p.in_port());
        length_at = o.out.size();
        o.out.zeros(o.version() == v10 ? 2 : 8);
    } else {
        length_at = o.out.size();
        o.out.zeros(4);
        write_match(o, p.metadata);
    }
    const size_t start = o.out.size();
    action::encode_actions(p.actions, o.version(), o.out);
    o.out.patch_u16(length_at, static_cast<uint16_t>(o.out.size() - start));
    o.out.bytes(p.packet);
}

}  // namespace weft::openflow
