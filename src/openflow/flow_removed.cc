// SPDX-License-Identifier: Apache-2.0
// OFPT_FLOW_REMOVED of all versions, NXT_FLOW_REMOVED.
#include "openflow/codec.h"
#include "openflow/oxs.h"

namespace weft::openflow {
namespace {

using enum Version;

OfResult<RemovedReason> reason_of(uint8_t wire) {
    if (wire > static_cast<uint8_t>(RemovedReason::eviction)) return refuse(OfError::nxbrc_bad_reason);
    return static_cast<RemovedReason>(wire);
}

/// Older versions lack the newer reasons; "deleted" is what they come to.
uint8_t reason_to_wire(RemovedReason r, Version v) {
    const bool known = r <= RemovedReason::removed || (r == RemovedReason::group_removed && v >= v11) ||
                       (v >= v14 && r <= RemovedReason::eviction);
    return static_cast<uint8_t>(known ? r : RemovedReason::removed);
}

OfResult<Body> decode_10(Input& i) {
    FlowRemoved r;
    r.match = flow::decode_match10(i.in);
    r.cookie = i.in.u64();
    r.priority = i.in.u16();
    r.reason = TRY(reason_of(i.in.u8()));
    i.in.skip(1);
    r.duration_s = i.in.u32();
    r.duration_ns = i.in.u32();
    r.idle_timeout = i.in.u16();
    i.in.skip(2);
    r.packets = i.in.u64();
    r.bytes = i.in.u64();
    return r;
}

OfResult<Body> decode_11(Input& i) {
    FlowRemoved r;
    r.cookie = i.in.u64();
    r.priority = i.in.u16();
    r.reason = TRY(reason_of(i.in.u8()));
    r.table = i.in.u8();
    r.duration_s = i.in.u32();
    r.duration_ns = i.in.u32();
    r.idle_timeout = i.in.u16();
    const uint16_t hard = i.in.u16();
    if (i.version >= v12) r.hard_timeout = hard;
    r.packets = i.in.u64();
    r.bytes = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    r.match = TRY(read_match(i));
    return r;
}

OfResult<Body> decode_15(Input& i) {
    FlowRemoved r;
    r.table = i.in.u8();
    r.reason = TRY(reason_of(i.in.u8()));
    r.priority = i.in.u16();
    r.idle_timeout = i.in.u16();
    r.hard_timeout = i.in.u16();
    r.cookie = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    r.match = TRY(read_match(i));
    const Oxs stats = TRY(read_oxs(i.in));
    r.duration_s = stats.duration_s;
    r.duration_ns = stats.duration_ns;
    r.packets = stats.packets;
    r.bytes = stats.bytes;
    return r;
}

void encode_10(const FlowRemoved& r, Output& o) {
    flow::encode_match10(r.match, o.out);
    o.out.u64(r.cookie);
    o.out.u16(r.priority);
    o.out.u8(reason_to_wire(r.reason, v10));
    o.out.zeros(1);
    o.out.u32(r.duration_s);
    o.out.u32(r.duration_ns);
    o.out.u16(r.idle_timeout);
    o.out.zeros(2);
    o.out.u64(r.packets);
    o.out.u64(r.bytes);
}

void encode_11(const FlowRemoved& r, Output& o) {
    o.out.u64(r.cookie);
    o.out.u16(r.priority);
    o.out.u8(reason_to_wire(r.reason, o.version()));
    o.out.u8(r.table);
    o.out.u32(r.duration_s);
    o.out.u32(r.duration_ns);
    o.out.u16(r.idle_timeout);
    o.out.u16(o.version() >= v12 ? r.hard_timeout : 0);
    o.out.u64(r.packets);
    o.out.u64(r.bytes);
    write_match(o, r.match);
}

void encode_15(const FlowRemoved& r, Output& o) {
    o.out.u8(r.table);
    o.out.u8(reason_to_wire(r.reason, o.version()));
    o.out.u16(r.priority);
    o.out.u16(r.idle_timeout);
    o.out.u16(r.hard_timeout);
    o.out.u64(r.cookie);
    write_match(o, r.match);
    write_oxs(o.out, {.has_duration = true,
                      .has_counts = true,
                      .duration_s = r.duration_s,
                      .duration_ns = r.duration_ns,
                      .packets = r.packets,
                      .bytes = r.bytes});
}

void encode_nxt(const FlowRemoved& r, Output& o) {
    const auto open = o.open_nicira(nxt::flow_removed);
    o.out.u64(r.cookie);
    o.out.u16(r.priority);
    o.out.u8(reason_to_wire(r.reason, v10));
    o.out.u8(static_cast<uint8_t>(r.table + 1));  // 0: unknown
    o.out.u32(r.duration_s);
    o.out.u32(r.duration_ns);
    o.out.u16(r.idle_timeout);
    const size_t match_len_at = o.out.size();
    o.out.zeros(2);
    o.out.u64(r.packets);
    o.out.u64(r.bytes);
    o.out.patch_u16(match_len_at, write_nx_match(o.out, r.match));
}

}  // namespace

OfResult<Body> decode_flow_removed(Input& i) {
    return i.version == v10 ? decode_10(i) : i.version < v15 ? decode_11(i) : decode_15(i);
}

OfResult<Body> decode_nx_flow_removed(Input& i) {
    FlowRemoved r;
    r.cookie = i.in.u64();
    r.priority = i.in.u16();
    r.reason = TRY(reason_of(i.in.u8()));
    r.table = static_cast<uint8_t>(i.in.u8() - 1);
    r.duration_s = i.in.u32();
    r.duration_ns = i.in.u32();
    r.idle_timeout = i.in.u16();
    const uint16_t match_len = i.in.u16();
    r.packets = i.in.u64();
    r.bytes = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    r.match = TRY(read_nx_match(i.in, match_len));
    return r;
}

void encode(const FlowRemoved& r, Output& o) {
    if (o.version() == v10 && o.dialect.nxm) return encode_nxt(r, o);
    const auto open = o.open(MessageType::flow_removed);
    if (o.version() == v10)
        encode_10(r, o);
    else if (o.version() < v15)
        encode_11(r, o);
    else
        encode_15(r, o);
}

}  // namespace weft::openflow
