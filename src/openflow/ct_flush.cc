// SPDX-License-Identifier: Apache-2.0
// NXT_CT_FLUSH_ZONE, NXT_CT_FLUSH.
#include "openflow/ct_flush.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using action::OpenProperty;
using action::Property;

enum Prop : uint16_t { original_property = 0, reply_property = 1, zone_property = 2 };
enum TupleProp : uint16_t { src, dst, src_port, dst_port, icmp_id, icmp_type, icmp_code };

OfResult<> read_tuple_property(Property& p, CtTuple& t) {
    switch (p.type) {
        case src:
            t.src = p.in.read<Ip6>();
            break;
        case dst:
            t.dst = p.in.read<Ip6>();
            break;
        case src_port:
            t.src_port = p.in.u16();
            break;
        case dst_port:
            t.dst_port = p.in.u16();
            break;
        case icmp_id:
            t.icmp_id = p.in.u16();
            break;
        case icmp_type:
            t.icmp_type = p.in.u8();
            break;
        case icmp_code:
            t.icmp_code = p.in.u8();
            break;
        default:
            return refuse(OfError::bpc_bad_type);
    }
    if (!p.in.ok()) return refuse(OfError::bpc_bad_len);  // a number of 16 bits has padding behind it
    return {};
}

OfResult<CtTuple> read_tuple(Property& outer) {
    CtTuple t;
    outer.in.skip(4);  // the properties inside begin at a multiple of 8
    if (!outer.in.ok()) return refuse(OfError::bpc_bad_len);
    while (!outer.in.empty()) {
        Property p = TRY(action::read_property(outer.in));
        TRY(read_tuple_property(p, t));
    }
    return t;
}

/// Writes what is there as a property; `write` puts the value.
template <class T, class Write>
void write_if(Output& o, uint16_t type, const std::optional<T>& value, Write write) {
    if (!value) return;
    const OpenProperty p(o.out, type);
    write(*value);
}

/// Padded inside the property, as Open vSwitch does.
void write_half(Output& o, uint16_t v) {
    o.out.u16(v);
    o.out.zeros(2);
}

void write_tuple(Output& o, const CtTuple& t) {
    const auto address = [&](const Ip6& a) { o.out.write(a); };
    const auto half = [&](uint16_t v) { write_half(o, v); };
    const auto byte = [&](uint8_t v) { o.out.u8(v); };
    o.out.zeros(4);
    write_if(o, src, t.src, address);
    write_if(o, dst, t.dst, address);
    write_if(o, src_port, t.src_port, half);
    write_if(o, dst_port, t.dst_port, half);
    write_if(o, icmp_id, t.icmp_id, half);
    write_if(o, icmp_type, t.icmp_type, byte);
    write_if(o, icmp_code, t.icmp_code, byte);
}

bool is_whole_zone(const CtFlush& m) { return m.zone && !m.protocol && !m.family && !m.original && !m.reply; }

constexpr size_t mapped_prefix = 12;
constexpr std::array<uint8_t, mapped_prefix> mapped_bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

bool is_mapped(const Ip6& a) {
    return std::ranges::equal(std::span(a.b).first<mapped_prefix>(), mapped_bytes);
}

Ip4 unmapped(const Ip6& a) {
    Ip4 out;
    std::memcpy(&out, a.b.data() + mapped_prefix, sizeof out);
    return out;
}

Ip6 mapped(Ip4 a) {
    Ip6 out;
    std::ranges::copy(mapped_bytes, out.b.begin());
    std::memcpy(out.b.data() + mapped_prefix, &a, sizeof a);
    return out;
}

OfResult<Body> decode_ct_flush_zone(Input& i) {
    for (const uint8_t b : i.in.take(6))
        if (b) return refuse(OfError::nxbrc_must_be_zero);
    CtFlush m;
    m.zone = i.in.u16();
    return m;
}

OfResult<Body> decode_ct_flush(Input& i) {
    CtFlush m;
    m.protocol = i.in.u8();
    m.family = i.in.u8();
    for (const uint8_t b : i.in.take(6))
        if (b) return refuse(OfError::nxbrc_must_be_zero);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    while (!i.in.empty()) {
        Property p = TRY(action::read_property(i.in));
        if (p.type == original_property) {
            m.original = TRY(read_tuple(p));
        } else if (p.type == reply_property) {
            m.reply = TRY(read_tuple(p));
        } else if (p.type == zone_property) {
            m.zone = p.in.u16();
            if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
        } else {
            return refuse(OfError::bpc_bad_type);
        }
    }
    return m;
}

void encode(const CtFlush& m, Output& o) {
    if (is_whole_zone(m)) {
        const auto open = o.open_nicira(nxt::ct_flush_zone);
        o.out.zeros(6);
        return o.out.u16(*m.zone);
    }
    const auto open = o.open_nicira(nxt::ct_flush);
    o.out.u8(m.protocol);
    o.out.u8(m.family);
    o.out.zeros(6);
    const auto tuple = [&](const CtTuple& t) { write_tuple(o, t); };
    write_if(o, original_property, m.original, tuple);
    write_if(o, reply_property, m.reply, tuple);
    write_if(o, zone_property, m.zone, [&](uint16_t v) { write_half(o, v); });
}

}  // namespace weft::openflow
