// SPDX-License-Identifier: Apache-2.0
#include "flow/match.h"

#include <algorithm>
#include <array>
#include <vector>

#include "flow/field_words.h"
#include "flow/set_words.h"
#include "flow/tlv_layout.h"

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

/// What a field has of one word of a key.
struct FieldPart {
    Prereq prereq{};
    uint64_t bits = 0;
};
using FieldParts = std::array<std::vector<FieldPart>, key_words>;

FieldParts find_parts() {
    FieldParts parts;
    for (const Field& f : fields()) {
        if (f.is_tun_metadata()) continue;
        FlowMask mask{};
        set_field(mask, f.id, FieldValue::ones(f.n_bits));
        const auto m = words(mask);
        for (size_t i = 0; i < key_words; ++i)
            if (m[i]) parts[i].push_back({f.prereq, m[i]});
    }
    return parts;
}

/// Those bits of a word of the match's mask that packets can have.
uint64_t applicable_bits(size_t word, uint64_t mask, const Match& match) {
    static const FieldParts parts = find_parts();
    if (word >= tunnel_word && word < ct_word) return mask;  // metadata there has no field of its own
    uint64_t out = 0;
    for (const FieldPart& f : parts[word])
        if (mask & f.bits & ~out && prereq_holds(f.prereq, match)) out |= mask & f.bits;
    return out;
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
    if (sf.place) {
        key.tunnel.metadata_present |= option_bit(sf.field);
        mask.tunnel.metadata_present |= option_bit(sf.field);
    }
    return *this;
}

void add_option(TunOption option, Match& match) {
    const auto at = std::ranges::lower_bound(match.options, option.index, {}, &TunOption::index);
    if (at != match.options.end() && at->index == option.index)
        *at = std::move(option);
    else
        match.options.insert(at, std::move(option));
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
    const auto k = words(key), m = words(mask);
    std::array<uint64_t, key_words> kept;  // as far as the mask has words
    bool drops = false;
    for_each_set_word(mask, [&](size_t i, uint64_t bits) {
        kept[i] = applicable_bits(i, bits, *this);
        drops |= kept[i] != bits;
    });
    if (!drops) return false;
    for_each_set_word(mask, [&](size_t i, uint64_t) {
        m[i] = kept[i];
        k[i] &= kept[i];
    });
    // What was dropped may have been what another field needed (an ICMPv6 type, say).
    drop_inapplicable();
    return true;
}

FieldValue field_mask(const Match& m, FieldId id) { return get_field(m.mask, id); }

bool is_exact(const Match& m, FieldId id) { return field_words(id).whole_in(m.mask); }

}  // namespace weft::flow
