// SPDX-License-Identifier: Apache-2.0
#include "pipeline/vlan.h"

namespace weft::pipeline {

using flow::PacketBlock;
using flow::VlanTag;

namespace {

bool in_set(const std::optional<VlanSet>& set, uint16_t vid) { return !set || set->test(vid); }

bool is_native(VlanMode mode) { return mode == VlanMode::native_tagged || mode == VlanMode::native_untagged; }

/// Where untagged frames have a VLAN of their own, VLAN 0 is none unless it is listed.
bool trunks(const Bundle& port, uint16_t vid) {
    if (!is_native(port.mode)) return in_set(port.trunks, vid);
    return vid == port.vlan || (port.trunks ? port.trunks->test(vid) : vid != 0);
}

std::string number(uint16_t vid) { return std::to_string(vid); }

/// A tag in parts. One that has neither VLAN nor priority is left out, unless it came in and shall be kept.
struct Tag {
    uint16_t tpid = 0x8100, vid = 0, pcp = 0;
    bool came_in = false;

    VlanTag wire(bool keep) const {
        const auto bits = static_cast<uint16_t>(vid | pcp << flow::vlan_pcp_shift);
        if (!bits && !(keep && came_in)) return {};
        return {Be16(tpid), Be16(bits | flow::vlan_present)};
    }
    static Tag of(VlanTag t) {
        const uint16_t tci = t.tci.host();
        Tag out;
        if (!(tci & flow::vlan_present)) return out;
        out.tpid = t.tpid.host() ? t.tpid.host() : uint16_t{0x8100};
        out.vid = tci & flow::vlan_vid_mask;
        out.pcp = static_cast<uint16_t>(tci >> flow::vlan_pcp_shift);
        out.came_in = true;
        return out;
    }
};

struct Tags {
    Tag outer, inner;
};

/// The tags that stand for the frame's VLANs inside the bridge.
Tags inside(const Bundle& in, Tags frame) {
    switch (in.mode) {
        case VlanMode::access:
            frame.outer.vid = in.vlan;
            return {frame.outer, {}};
        case VlanMode::native_tagged:
        case VlanMode::native_untagged:
            if (!frame.outer.vid) frame.outer.vid = in.vlan;
            return frame;
        case VlanMode::dot1q_tunnel:
            return {{in.qinq_ethertype, in.vlan, 0}, frame.outer};
        case VlanMode::trunk:
            break;
    }
    return frame;
}

/// The tags on the way out. `frame` is what came in: its priority is kept where tags are taken off, if that
/// is wanted.
Tags outside(const Bundle& out, Tags tags, const Tag& frame) {
    const bool native = out.mode == VlanMode::native_untagged && tags.outer.vid == out.vlan;
    if (out.mode == VlanMode::access) tags = {};
    if (native || out.mode == VlanMode::dot1q_tunnel) tags = {tags.inner, {}};
    if (out.priority_tags != PriorityTags::no) tags.outer.pcp = frame.pcp;
    return tags;
}

}  // namespace

uint16_t FrameTags::inner_vid() {
    flow::FlowMask m{};
    m.packet.vlan[1].tci = Be16(flow::vlan_present | flow::vlan_vid_mask);
    key_.observe(m);
    return key_.key_for_lookup().packet.vlan[1].tci.host() & flow::vlan_vid_mask;
}

bool FrameTags::inner_is_blank() {
    if (!(key_.key_for_lookup().packet.vlan[1].tci.host() & flow::vlan_present) || inner_vid()) return false;
    return !(key_.read_element(&PacketBlock::vlan, 1).tci.host() & ~flow::vlan_present);
}

std::optional<InVlan> classify(const Bundle& port, FrameTags tags, std::string& why) {
    const uint16_t vid = tags.tagged() ? tags.vid() : 0;
    switch (port.mode) {
        case VlanMode::access:
            if (vid) {
                why = "dropping VLAN " + number(vid) + " tagged packet received on port " + port.name +
                      " configured as VLAN " + number(port.vlan) + " access port";
                return std::nullopt;
            }
            return InVlan{port.vlan, 0};
        case VlanMode::dot1q_tunnel:
            if (!in_set(port.cvlans, vid)) {
                why = "dropping VLAN " + number(vid) + " packet received on dot1q-tunnel port " + port.name +
                      " that excludes this VLAN";
                return std::nullopt;
            }
            return InVlan{port.vlan, vid};
        case VlanMode::trunk:
        case VlanMode::native_tagged:
        case VlanMode::native_untagged:
            break;
    }
    const uint16_t vlan = !vid && is_native(port.mode) ? port.vlan : vid;
    if (!trunks(port, vlan)) {
        why = "dropping VLAN " + number(vlan) + " packet received on port " + port.name +
              " not configured for trunking VLAN " + number(vlan);
        return std::nullopt;
    }
    return InVlan{vlan, tags.inner_vid()};
}

bool carries(const Bundle& port, InVlan vlan) {
    switch (port.mode) {
        case VlanMode::access:
            return vlan.outer == port.vlan && vlan.inner == 0;
        case VlanMode::dot1q_tunnel:
            return vlan.outer == port.vlan && in_set(port.cvlans, vlan.inner);
        case VlanMode::trunk:
        case VlanMode::native_tagged:
        case VlanMode::native_untagged:
            break;
    }
    return trunks(port, vlan.outer);
}

bool rewrite(flow::FlowView& key, const Bundle& in, const Bundle& out, InVlan vlan) {
    FrameTags frame_tags(key);
    const bool tagged = frame_tags.tagged();
    const bool as_is = out.mode == VlanMode::trunk || out.mode == VlanMode::native_tagged ||
                       (out.mode == VlanMode::native_untagged && vlan.outer != out.vlan);
    const bool same_vlan = in.mode != VlanMode::dot1q_tunnel && (tagged ? frame_tags.vid() : 0) == vlan.outer;
    if (as_is && same_vlan && (vlan.outer || !tagged) && !(tagged && frame_tags.inner_is_blank()))
        return false;

    const VlanTag outer = key.read_element(&PacketBlock::vlan, 0),
                  inner = key.read_element(&PacketBlock::vlan, 1);
    const Tags frame{Tag::of(outer), Tag::of(inner)};
    const Tags tags = outside(out, inside(in, frame), frame.outer);
    const bool keep = out.priority_tags == PriorityTags::always;
    const VlanTag wire[2] = {tags.outer.wire(keep), tags.inner.wire(keep)};
    if (wire[0] == outer && wire[1] == inner) return false;
    key.write_array(&PacketBlock::vlan, wire);
    return true;
}

}  // namespace weft::pipeline
