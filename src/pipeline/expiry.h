// SPDX-License-Identifier: Apache-2.0
// The rules of a table that have timeouts, in order of when they are due.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "pipeline/eviction.h"
#include "pipeline/rule.h"

namespace weft::pipeline {

/// Not thread-safe: the writer's. A rule in use is due later than its place says; whoever asks for the first
/// brings the front of the list up to date, so packets cost nothing here.
class Expiry {
  public:
    /// Adds the rule if it has a timeout.
    void add(Rule& rule);
    void remove(Rule& rule);
    /// The rule's timeouts became shorter.
    void update(Rule& rule) {
        remove(rule);
        add(rule);
    }

    /// A rule that is due by `now`; null if none.
    Rule* due(Time now);
    /// No rule is due before.
    Time next() const;
    /// The rule to give way when the table is full: of the largest group, of the lowest importance, the one
    /// that expires soonest. Null if all are permanent.
    Rule* soonest();
    /// Divides the rules by these fields, for soonest(); none: all are one group. Costs by rules.
    void set_groups(const std::vector<flow::Subfield>& fields);

  private:
    struct Earlier {
        bool operator()(const Rule* a, const Rule* b) const;
    };
    using Rules = std::set<Rule*, Earlier>;

    static Rule* refreshed_front(Rules& rules);

    std::map<uint16_t, Rules> by_importance_;  // no set in it is empty
    std::unique_ptr<EvictionGroups> groups_;   // null: one group
};

}  // namespace weft::pipeline
