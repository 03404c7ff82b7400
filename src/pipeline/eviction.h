// SPDX-License-Identifier: Apache-2.0
// Which rule of a full table gives way when its rules are divided into groups (Flow_Table.groups).
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "flow/field.h"
#include "pipeline/rule.h"

namespace weft::pipeline {

/// Rules of a table that have timeouts, in groups that agree in the given fields. Not thread-safe: the
/// writer's. As in Expiry, a rule in use is due later than its place says, and whoever asks for the first
/// brings the front up to date. Each step costs the logarithm of the rules.
class EvictionGroups {
  public:
    explicit EvictionGroups(std::vector<flow::Subfield> fields) : fields_(std::move(fields)) {}
    EvictionGroups(const EvictionGroups&) = delete;
    EvictionGroups& operator=(const EvictionGroups&) = delete;

    void add(Rule& rule);
    void remove(Rule& rule);
    /// Of the largest groups, the rule of the lowest importance that expires soonest; null without rules.
    Rule* victim();

  private:
    using Key = std::vector<flow::FieldValue>;
    struct KeyLess {
        bool operator()(const Key& a, const Key& b) const;
    };
    using Entry = std::tuple<uint16_t, Time, Rule*>;  ///< importance, deadline as listed
    struct Group {
        std::set<Entry> rules;
    };
    using Groups = std::map<Key, Group, KeyLess>;
    using Rank =
        std::tuple<size_t, uint16_t, Time, Groups::iterator>;  ///< room below the largest, first entry
    struct RankLess {
        bool operator()(const Rank& a, const Rank& b) const;
    };
    struct Place {
        Groups::iterator group;
        Entry entry;
    };

    Key key_of(const Rule& rule) const;
    static Rank rank_of(Groups::iterator group);
    /// Changes a group's rules and keeps its rank right.
    template <class Change>
    void with(Groups::iterator group, Change&& change);

    std::vector<flow::Subfield> fields_;
    Groups groups_;  // none is empty
    std::set<Rank, RankLess> ranks_;
    std::unordered_map<const Rule*, Place> places_;
};

}  // namespace weft::pipeline
