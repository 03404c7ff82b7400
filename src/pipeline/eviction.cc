// SPDX-License-Identifier: Apache-2.0
#include "pipeline/eviction.h"

#include <algorithm>
#include <limits>

namespace weft::pipeline {

bool EvictionGroups::KeyLess::operator()(const Key& a, const Key& b) const {
    return std::ranges::lexicographical_compare(
        a, b, [](const flow::FieldValue& x, const flow::FieldValue& y) { return x.b < y.b; });
}

bool EvictionGroups::RankLess::operator()(const Rank& a, const Rank& b) const {
    const auto order = [](const Rank& r) {
        return std::tuple(std::get<0>(r), std::get<1>(r), std::get<2>(r), &*std::get<3>(r));
    };
    return order(a) < order(b);
}

/// A field that the rule does not match counts as zero.
EvictionGroups::Key EvictionGroups::key_of(const Rule& rule) const {
    const flow::Match match = rule.match().expand();
    Key key;
    key.reserve(fields_.size());
    for (const flow::Subfield f : fields_) key.push_back(flow::get_bits(match.key, f));
    return key;
}

EvictionGroups::Rank EvictionGroups::rank_of(Groups::iterator group) {
    const auto& [importance, listed, rule] = *group->second.rules.begin();
    return {std::numeric_limits<size_t>::max() - group->second.rules.size(), importance, listed, group};
}

template <class Change>
void EvictionGroups::with(Groups::iterator group, Change&& change) {
    if (!group->second.rules.empty()) ranks_.erase(rank_of(group));
    change(group->second.rules);
    if (group->second.rules.empty())
        groups_.erase(group);
    else
        ranks_.insert(rank_of(group));
}

void EvictionGroups::add(Rule& rule) {
    const auto group = groups_.try_emplace(key_of(rule)).first;
    const Entry entry{rule.importance(), rule.deadline(), &rule};
    places_[&rule] = {group, entry};
    with(group, [&](auto& rules) { rules.insert(entry); });
}

void EvictionGroups::remove(Rule& rule) {
    const auto it = places_.find(&rule);
    if (it == places_.end()) return;
    const Place place = it->second;
    places_.erase(it);
    with(place.group, [&](auto& rules) { rules.erase(place.entry); });
}

Rule* EvictionGroups::victim() {
    while (!ranks_.empty()) {
        const auto group = std::get<Groups::iterator>(*ranks_.begin());
        const auto [importance, listed, rule] = *group->second.rules.begin();
        const Time deadline = rule->deadline();
        if (deadline <= listed) return rule;
        const Entry fresh{importance, deadline, rule};
        with(group, [&, old = Entry{importance, listed, rule}](auto& rules) {
            rules.erase(old);
            rules.insert(fresh);
        });
        places_[rule].entry = fresh;
    }
    return nullptr;
}

}  // namespace weft::pipeline
