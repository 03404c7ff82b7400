// SPDX-License-Identifier: Apache-2.0
// Flow monitors on the wire: Nicira's in 1.0-1.2, ONF's extension 187 in 1.3, the standard's since 1.4.
#include "action/wire.h"
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;
using Event = FlowUpdate::Event;

constexpr uint16_t own_bit_13 = 1 << 5, known_flags_13 = 0x3f, known_flags_14 = 0x7f;
constexpr uint16_t state_size = 8;  ///< of an update without a flow

uint16_t flags_to_13(uint16_t flags) {
    using namespace monitor_flag;
    const auto common = static_cast<uint16_t>(flags & (initial | add | remove | modify | actions));
    return static_cast<uint16_t>(common | (flags & own ? own_bit_13 : 0));
}

OfResult<uint16_t> flags_of(uint16_t wire, Version v) {
    using namespace monitor_flag;
    const bool tells_nothing = !(wire & (initial | add | remove | modify));
    if (tells_nothing || wire & ~(v < v14 ? known_flags_13 : known_flags_14))
        return refuse(OfError::mofc_bad_flags);
    if (v >= v14 || !(wire & own_bit_13)) return wire;
    return static_cast<uint16_t>((wire & ~own_bit_13) | monitor_flag::own);
}

OfResult<> expect_zeros(ByteReader& in, size_t n) {
    for (const uint8_t b : in.take(n))
        if (b) return refuse(OfError::nxbrc_must_be_zero);
    return {};
}

// ---- requests

OfResult<FlowMonitor> read_nx(Input& i) {
    FlowMonitor m;
    m.id = i.in.u32();
    m.flags = TRY(flags_of(i.in.u16(), i.version));
    m.out_port = OfPort{i.in.u16()};
    const uint16_t match_len = i.in.u16();
    m.table = i.in.u8();
    TRY(expect_zeros(i.in, 5));
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    m.match = TRY(read_nx_match(i.in, match_len));
    return m;
}

void write_nx(const FlowMonitor& m, Output& o) {
    o.out.u32(m.id);
    o.out.u16(flags_to_13(m.flags));
    o.out.u16(m.out_port.value);
    const size_t match_len_at = o.out.size();
    o.out.zeros(2);
    o.out.u8(m.table);
    o.out.zeros(5);
    o.out.patch_u16(match_len_at, write_nx_match(o.out, m.match));
}

OfResult<FlowMonitor> read_13(Input& i) {
    FlowMonitor m;
    m.id = i.in.u32();
    m.flags = TRY(flags_of(i.in.u16(), i.version));
    i.in.skip(2);  // the match tells its length itself
    m.out_port = TRY(read_port(i, OfError::brc_bad_port));
    m.table = i.in.u8();
    TRY(expect_zeros(i.in, 3));
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    m.match = TRY(read_match(i));
    return m;
}

/// The length of an ofp_match at `start`, without padding.
uint16_t match_length(const ByteWriter& out, size_t start) {
    ByteReader in(out.span().subspan(start + 2));
    return in.u16();
}

void write_13(const FlowMonitor& m, Output& o) {
    o.out.u32(m.id);
    o.out.u16(flags_to_13(m.flags));
    const size_t match_len_at = o.out.size();
    o.out.zeros(2);
    write_port(o, m.out_port);
    o.out.u8(m.table);
    o.out.zeros(3);
    const size_t match_at = o.out.size();
    write_match(o, m.match);
    o.out.patch_u16(match_len_at, match_length(o.out, match_at));
}

OfResult<FlowMonitor> read_14(Input& i) {
    FlowMonitor m;
    m.id = i.in.u32();
    m.out_port = TRY(read_port(i, OfError::mofc_bad_out));
    m.out_group = i.in.u32();
    const uint16_t flags = i.in.u16();
    m.table = i.in.u8();
    const uint8_t command = i.in.u8();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    // What goes needs no flags, and whatever it has there means nothing.
    constexpr auto goes = static_cast<uint8_t>(MonitorCommand::remove);
    if (command != goes) m.flags = TRY(flags_of(flags, i.version));
    if (command > goes) return refuse(OfError::mofc_bad_command);
    m.command = static_cast<MonitorCommand>(command);
    m.match = TRY(read_match(i));
    return m;
}

