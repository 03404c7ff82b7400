// SPDX-License-Identifier: Apache-2.0
// OFPT_PACKET_IN of all versions, NXT_PACKET_IN, NXT_PACKET_IN2.
#include "openflow/packet_in.h"

#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;
using flow::FieldId;

/// Properties of NXT_PACKET_IN2.
enum Prop : uint16_t {
    packet,
    full_len,
    buffer_id,
    table_id,
    cookie,
    reason,
    metadata,
    userdata,
    continuation
};

/// A version tells the reasons it knows.
uint8_t reason_to_wire(PacketInReason r, Version v) {
    using enum PacketInReason;
    switch (r) {
        case explicit_miss:
            return static_cast<uint8_t>(v < v13 ? action : no_match);
        case implicit_miss:
            return static_cast<uint8_t>(no_match);
        case action_set:
        case group:
        case packet_out:
            return static_cast<uint8_t>(v < v14 ? action : r);
        default:
            return static_cast<uint8_t>(r);
    }
}

OfResult<PacketInReason> reason_of(uint8_t wire) {
    if (wire > static_cast<uint8_t>(PacketInReason::packet_out)) return refuse(OfError::nxbrc_bad_reason);
    return static_cast<PacketInReason>(wire);
}

flow::Match only_in_port(OfPort port) {
    return flow::Match{}.with(FieldId::in_port, flow::FieldValue::from_u64(port.value));
}

/// The match of a packet-in says where the packet was, which is no match for packets like it.
constexpr flow::OxmOptions as_metadata{.skip_unknown = true, .check_prereqs = false};

uint16_t cap_u16(uint32_t v) { return static_cast<uint16_t>(std::min<uint32_t>(v, 0xffff)); }

OfResult<Body> decode_old(Input& i) {
    PacketIn p;
    p.buffer_id = i.in.u32();
    if (i.version == v10) {
        p.total_len = i.in.u16();
        p.metadata = only_in_port(OfPort{i.in.u16()});
        p.reason = TRY(reason_of(i.in.u8()));
        i.in.skip(1);
    } else {
        p.metadata = only_in_port(TRY(read_port(i, OfError::brc_bad_port)));
        i.in.skip(4);  // the physical port
        p.total_len = i.in.u16();
        p.reason = TRY(reason_of(i.in.u8()));
        p.table = i.in.u8();
    }
    p.packet = rest_of(i.in);
    return p;
}

OfResult<Body> decode_12(Input& i) {
    PacketIn p;
    p.buffer_id = i.in.u32();
    p.total_len = i.in.u16();
    p.reason = TRY(reason_of(i.in.u8()));
    p.table = i.in.u8();
    if (i.version >= v13) p.cookie = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    p.metadata = TRY(read_match(i, as_metadata));
    i.in.skip(2);
    p.packet = rest_of(i.in);
    return p;
}

void encode_old(const PacketIn& p, Output& o) {
    o.out.u32(p.buffer_id);
    if (o.version() == v10) {
        o.out.u16(cap_u16(p.total_len));
        o.out.u16(p.metadata.key.of_in_port().value);
        o.out.u8(reason_to_wire(p.reason, v10));
        o.out.zeros(1);
    } else {
        write_port(o, p.metadata.key.of_in_port());
        write_port(o, p.metadata.key.of_in_port());
        o.out.u16(cap_u16(p.total_len));
        o.out.u8(reason_to_wire(p.reason, v11));
        o.out.u8(p.table);
    }
    o.out.bytes(p.packet);
}

void encode_12(const PacketIn& p, Output& o) {
    o.out.u32(p.buffer_id);
    o.out.u16(cap_u16(p.total_len));
    o.out.u8(reason_to_wire(p.reason, o.version()));
    o.out.u8(p.table);
    if (o.version() >= v13) o.out.u64(p.cookie);
    write_match(o, p.metadata);
    o.out.zeros(2);
    o.out.bytes(p.packet);
}

void encode_nxt(const PacketIn& p, Output& o) {
    const auto open = o.open_nicira(nxt::packet_in);
    o.out.u32(p.buffer_id);
    o.out.u16(cap_u16(p.total_len));
    o.out.u8(reason_to_wire(p.reason, o.version()));
    o.out.u8(p.table);
    o.out.u64(p.cookie);
    const size_t match_len_at = o.out.size();
    o.out.zeros(8);
    o.out.patch_u16(match_len_at, write_nx_match(o.out, p.metadata));
    o.out.zeros(2);
    o.out.bytes(p.packet);
}

/// A list of properties behind padding, as clients expect; ours is one that only we know.
constexpr uint16_t our_continuation = 0x7f57;

void write_continuation(ByteSpan state, Output& o) {
    o.out.zeros(4);
    const OpenProperty one(o.out, our_continuation);
    o.out.bytes(state);
}

OfResult<Bytes> read_continuation(ByteReader in) {
    in.skip(4);
    if (!in.ok() || in.empty()) return Bytes{};
    Property one = TRY(action::read_property(in));
    // Another's: no state of ours will decode from it.
    return one.type == our_continuation ? rest_of(one.in) : Bytes{0};
}

