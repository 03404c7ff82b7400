// SPDX-License-Identifier: Apache-2.0
// VLAN tags: push_vlan, strip_vlan (pop_vlan), mod_vlan_vid and mod_vlan_pcp.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

constexpr uint16_t dot1q = 0x8100, dot1ad = 0x88a8;

OfResult<Action> decode_push(Body& b) {
    const PushVlan a{b.in.u16()};
    if (a.tpid != dot1q && a.tpid != dot1ad) return refuse(OfError::bac_bad_argument);
    return a;
}

OfResult<Action> decode_strip(Body& b) { return StripVlan{.pop_name = b.version > v10}; }

OfResult<Action> decode_vid(Body& b) {
    const SetVlanVid a{.vid = b.in.u16(), .push_if_needed = b.version == v10};
    if (a.vid > 0xfff) return refuse(OfError::bac_bad_argument);
    return a;
}

OfResult<Action> decode_pcp(Body& b) {
    const SetVlanPcp a{.pcp = b.in.u8(), .push_if_needed = b.version == v10};
    if (a.pcp > 7) return refuse(OfError::bac_bad_argument);
    return a;
}

constexpr std::array rows{
    WireForm{0, 1, v10, v15, 8, false, decode_vid},    WireForm{0, 2, v10, v15, 8, false, decode_pcp},
    WireForm{0, 3, v10, v10, 8, false, decode_strip},  WireForm{0, 17, v11, v15, 8, false, decode_push},
    WireForm{0, 18, v11, v15, 8, false, decode_strip},
};

/// OpenFlow 1.1 and newer add a tag by an action of its own.
template <class SetVlan>
void push_first(const SetVlan& a, Encoder& e) {
    if (e.version() > v10 && a.push_if_needed && !a.flow_has_vlan) encode(PushVlan{dot1q}, e);
}

}  // namespace

forms::Rows forms::vlan() { return rows; }

void encode(const PushVlan& a, Encoder& e) {
    if (e.version() == v10) return;  // there, setting a VID or PCP pushes the tag
    const auto open = e.standard(17);
    e.out().u16(a.tpid);
}

void encode(const StripVlan&, Encoder& e) { const auto open = e.standard(e.version() == v10 ? 3 : 18); }

void encode(const SetVlanVid& a, Encoder& e) {
    push_first(a, e);
    if (e.version() > v11) return encode(set_whole(flow::FieldId::vlan_vid, flow::vlan_present | a.vid), e);
    const auto open = e.standard(1);
    e.out().u16(a.vid);
}

void encode(const SetVlanPcp& a, Encoder& e) {
    push_first(a, e);
    if (e.version() > v11) return encode(set_whole(flow::FieldId::vlan_pcp, a.pcp), e);
    const auto open = e.standard(2);
    e.out().u8(a.pcp);
}

// Text.

namespace {

Result<> parse_push(const TextArgs& a, Actions& out) {
    const auto tpid = static_cast<uint16_t>(TRY(parse_number(a.args, "ethertype", 0xffff)));
    if (tpid != dot1q && tpid != dot1ad) return fail(std::string(a.args) + ": not a valid VLAN ethertype");
    out.emplace_back(PushVlan{tpid});
    return {};
}

Result<> parse_strip(const TextArgs& a, Actions& out) {
    out.emplace_back(StripVlan{.pop_name = a.name == "pop_vlan"});
    return {};
}

template <bool push>
Result<> parse_vid(const TextArgs& a, Actions& out) {
    const auto vid = static_cast<uint16_t>(TRY(parse_number(a.args, "VLAN VID", 0xffff)));
    if (vid > 0xfff) return fail(std::string(a.args) + ": not a valid VLAN VID");
    out.emplace_back(SetVlanVid{.vid = vid, .push_if_needed = push});
    return {};
}

template <bool push>
Result<> parse_pcp(const TextArgs& a, Actions& out) {
    const auto pcp = static_cast<uint8_t>(TRY(parse_number(a.args, "VLAN PCP", 0xff)));
    if (pcp > 7) return fail(std::string(a.args) + ": not a valid VLAN PCP");
    out.emplace_back(SetVlanPcp{.pcp = pcp, .push_if_needed = push});
    return {};
}

constexpr std::array names_of_vlan{
    TextForm{"push_vlan", parse_push},          TextForm{"strip_vlan", parse_strip},
    TextForm{"pop_vlan", parse_strip},          TextForm{"mod_vlan_vid", parse_vid<true>},
    TextForm{"mod_vlan_pcp", parse_pcp<true>},  TextForm{"set_vlan_vid", parse_vid<false>},
    TextForm{"set_vlan_pcp", parse_pcp<false>},
};

}  // namespace

texts::Rows texts::vlan() { return names_of_vlan; }

void print(const PushVlan& a, Printer& p) {
    p.put("push_vlan:");
    p.hex(a.tpid);
}
void print(const StripVlan& a, Printer& p) { p.put(a.pop_name ? "pop_vlan" : "strip_vlan"); }
void print(const SetVlanVid& a, Printer& p) {
    p.put(a.push_if_needed ? "mod_vlan_vid:" : "set_vlan_vid:");
    p.number(a.vid);
}
void print(const SetVlanPcp& a, Printer& p) {
    p.put(a.push_if_needed ? "mod_vlan_pcp:" : "set_vlan_pcp:");
    p.number(a.pcp);
}

}  // namespace weft::action
