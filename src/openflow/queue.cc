// SPDX-License-Identifier: Apache-2.0
// Queues: configuration, description and statistics.
#include "action/property.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using action::OpenProperty;
using action::Property;

constexpr uint16_t min_rate_property = 1, max_rate_property = 2, unset_rate = 0xffff;

OfResult<> read_rates(ByteReader list, QueueDesc& q, size_t pad) {
    while (!list.empty()) {
        Property p = TRY(action::read_property(list));
        p.in.skip(pad);
        if (p.type == min_rate_property) q.min_rate = p.in.u16();
        if (p.type == max_rate_property) q.max_rate = p.in.u16();
        if (!p.in.ok()) return refuse(OfError::bpc_bad_len);
    }
    return {};
}

void write_rates(Output& o, const QueueDesc& q, size_t pad_before, size_t pad_after) {
    const auto rate = [&](uint16_t type, uint16_t v) {
        if (v == unset_rate) return;
        const OpenProperty p(o.out, type);
        o.out.zeros(pad_before);
        o.out.u16(v);
        o.out.zeros(pad_after);
    };
    rate(min_rate_property, q.min_rate);
    rate(max_rate_property, q.max_rate);
}

// A queue in the configuration reply of 1.0-1.3: from 1.2 with its port; properties have 4 bytes of padding
// first.
constexpr size_t config_pad = 4;
size_t config_fixed(Version v) { return v < v12 ? 8 : 16; }

OfResult<QueueDesc> read_config(Input& i, OfPort port) {
    QueueDesc q{.port = port, .queue = i.in.u32()};
    if (i.version >= v12) q.port = TRY(read_port(i, OfError::brc_bad_port));
    const uint16_t length = i.in.u16();
    i.in.skip(i.version < v12 ? 2 : 6);
    if (!i.in.ok() || length < config_fixed(i.version)) return refuse(OfError::brc_bad_len);
    TRY(read_rates(ByteReader(i.in.take(length - config_fixed(i.version))), q, config_pad));
    return q;
}

void write_config(const QueueDesc& q, Output& o) {
    const size_t start = o.out.size();
    o.out.u32(q.queue);
    if (o.version() >= v12) write_port(o, q.port);
    const size_t length_at = o.out.size();
    o.out.zeros(o.version() < v12 ? 4 : 8);
    write_rates(o, q, config_pad, 6);
    o.out.patch_u16(length_at, static_cast<uint16_t>(o.out.size() - start));
}

OfResult<QueueStatsRequest> read_port_and_queue(Input& i) {
    QueueStatsRequest r;
    r.port = TRY(read_port(i, OfError::brc_bad_port));
    // 1.0 says ALL where newer versions say ANY.
    if (i.version == v10 && r.port == ofpp::all) r.port = ofpp::none;
    if (i.version == v10) i.in.skip(2);
    r.queue = i.in.u32();
    return r;
}

void write_port_and_queue(Output& o, OfPort port, uint32_t queue) {
    write_port(o, o.version() == v10 && port == ofpp::none ? ofpp::all : port);
    if (o.version() == v10) o.out.zeros(2);
    o.out.u32(queue);
}

OfResult<QueueStats> read_stats(Input& i) {
    QueueStats s;
    size_t length = 0;
    const size_t before = i.in.size();
    if (i.version >= v14) {
        length = i.in.u16();
        i.in.skip(6);
    }
    s.port = TRY(read_port(i, OfError::brc_bad_port));
    if (i.version == v10) i.in.skip(2);
    s.queue = i.in.u32();
    s.tx_bytes = i.in.u64();
    s.tx_packets = i.in.u64();
    s.tx_errors = i.in.u64();
    if (i.version >= v13) {
        s.duration_s = i.in.u32();
        s.duration_ns = i.in.u32();
    }
    const size_t used = before - i.in.size();
    if (!i.in.ok() || (i.version >= v14 && length < used)) return refuse(OfError::brc_bad_len);
    if (i.version >= v14) i.in.skip(length - used);
    return s;
}

