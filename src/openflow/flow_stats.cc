// SPDX-License-Identifier: Apache-2.0
// Flow and aggregate statistics of all versions, NXST_FLOW and NXST_AGGREGATE.
#include "action/wire.h"
#include "openflow/codec.h"
#include "openflow/oxs.h"

namespace weft::openflow {
namespace {

using enum Version;

// ---- requests

OfResult<Body> decode_query_10(Input& i, bool aggregate) {
    FlowQuery q{.aggregate = aggregate};
    q.match = flow::decode_match10(i.in);
    q.table = i.in.u8();
    i.in.skip(1);
    q.out_port = OfPort{i.in.u16()};
    return q;
}

OfResult<Body> decode_query_11(Input& i, bool aggregate) {
    FlowQuery q{.aggregate = aggregate};
    q.table = i.in.u8();
    i.in.skip(3);
    q.out_port = TRY(read_port(i, OfError::brc_bad_port));
    q.out_group = i.in.u32();
    i.in.skip(4);
    const uint64_t cookie = i.in.u64();
    q.cookie_mask = i.in.u64();
    q.cookie = cookie & q.cookie_mask;
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    q.match = TRY(read_match(i));
    return q;
}

auto open_query(const FlowQuery& q, Output& o) {
    const auto type = q.aggregate ? StatsType::aggregate : StatsType::flow;
    return o.open_stats(MessageType::stats_request, type, o.more);
}

void encode_query_10(const FlowQuery& q, Output& o) {
    const auto open = open_query(q, o);
    flow::encode_match10(q.match, o.out);
    o.out.u8(q.table);
    o.out.zeros(1);
    o.out.u16(q.out_port.value);
}

void encode_query_nx(const FlowQuery& q, Output& o) {
    const auto open =
        o.open_nicira_stats(MessageType::stats_request, q.aggregate ? nxst::aggregate : nxst::flow, o.more);
    o.out.u16(q.out_port.value);
    const size_t match_len_at = o.out.size();
    o.out.zeros(2);
    o.out.u8(q.table);
    o.out.zeros(3);
    const flow::NxmCookie cookie{q.cookie, q.cookie_mask};
    o.out.patch_u16(match_len_at, write_nx_match(o.out, q.match, q.cookie_mask ? &cookie : nullptr));
}

void encode_query_11(const FlowQuery& q, Output& o) {
    const auto open = open_query(q, o);
    o.out.u8(q.table);
    o.out.zeros(3);
    write_port(o, q.out_port);
    o.out.u32(q.out_group);
    o.out.zeros(4);
    o.out.u64(q.cookie);
    o.out.u64(q.cookie_mask);
    write_match(o, q.match);
}

// ---- replies: one flow each

/// Nicira's ages: one more than the seconds, and 0 for unknown.
std::optional<uint32_t> age_from_wire(uint16_t wire) {
    if (wire == 0) return std::nullopt;
    return wire - 1u;
}
uint16_t age_to_wire(std::optional<uint32_t> age) {
    return static_cast<uint16_t>(age ? std::min<uint32_t>(*age, 0xfffe) + 1 : 0);
}

/// A match is large: it is copied once.
OfResult<> set_match(const flow::MatchResult<flow::Match>& match, FlowStats& s) {
    if (!match) return refuse(action::of_error(match.error()));
    s.match = *match;
    return {};
}

/// ofp_flow_stats behind its match (OpenFlow 1.0.1 section 5.3.5), in few writes: there may be many.
struct Times10 {
    Be32 duration_s, duration_ns;
    Be16 priority, idle_timeout, hard_timeout;
    uint8_t pad[6];
};
static_assert(sizeof(Times10) == 20);

OfResult<> read_10(Input& i, FlowStats& s) {
    s.table = i.in.u8();
    i.in.skip(1);
    s.match = flow::decode_match10(i.in);
    s.duration_s = i.in.u32();
    s.duration_ns = i.in.u32();
    s.priority = i.in.u16();
    s.idle_timeout = i.in.u16();
    s.hard_timeout = i.in.u16();
    i.in.skip(6);
    s.cookie = i.in.u64();
    s.packets = i.in.u64();
    s.bytes = i.in.u64();
    return {};
}

void write_10(const FlowStats& s, Output& o) {
    o.out.write(std::array<uint8_t, 2>{s.table, 0});
    flow::encode_match10(s.match, o.out);
    o.out.write(Times10{.duration_s = Be32(s.duration_s),
                        .duration_ns = Be32(s.duration_ns),
                        .priority = Be16(s.priority),
                        .idle_timeout = Be16(s.idle_timeout),
                        .hard_timeout = Be16(s.hard_timeout),
                        .pad = {}});
    o.out.write(std::array{Be64(s.cookie), Be64(s.packets), Be64(s.bytes)});
}

OfResult<> read_nx(Input& i, FlowStats& s) {
    s.table = i.in.u8();
    i.in.skip(1);
    s.duration_s = i.in.u32();
    s.duration_ns = i.in.u32();
    s.priority = i.in.u16();
    s.idle_timeout = i.in.u16();
    s.hard_timeout = i.in.u16();
    const uint16_t match_len = i.in.u16();
    s.idle_age = age_from_wire(i.in.u16());
    s.hard_age = age_from_wire(i.in.u16());
    s.cookie = i.in.u64();
    s.packets = i.in.u64();
    s.bytes = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    s.match = TRY(read_nx_match(i.in, match_len));
    return {};
}

void write_nx(const FlowStats& s, Output& o) {
    o.out.u8(s.table);
    o.out.zeros(1);
    o.out.u32(s.duration_s);
    o.out.u32(s.duration_ns);
    o.out.u16(s.priority);
    o.out.u16(s.idle_timeout);
    o.out.u16(s.hard_timeout);
    const size_t match_len_at = o.out.size();
    o.out.zeros(2);
    o.out.u16(age_to_wire(s.idle_age));
    o.out.u16(age_to_wire(s.hard_age));
    o.out.u64(s.cookie);
    o.out.u64(s.packets);
    o.out.u64(s.bytes);
    o.out.patch_u16(match_len_at, write_nx_match(o.out, s.match));
}

OfResult<> read_11(Input& i, FlowStats& s) {
    s.table = i.in.u8();
    i.in.skip(1);
    s.duration_s = i.in.u32();
    s.duration_ns = i.in.u32();
    s.priority = i.in.u16();
    s.idle_timeout = i.in.u16();
    s.hard_timeout = i.in.u16();
    const uint16_t flags = i.in.u16(), importance = i.in.u16();
    if (i.version >= v13) s.flags = flags;
    if (i.version >= v14) s.importance = importance;
    i.in.skip(2);
    s.cookie = i.in.u64();
    s.packets = i.in.u64();
    s.bytes = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    TRY(set_match(flow::decode_ofp_match(i.in), s));
    return {};
}

void write_11(const FlowStats& s, Output& o) {
    o.out.u8(s.table);
    o.out.zeros(1);
    o.out.u32(s.duration_s);
    o.out.u32(s.duration_ns);
    o.out.u16(s.priority);
    o.out.u16(s.idle_timeout);
    o.out.u16(s.hard_timeout);
    o.out.u16(o.version() >= v13 ? s.flags : 0);
    o.out.u16(o.version() >= v14 ? s.importance : 0);
    o.out.zeros(2);
    o.out.u64(s.cookie);
    o.out.u64(s.packets);
    o.out.u64(s.bytes);
    write_match(o, s.match);
}

OfResult<> read_15(Input& i, FlowStats& s) {
    i.in.skip(2);
    s.table = i.in.u8();
    i.in.skip(1);
    s.priority = i.in.u16();
    s.idle_timeout = i.in.u16();
    s.hard_timeout = i.in.u16();
    s.flags = i.in.u16();
    s.importance = i.in.u16();
    s.cookie = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    TRY(set_match(flow::decode_ofp_match(i.in), s));
    const Oxs stats = TRY(read_oxs(i.in));
    s.duration_s = stats.duration_s;
    s.duration_ns = stats.duration_ns;
    if (stats.has_idle) s.idle_age = stats.idle_s;
    s.packets = stats.packets;
    s.bytes = stats.bytes;
    return {};
}

void write_15(const FlowStats& s, Output& o) {
    o.out.zeros(2);
    o.out.u8(s.table);
    o.out.zeros(1);
    o.out.u16(s.priority);
    o.out.u16(s.idle_timeout);
    o.out.u16(s.hard_timeout);
    o.out.u16(s.flags);
    o.out.u16(s.importance);
    o.out.u64(s.cookie);
    write_match(o, s.match);
    write_oxs(o.out, {.has_duration = true,
                      .has_idle = s.idle_age.has_value(),
                      .has_counts = true,
                      .duration_s = s.duration_s,
                      .duration_ns = s.duration_ns,
                      .idle_s = s.idle_age.value_or(0),
                      .packets = s.packets,
                      .bytes = s.bytes});
}

template <class Read>
OfResult<Body> read_all(Input& i, Read read) {
    FlowStatsReply r;
    while (!i.in.empty()) {
        const uint16_t length = i.in.u16();
        if (length < 2) return refuse(OfError::brc_bad_len);
        Input one{ByteReader(i.in.take(length - 2u)), i.version, i.dialect};
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
        if (r.flows.empty()) r.flows.reserve(1 + i.in.size() / length);
        FlowStats& s = r.flows.emplace_back();
        TRY(read(one, s));
        if (!one.in.ok()) return refuse(OfError::brc_bad_len);
        s.actions = TRY(action::decode_instructions(one.in.rest(), i.version));
    }
    return r;
}

}  // namespace

OfResult<Body> decode_flow_query(Input& i, bool aggregate) {
    return i.version == v10 ? decode_query_10(i, aggregate) : decode_query_11(i, aggregate);
}

OfResult<Body> decode_nx_flow_query(Input& i, bool aggregate) {
    i.nicira = true;
    FlowQuery q{.aggregate = aggregate};
    q.out_port = OfPort{i.in.u16()};
    const uint16_t match_len = i.in.u16();
    q.table = i.in.u8();
    i.in.skip(3);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    flow::NxmCookie cookie;
    q.match = TRY(read_nx_match(i.in, match_len, {.cookie = &cookie}));
    q.cookie = cookie.cookie;
    q.cookie_mask = cookie.mask;
    return q;
}

void encode(const FlowQuery& q, Output& o) {
    if (o.version() > v10)
        encode_query_11(q, o);
    else if (o.nicira || o.dialect.nxm || q.cookie_mask || !flow::fits_match10(q.match))
        encode_query_nx(q, o);
    else
        encode_query_10(q, o);
}

OfResult<Body> decode_flow_stats(Input& i) {
    return read_all(i, i.version == v10 ? read_10 : i.version < v15 ? read_11 : read_15);
}

OfResult<Body> decode_nx_flow_stats(Input& i) {
    i.nicira = true;
    return read_all(i, read_nx);
}

void encode(const FlowStatsReply& m, Output& o) {
    const bool nx = o.version() == v10 && o.nicira;
    const auto write = nx                   ? write_nx
                       : o.version() == v10 ? write_10
                       : o.version() < v15  ? write_11
                                            : write_15;
    const auto entry = [&](size_t n) {
        const size_t start = o.out.size();
        o.out.zeros(2);
        write(m.flows[n], o);
        action::encode_instructions(m.flows[n].actions, o.version(), o.out);
        o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
    };
    if (nx)
        o.nicira_list(nxst::flow, m.flows.size(), entry);
    else
        o.list(StatsType::flow, m.flows.size(), entry);
}

OfResult<Body> decode_aggregate(Input& i) {
    AggregateReply r;
    if (i.version >= v15) {
        const Oxs stats = TRY(read_oxs(i.in));
        r.stats = {stats.packets, stats.bytes, stats.flows};
        return r;
    }
    r.stats.packets = i.in.u64();
    r.stats.bytes = i.in.u64();
    r.stats.flows = i.in.u32();
    i.in.skip(4);
    return r;
}

void encode(const AggregateReply& m, Output& o) {
    const AggregateStats& s = m.stats;
    const auto open = o.version() == v10 && o.nicira
                          ? o.open_nicira_stats(MessageType::stats_reply, nxst::aggregate, o.more)
                          : o.open_stats(MessageType::stats_reply, StatsType::aggregate, o.more);
    if (o.version() >= v15) {
        return write_oxs(o.out, {.has_counts = true,
                                 .has_flows = true,
                                 .packets = s.packets,
                                 .bytes = s.bytes,
                                 .flows = s.flows});
    }
    o.out.u64(s.packets);
    o.out.u64(s.bytes);
    o.out.u32(s.flows);
    o.out.zeros(4);
}

}  // namespace weft::openflow
