// SPDX-License-Identifier: Apache-2.0
// Nicira's messages: dispatch by subtype, and the settings of a connection.
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

constexpr uint32_t format_openflow10 = 0, format_nxm = 2;

OfResult<Body> decode_set_flow_format(Input& i) {
    const uint32_t format = i.in.u32();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (i.version > Version::v10) return refuse(OfError::brc_bad_subtype);
    if (format != format_openflow10 && format != format_nxm) return refuse(OfError::brc_eperm);
    return SetFlowFormat{format == format_nxm};
}

OfResult<Body> decode_use_table_id(Input& i) {
    const uint8_t set = i.in.u8();
    i.in.skip(7);
    return UseTableId{set != 0};
}

OfResult<Body> decode_set_packet_in_format(Input& i) {
    const uint32_t format = i.in.u32();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (format > static_cast<uint32_t>(PacketInFormat::nxt2)) return refuse(OfError::brc_eperm);
    return SetPacketInFormat{static_cast<PacketInFormat>(format)};
}

OfResult<Body> decode_set_controller_id(Input& i) {
    ByteReader zero(i.in.take(6));
    for (const uint8_t b : zero.rest()) {
        if (b) return refuse(OfError::nxbrc_must_be_zero);
    }
    return SetControllerId{i.in.u16()};
}

}  // namespace

namespace {

/// Flow monitors are Nicira's up to 1.2.
OfResult<Body> decode_old_monitor(Input& i, uint32_t subtype) {
    if (i.version > Version::v12) return refuse(OfError::brc_bad_subtype);
    if (subtype == nxt::flow_monitor_cancel) return decode_flow_monitor_cancel(i);
    return subtype == nxt::flow_monitor_paused ? decode_flow_monitor_paused(i)
                                               : decode_flow_monitor_resumed(i);
}

}  // namespace

OfResult<Body> decode_nicira(Input& i, uint32_t subtype) {
    switch (subtype) {
        case nxt::role_request:
            return decode_nx_role_request(i);
        case nxt::role_reply:
            return decode_nx_role_reply(i);
        case nxt::set_flow_format:
            return decode_set_flow_format(i);
        case nxt::flow_mod:
            return decode_nx_flow_mod(i);
        case nxt::flow_removed:
            return decode_nx_flow_removed(i);
        case nxt::flow_mod_table_id:
            return decode_use_table_id(i);
        case nxt::set_packet_in_format:
            return decode_set_packet_in_format(i);
        case nxt::packet_in:
            return decode_nx_packet_in(i);
        case nxt::flow_age:
            return FlowAge{};
        case nxt::set_async_config:
            return decode_nx_set_async(i);
        case nxt::set_controller_id:
            return decode_set_controller_id(i);
        case nxt::flow_monitor_cancel:
        case nxt::flow_monitor_paused:
        case nxt::flow_monitor_resumed:
            return decode_old_monitor(i, subtype);
        case nxt::set_async_config2:
            return decode_nx_set_async2(i);
        case nxt::packet_in2:
            return decode_nx_packet_in2(i);
        case nxt::resume:
            return decode_nx_resume(i);
        case nxt::group_mod:
            return decode_nx_group_mod(i);
        case nxt::tlv_table_mod:
            return decode_tlv_table_mod(i);
        case nxt::tlv_table_request:
            return TlvTableRequest{};
        case nxt::tlv_table_reply:
            return decode_tlv_table_reply(i);
        case nxt::ct_flush_zone:
            return decode_ct_flush_zone(i);
        case nxt::ct_flush:
            return decode_ct_flush(i);
        default:
            return refuse(OfError::brc_bad_subtype);
    }
}

void encode(const SetFlowFormat& m, Output& o) {
    const auto open = o.open_nicira(nxt::set_flow_format);
    o.out.u32(m.nxm ? format_nxm : format_openflow10);
}

void encode(const UseTableId& m, Output& o) {
    const auto open = o.open_nicira(nxt::flow_mod_table_id);
    o.out.u8(m.enable);
    o.out.zeros(7);
}

void encode(const SetPacketInFormat& m, Output& o) {
    const auto open = o.open_nicira(nxt::set_packet_in_format);
    o.out.u32(static_cast<uint32_t>(m.format));
}

void encode(const SetControllerId& m, Output& o) {
    const auto open = o.open_nicira(nxt::set_controller_id);
    o.out.zeros(6);
    o.out.u16(m.id);
}

void encode(const FlowAge&, Output& o) { const auto open = o.open_nicira(nxt::flow_age); }

}  // namespace weft::openflow