void write_stats(const QueueStats& s, Output& o) {
    const size_t start = o.out.size();
    if (o.version() >= v14) o.out.zeros(8);
    write_port(o, s.port);
    if (o.version() == v10) o.out.zeros(2);
    o.out.u32(s.queue);
    o.out.u64(s.tx_bytes);
    o.out.u64(s.tx_packets);
    o.out.u64(s.tx_errors);
    if (o.version() >= v13) {
        o.out.u32(s.duration_s);
        o.out.u32(s.duration_ns);
    }
    if (o.version() >= v14) o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

}  // namespace

OfResult<Body> decode_queue_config_request(Input& i) {
    const OfPort port = TRY(read_port(i, OfError::qofc_bad_port));
    i.in.skip(i.version == v10 ? 2 : 4);
    return QueueConfigRequest{port};
}

void encode(const QueueConfigRequest& m, Output& o) {
    const auto open = o.open(MessageType::queue_config_request);
    write_port(o, m.port);
    o.out.zeros(o.version() == v10 ? 2 : 4);
}

OfResult<Body> decode_queue_config_reply(Input& i) {
    QueueConfigReply r;
    r.port = TRY(read_port(i, OfError::brc_bad_port));
    i.in.skip(i.version == v10 ? 6 : 4);
    while (!i.in.empty()) {
        r.queues.push_back(TRY(read_config(i, r.port)));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    }
    return r;
}

void encode(const QueueConfigReply& m, Output& o) {
    const auto open = o.open(MessageType::queue_config_reply);
    write_port(o, m.port);
    o.out.zeros(o.version() == v10 ? 6 : 4);
    for (const QueueDesc& q : m.queues) {
        const size_t before = o.out.size();
        write_config(q, o);
        if (o.out.size() - open.start() > max_message) return o.out.truncate(before);
    }
}

OfResult<Body> decode_queue_stats_request(Input& i) { return TRY(read_port_and_queue(i)); }

void encode(const QueueStatsRequest& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, StatsType::queue, o.more);
    write_port_and_queue(o, m.port, m.queue);
}

OfResult<Body> decode_queue_stats(Input& i) {
    QueueStatsReply r;
    while (!i.in.empty()) {
        r.queues.push_back(TRY(read_stats(i)));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    }
    return r;
}

void encode(const QueueStatsReply& m, Output& o) {
    o.list(StatsType::queue, m.queues.size(), [&](size_t n) { write_stats(m.queues[n], o); });
}

OfResult<Body> decode_queue_desc_request(Input& i) {
    const QueueStatsRequest r = TRY(read_port_and_queue(i));
    return QueueDescRequest{r.port, r.queue};
}

void encode(const QueueDescRequest& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, StatsType::queue_desc, o.more);
    write_port_and_queue(o, m.port, m.queue);
}

OfResult<Body> decode_queue_desc(Input& i) {
    constexpr size_t fixed = 16;
    QueueDescReply r;
    while (!i.in.empty()) {
        QueueDesc q;
        q.port = TRY(read_port(i, OfError::brc_bad_port));
        q.queue = i.in.u32();
        const uint16_t length = i.in.u16();
        i.in.skip(6);
        if (!i.in.ok() || length < fixed) return refuse(OfError::brc_bad_len);
        TRY(read_rates(ByteReader(i.in.take(length - fixed)), q, 0));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
        r.queues.push_back(q);
    }
    return r;
}

void encode(const QueueDescReply& m, Output& o) {
    o.list(StatsType::queue_desc, m.queues.size(), [&](size_t n) {
        const QueueDesc& q = m.queues[n];
        const size_t start = o.out.size();
        write_port(o, q.port);
        o.out.u32(q.queue);
        o.out.zeros(8);
        write_rates(o, q, 0, 2);
        o.out.patch_u16(start + 8, static_cast<uint16_t>(o.out.size() - start));
    });
}

}  // namespace weft::openflow