void write_14(const FlowMonitor& m, Output& o) {
    o.out.u32(m.id);
    write_port(o, m.out_port);
    o.out.u32(m.out_group);
    o.out.u16(m.flags);
    o.out.u8(m.table);
    o.out.u8(static_cast<uint8_t>(m.command));
    write_match(o, m.match);
}

Output::Open open_monitor(Output& o, MessageType type, bool more) {
    if (o.version() >= v14) return o.open_stats(type, StatsType::flow_monitor, more);
    if (o.version() == v13) return o.open_experimenter_stats(type, {onf_vendor, onf::flow_monitor}, more);
    return o.open_nicira_stats(type, nxst::flow_monitor, more);
}

// ---- updates

uint16_t event_to_wire(Event e, Version v) {
    const auto number = static_cast<uint16_t>(e);
    return v >= v14 || e == Event::initial ? number : static_cast<uint16_t>(number - 1);
}

OfResult<Event> event_of(uint16_t wire, Version v) {
    const auto event = static_cast<Event>(v >= v14 ? wire : wire + 1);
    const auto last = v >= v14 ? Event::resumed : Event::abbreviated;
    if (wire > static_cast<uint16_t>(Event::resumed) || event > last)
        return refuse(OfError::nxbrc_fm_bad_event);
    return event;
}

/// Nicira's form has actions, not instructions.
bool is_action_list(Version v) { return v == v11 || v == v12; }

bool has_flow(Event e) { return e < Event::abbreviated; }

OfResult<> read_flow_13(Input& i, FlowUpdate& u) {
    const uint16_t reason = i.in.u16();
    if (reason > 0xff) return refuse(OfError::nxbrc_bad_reason);
    u.reason = static_cast<RemovedReason>(reason);
    u.priority = i.in.u16();
    u.idle_timeout = i.in.u16();
    u.hard_timeout = i.in.u16();
    const uint16_t match_len = i.in.u16();
    u.table = i.in.u8();
    i.in.skip(1);
    u.cookie = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    u.match = i.version == v13 ? TRY(read_match(i)) : TRY(read_nx_match(i.in, match_len));
    return {};
}

void write_flow_13(const FlowUpdate& u, Output& o) {
    o.out.u16(u.event == Event::removed ? static_cast<uint16_t>(u.reason) : 0);
    o.out.u16(u.priority);
    o.out.u16(u.idle_timeout);
    o.out.u16(u.hard_timeout);
    const size_t match_len_at = o.out.size();
    o.out.zeros(2);
    o.out.u8(u.table);
    o.out.zeros(1);
    o.out.u64(u.cookie);
    if (o.version() < v13) return o.out.patch_u16(match_len_at, write_nx_match(o.out, u.match));
    const size_t match_at = o.out.size();
    write_match(o, u.match);
    o.out.patch_u16(match_len_at, match_length(o.out, match_at));
}

OfResult<> read_flow_14(Input& i, FlowUpdate& u) {
    u.table = i.in.u8();
    u.reason = static_cast<RemovedReason>(i.in.u8());
    u.idle_timeout = i.in.u16();
    u.hard_timeout = i.in.u16();
    u.priority = i.in.u16();
    i.in.skip(4);
    u.cookie = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    u.match = TRY(read_match(i));
    return {};
}

void write_flow_14(const FlowUpdate& u, Output& o) {
    o.out.u8(u.table);
    o.out.u8(u.event == Event::removed ? static_cast<uint8_t>(u.reason) : 0);
    o.out.u16(u.idle_timeout);
    o.out.u16(u.hard_timeout);
    o.out.u16(u.priority);
    o.out.zeros(4);
    o.out.u64(u.cookie);
    write_match(o, u.match);
}

