// SPDX-License-Identifier: Apache-2.0
// Port descriptions, port status and port modification.
#include "action/property.h"
#include "openflow/port_codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;

constexpr size_t name_size = 16;
constexpr uint16_t ethernet_property = 0;

/// Configuration bits that a version has.
uint32_t known_config(Version v) {
    using namespace port_config;
    constexpr uint32_t common = port_down | no_recv | no_fwd | no_packet_in;
    return v == v10 ? common | no_stp | no_recv_stp | no_flood : common;
}
uint32_t known_state(Version v) {
    using namespace port_state;
    return v == v10 ? link_down | stp_mask : link_down | blocked | live;
}

// 1.0's feature bits: up to 10 Gb/s alike, then copper, fiber, autoneg, pause and asymmetric pause.
constexpr uint32_t shared_features = 0x7f;
constexpr uint32_t medium_shift = 4;  // copper is bit 7 in 1.0 and bit 11 later

void read_features(Input& i, PortDesc& p) {
    for (uint32_t* f : {&p.curr, &p.advertised, &p.supported, &p.peer}) {
        const uint32_t bits = i.in.u32();
        *f = i.version == v10 ? features_from_10(bits) : bits;
    }
}

void write_features(const PortDesc& p, Output& o) {
    for (const uint32_t f : {p.curr, p.advertised, p.supported, p.peer})
        o.out.u32(o.version() == v10 ? features_to_10(f) : f);
}

void read_speeds(ByteReader& in, PortDesc& p) {
    p.curr_speed_kbps = in.u32();
    p.max_speed_kbps = in.u32();
}

OfResult<PortDesc> read_desc_10(Input& i) {
    PortDesc p;
    p.number = OfPort{i.in.u16()};
    p.hw_addr = i.in.read<Mac>();
    p.name = read_text(i.in, name_size);
    p.config = i.in.u32() & known_config(v10);
    p.state = i.in.u32() & known_state(v10);
    read_features(i, p);
    return p;
}

OfResult<PortDesc> read_desc_11(Input& i) {
    PortDesc p;
    p.number = TRY(read_port(i, OfError::brc_bad_port));
    i.in.skip(4);
    p.hw_addr = i.in.read<Mac>();
    i.in.skip(2);
    p.name = read_text(i.in, name_size);
    p.config = i.in.u32() & known_config(i.version);
    p.state = i.in.u32() & known_state(i.version);
    read_features(i, p);
    read_speeds(i.in, p);
    return p;
}

OfResult<> read_desc_properties(ByteReader& list, const Input& i, PortDesc& p) {
    while (!list.empty()) {
        Property property = TRY(action::read_property(list));
        if (property.type != ethernet_property) continue;  // optical and vendors' own are not ours
        property.in.skip(4);
        Input inside{property.in, i.version, i.dialect};
        read_features(inside, p);
        read_speeds(inside.in, p);
        if (!inside.in.ok()) return refuse(OfError::bpc_bad_len);
    }
    return {};
}

OfResult<PortDesc> read_desc_14(Input& i) {
    constexpr size_t fixed = 40;
    PortDesc p;
    p.number = TRY(read_port(i, OfError::brc_bad_port));
    const uint16_t length = i.in.u16();
    i.in.skip(2);
    p.hw_addr = i.in.read<Mac>();
    i.in.skip(2);
    p.name = read_text(i.in, name_size);
    p.config = i.in.u32() & known_config(i.version);
    p.state = i.in.u32() & known_state(i.version);
    if (!i.in.ok() || length < fixed) return refuse(OfError::brc_bad_len);
    ByteReader properties(i.in.take(length - fixed));
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    TRY(read_desc_properties(properties, i, p));
    return p;
}

}  // namespace

uint32_t features_from_10(uint32_t wire) { return (wire & shared_features) | (wire & 0xf80) << medium_shift; }

uint32_t features_to_10(uint32_t features) {
    return (features & shared_features) | (features >> medium_shift & 0xf80);
}

OfResult<PortDesc> read_port_desc(Input& i) {
    auto p = i.version == v10 ? read_desc_10(i) : i.version < v14 ? read_desc_11(i) : read_desc_14(i);
    if (p && !i.in.ok()) return refuse(OfError::brc_bad_len);
    return p;
}

