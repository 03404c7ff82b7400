// SPDX-License-Identifier: Apache-2.0
#include "ctl/verdict.h"

#include <algorithm>

namespace weft::ctl {

namespace {

template <class Kind>
bool has(const action::Actions& actions) {
    return std::ranges::any_of(actions,
                               [](const action::Action& a) { return std::holds_alternative<Kind>(a.v); });
}

/// The last rule on the packet's way that `wanted`.
template <class Wanted>
pipeline::RulePtr last_rule(const std::vector<pipeline::RulePtr>& rules, const Wanted& wanted) {
    for (auto it = rules.rbegin(); it != rules.rend(); ++it)
        if (wanted(**it)) return *it;
    return nullptr;
}

}  // namespace

const bridge::Bridge* Case::site() const {
    const bridge::Bridge* at = backer.find(record.site.bridge);
    return at ? at : came_by;
}

pipeline::RulePtr Case::rule() const {
    const bool translated = std::holds_alternative<pipeline::Drop>(record.reason.v);
    if (translated) return record.site.rule;
    if (record.reason.is(dp::Drop::meter))
        return last_rule(record.rules, [](const auto& r) { return has<action::Meter>(r.actions()); });
    if (record.reason.is(bridge::SwitchDrop::no_controller) ||
        record.reason.is(bridge::SwitchDrop::controller_busy))
        return last_rule(record.rules, [](const auto& r) { return has<action::Controller>(r.actions()); });
    return last_rule(record.rules, [](const auto& r) { return !r.actions().empty(); });
}

const bridge::Member* Case::out_port() const {
    for (const auto& [name, b] : backer.bridges)
        for (const auto& [interface, m] : b->members)
            if (!m.is_patch() && m.dp_port == DpPort{record.sample.arg}) return &m;
    return nullptr;
}

const bridge::Member* Case::in_port() const { return came_by ? came_by->find(key().of_in_port()) : nullptr; }

bridge::Switch::Runtime* Case::runtime() const {
    const bridge::Bridge* at = site();
    return at ? sw.find(at->config.name) : nullptr;
}

Verdict judge(const Case& about) {
    if (std::holds_alternative<bridge::SwitchDrop>(about.record.reason.v)) return judge_controllers(about);
    if (about.record.reason.is(dp::Drop::meter)) return judge_rules(about);
    if (std::holds_alternative<dp::Drop>(about.record.reason.v)) return judge_ports(about);
    if (about.is(pipeline::Drop::none)) return judge_forwarded(about);
    using enum pipeline::Drop;
    switch (std::get<pipeline::Drop>(about.record.reason.v)) {
        case forwarding_disabled:
        case invalid_port:
        case port_down:
        case no_recv:
        case reserved_multicast:
        case vlan_not_admitted:
        case vlan_has_no_port:
        case mirror_output_port:
        case bond_not_admitted:
        case learned_port_is_input:
        case output_to_input:
        case bridge_not_found:
            return judge_ports(about);
        default:
            return judge_rules(about);
    }
}

}  // namespace weft::ctl
