// SPDX-License-Identifier: Apache-2.0
#include "flow/match.h"

namespace weft::flow {
namespace {

/// OpenFlow 1.0 dl_vlan and all VLAN priorities, as bits of the TCI; ovs-fields(7) "VLAN Comparison Chart".
void with_tci(Match& m, uint16_t key, uint16_t mask) {
    VlanTag& k = m.key.packet.vlan[0];
    VlanTag& w = m.mask.packet.vlan[0];
    k.tci = (k.tci & ~Be16(mask)) | Be16(key);
    w.tci |= Be16(mask);
}

void with_dl_vlan(Match& m, uint64_t v) {
    if (v == 0xffff) return with_tci(m, 0, 0xffff);
    with_tci(m, static_cast<uint16_t>((v & vlan_vid_mask) | vlan_present), vlan_vid_mask | vlan_present);
}

void with_pcp(Match& m, uint64_t pcp) {
    with_tci(m, static_cast<uint16_t>((pcp << vlan_pcp_shift & vlan_pcp_mask) | vlan_present),
             vlan_pcp_mask | vlan_present);
}

}  // namespace

Match& Match::with(FieldId id, const FieldValue& v) { return with(id, v, legal_bits(id)); }

Match& Match::with(FieldId id, const FieldValue& v, const FieldValue& m) {
    if (id == FieldId::in_port_oxm) id = FieldId::in_port;
    const FieldValue bits = m & legal_bits(id);
    if (!bits.is_zero()) {
        if (id == FieldId::packet_type && v.is_zero()) return *this;
        if (id == FieldId::dl_vlan) return with_dl_vlan(*this, v.to_u64()), *this;
        if (id == FieldId::dl_vlan_pcp || id == FieldId::vlan_pcp) return with_pcp(*this, v.to_u64()), *this;
    }
    set_field(mask, id, bits);
    set_field(key, id, v & bits);
    return *this;
}

Match& Match::with_bits(Subfield sf, const FieldValue& v) {
    const FieldValue ones = FieldValue::ones(sf.n_bits);
    set_bits(mask, sf, ones);
    set_bits(key, sf, v & ones);
    return *this;
}

bool Match::matches(const FlowKey& packet) const {
    const auto k = words(key), m = words(mask), p = words(packet);
    for (size_t i = 0; i < key_words; ++i)
        if ((p[i] & m[i]) != k[i]) return false;
    return true;
}

void Match::normalize() {
    const auto k = words(key);
    const auto m = words(mask);
    for (size_t i = 0; i < key_words; ++i) k[i] &= m[i];
}

bool prereq_holds(Prereq p, const Match& m) {
    // Prerequisites are exact values, and key bits outside the mask are zero, so the key tells it all; but
    // "not invalid" is a zero that counts only if it is matched.
    constexpr uint32_t new_est_rel = 1 | 2 | 4, invalid = 16;
    const bool conntrack = p == Prereq::ct_ip || p == Prereq::ct_ipv4 || p == Prereq::ct_ipv6;
    if (conntrack && !(m.key.ct.state.host() & new_est_rel) && !(m.mask.ct.state.host() & invalid))
        return false;
    return prereq_holds(p, m.key);
}

bool Match::drop_inapplicable() {
    FlowMask applicable{};
    for (const Field& f : fields()) {
        if (!may_be_set(mask, f) || !prereq_holds(f.prereq, *this)) continue;
        const FieldValue bits = get_field(mask, f.id);
        if (bits.is_zero()) continue;
        FlowMask part{};
        set_field(part, f.id, bits);
        const auto a = words(applicable);
        const auto p = words(part);
        for (size_t i = 0; i < key_words; ++i) a[i] |= p[i];
    }
    applicable.tunnel = mask.tunnel;  // its metadata has no place known to the field table
    if (applicable == mask) return false;
    mask = applicable;
    normalize();
    // What was dropped may have been what another field needed (an ICMPv6 type, say).
    drop_inapplicable();
    return true;
}

FieldValue field_mask(const Match& m, FieldId id) { return get_field(m.mask, id); }

bool is_exact(const Match& m, FieldId id) {
    const FieldValue legal = legal_bits(id);
    return (get_field(m.mask, id) & legal) == legal;
}

}  // namespace weft::flow
