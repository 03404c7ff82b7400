// SPDX-License-Identifier: Apache-2.0
#include "pipeline/rule.h"

#include <algorithm>

namespace weft::pipeline {

namespace {

/// A rule lives its timeout to the last millisecond.
constexpr Duration grace = 1ms;

const std::shared_ptr<const action::Actions>& no_actions() {
    static const auto none = std::make_shared<const action::Actions>();
    return none;
}

std::vector<flow::Clause> clauses_of(const RuleSpec& spec) {
    std::vector<flow::Clause> out;
    if (!spec.actions) return out;
    for (const action::Action& a : *spec.actions)
        if (const auto* c = std::get_if<action::Conjunction>(&a.v))
            out.push_back({c->id, c->clause, c->n_clauses});
    return out;
}

bool lower(std::atomic<uint16_t>& timeout, uint16_t to) {
    uint16_t now = timeout.load(std::memory_order_relaxed);
    while (to && (!now || now > to))
        if (timeout.compare_exchange_weak(now, to, std::memory_order_relaxed)) return true;
    return false;
}

}  // namespace

Rule::Rule(uint8_t table, flow::SparseMatch match, int32_t priority, RuleSpec spec, Time now)
    : ClassifierRule(std::move(match), priority, version_never, clauses_of(spec)),
      table_(table),
      idle_timeout_(spec.idle_timeout_s),
      hard_timeout_(spec.hard_timeout_s),
      spec_(std::move(spec)),
      created_(now),
      modified_(now.time_since_epoch().count()),
      cell_(now) {
    if (!spec_.actions) spec_.actions = no_actions();
}

MutableRulePtr Rule::make(uint8_t table, flow::SparseMatch match, int32_t priority, RuleSpec spec, Time now) {
    void* const place = ::operator new(sizeof(Rule) + match.n_words() * sizeof(uint64_t));
    MutableRulePtr rule(::new (place) Rule(table, std::move(match), priority, std::move(spec), now));
    rule->put_keys(reinterpret_cast<uint64_t*>(rule.get() + 1));
    return rule;
}

MutableRulePtr Rule::next_version(const Rule& old, RuleSpec spec, bool reset_counts, Time now) {
    MutableRulePtr rule = make(old.table_, old.match(), old.priority(), std::move(spec), now);
    rule->created_ = old.created_;
    rule->idle_timeout_ = old.idle_timeout();
    rule->hard_timeout_ = old.hard_timeout();
    if (!reset_counts) rule->share_counts(old);
    return rule;
}

bool Rule::reduce_timeouts(uint16_t idle, uint16_t hard) const {
    const bool a = lower(idle_timeout_, idle), b = lower(hard_timeout_, hard);
    return a || b;
}

Time Rule::hard_deadline() const {
    const uint16_t hard = hard_timeout();
    return hard ? modified() + std::chrono::seconds(hard) + grace : never;
}

Time Rule::deadline() const {
    const uint16_t idle = idle_timeout();
    return std::min(hard_deadline(), idle ? cell().used() + std::chrono::seconds(idle) + grace : never);
}

}  // namespace weft::pipeline
