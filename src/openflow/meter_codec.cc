// SPDX-License-Identifier: Apache-2.0
// Meter messages: OFPT_METER_MOD, statistics, configuration and features.
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using action::MeterBand;
namespace flag = action::meter_flag;

constexpr size_t band_size = 16, config_fixed = 8, stats_fixed = 40, band_stats_size = 16;

OfResult<MeterBand> read_band(ByteReader& in) {
    MeterBand b;
    const uint16_t type = in.u16(), length = in.u16();
    b.rate = in.u32();
    b.burst = in.u32();
    const uint8_t prec_level = in.u8();
    in.skip(3);
    if (!in.ok() || length != band_size) return refuse(OfError::brc_bad_len);
    b.type = static_cast<MeterBand::Type>(type);
    if (b.type != MeterBand::Type::drop && b.type != MeterBand::Type::dscp_remark)
        return refuse(OfError::mmfc_bad_band);
    if (b.type == MeterBand::Type::dscp_remark) b.prec_level = prec_level;
    return b;
}

OfResult<MeterSpec> read_spec(uint16_t flags, ByteReader bands) {
    MeterSpec s{.flags = flags, .bands = {}};
    const bool kbps = flags & flag::kbps, pktps = flags & flag::pktps;
    if (flags & ~flag::all || kbps == pktps) return refuse(OfError::mmfc_bad_flags);
    while (!bands.empty()) s.bands.push_back(TRY(read_band(bands)));
    return s;
}

void write_bands(const MeterSpec& s, ByteWriter& out) {
    for (const MeterBand& b : s.bands) {
        out.u16(static_cast<uint16_t>(b.type));
        out.u16(band_size);
        out.u32(b.rate);
        out.u32(b.burst);
        out.u8(b.prec_level);
        out.zeros(3);
    }
}

OfResult<MeterStats> read_stats(Input& i) {
    MeterStats s;
    s.id = i.in.u32();
    const uint16_t length = i.in.u16();
    i.in.skip(6);
    s.n_flows = i.in.u32();
    s.counts.packets = i.in.u64();
    s.counts.bytes = i.in.u64();
    s.duration_s = i.in.u32();
    s.duration_ns = i.in.u32();
    if (!i.in.ok() || length < stats_fixed || (length - stats_fixed) % band_stats_size)
        return refuse(OfError::brc_bad_len);
    for (size_t n = (length - stats_fixed) / band_stats_size; n > 0 && i.in.ok(); --n)
        s.counts.bands.push_back({i.in.u64(), i.in.u64()});
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    return s;
}

void write_stats(const MeterStats& s, ByteWriter& out) {
    const size_t start = out.size();
    out.u32(s.id);
    out.zeros(8);
    out.u32(s.n_flows);
    out.u64(s.counts.packets);
    out.u64(s.counts.bytes);
    out.u32(s.duration_s);
    out.u32(s.duration_ns);
    for (const auto& b : s.counts.bands) {
        out.u64(b.packets);
        out.u64(b.bytes);
    }
    out.patch_u16(start + 4, static_cast<uint16_t>(out.size() - start));
}

}  // namespace

OfResult<Body> decode_meter_mod(Input& i) {
    MeterMod m;
    const uint16_t command = i.in.u16(), flags = i.in.u16();
    m.id = i.in.u32();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    m.command = static_cast<MeterCommand>(command);
    if (command > static_cast<uint16_t>(MeterCommand::remove)) return refuse(OfError::mmfc_bad_command);
    const ByteReader bands(i.in.take(i.in.size()));
    if (m.command != MeterCommand::remove) m.spec = TRY(read_spec(flags, bands));
    return m;
}
void encode(const MeterMod& m, Output& o) {
    const auto open = o.open(MessageType::meter_mod);
    o.out.u16(static_cast<uint16_t>(m.command));
    o.out.u16(m.spec.flags);
    o.out.u32(m.id);
    write_bands(m.spec, o.out);
}

namespace {

/// A request that names a meter, or all.
template <class Request>
OfResult<Body> read_request(Input& i) {
    const Request r{i.in.u32()};
    i.in.skip(4);
    return r;
}
void write_request(Output& o, StatsType type, uint32_t id) {
    const auto open = o.open_stats(MessageType::stats_request, type, o.more);
    o.out.u32(id);
    o.out.zeros(4);
}

}  // namespace

OfResult<Body> decode_meter_stats_request(Input& i) { return read_request<MeterStatsRequest>(i); }
void encode(const MeterStatsRequest& m, Output& o) { write_request(o, StatsType::meter, m.id); }
OfResult<Body> decode_meter_stats(Input& i) {
    MeterStatsReply r;
    while (!i.in.empty()) r.meters.push_back(TRY(read_stats(i)));
    return r;
}
void encode(const MeterStatsReply& m, Output& o) {
    o.list(StatsType::meter, m.meters.size(), [&](size_t n) { write_stats(m.meters[n], o.out); });
}

OfResult<Body> decode_meter_config_request(Input& i) { return read_request<MeterConfigRequest>(i); }
void encode(const MeterConfigRequest& m, Output& o) { write_request(o, StatsType::meter_config, m.id); }
OfResult<Body> decode_meter_config(Input& i) {
    MeterConfigReply r;
    while (!i.in.empty()) {
        const uint16_t length = i.in.u16(), flags = i.in.u16();
        const uint32_t id = i.in.u32();
        if (!i.in.ok() || length < config_fixed) return refuse(OfError::brc_bad_len);
        const ByteReader bands(i.in.take(length - config_fixed));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
        r.meters.push_back({id, TRY(read_spec(flags, bands))});
    }
    return r;
}
void encode(const MeterConfigReply& m, Output& o) {
    o.list(StatsType::meter_config, m.meters.size(), [&](size_t n) {
        const MeterConfig& c = m.meters[n];
        o.out.u16(static_cast<uint16_t>(config_fixed + band_size * c.spec.bands.size()));
        o.out.u16(c.spec.flags);
        o.out.u32(c.id);
        write_bands(c.spec, o.out);
    });
}

OfResult<Body> decode_meter_features_request(Input&) { return MeterFeaturesRequest{}; }
void encode(const MeterFeaturesRequest&, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, StatsType::meter_features, o.more);
}
OfResult<Body> decode_meter_features(Input& i) {
    MeterFeatures f;
    f.max_meters = i.in.u32();
    f.band_types = i.in.u32();
    f.capabilities = i.in.u32();
    f.max_bands = i.in.u8();
    f.max_color = i.in.u8();
    i.in.skip(2);
    return MeterFeaturesReply{f};
}
void encode(const MeterFeaturesReply& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_reply, StatsType::meter_features, o.more);
    const MeterFeatures& f = m.features;
    o.out.u32(f.max_meters);
    o.out.u32(f.band_types);
    o.out.u32(f.capabilities);
    o.out.u8(f.max_bands);
    o.out.u8(f.max_color);
    o.out.zeros(2);
}

}  // namespace weft::openflow
