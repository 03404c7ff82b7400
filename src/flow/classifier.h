// SPDX-License-Identifier: Apache-2.0
// Classifier: finds the rule of highest priority that matches a key, for any version of the table, and tells
// which bits of the key the answer depended on.
#pragma once

#include <map>
#include <unordered_map>

#include "flow/classifier_index.h"

namespace weft::flow {

/// Resource type; does not own its rules. Tuple space search: one subtable for each mask. Tries of the
/// prefixes in use (of the fields asked for, and of transport ports) rule out most subtables at once, the
/// rest is visited by falling priority until no better rule can come. insert() and remove() take time
/// independent of the number of rules; only a mask that comes or goes costs in the number of masks.
///
/// Conjunctions: a rule with clauses does not match by itself. If packets match rules of one priority that
/// meet all clauses of a conjunction, and no plain rule of that priority or above, the rule is looked up
/// again with that conj_id, clauses left aside; if that finds nothing, the conjunction is as if it were not
/// there.
///
/// Threads: one writer at a time calls what is marked so; at the same time any number of readers call the
/// rest and never wait. Readers must be inside an epoch of the owner: what the writer removes (rules) and
/// what the classifier replaces inside (handed to `retire`) is freed only when no reader is left that started
/// before. A rule is removed when no reader of a version in which it is visible can be left.
class Classifier {
  public:
    /// `retire` is called by the writer; by default memory is freed at once, for use without other threads.
    explicit Classifier(Retire retire = [](const std::shared_ptr<const void>&) {});
    ~Classifier();
    Classifier(const Classifier&) = delete;
    Classifier& operator=(const Classifier&) = delete;

    // Writer only. Rules of equal match and priority may be in at the same time, in different versions.
    void insert(ClassifierRule& rule);
    void remove(ClassifierRule& rule);
    ClassifierRule* find_exact(const SparseMatch& match, int32_t priority, Version v) const;
    /// Of the match and priority of `like`, which need not be in.
    ClassifierRule* find_exact(const ClassifierRule& like, Version v) const;
    /// Has fetched what find_exact() and insert() will look at in a large table.
    void prefetch(const ClassifierRule& rule) const;
    /// A visible rule of this priority, some packet of which could also match `match` (OFPFF_CHECK_OVERLAP).
    ClassifierRule* find_overlap(const SparseMatch& match, int32_t priority, Version v) const;
    /// Costs by the rules there are. Transport ports are always tracked.
    void set_prefix_fields(std::span<const FieldId> fields);
    size_t size() const { return n_rules_; }
    size_t n_subtables() const { return members_.size(); }

    // Any thread. If several rules of the highest priority match, one of them, whatever was inserted first.
    ClassifierRule* lookup(const FlowKey& key, Version v) const { return find(key, v, nullptr, {}).rule; }
    struct Found {
        ClassifierRule* rule = nullptr;
        int32_t floor = -1;  ///< no change to rules of a lower priority can change the answer
    };
    /// Also un-wildcards every bit that the answer depended on.
    Found lookup(FlowView& view, Version v, LookupPlant plant = {}) const {
        return find(view.key_for_lookup(), v, &view, plant);
    }
    /// Visits the visible rules that `criteria` covers, each once; stops when visit gives false. Rules that
    /// come or go meanwhile may be missed or seen. `visit` itself must not insert or remove: collect first.
    void for_each(const SparseMatch& criteria, Version v,
                  const std::function<bool(ClassifierRule&)>& visit) const;

  private:
    /// What the writer knows of a subtable.
    struct Member {
        std::shared_ptr<Subtable> subtable;
        std::shared_ptr<HeadGroup> group;  ///< null if the subtable has no tail
        std::vector<uint8_t> lengths;      ///< of its prefix in each tracked field
        size_t rank = 0;
    };
    using Groups = std::map<std::vector<MaskWord>, std::weak_ptr<HeadGroup>>;

    Found find(const FlowKey& key, Version v, FlowView* view, LookupPlant plant) const;
    Found find_conjunction(const ClassifierSearch& search, const FlowKey& key, Version v,
                           FlowView* view) const;
    Member* member_of(const SparseMatch& match) const;
    Member& add_member(const SparseMatch& match);
    void remove_member(const Member& member);
    void measure(Member& member) const;
    void track(const Member& member, const ClassifierRule& rule) const;
    void untrack(const Member& member, const ClassifierRule& rule) const;
    void note_priority(Member& member);
    void publish();

    Retire retire_;
    std::unordered_multimap<uint64_t, std::unique_ptr<Member>> members_;  // by hash of the mask
    Groups groups_;
    std::vector<std::shared_ptr<PrefixTracker>> trackers_;
    std::shared_ptr<ClassifierIndex> owned_index_;
    std::atomic<const ClassifierIndex*> index_{nullptr};
    mutable Member* last_ = nullptr;  // found last; the writer's
    size_t out_of_order_ = 0;         // changes since the index was sorted
    size_t n_rules_ = 0;
};

/// The same for rules of type R, which derives from ClassifierRule.
template <class R>
class RuleClassifier {
  public:
    explicit RuleClassifier(Retire retire = [](const std::shared_ptr<const void>&) {})
        : impl_(std::move(retire)) {}

    void insert(R& rule) { impl_.insert(rule); }
    void prefetch(const R& rule) const { impl_.prefetch(rule); }
    R* find_exact(const R& like, Version v) const { return cast(impl_.find_exact(like, v)); }
    void remove(R& rule) { impl_.remove(rule); }
    R* find_exact(const SparseMatch& m, int32_t priority, Version v) const {
        return cast(impl_.find_exact(m, priority, v));
    }
    R* find_overlap(const SparseMatch& m, int32_t priority, Version v) const {
        return cast(impl_.find_overlap(m, priority, v));
    }
    void set_prefix_fields(std::span<const FieldId> fields) { impl_.set_prefix_fields(fields); }
    size_t size() const { return impl_.size(); }
    size_t n_subtables() const { return impl_.n_subtables(); }
    R* lookup(const FlowKey& key, Version v) const { return cast(impl_.lookup(key, v)); }
    struct Found {
        R* rule;
        int32_t floor;
    };
    Found lookup(FlowView& view, Version v, LookupPlant plant = {}) const {
        const Classifier::Found found = impl_.lookup(view, v, plant);
        return {cast(found.rule), found.floor};
    }
    template <class Visit>  // bool(R&): false stops
    void for_each(const SparseMatch& criteria, Version v, Visit&& visit) const {
        impl_.for_each(criteria, v, [&](ClassifierRule& r) { return visit(static_cast<R&>(r)); });
    }

  private:
    static R* cast(ClassifierRule* r) { return static_cast<R*>(r); }
    Classifier impl_;
};

}  // namespace weft::flow
