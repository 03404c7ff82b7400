// SPDX-License-Identifier: Apache-2.0
// OpenFlow 1.0 and 1.1 have an action for each field that can be set: mod_dl_src ... mod_tp_dst.
#include <array>

#include "action/codec.h"
#include "base/address.h"

namespace weft::action {
namespace {

using enum Version;
using flow::FieldId;
using flow::FieldValue;

SetField legacy(FieldId id, const FieldValue& value) {
    return {id, value, FieldValue::ones(flow::field(id).n_bits), SetField::Form::legacy};
}

template <FieldId id>
OfResult<Action> decode_mac(Body& b) {
    return legacy(id, FieldValue::from(b.in.read<Mac>()));
}

template <FieldId id>
OfResult<Action> decode_ip(Body& b) {
    return legacy(id, FieldValue::from_u64(b.in.u32()));
}

OfResult<Action> decode_tos(Body& b) {
    const uint8_t tos = b.in.u8();
    if (tos & 3) return refuse(OfError::bac_bad_argument);
    return legacy(FieldId::ip_dscp, FieldValue::from_u64(tos >> 2));
}

OfResult<Action> decode_ecn(Body& b) {
    const uint8_t ecn = b.in.u8();
    if (ecn > 3) return refuse(OfError::bac_bad_argument);
    return legacy(FieldId::nw_ecn, FieldValue::from_u64(ecn));
}

OfResult<Action> decode_ttl(Body& b) { return legacy(FieldId::nw_ttl, FieldValue::from_u64(b.in.u8())); }

template <SetTpPort::Side side>
OfResult<Action> decode_tp(Body& b) {
    return SetTpPort{side, b.in.u16()};
}

constexpr auto src_mac = decode_mac<FieldId::eth_src>, dst_mac = decode_mac<FieldId::eth_dst>;
constexpr auto src_ip = decode_ip<FieldId::ip_src>, dst_ip = decode_ip<FieldId::ip_dst>;
constexpr auto src_port = decode_tp<SetTpPort::Side::src>, dst_port = decode_tp<SetTpPort::Side::dst>;

constexpr std::array rows{
    WireForm{0, 4, v10, v10, 16, false, src_mac},   WireForm{0, 5, v10, v10, 16, false, dst_mac},
    WireForm{0, 6, v10, v10, 8, false, src_ip},     WireForm{0, 7, v10, v10, 8, false, dst_ip},
    WireForm{0, 8, v10, v10, 8, false, decode_tos}, WireForm{0, 9, v10, v15, 8, false, src_port},
    WireForm{0, 10, v10, v15, 8, false, dst_port},  WireForm{0, 3, v11, v15, 16, false, src_mac},
    WireForm{0, 4, v11, v15, 16, false, dst_mac},   WireForm{0, 5, v11, v15, 8, false, src_ip},
    WireForm{0, 6, v11, v15, 8, false, dst_ip},     WireForm{0, 7, v11, v15, 8, false, decode_tos},
    WireForm{0, 8, v11, v15, 8, false, decode_ecn}, WireForm{0, 23, v11, v15, 8, false, decode_ttl},
};

/// The action of its own that a field has; type 0: none.
struct Own {
    uint16_t type_10, type_11;
};
Own own_action(FieldId id) {
    switch (id) {
        case FieldId::eth_src:
            return {4, 3};
        case FieldId::eth_dst:
            return {5, 4};
        case FieldId::ip_src:
            return {6, 5};
        case FieldId::ip_dst:
            return {7, 6};
        case FieldId::ip_dscp:
            return {8, 7};
        case FieldId::nw_ecn:
            return {0, 8};
        default:
            return {0, 0};
    }
}

/// Setting these is an action of its own here already.
bool encode_as_other(const SetField& a, Encoder& e) {
    const uint64_t v = a.value.to_u64();
    const auto tp = [&](SetTpPort::Side side) { encode(SetTpPort{side, static_cast<uint16_t>(v)}, e); };
    switch (a.field) {
        case FieldId::vlan_vid:
            encode(SetVlanVid{static_cast<uint16_t>(v & flow::vlan_vid_mask), false}, e);
            return true;
        case FieldId::vlan_pcp:
            encode(SetVlanPcp{static_cast<uint8_t>(v), false}, e);
            return true;
        case FieldId::tcp_src:
        case FieldId::udp_src:
        case FieldId::sctp_src:
            tp(SetTpPort::Side::src);
            return true;
        case FieldId::tcp_dst:
        case FieldId::udp_dst:
        case FieldId::sctp_dst:
            tp(SetTpPort::Side::dst);
            return true;
        default:
            return false;
    }
}

FieldId tp_field(const SetTpPort& a) {
    const bool src = a.side == SetTpPort::Side::src;
    switch (a.ip_proto) {
        case 17:
            return src ? FieldId::udp_src : FieldId::udp_dst;
        case 132:
            return src ? FieldId::sctp_src : FieldId::sctp_dst;
        default:
            return src ? FieldId::tcp_src : FieldId::tcp_dst;
    }
}

}  // namespace

forms::Rows forms::legacy_set() { return rows; }

bool encode_legacy(const SetField& a, Encoder& e) {
    if (a.field == FieldId::nw_ttl && a.form == SetField::Form::legacy && e.version() > v10) {
        const auto open = e.standard(23);
        e.out().u8(static_cast<uint8_t>(a.value.to_u64()));
        return true;
    }
    if (e.version() > v11) return false;
    if (encode_as_other(a, e)) return true;
    const Own own = own_action(a.field);
    const uint16_t type = e.version() == v10 ? own.type_10 : own.type_11;
    if (type == 0) return false;
    const auto open = e.standard(type);
    const size_t n = flow::field(a.field).n_bytes;
    if (a.field == FieldId::ip_dscp)
        e.out().u8(static_cast<uint8_t>(a.value.to_u64() << 2));
    else
        e.out().bytes(ByteSpan(a.value.b).last(n));
    return true;
}

void encode(const SetTpPort& a, Encoder& e) {
    if (e.version() > v11) return encode(set_whole(tp_field(a), a.port), e);
    const auto open = e.standard(a.side == SetTpPort::Side::src ? 9 : 10);
    e.out().u16(a.port);
}

}  // namespace weft::action
