// SPDX-License-Identifier: Apache-2.0
#include "flow/variation.h"

#include <algorithm>

#include "flow/field.h"

namespace weft::flow {

namespace {

/// Fields that stand in the frame and can take any value for themselves. Not: what tells which headers follow
/// (tags, fragments, bottom of stack), nor where the packet came from.
bool can_vary(const Field& f) {
    using enum FieldId;
    constexpr FieldId fixed[] = {in_port,  in_port_oxm, packet_type, eth_type,    dl_vlan, dl_vlan_pcp,
                                 vlan_vid, vlan_pcp,    vlan_tci,    ip_frag,     dp_hash, recirc_id,
                                 pkt_mark, mpls_bos,    conj_id,     skb_priority};
    return f.bit_offset / 64 >= packet_word && std::ranges::find(fixed, f.id) == std::end(fixed);
}

void randomize(FlowKey& key, const Field& f, Prng& prng) {
    FieldValue value = get_field(key, f.id);
    if (prng.one_in(2)) {  // one bit finds what was forgotten, a whole value other rules
        const uint64_t bit = prng.below(f.n_bits);
        value.b[sizeof value.b - 1 - bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    } else {
        for (uint32_t bit = 0; bit < f.n_bits; ++bit)
            if (prng.one_in(2)) value.b[sizeof value.b - 1 - bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    }
    set_field(key, f.id, value);
}

bool agree(const FlowKey& a, const FlowKey& b, const FlowMask& mask) {
    const auto x = words(a), y = words(b), m = words(mask);
    for (size_t i = 0; i < key_words; ++i)
        if ((x[i] ^ y[i]) & m[i]) return false;
    return true;
}

/// What the packet cannot have any more is zero; twice, as one field is another's prerequisite.
void clear_lost(FlowKey& key, const FlowKey& packet) {
    for (int round = 0; round < 2; ++round)
        for (const Field& f : fields())
            if (prereq_holds(f.prereq, packet) && !prereq_holds(f.prereq, key)) set_field(key, f.id, {});
}

void randomize_vlan(FlowKey& key, Prng& prng) {
    VlanTag& tag = key.packet.vlan[0];
    if (!(tag.tci.host() & vlan_present) || !prng.one_in(4)) return;
    tag.tci = Be16(static_cast<uint16_t>((tag.tci.host() & ~vlan_vid_mask) | prng.below(vlan_vid_mask + 1u)));
}

}  // namespace

FlowKey vary(const FlowKey& packet, const FlowMask& mask, Prng& prng) {
    for (int attempt = 0; attempt < 4; ++attempt) {
        FlowKey key = packet;
        for (const Field& f : fields())
            if (can_vary(f) && prereq_holds(f.prereq, key) && prng.one_in(4)) randomize(key, f, prng);
        randomize_vlan(key, prng);
        const auto k = words(key);
        const auto p = words(packet), m = words(mask);
        for (size_t i = 0; i < key_words; ++i) k[i] = (p[i] & m[i]) | (k[i] & ~m[i]);
        clear_lost(key, packet);
        if (agree(key, packet, mask)) return key;
    }
    return packet;
}

}  // namespace weft::flow
