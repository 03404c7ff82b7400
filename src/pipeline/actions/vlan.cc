// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/vlan.cc: pushing, popping and rewriting 802.1Q tags. The key holds two; a third falls out
// of sight.
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;
using flow::VlanTag;

namespace {

/// Only an Ethernet header has room for tags.
void write_tags(Translator& t, VlanTag outer, VlanTag inner) {
    if (!t.is_ethernet()) return;
    const VlanTag tags[2] = {outer, inner};
    t.key().write_array(&PacketBlock::vlan, tags);
}

VlanTag read_tag(Translator& t, size_t i) { return t.key().read_element(&PacketBlock::vlan, i); }

bool has_tag(Translator& t) { return t.holds(flow::Prereq::vlan); }

/// Sets bits of the outer tag, which is added if there is none and that is wanted.
void set_tci(Translator& t, flow::Subfield bits, uint16_t value, bool push_if_needed) {
    if (!has_tag(t)) {
        if (!push_if_needed || !t.is_ethernet()) return;
        write_tags(t, {Be16(0x8100), Be16(flow::vlan_present)}, {});
    }
    t.key().write(bits, flow::FieldValue::from_u64(value));
}

}  // namespace

void apply(const action::PushVlan& a, Translator& t) {
    const VlanTag below = read_tag(t, 0);
    write_tags(t, {Be16(a.tpid), Be16(flow::vlan_present)}, below);
}

void apply(const action::StripVlan&, Translator& t) {
    if (!has_tag(t)) return;
    const VlanTag below = read_tag(t, 1);
    write_tags(t, below, {});
}

void apply(const action::SetVlanVid& a, Translator& t) {
    set_tci(t, {flow::FieldId::vlan_tci, 0, 12}, a.vid, a.push_if_needed);
}

void apply(const action::SetVlanPcp& a, Translator& t) {
    set_tci(t, {flow::FieldId::vlan_tci, 13, 3}, a.pcp, a.push_if_needed);
}

}  // namespace weft::pipeline
