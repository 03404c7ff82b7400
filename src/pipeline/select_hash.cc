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

struct Layers {
    bool ethernet = true, protocol = true, udp = true;
};

uint64_t symmetric_addresses(Translator& t) {
    const auto pair = [&](FieldId a, FieldId b) { return field_hash(a, t) + field_hash(b, t); };
    if (t.holds(Prereq::ipv4)) return pair(FieldId::ip_src, FieldId::ip_dst);
    if (t.holds(Prereq::ipv6)) return pair(FieldId::ipv6_src, FieldId::ipv6_dst);
    return 0;
}

/// Source and destination swapped give the same.
uint64_t symmetric_hash(const Layers& layers, Translator& t) {
    const auto pair = [&](FieldId a, FieldId b) { return field_hash(a, t) + field_hash(b, t); };
    uint64_t h = 0;
    if (layers.ethernet) {
        h = pair(FieldId::eth_src, FieldId::eth_dst);
        h = hash_mix(h, t.read(&PacketBlock::eth_type).host());
        if (t.holds(Prereq::vlan)) h = hash_mix(h, field_hash(FieldId::vlan_vid, t));
    }
    h = hash_mix(h, symmetric_addresses(t));
    if (!layers.protocol || t.stopped() || !t.is_ip()) return h;
    h = hash_mix(h, t.read(&PacketBlock::nw_proto));
    if (t.holds(Prereq::tcp)) h = hash_mix(h, pair(FieldId::tcp_src, FieldId::tcp_dst));
    if (layers.udp && t.holds(Prereq::udp)) h = hash_mix(h, pair(FieldId::udp_src, FieldId::udp_dst));
    if (t.holds(Prereq::sctp)) h = hash_mix(h, pair(FieldId::sctp_src, FieldId::sctp_dst));
    return h;
}

/// One address; packets that are not IP have none.
uint64_t address_hash(FieldId ip4, FieldId ip6, Translator& t) {
    const bool is_ip4 = t.holds(Prereq::ipv4);
    if (!is_ip4 && !t.holds(Prereq::ipv6)) return 0;
    const FieldId field = is_ip4 ? ip4 : ip6;
    if (t.planted(Plant::choice_forgets_address))
        return hash_of(flow::get_field(t.key().key_for_lookup(), field));
    return field_hash(field, t);
}

uint64_t hash_of(action::HashFields fields, Translator& t) {
    using enum action::HashFields;
    switch (fields) {
        case symmetric_l4:
            return symmetric_hash({.udp = false}, t);
        case symmetric_l3l4:
            return symmetric_hash({.ethernet = false, .udp = false}, t);
        case symmetric_l3l4_udp:
            return symmetric_hash({.ethernet = false}, t);
        case symmetric_l3:
            return symmetric_hash({.ethernet = false, .protocol = false}, t);
        case nw_src:
            return address_hash(FieldId::ip_src, FieldId::ipv6_src, t);
        case nw_dst:
            return address_hash(FieldId::ip_dst, FieldId::ipv6_dst, t);
        case eth_src:
        case count:
            break;
    }
    return field_hash(FieldId::eth_src, t);
}

}  // namespace

uint64_t select_hash(const action::GroupSelection& selection, Translator& t) {
    uint64_t h = selection.param;
    if (selection.fields.empty()) return hash_mix(h, symmetric_hash({}, t));
    for (const auto& f : selection.fields) {
        if (!t.holds(flow::field(f.field).prereq)) continue;
        h = hash_mix(h, hash_of(read_masked(f.field, f.mask, t)) + static_cast<uint64_t>(f.field));
    }
    return h;
}

uint64_t choice_hash(action::HashFields fields, uint16_t basis, Translator& t) {
    return hash_mix(basis, hash_of(fields, t));
}

uint64_t bucket_score(uint64_t hash, const action::Bucket& bucket) {
    return (hash_mix(hash, bucket.id) & 0xffff) * bucket.weight;
}

}  // namespace weft::pipeline
