// SPDX-License-Identifier: Apache-2.0
// The inside of Tables, shared by its parts. Internal to pipeline.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>

#include "flow/classifier.h"
#include "pipeline/expiry.h"
#include "pipeline/groups_edit.h"
#include "pipeline/tables.h"
#include "pipeline/users.h"

namespace weft::pipeline {

/// What waits until no reader can have it in hand any more: pointers that own it. Writer only.
template <class Thing>
class Garbage {
  public:
    /// Frees `thing` once every reader entered at version `from` or later.
    void put(Version from, Thing thing) { things_.emplace_back(from, std::move(thing)); }
    void collect(Version oldest_reader) {
        while (!things_.empty() && things_.front().first <= oldest_reader) things_.pop_front();
    }
    bool empty() const { return things_.empty(); }

  private:
    std::deque<std::pair<Version, Thing>> things_;
};

/// The rules of a table in a list of places that keep their numbers, so that a walk can stop and go on. The
/// versions of one rule share a place. Locked inside: walkers and the writer meet here, a few instructions at
/// a time.
class RuleList {
  public:
    /// The first version of a rule.
    void add(MutableRulePtr rule);
    /// A new version takes the place of the old, and keeps it within reach for readers of old versions.
    void replace(Rule& old, MutableRulePtr rule);
    /// Undoes one of the above.
    void undo(Rule& rule);
    /// The version nobody can see any more leaves; returns it.
    MutableRulePtr drop(Rule& rule);

    /// Appends the visible rules of up to `limit` places from `place` on; false at the end.
    bool take(Version version, uint32_t& place, size_t limit, std::vector<RulePtr>& out) const;

  private:
    mutable std::mutex mutex_;
    std::deque<MutableRulePtr> places_;  ///< the newest version of each; grows without being moved
    void free(uint32_t place);
    /// Places that were free once, and are unless they are used or gone: the list ends with a place in use.
    std::vector<uint32_t> free_;
};

/// The classifiers of a table: a rule is for Ethernet packets, or for those of the other packet type that it
/// names, so that neither costs the other a thing.
class RuleIndex {
  public:
    explicit RuleIndex(const flow::Retire& retire) : ethernet_(retire), other_(retire) {}

    void insert(Rule& rule) { of(rule.match()).insert(rule); }
    void prefetch(const Rule& rule) const { of(rule.match()).prefetch(rule); }
    Rule* find_exact(const Rule& like, Version v) const { return of(like.match()).find_exact(like, v); }
    void remove(Rule& rule) { of(rule.match()).remove(rule); }
    Rule* find_exact(const flow::SparseMatch& m, int32_t priority, Version v) const {
        return of(m).find_exact(m, priority, v);
    }
    Rule* find_overlap(const flow::SparseMatch& m, int32_t priority, Version v) const {
        return of(m).find_overlap(m, priority, v);
    }
    void set_prefix_fields(std::span<const flow::FieldId> fields) {
        ethernet_.set_prefix_fields(fields);
        other_.set_prefix_fields(fields);
    }
    auto lookup(flow::FlowView& view, Version v, flow::LookupPlant plant) const {
        const bool ethernet = !view.key_for_lookup().packet.packet_type;
        return (ethernet ? ethernet_ : other_).lookup(view, v, plant);
    }
    template <class Visit>  // bool(Rule&): false stops
    void for_each(const flow::SparseMatch& criteria, Version v, const Visit& visit) const {
        bool go_on = true;
        const auto once = [&](Rule& rule) { return go_on = visit(rule); };
        ethernet_.for_each(criteria, v, once);
        if (go_on) other_.for_each(criteria, v, once);
    }

  private:
    using Classifier = flow::RuleClassifier<Rule>;
    static bool is_other(const flow::SparseMatch& m);
    const Classifier& of(const flow::SparseMatch& m) const { return is_other(m) ? other_ : ethernet_; }
    Classifier& of(const flow::SparseMatch& m) { return is_other(m) ? other_ : ethernet_; }

    Classifier ethernet_, other_;
};

struct Table {
    explicit Table(const flow::Retire& retire) : index(retire) {}

    RuleIndex index;
    RuleList list;
    Expiry expiry;
    mutable TableCounters counters;
    std::atomic<size_t> n_rules{0};  ///< in the newest version, hidden ones not counted
    bool has_protected = false;      ///< hidden rules that one of a controller's could be the equal of
    std::atomic<Miss> miss{Miss::as_connected};
    TableConfig config;  ///< changed by the writer, under Impl::config_mutex too
};

/// Learn actions that want what they learned to go with them, counted by the table and cookie they learn
/// into.
class Learners {
  public:
    using Key = std::pair<uint8_t, uint64_t>;
    void add(const action::Actions& actions);
    /// Appends to `gone` what nobody learns into any more.
    void remove(const action::Actions& actions, std::vector<Key>& gone);
    bool has(const Key& key) const { return counts_.contains(key); }

  private:
    std::map<Key, size_t> counts_;
};

struct Tables::Impl {
    Impl(const Tables& of, Versions& v, Time now);

    MutableRulePtr add_internal(int32_t priority, const flow::Match& match, action::Actions actions,
                                Time now);
    /// Takes removed rules out of the indexes when nobody can see them, and frees what nobody can hold.
    /// Writer only.
    void reclaim();
    /// Whether the filter means the rule, apart from its table and match.
    static bool means(const RuleFilter& filter, const Rule& rule);
    template <class Visit>
    void for_each_table(uint8_t table, bool hidden, Visit&& visit) const {
        if (table != all_tables) return visit(table);
        for (size_t t = 0; t < (hidden ? n_tables : internal_table); ++t) visit(static_cast<uint8_t>(t));
    }
    /// next_deadline may be early, never late: it only sinks here, and expire() finds it anew.
    void note_deadline(Time deadline);
    void find_deadline();

    const Tables& self;
    Versions& versions;
    Garbage<std::shared_ptr<const void>> garbage;   // before the tables, whose destruction may add to it
    Garbage<RulePtr> dropped;                       ///< rules that are in no index any more
    std::deque<std::pair<Version, Rule*>> removed;  ///< rules by the version in which they are gone
    std::deque<Table> tables;
    Learners learners;
    Users users;
    Groups groups;
    mutable std::mutex config_mutex;
    std::shared_ptr<const flow::TlvLayout> option_layout = std::make_shared<const flow::TlvLayout>();
    std::atomic<int64_t> next_deadline;
    RulePtr miss_rule, no_packet_in_rule, drop_fragments_rule;
};

}  // namespace weft::pipeline
