// SPDX-License-Identifier: Apache-2.0
#include "flow/classifier.h"

#include <algorithm>

namespace weft::flow {
namespace {

/// Where the mask words of a match and of a subtable meet: at(n-th key word of a rule) & bits.
struct Meeting {
    size_t nth;
    uint64_t bits, value;
};
std::vector<Meeting> meet(const SparseMatch& m, std::span<const MaskWord> mask) {
    std::vector<Meeting> out;
    m.for_each_word([&](size_t i, uint64_t bits, uint64_t value) {
        for (size_t n = 0; n < mask.size(); ++n) {
            const uint64_t common = mask[n].index == i ? mask[n].bits & bits : 0;
            if (common) out.push_back({n, common, value & common});
        }
    });
    return out;
}
bool agrees(const ClassifierRule& rule, const std::vector<Meeting>& meetings) {
    const auto key = rule.match().key_words();
    return std::ranges::all_of(meetings, [&](const Meeting& m) { return (key[m.nth] & m.bits) == m.value; });
}
/// True if `mask` has every bit that `criteria` has.
bool has_all_bits(std::span<const MaskWord> mask, const SparseMatch& criteria) {
    bool all = true;
    criteria.for_each_word([&](size_t i, uint64_t bits, uint64_t) {
        const auto w = std::ranges::find(mask, i, &MaskWord::index);
        all &= w != mask.end() && (w->bits & bits) == bits;
    });
    return all;
}

}  // namespace

std::shared_ptr<Subtable> Classifier::subtable_of(const SparseMatch& match) const {
    const auto [begin, end] = subtables_.equal_range(match.mask_hash());
    for (auto it = begin; it != end; ++it)
        if (it->second->has_mask_of(match)) return it->second;
    return nullptr;
}

void Classifier::publish_order() {
    struct Entry {
        int32_t priority;
        uint64_t mask_hash;  // the order among equals does not depend on the run
        std::shared_ptr<const Subtable> subtable;
    };
    std::vector<Entry> sorted;
    for (const auto& [hash, subtable] : subtables_)
        sorted.push_back({subtable->max_priority(), hash, subtable});
    std::ranges::sort(sorted, [](const Entry& a, const Entry& b) {
        return a.priority != b.priority ? a.priority > b.priority : a.mask_hash < b.mask_hash;
    });
    auto order = std::make_shared<Order>(sorted.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
        order->ranks[i].max_priority.store(sorted[i].priority, std::memory_order_relaxed);
        order->ranks[i].subtable = std::move(sorted[i].subtable);
    }
    order_.store(order.get(), std::memory_order_release);
    owned_order_.swap(order);
    if (order) retire_(std::move(order));
}

/// After a change of the subtable's highest priority: in place if it keeps its rank. A reader that sees the
/// old number reads a version in which the rule that changed it is not visible.
void Classifier::update_rank(const Subtable& subtable) {
    auto& ranks = owned_order_->ranks;
    const int32_t priority = subtable.max_priority();
    const auto priority_at = [&](size_t i) { return ranks[i].max_priority.load(std::memory_order_relaxed); };
    for (size_t i = 0; i < ranks.size(); ++i) {
        if (ranks[i].subtable.get() != &subtable) continue;
        if (priority_at(i) == priority) return;
        const bool in_order = (i == 0 || priority_at(i - 1) >= priority) &&
                              (i + 1 == ranks.size() || priority >= priority_at(i + 1));
        if (!in_order) break;
        ranks[i].max_priority.store(priority, std::memory_order_release);
        return;
    }
    publish_order();
}

void Classifier::insert(ClassifierRule& rule) {
    ++n_rules_;
    auto subtable = subtable_of(rule.match());
    if (!subtable) {
        subtable = std::make_shared<Subtable>(rule.match());
        subtables_.emplace(rule.match().mask_hash(), subtable);
    }
    const bool ranks_first = subtable->empty() || rule.priority() > subtable->max_priority();
    subtable->insert(rule, retire_);
    if (ranks_first) update_rank(*subtable);
}

void Classifier::remove(ClassifierRule& rule) {
    const auto subtable = subtable_of(rule.match());
    CHECK(subtable);
    const int32_t before = subtable->max_priority();
    subtable->remove(rule, retire_);
    --n_rules_;
    if (subtable->empty()) {
        const auto [begin, end] = subtables_.equal_range(rule.match().mask_hash());
        subtables_.erase(std::find_if(begin, end, [&](const auto& e) { return e.second == subtable; }));
        publish_order();
    } else if (subtable->max_priority() != before) {
        update_rank(*subtable);
    }
}

template <class Observe>
ClassifierRule* Classifier::find(const FlowKey& key, Version v, Observe&& observe) const {
    ClassifierRule* best = nullptr;
    Subtable::Probe probe;
    for (const Rank& rank : order_.load(std::memory_order_acquire)->ranks) {
        if (best && rank.max_priority.load(std::memory_order_acquire) <= best->priority()) break;
        const Subtable& subtable = *rank.subtable;
        for (const MaskWord& w : subtable.mask()) observe(w);
        subtable.probe(key, probe);
        ClassifierRule* rule = subtable.first(probe);
        while (rule && !rule->visible(v)) rule = Subtable::next(*rule);
        if (rule && (!best || rule->priority() > best->priority())) best = rule;
    }
    return best;
}

ClassifierRule* Classifier::lookup(const FlowKey& key, Version v) const {
    return find(key, v, [](const MaskWord&) {});
}

ClassifierRule* Classifier::lookup(FlowView& view, Version v) const {
    return find(view.key_for_lookup(), v, [&](const MaskWord& w) { view.observe_word(w.index, w.bits); });
}

ClassifierRule* Classifier::find_exact(const SparseMatch& match, int32_t priority, Version v) const {
    const auto subtable = subtable_of(match);
    if (!subtable) return nullptr;
    ClassifierRule* rule = subtable->first(match);
    while (rule && (rule->priority() != priority || !rule->visible(v))) rule = Subtable::next(*rule);
    return rule;
}

ClassifierRule* Classifier::find_overlap(const SparseMatch& match, int32_t priority, Version v) const {
    ClassifierRule* found = nullptr;
    for (const auto& [hash, subtable] : subtables_) {
        if (!subtable->has_priority(priority)) continue;
        const auto common = meet(match, subtable->mask());
        subtable->for_each([&](ClassifierRule& rule) {
            if (rule.priority() != priority || !rule.visible(v) || !agrees(rule, common)) return true;
            found = &rule;
            return false;
        });
        if (found) break;
    }
    return found;
}

void Classifier::for_each(const SparseMatch& criteria, Version v,
                          const std::function<bool(ClassifierRule&)>& visit) const {
    for (const Rank& rank : order_.load(std::memory_order_acquire)->ranks) {
        const Subtable& subtable = *rank.subtable;
        if (!has_all_bits(subtable.mask(), criteria)) continue;
        if (subtable.has_mask_of(criteria)) {
            for (ClassifierRule* r = subtable.first(criteria); r; r = Subtable::next(*r))
                if (r->visible(v) && !visit(*r)) return;
            continue;
        }
        const auto common = meet(criteria, subtable.mask());
        const bool go_on = subtable.for_each(
            [&](ClassifierRule& rule) { return !rule.visible(v) || !agrees(rule, common) || visit(rule); });
        if (!go_on) return;
    }
}

}  // namespace weft::flow