void encode_properties(const PacketIn& p, Output& o) {
    const auto property = [&](Prop type, const auto& write) {
        const OpenProperty one(o.out, type);
        write();
    };
    property(packet, [&] { o.out.bytes(p.packet); });
    if (p.total_len > p.packet.size()) property(full_len, [&] { o.out.u32(p.total_len); });
    if (p.buffer_id != no_buffer) property(buffer_id, [&] { o.out.u32(p.buffer_id); });
    property(table_id, [&] { o.out.u8(p.table); });
    if (p.cookie != ~uint64_t{0}) {
        property(cookie, [&] {
            o.out.zeros(4);
            o.out.u64(p.cookie);
        });
    }
    property(reason, [&] { o.out.u8(reason_to_wire(p.reason, o.version())); });
    // OXM ids in every version.
    property(metadata, [&] { flow::encode_oxm(p.metadata, std::max(wire(v12), wire(o.version())), o.out); });
    if (!p.userdata.empty()) property(userdata, [&] { o.out.bytes(p.userdata); });
    if (!p.continuation.empty()) property(continuation, [&] { write_continuation(p.continuation, o); });
}

void encode_nxt2(const PacketIn& p, Output& o) {
    const auto open = o.open_nicira(nxt::packet_in2);
    encode_properties(p, o);
}

OfResult<> apply(Property& one, PacketIn& p) {
    switch (one.type) {
        case packet:
            p.packet = rest_of(one.in);
            break;
        case full_len:
            p.total_len = one.in.u32();
            break;
        case buffer_id:
            p.buffer_id = one.in.u32();
            break;
        case table_id:
            p.table = one.in.u8();
            break;
        case cookie:
            one.in.skip(4);
            p.cookie = one.in.u64();
            break;
        case reason:
            p.reason = TRY(reason_of(one.in.u8()));
            break;
        case metadata:
            p.metadata = TRY(action::of_result(flow::decode_oxm(one.in.rest(), as_metadata)));
            break;
        case userdata:
            p.userdata = rest_of(one.in);
            break;
        case continuation:
            p.continuation = TRY(read_continuation(one.in));
            one.in.take(one.in.size());
            break;
        default:
            return refuse(OfError::bpc_bad_type);
    }
    if (!one.in.ok()) return refuse(OfError::bpc_bad_len);
    return {};
}

}  // namespace

OfResult<Body> decode_packet_in(Input& i) { return i.version < v12 ? decode_old(i) : decode_12(i); }

OfResult<Body> decode_nx_packet_in(Input& i) {
    PacketIn p;
    p.buffer_id = i.in.u32();
    p.total_len = i.in.u16();
    p.reason = TRY(reason_of(i.in.u8()));
    p.table = i.in.u8();
    p.cookie = i.in.u64();
    const uint16_t match_len = i.in.u16();
    i.in.skip(6);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    p.metadata = TRY(read_nx_match(i.in, match_len, as_metadata));
    i.in.skip(2);
    p.packet = rest_of(i.in);
    return p;
}

namespace {

OfResult<PacketIn> decode_properties(Input& i) {
    PacketIn p;
    while (!i.in.empty()) {
        Property one = TRY(action::read_property(i.in));
        TRY(apply(one, p));
    }
    p.total_len = std::max(p.total_len, static_cast<uint32_t>(p.packet.size()));
    return p;
}

}  // namespace

OfResult<Body> decode_nx_packet_in2(Input& i) { return TRY(decode_properties(i)); }
OfResult<Body> decode_nx_resume(Input& i) { return Resume{TRY(decode_properties(i))}; }

void encode(const Resume& m, Output& o) {
    const auto open = o.open_nicira(nxt::resume);
    encode_properties(m.packet, o);
}

void encode(const PacketIn& p, Output& o) {
    if (o.dialect.packet_in == PacketInFormat::nxt) return encode_nxt(p, o);
    if (o.dialect.packet_in == PacketInFormat::nxt2) return encode_nxt2(p, o);
    const auto open = o.open(MessageType::packet_in);
    if (o.version() < v12)
        encode_old(p, o);
    else
        encode_12(p, o);
}

std::optional<uint8_t> told_reason(PacketInReason reason, Version v) {
    if (reason == PacketInReason::implicit_miss && v >= v13) return std::nullopt;
    return reason_to_wire(reason, v);
}

flow::Match packet_in_metadata(const flow::FlowKey& key) {
    flow::Match m = only_in_port(key.of_in_port());
    const auto add = [&](FieldId id) {
        const flow::FieldValue v = flow::get_field(key, id);
        if (!v.is_zero()) m.with(id, v);
    };
    for (const FieldId id :
         {FieldId::tun_id, FieldId::tun_src, FieldId::tun_dst, FieldId::tun_ipv6_src, FieldId::tun_ipv6_dst,
          FieldId::tun_gbp_id, FieldId::tun_gbp_flags, FieldId::tun_flags, FieldId::metadata,
          FieldId::pkt_mark, FieldId::ct_state, FieldId::ct_zone, FieldId::ct_mark, FieldId::ct_label})
        add(id);
    constexpr size_t n_regs = 32;
    for (size_t i = 0; i < n_regs; ++i) add(flow::field_at(FieldId::reg0, i));
    return m;
}

}  // namespace weft::openflow
