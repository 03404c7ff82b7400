// SPDX-License-Identifier: Apache-2.0
#include "ctl/normalize_actions.h"

#include <fmt/core.h>

#include <map>
#include <vector>

#include "action/dp_action_text.h"
#include "flow/dp_text.h"

namespace weft::ctl {

namespace {

namespace dp = action::dp;

/// The tags and labels that a packet has at some point of a list of actions; outermost last.
struct Tags {
    std::vector<uint16_t> vlans;
    std::vector<uint32_t> labels;
    auto operator<=>(const Tags&) const = default;
};

Tags tags_of(const flow::FlowKey& key) {
    Tags out;
    for (size_t i = std::size(key.packet.vlan); i-- > 0;)
        if (const uint16_t tci = key.packet.vlan[i].tci.host(); tci & flow::vlan_present)
            out.vlans.push_back(tci);
    for (size_t i = std::size(key.packet.mpls); i-- > 0;)
        if (const uint32_t lse = key.packet.mpls[i].host(); lse) out.labels.push_back(lse);
    return out;
}

template <class T>
void drop_last(std::vector<T>& list) {
    if (!list.empty()) list.pop_back();
}

/// True if the action only changes tags.
bool change(Tags& tags, const dp::Action& a) {
    if (const auto* push = std::get_if<dp::PushVlan>(&a.v))
        tags.vlans.push_back(push->tci.host());
    else if (std::holds_alternative<dp::PopVlan>(a.v))
        drop_last(tags.vlans);
    else if (const auto* label = std::get_if<dp::PushMpls>(&a.v))
        tags.labels.push_back(label->lse.host());
    else if (std::holds_alternative<dp::PopMpls>(a.v))
        drop_last(tags.labels);
    else
        return false;
    return true;
}

std::string to_text(const Tags& tags) {
    std::string out;
    for (auto it = tags.vlans.rbegin(); it != tags.vlans.rend(); ++it)
        out += fmt::format("vlan(vid={},pcp={}): ", *it & flow::vlan_vid_mask, *it >> flow::vlan_pcp_shift);
    if (tags.vlans.empty()) out += "no vlan: ";
    for (auto it = tags.labels.rbegin(); it != tags.labels.rend(); ++it)
        out += fmt::format("mpls(label={},tc={},ttl={}): ", *it >> 12, *it >> 9 & 7, *it & 0xff);
    if (tags.labels.empty()) out += "no mpls: ";
    return out;
}

}  // namespace

Result<std::string> normalize_actions(std::string_view flow_text, std::string_view action_text) {
    auto match = flow::parse_dp_flow(flow_text);
    if (!match)
        return fail(fmt::format("ovs-vswitchd: odp_flow_key_from_string ({}) (Invalid argument)",
                                match.error().message));
    if (flow_text.find("recirc_id") == std::string_view::npos) match->mask.packet.recirc_id = {};
    std::string out = "input flow: " + flow::format_dp_flow(match->key, match->mask) + "\n";
    const auto actions = dp::parse_actions(action_text);
    if (!actions) return fail(out + "ovs-vswitchd: odp_actions_from_string (Invalid argument)");
    std::map<Tags, dp::Actions> groups;
    Tags tags = tags_of(match->key);
    for (const dp::Action& a : *actions)
        if (!change(tags, a)) groups[tags].push_back(a);
    for (const auto& [at, list] : groups) out += to_text(at) + dp::to_text(list) + "\n";
    return out;
}

}  // namespace weft::ctl