OfResult<FlowUpdate> read_update(Input& i) {
    const uint16_t length = i.in.u16(), event = i.in.u16();
    if (!i.in.ok() || length < state_size || length % 8) return refuse(OfError::brc_bad_len);
    Input one{ByteReader(i.in.take(length - 4u)), i.version, i.dialect};
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    FlowUpdate u;
    u.event = TRY(event_of(event, i.version));
    if (u.event == Event::abbreviated) u.xid = one.in.u32();
    if (!has_flow(u.event)) return u;
    TRY(i.version >= v14 ? read_flow_14(one, u) : read_flow_13(one, u));
    if (u.event != Event::removed) u.reason = {};
    const auto decode = is_action_list(i.version) ? action::decode_actions : action::decode_instructions;
    u.actions = TRY(decode(one.in.rest(), i.version));
    return u;
}

void write_update(const FlowUpdate& u, Output& o) {
    const size_t start = o.out.size();
    o.out.zeros(2);
    o.out.u16(event_to_wire(u.event, o.version()));
    if (has_flow(u.event)) {
        o.version() >= v14 ? write_flow_14(u, o) : write_flow_13(u, o);
        const auto encode =
            is_action_list(o.version()) ? action::encode_actions : action::encode_instructions;
        encode(u.actions, o.version(), o.out);
    } else {
        o.out.u32(u.xid);
    }
    o.out.patch_u16(start, static_cast<uint16_t>(o.out.size() - start));
}

/// What is no list of updates before 1.4: paused, resumed.
std::optional<uint32_t> own_message(const FlowMonitorReply& m, Version v) {
    if (v >= v14 || m.updates.size() != 1) return std::nullopt;
    const Event e = m.updates.front().event;
    if (e == Event::paused) return v == v13 ? onf::flow_monitor_paused : nxt::flow_monitor_paused;
    if (e == Event::resumed) return v == v13 ? onf::flow_monitor_resumed : nxt::flow_monitor_resumed;
    return std::nullopt;
}

}  // namespace

OfResult<Body> decode_flow_monitor_request(Input& i) {
    FlowMonitorRequest r;
    const auto read = i.version >= v14 ? read_14 : i.version == v13 ? read_13 : read_nx;
    while (!i.in.empty()) r.monitors.push_back(TRY(read(i)));
    return r;
}

void encode(const FlowMonitorRequest& m, Output& o) {
    const auto open = open_monitor(o, MessageType::stats_request, o.more);
    const auto write = o.version() >= v14 ? write_14 : o.version() == v13 ? write_13 : write_nx;
    for (const FlowMonitor& one : m.monitors) write(one, o);
}

OfResult<Body> decode_flow_monitor_cancel(Input& i) { return FlowMonitorCancel{i.in.u32()}; }
OfResult<Body> decode_flow_monitor_paused(Input&) { return FlowMonitorReply{{{.event = Event::paused}}}; }
OfResult<Body> decode_flow_monitor_resumed(Input&) { return FlowMonitorReply{{{.event = Event::resumed}}}; }

void encode(const FlowMonitorCancel& m, Output& o) {
    const auto open = o.version() >= v13 ? o.open_experimenter(onf_vendor, onf::flow_monitor_cancel)
                                         : o.open_nicira(nxt::flow_monitor_cancel);
    o.out.u32(m.id);
}

OfResult<Body> decode_flow_monitor_reply(Input& i) {
    FlowMonitorReply r;
    while (!i.in.empty()) r.updates.push_back(TRY(read_update(i)));
    return r;
}

void encode(const FlowMonitorReply& m, Output& o) {
    if (const auto subtype = own_message(m, o.version())) {
        const auto open = o.open_experimenter(o.version() == v13 ? onf_vendor : nicira_vendor, *subtype);
        return;
    }
    o.list_in([&](bool more) { return open_monitor(o, MessageType::stats_reply, more); }, m.updates.size(),
              [&](size_t n) { write_update(m.updates[n], o); });
}

}  // namespace weft::openflow
