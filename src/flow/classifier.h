// SPDX-License-Identifier: Apache-2.0
// Classifier: finds the rule of highest priority that matches a key, for any version of the table, and tells
// which bits of the key the answer depended on.
#pragma once

#include <unordered_map>

#include "flow/flow_view.h"
#include "flow/subtable.h"

namespace weft::flow {

/// Resource type; does not own its rules. Tuple space search: one subtable for each mask, visited by falling
/// priority until no better rule can come. insert() and remove() take time independent of the number of
/// rules; only a mask that comes, goes or changes its rank costs in the number of masks.
///
/// Threads: one writer at a time calls what is marked so; at the same time any number of readers call the
/// rest and never wait. Readers must be inside an epoch of the owner: what the writer removes (rules) and
/// what the classifier replaces inside (handed to `retire`) is freed only when no reader is left that started
/// before. A rule is removed when no reader of a version in which it is visible can be left.
class Classifier {
  public:
    /// `retire` is called by the writer; by default memory is freed at once, for use without other threads.
    explicit Classifier(Retire retire = [](const std::shared_ptr<const void>&) {})
        : retire_(std::move(retire)) {
        publish_order();
    }
    Classifier(const Classifier&) = delete;
    Classifier& operator=(const Classifier&) = delete;

    // Writer only. Rules of equal match and priority may be in at the same time, in different versions.
    void insert(ClassifierRule& rule);
    void remove(ClassifierRule& rule);
    ClassifierRule* find_exact(const SparseMatch& match, int32_t priority, Version v) const;
    /// A visible rule of this priority, some packet of which could also match `match` (OFPFF_CHECK_OVERLAP).
    ClassifierRule* find_overlap(const SparseMatch& match, int32_t priority, Version v) const;
    size_t size() const { return n_rules_; }
    size_t n_subtables() const { return subtables_.size(); }

    // Any thread. If several rules of the highest priority match, one of them.
    ClassifierRule* lookup(const FlowKey& key, Version v) const;
    /// Also un-wildcards every bit that the answer depended on.
    ClassifierRule* lookup(FlowView& view, Version v) const;
    /// Visits the visible rules that `criteria` covers, each once; stops when visit gives false. Rules that
    /// come or go meanwhile may be missed or seen. `visit` itself must not insert or remove: collect first.
    void for_each(const SparseMatch& criteria, Version v,
                  const std::function<bool(ClassifierRule&)>& visit) const;

  private:
    /// What readers see of a subtable without touching it.
    struct Rank {
        std::atomic<int32_t> max_priority{0};
        std::shared_ptr<const Subtable> subtable;
    };
    struct Order {
        explicit Order(size_t n) : ranks(n) {}
        std::vector<Rank> ranks;  // by falling priority
    };

    template <class Observe>
    ClassifierRule* find(const FlowKey& key, Version v, Observe&& observe) const;
    std::shared_ptr<Subtable> subtable_of(const SparseMatch& match) const;
    void update_rank(const Subtable& subtable);
    void publish_order();

    Retire retire_;
    std::unordered_multimap<uint64_t, std::shared_ptr<Subtable>> subtables_;  // by hash of the mask
    std::shared_ptr<Order> owned_order_;
    std::atomic<const Order*> order_{nullptr};
    size_t n_rules_ = 0;
};

/// The same for rules of type R, which derives from ClassifierRule.
template <class R>
class RuleClassifier {
  public:
    explicit RuleClassifier(Retire retire = [](const std::shared_ptr<const void>&) {})
        : impl_(std::move(retire)) {}

    void insert(R& rule) { impl_.insert(rule); }
    void remove(R& rule) { impl_.remove(rule); }
    R* find_exact(const SparseMatch& m, int32_t priority, Version v) const {
        return cast(impl_.find_exact(m, priority, v));
    }
    R* find_overlap(const SparseMatch& m, int32_t priority, Version v) const {
        return cast(impl_.find_overlap(m, priority, v));
    }
    size_t size() const { return impl_.size(); }
    size_t n_subtables() const { return impl_.n_subtables(); }
    R* lookup(const FlowKey& key, Version v) const { return cast(impl_.lookup(key, v)); }
    R* lookup(FlowView& view, Version v) const { return cast(impl_.lookup(view, v)); }
    template <class Visit>  // bool(R&): false stops
    void for_each(const SparseMatch& criteria, Version v, Visit&& visit) const {
        impl_.for_each(criteria, v, [&](ClassifierRule& r) { return visit(static_cast<R&>(r)); });
    }

  private:
    static R* cast(ClassifierRule* r) { return static_cast<R*>(r); }
    Classifier impl_;
};

}  // namespace weft::flow
