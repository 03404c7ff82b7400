// SPDX-License-Identifier: Apache-2.0
// Statistics, descriptions and features of groups; Nicira's in 1.0.
#include "openflow/group_codec.h"

namespace weft::openflow {
namespace {

using enum Version;

/// NXST_GROUP and the others count like the standard's types, one higher.
constexpr uint32_t nicira_of(StatsType t) { return static_cast<uint32_t>(t) + 1; }

bool is_nicira(Version v, StatsType t) { return v == v10 || (v == v11 && t == StatsType::group_features); }

Output::Open open_request(Output& o, StatsType type) {
    return is_nicira(o.version(), type)
               ? o.open_nicira_stats(MessageType::stats_request, nicira_of(type), o.more)
               : o.open_stats(MessageType::stats_request, type, o.more);
}

void write_list(Output& o, StatsType type, size_t n, const std::function<void(size_t)>& write) {
    if (o.version() == v10) return o.nicira_list(nicira_of(type), n, write);
    o.list(type, n, write);
}

bool has_duration(Version v) { return v == v10 || v >= v13; }
size_t fixed_size(Version v) { return has_duration(v) ? 40 : 32; }

OfResult<GroupStats> read_stats(Input& i) {
    constexpr size_t per_bucket = 16;
    GroupStats s;
    const uint16_t length = i.in.u16();
    i.in.skip(2);
    s.id = i.in.u32();
    s.n_flows = i.in.u32();
    i.in.skip(4);
    s.packets = i.in.u64();
    s.bytes = i.in.u64();
    if (has_duration(i.version)) {
        s.duration_s = i.in.u32();
        s.duration_ns = i.in.u32();
    }
    const size_t fixed = fixed_size(i.version);
    if (!i.in.ok() || length < fixed || (length - fixed) % per_bucket) return refuse(OfError::brc_bad_len);
    for (size_t n = (length - fixed) / per_bucket; n > 0 && i.in.ok(); --n)
        s.buckets.push_back({i.in.u64(), i.in.u64()});
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    return s;
}

void write_stats(const GroupStats& s, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(4);
    o.out.u32(s.id);
    o.out.u32(s.n_flows);
    o.out.zeros(4);
    o.out.u64(s.packets);
    o.out.u64(s.bytes);
    if (has_duration(o.version())) {
        o.out.u32(s.duration_s);
        o.out.u32(s.duration_ns);
    }
    for (const auto& b : s.buckets) {
        o.out.u64(b.packets);
        o.out.u64(b.bytes);
    }
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

OfResult<GroupDesc> read_desc(Input& i) {
    GroupDesc d;
    const uint16_t length = i.in.u16();
    const uint8_t type = i.in.u8();
    i.in.skip(1);
    d.id = i.in.u32();
    const size_t head = has_bucket_ids(i.version) ? 16 : 8;
    size_t buckets = length - 8u;
    if (has_bucket_ids(i.version)) {
        buckets = i.in.u16();
        i.in.skip(6);
    }
    if (!i.in.ok() || length < head || buckets > length - head) return refuse(OfError::brc_bad_len);
    if (type > static_cast<uint8_t>(GroupType::fast_failover)) return refuse(OfError::gmfc_bad_type);
    d.spec.type = static_cast<GroupType>(type);
    Input part{.in = ByteReader(i.in.take(length - head)), .version = i.version, .dialect = i.dialect};
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    d.spec.buckets = TRY(read_buckets(part, buckets, d.spec.type));
    if (has_bucket_ids(i.version)) d.spec.selection = TRY(read_group_properties(part));
    return d;
}

void write_desc(const GroupDesc& d, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(2);
    o.out.u8(static_cast<uint8_t>(d.spec.type));
    o.out.zeros(1);
    o.out.u32(d.id);
    if (has_bucket_ids(o.version())) o.out.zeros(8);
    const size_t buckets = o.out.size();
    write_buckets(d.spec, o);
    if (has_bucket_ids(o.version())) {
        o.out.patch_u16(start + 8, static_cast<uint16_t>(o.out.size() - buckets));
        write_group_properties(d.spec.selection, o);
    }
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

}  // namespace

OfResult<Body> decode_group_stats_request(Input& i) {
    const GroupStatsRequest r{i.in.u32()};
    i.in.skip(4);
    return r;
}
void encode(const GroupStatsRequest& m, Output& o) {
    const auto open = open_request(o, StatsType::group);
    o.out.u32(m.id);
    o.out.zeros(4);
}
OfResult<Body> decode_group_stats(Input& i) {
    GroupStatsReply r;
    while (!i.in.empty()) r.groups.push_back(TRY(read_stats(i)));
    return r;
}
void encode(const GroupStatsReply& m, Output& o) {
    write_list(o, StatsType::group, m.groups.size(), [&](size_t n) { write_stats(m.groups[n], o); });
}

OfResult<Body> decode_group_desc_request(Input& i) {
    if (!has_bucket_ids(i.version)) return GroupDescRequest{};
    const GroupDescRequest r{i.in.u32()};
    i.in.skip(4);
    return r;
}
void encode(const GroupDescRequest& m, Output& o) {
    const auto open = open_request(o, StatsType::group_desc);
    if (!has_bucket_ids(o.version())) return;
    o.out.u32(m.id);
    o.out.zeros(4);
}
OfResult<Body> decode_group_desc(Input& i) {
    GroupDescReply r;
    while (!i.in.empty()) r.groups.push_back(TRY(read_desc(i)));
    return r;
}
void encode(const GroupDescReply& m, Output& o) {
    write_list(o, StatsType::group_desc, m.groups.size(), [&](size_t n) { write_desc(m.groups[n], o); });
}

OfResult<Body> decode_group_features_request(Input&) { return GroupFeaturesRequest{}; }
void encode(const GroupFeaturesRequest&, Output& o) {
    const auto open = open_request(o, StatsType::group_features);
}
OfResult<Body> decode_group_features(Input& i) {
    GroupFeaturesReply r{.types = i.in.u32(), .capabilities = i.in.u32()};
    for (uint32_t& n : r.max_groups) n = i.in.u32();
    for (uint32_t& bits : r.actions) bits = i.in.u32();
    return r;
}
void encode(const GroupFeaturesReply& m, Output& o) {
    const auto open =
        is_nicira(o.version(), StatsType::group_features)
            ? o.open_nicira_stats(MessageType::stats_reply, nicira_of(StatsType::group_features), o.more)
            : o.open_stats(MessageType::stats_reply, StatsType::group_features, o.more);
    o.out.u32(m.types);
    o.out.u32(m.capabilities);
    for (const uint32_t n : m.max_groups) o.out.u32(n);
    for (const uint32_t bits : m.actions) o.out.u32(bits);
}

}  // namespace weft::openflow
