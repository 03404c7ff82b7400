// SPDX-License-Identifier: Apache-2.0
// Port statistics.
#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;

constexpr uint16_t ethernet_property = 0, experimenter_property = 0xffff;
/// Counters with names of their own, as Open vSwitch sends them.
constexpr uint32_t custom_vendor = 0x0000aa01, custom_type = 2;

void read_basic(ByteReader& in, PortStats& s) {
    for (uint64_t* counter : {&s.rx_packets, &s.tx_packets, &s.rx_bytes, &s.tx_bytes, &s.rx_dropped,
                              &s.tx_dropped, &s.rx_errors, &s.tx_errors})
        *counter = in.u64();
}
void write_basic(ByteWriter& out, const PortStats& s) {
    for (const uint64_t counter : {s.rx_packets, s.tx_packets, s.rx_bytes, s.tx_bytes, s.rx_dropped,
                                   s.tx_dropped, s.rx_errors, s.tx_errors})
        out.u64(counter);
}
void read_ethernet(ByteReader& in, PortStats& s) {
    for (uint64_t* counter : {&s.rx_frame_errors, &s.rx_over_errors, &s.rx_crc_errors, &s.collisions})
        *counter = in.u64();
}
void write_ethernet(ByteWriter& out, const PortStats& s) {
    for (const uint64_t counter : {s.rx_frame_errors, s.rx_over_errors, s.rx_crc_errors, s.collisions})
        out.u64(counter);
}

OfResult<> read_custom(ByteReader& in, PortStats& s) {
    in.skip(2);
    const uint16_t n = in.u16();
    for (uint16_t i = 0; i < n; ++i) {
        const uint8_t size = in.u8();
        PortStats::Custom c;
        c.name = as_chars(in.take(size));
        c.value = in.u64();
        if (!in.ok()) return refuse(OfError::bpc_bad_len);
        s.custom.push_back(std::move(c));
    }
    return {};
}

OfResult<> read_properties(ByteReader list, PortStats& s) {
    while (!list.empty()) {
        Property p = TRY(action::read_property(list));
        if (p.type == ethernet_property) {
            p.in.skip(4);
            read_ethernet(p.in, s);
            if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
        } else if (p.type == experimenter_property) {
            if (p.in.u32() == custom_vendor && p.in.u32() == custom_type) TRY(read_custom(p.in, s));
        }
    }
    return {};
}

void write_custom(Output& o, const PortStats& s) {
    constexpr size_t max_name = 255;
    const OpenProperty p(o.out, experimenter_property);
    o.out.u32(custom_vendor);
    o.out.u32(custom_type);
    o.out.zeros(2);
    o.out.u16(static_cast<uint16_t>(s.custom.size()));
    for (const PortStats::Custom& c : s.custom) {
        const std::string_view name = std::string_view(c.name).substr(0, max_name);
        o.out.u8(static_cast<uint8_t>(name.size()));
        o.out.bytes(as_bytes(name));
        o.out.u64(c.value);
    }
}

OfResult<PortStats> read_stats(Input& i) {
    PortStats s;
    s.number = TRY(read_port(i, OfError::brc_bad_port));
    i.in.skip(i.version == v10 ? 6 : 4);
    read_basic(i.in, s);
    read_ethernet(i.in, s);
    if (i.version >= v13) {
        s.duration_s = i.in.u32();
        s.duration_ns = i.in.u32();
    }
    return s;
}

OfResult<PortStats> read_stats_14(Input& i) {
    constexpr size_t fixed = 80;
    PortStats s;
    const uint16_t length = i.in.u16();
    i.in.skip(2);
    s.number = TRY(read_port(i, OfError::brc_bad_port));
    s.duration_s = i.in.u32();
    s.duration_ns = i.in.u32();
    read_basic(i.in, s);
    if (!i.in.ok() || length < fixed) return refuse(OfError::brc_bad_len);
    for (uint64_t* counter : {&s.rx_frame_errors, &s.rx_over_errors, &s.rx_crc_errors, &s.collisions})
        *counter = not_counted;
    TRY(read_properties(ByteReader(i.in.take(length - fixed)), s));
    return s;
}

void write_stats(const PortStats& s, Output& o) {
    const size_t start = o.out.size();
    if (o.version() >= v14) {
        o.out.zeros(4);
        write_port(o, s.number);
        o.out.u32(s.duration_s);
        o.out.u32(s.duration_ns);
        write_basic(o.out, s);
        {
            const OpenProperty p(o.out, ethernet_property);
            o.out.zeros(4);
            write_ethernet(o.out, s);
        }
        if (!s.custom.empty()) write_custom(o, s);
        return o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
    }
    write_port(o, s.number);
    o.out.zeros(o.version() == v10 ? 6 : 4);
    write_basic(o.out, s);
    write_ethernet(o.out, s);
    if (o.version() == v13) {
        o.out.u32(s.duration_s);
        o.out.u32(s.duration_ns);
    }
}

}  // namespace

OfResult<Body> decode_port_stats_request(Input& i) {
    const OfPort port = TRY(read_port(i, OfError::brc_bad_port));
    i.in.skip(i.version == v10 ? 6 : 4);
    return PortStatsRequest{port};
}

void encode(const PortStatsRequest& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, StatsType::port, o.more);
    write_port(o, m.port);
    o.out.zeros(o.version() == v10 ? 6 : 4);
}

OfResult<Body> decode_port_stats(Input& i) {
    PortStatsReply r;
    while (!i.in.empty()) {
        r.ports.push_back(TRY(i.version >= v14 ? read_stats_14(i) : read_stats(i)));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    }
    return r;
}

void encode(const PortStatsReply& m, Output& o) {
    o.list(StatsType::port, m.ports.size(), [&](size_t n) { write_stats(m.ports[n], o); });
}

}  // namespace weft::openflow
