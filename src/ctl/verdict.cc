// SPDX-License-Identifier: Apache-2.0
#include "ctl/verdict.h"

#include <fmt/core.h>

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

const bridge::Member* Case::in_port() const {
    return came_by ? came_by->find(key().of_in_port()) : member(record.sample.key.dp_in_port());
}

const bridge::Member* Case::member(DpPort port) const {
    for (const auto& [name, b] : backer.bridges)
        for (const auto& [interface, m] : b->members)
            if (!m.is_patch() && m.dp_port == port) return &m;
    return nullptr;
}

namespace {

/// Of a drop that a bridge decided which is no more.
Verdict bridge_is_gone(const Case& about) {
    return {.summary = fmt::format("The bridge that dropped it is no more; its reason was: {}.",
                                   about.record.reason.text()),
            .row = "no row of Bridge is the one of then",
            .remedies = {"nothing: packets go by the bridge that has the port now, if one has"},
            .notes = {}};
}

}  // namespace

Verdict judge(const Case& about) {
    if (about.is(pipeline::Drop::none)) return judge_forwarded(about);
    for (const auto& theirs : {judge_ports, judge_controllers, judge_rules, judge_in_words})
        if (auto verdict = theirs(about)) return *std::move(verdict);
    return bridge_is_gone(about);
}

}  // namespace weft::ctl