void write_port_desc(const PortDesc& p, Output& o) {
    const size_t start = o.out.size();
    write_port(o, p.number);
    if (o.version() > v10) o.out.zeros(4);
    o.out.write(p.hw_addr);
    if (o.version() > v10) o.out.zeros(2);
    write_text(o.out, p.name, name_size);
    o.out.u32(p.config & known_config(o.version()));
    o.out.u32(p.state & known_state(o.version()));
    if (o.version() >= v14) {
        {
            const OpenProperty property(o.out, ethernet_property);
            o.out.zeros(4);
            write_features(p, o);
            o.out.u32(p.curr_speed_kbps);
            o.out.u32(p.max_speed_kbps);
        }
        o.out.patch_u16(start + 4, static_cast<uint16_t>(o.out.size() - start));
        return;
    }
    write_features(p, o);
    if (o.version() > v10) {
        o.out.u32(p.curr_speed_kbps);
        o.out.u32(p.max_speed_kbps);
    }
}

OfResult<Body> decode_port_status(Input& i) {
    const uint8_t reason = i.in.u8();
    i.in.skip(7);
    if (reason > static_cast<uint8_t>(PortReason::modify)) return refuse(OfError::nxbrc_bad_reason);
    return PortStatus{static_cast<PortReason>(reason), TRY(read_port_desc(i))};
}

void encode(const PortStatus& m, Output& o) {
    const auto open = o.open(MessageType::port_status);
    o.out.u8(static_cast<uint8_t>(m.reason));
    o.out.zeros(7);
    write_port_desc(m.desc, o);
}

namespace {

OfResult<> read_mod_properties(Input& i, PortMod& m) {
    while (!i.in.empty()) {
        Property property = TRY(action::read_property(i.in));
        if (property.type != ethernet_property) return refuse(OfError::bpc_bad_type);
        m.advertise = property.in.u32();
        if (!property.in.ok()) return refuse(OfError::bpc_bad_len);
    }
    return {};
}

}  // namespace

OfResult<Body> decode_port_mod(Input& i) {
    PortMod m;
    m.number = TRY(read_port(i, OfError::pmfc_bad_port));
    if (i.version > v10) i.in.skip(4);
    m.hw_addr = i.in.read<Mac>();
    if (i.version > v10) i.in.skip(2);
    m.config = i.in.u32() & known_config(i.version);
    m.mask = i.in.u32() & known_config(i.version);
    if (i.version < v14) {
        const uint32_t advertise = i.in.u32();
        m.advertise = i.version == v10 ? features_from_10(advertise) : advertise;
        i.in.skip(4);
    } else {
        TRY(read_mod_properties(i, m));
    }
    m.config &= m.mask;
    return m;
}

void encode(const PortMod& m, Output& o) {
    const auto open = o.open(MessageType::port_mod);
    write_port(o, m.number);
    if (o.version() > v10) o.out.zeros(4);
    o.out.write(m.hw_addr);
    if (o.version() > v10) o.out.zeros(2);
    o.out.u32(m.config);
    o.out.u32(m.mask);
    if (o.version() < v14) {
        o.out.u32(o.version() == v10 ? features_to_10(m.advertise) : m.advertise);
        o.out.zeros(4);
    } else if (m.advertise) {
        const OpenProperty property(o.out, ethernet_property);
        o.out.u32(m.advertise);
    }
}

OfResult<Body> decode_port_desc_request(Input& i) {
    PortDescRequest r;
    if (i.version >= v15) {
        r.port = TRY(read_port(i, OfError::brc_bad_port));
        i.in.skip(4);
    }
    return r;
}

void encode(const PortDescRequest& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, StatsType::port_desc, o.more);
    if (o.version() < v15) return;
    write_port(o, m.port);
    o.out.zeros(4);
}

OfResult<Body> decode_port_desc(Input& i) {
    PortDescReply r;
    while (!i.in.empty()) r.ports.push_back(TRY(read_port_desc(i)));
    return r;
}

void encode(const PortDescReply& m, Output& o) {
    o.list(StatsType::port_desc, m.ports.size(), [&](size_t n) { write_port_desc(m.ports[n], o); });
}

}  // namespace weft::openflow
