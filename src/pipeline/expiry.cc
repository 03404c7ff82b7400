// SPDX-License-Identifier: Apache-2.0
#include "pipeline/expiry.h"

#include <algorithm>
#include <functional>

namespace weft::pipeline {

bool Expiry::Earlier::operator()(const Rule* a, const Rule* b) const {
    return a->listed_ != b->listed_ ? a->listed_ < b->listed_ : std::less<>{}(a, b);
}

void Expiry::add(Rule& rule) {
    if (!rule.has_timeout()) return;
    rule.listed_ = rule.deadline();
    by_importance_[rule.importance()].insert(&rule);
    if (groups_) groups_->add(rule);
}

void Expiry::remove(Rule& rule) {
    if (rule.listed_ == never) return;
    if (groups_) groups_->remove(rule);
    const auto it = by_importance_.find(rule.importance());
    it->second.erase(&rule);
    if (it->second.empty()) by_importance_.erase(it);
    rule.listed_ = never;
}

Rule* Expiry::refreshed_front(Rules& rules) {
    for (;;) {
        Rule* front = *rules.begin();
        const Time deadline = front->deadline();
        if (deadline <= front->listed_) return front;
        rules.erase(rules.begin());
        front->listed_ = deadline;
        rules.insert(front);
    }
}

Rule* Expiry::due(Time now) {
    for (auto& [importance, rules] : by_importance_) {
        // Only what looks due is brought up to date.
        while ((*rules.begin())->listed_ <= now) {
            Rule* front = *rules.begin();
            const Time deadline = front->deadline();
            if (deadline <= now) return front;
            rules.erase(rules.begin());
            front->listed_ = deadline;
            rules.insert(front);
        }
    }
    return nullptr;
}

Time Expiry::next() const {
    Time next = never;
    for (const auto& [importance, rules] : by_importance_) next = std::min(next, (*rules.begin())->listed_);
    return next;
}

void Expiry::set_groups(const std::vector<flow::Subfield>& fields) {
    groups_.reset();
    if (fields.empty()) return;
    groups_ = std::make_unique<EvictionGroups>(fields);
    for (auto& [importance, rules] : by_importance_)
        for (Rule* rule : rules) groups_->add(*rule);
}

Rule* Expiry::soonest() {
    if (groups_) return groups_->victim();
    return by_importance_.empty() ? nullptr : refreshed_front(by_importance_.begin()->second);
}

}  // namespace weft::pipeline
