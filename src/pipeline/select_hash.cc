// SPDX-License-Identifier: Apache-2.0
#include "pipeline/select_hash.h"

#include "base/hash.h"

namespace weft::pipeline {

namespace {

using flow::FieldId;
using flow::FieldValue;
using flow::PacketBlock;
using flow::Prereq;

uint64_t hash_of(const FieldValue& v) { return hash_bytes(v.b); }

FieldValue read_masked(FieldId field, const FieldValue& mask, Translator& t) {
    const flow::Field& f = flow::field(field);
    FieldValue value;
    if (t.planted(Plant::select_forgets_hash)) {
        value = flow::get_field(t.key().key_for_lookup(), field);
    } else {
        flow::FlowMask looked_at{};
        flow::set_field(looked_at, field, mask);
        t.key().observe(looked_at);
        value = flow::get_field(t.key().key_for_lookup(), f.id);
    }
    for (size_t i = 0; i < value.b.size(); ++i) value.b[i] &= mask.b[i];
    return value;
}

uint64_t field_hash(FieldId field, Translator& t) {
    return hash_of(read_masked(field, FieldValue::ones(flow::field(field).n_bits), t));
}

/// Source and destination swapped give the same.
uint64_t symmetric_hash(Translator& t) {
    const auto pair = [&](FieldId a, FieldId b) { return field_hash(a, t) + field_hash(b, t); };
    uint64_t h = pair(FieldId::eth_src, FieldId::eth_dst);
    h = hash_mix(h, t.read(&PacketBlock::eth_type).host());
    if (t.holds(Prereq::vlan)) h = hash_mix(h, field_hash(FieldId::vlan_vid, t));
    if (t.holds(Prereq::ipv4)) h = hash_mix(h, pair(FieldId::ip_src, FieldId::ip_dst));
    if (t.holds(Prereq::ipv6)) h = hash_mix(h, pair(FieldId::ipv6_src, FieldId::ipv6_dst));
    if (t.stopped() || !t.is_ip()) return h;
    h = hash_mix(h, t.read(&PacketBlock::nw_proto));
    if (t.holds(Prereq::tcp)) h = hash_mix(h, pair(FieldId::tcp_src, FieldId::tcp_dst));
    if (t.holds(Prereq::udp)) h = hash_mix(h, pair(FieldId::udp_src, FieldId::udp_dst));
    if (t.holds(Prereq::sctp)) h = hash_mix(h, pair(FieldId::sctp_src, FieldId::sctp_dst));
    return h;
}

}  // namespace

uint64_t select_hash(const action::GroupSelection& selection, Translator& t) {
    uint64_t h = selection.param;
    if (selection.fields.empty()) return hash_mix(h, symmetric_hash(t));
    for (const auto& f : selection.fields) {
        if (!t.holds(flow::field(f.field).prereq)) continue;
        h = hash_mix(h, hash_of(read_masked(f.field, f.mask, t)) + static_cast<uint64_t>(f.field));
    }
    return h;
}

uint64_t bucket_score(uint64_t hash, const action::Bucket& bucket) {
    return (hash_mix(hash, bucket.id) & 0xffff) * bucket.weight;
}

}  // namespace weft::pipeline
