// SPDX-License-Identifier: Apache-2.0
// A lookup, in two steps: find the rule; then tell which bits of the key decided, and among several proofs
// that a subtable has no better rule take a cheap one.
#include <algorithm>
#include <array>

#include "flow/classifier_index.h"

namespace weft::flow {

ClassifierSearch::ClassifierSearch(const ClassifierIndex& index, const FlowKey& key, Version v)
    : index_(index), key_(key), version_(v), candidates_(index.ranks.size()), heads_(index.groups.size()) {}

void ClassifierSearch::rule_out_by_prefix() {
    candidates_.add_first(index_.ranks.size());
    for (const auto& tracked : index_.tracked)
        walks_.emplace_back(tracked.tracker->trie, tracked.tracker->field.read(key_));
    boost::container::small_vector<PrefixTrie::Walk*, 6> under_way;
    for (auto& walk : walks_) under_way.push_back(&walk);
    for (size_t n = under_way.size(); n;)
        for (size_t i = n; i-- > 0;)
            if (!under_way[i]->step()) under_way[i] = under_way[--n];
    for (size_t i = 0; i < walks_.size(); ++i)
        index_.tracked[i].keep_possible(candidates_, walks_[i].answer());
}

const ClassifierSearch::Head& ClassifierSearch::head(uint32_t group) {
    Head& h = heads_[group];
    if (!h.known) {
        const HeadGroup& heads = *index_.groups[group].heads;
        h.known = true;
        h.hash = Subtable::hash(key_, heads.mask);
        h.here = heads.heads.contains(Subtable::short_hash(h.hash));
    }
    return h;
}

bool ClassifierSearch::outranks(size_t rank) const {
    if (!best_) return true;
    const auto& r = index_.ranks[rank];
    const int32_t priority = r.max_priority.load(std::memory_order_acquire);
    return priority > best_->priority() ||
           (priority == best_->priority() && r.tie < index_.ranks[best_rank_].tie);
}

void ClassifierSearch::run(bool want_conjunctive) {
    // Subtables whose memory is on its way while one is visited: the next ones have been probed, and the
    // masks of those behind them come.
    constexpr size_t probes_ahead = 3, ahead = probes_ahead + 4;
    rule_out_by_prefix();
    std::array<Coming, 2 * ahead> ring;
    const auto at = [&](size_t n) -> Coming& { return ring[n % ring.size()]; };
    size_t n_visited = 0, n_probed = 0, n_found = 0;
    const auto next = [&] {
        while (n_probed < std::min(n_found, n_visited + probes_ahead)) probe(at(n_probed++));
        const Coming& coming = at(n_visited++);
        const auto& rank = index_.ranks[coming.rank];
        if (best_ && rank.rest_max.load(std::memory_order_acquire) < best_->priority()) return false;
        if (outranks(coming.rank)) visit(coming, want_conjunctive);
        return true;
    };
    const bool all = candidates_.for_each([&](size_t rank) {
        index_.ranks[rank].subtable->prefetch();
        at(n_found++).rank = static_cast<uint32_t>(rank);
        return n_found - n_visited <= ahead || next();
    });
    while (all && n_visited < n_found && next()) {
    }
}

/// The head rules a subtable out if its group has nothing of the kind.
void ClassifierSearch::probe(Coming& coming) {
    const auto& r = index_.ranks[coming.rank];
    if (r.group == ClassifierIndex::no_group) {
        coming.probed = true;
        coming.probe = r.subtable->probe(key_, Subtable::hash(key_, r.subtable->head_mask()));
        return;
    }
    const Head& h = head(r.group);
    coming.probed = h.here;
    if (h.here) coming.probe = r.subtable->probe(key_, h.hash);
}

void ClassifierSearch::visit(const Coming& coming, bool want_conjunctive) {
    const auto& r = index_.ranks[coming.rank];
    const Subtable& subtable = *r.subtable;
    const bool varied =
        r.group != ClassifierIndex::no_group && index_.groups[r.group].heads->heads.distinct() > 1;
    if (!coming.probed || (varied && !subtable.may_have_head(head(r.group).hash))) {
        visited_.push_back({coming.rank, static_cast<uint8_t>(subtable.head_mask().size())});
        return;
    }
    const Subtable::Found found = subtable.search(key_, coming.probe);
    visited_.push_back({coming.rank, found.n_words});
    for (ClassifierRule* rule = found.rule; rule; rule = Subtable::next(*rule)) {
        if (!rule->visible(version_)) continue;
        const int32_t best = best_ ? best_->priority() : -1;
        if (rule->priority() < best || (rule->priority() == best && r.tie > index_.ranks[best_rank_].tie))
            return;
        if (rule->is_conjunctive()) {
            if (want_conjunctive) softs_.push_back({rule, rule->priority()});
            continue;
        }
        best_ = rule;
        best_rank_ = coming.rank;
        return;
    }
}

bool ClassifierSearch::any_outranks(const RankSet& a, const RankSet& b) const {
    return !a.for_each_common(b, [&](size_t rank) { return !outranks(rank); });
}

void ClassifierSearch::explain(FlowView& view, LookupPlant plant) {
    for (const Visited& v : visited_) {
        const Subtable& subtable = *index_.ranks[v.rank].subtable;
        const bool won = best_ && v.rank == best_rank_;
        if (!won && !outranks(v.rank)) continue;
        size_t n = v.n_words;
        if (plant == LookupPlant::stage_forgets_word && !won && n && n < subtable.mask().size()) --n;
        for (const MaskWord& w : subtable.mask().first(n)) view.observe_word(w.index, w.bits);
    }
    // The rest of those that could have won was ruled out by prefixes.
    const auto end = std::ranges::partition_point(index_.ranks, [&](const ClassifierIndex::Rank& r) {
        return !best_ || r.rest_max.load(std::memory_order_acquire) >= best_->priority();
    });
    RankSet excluded(index_.ranks.size());
    excluded.add_first(static_cast<size_t>(end - index_.ranks.begin()));
    excluded -= candidates_;
    explain_heads(view, excluded);
    explain_prefixes(view, excluded, plant);
}

/// Subtables that the head rules out too need no prefix: heads are looked at in most lookups anyway.
void ClassifierSearch::explain_heads(FlowView& view, RankSet& excluded) {
    for (uint32_t g = 0; g < index_.groups.size(); ++g) {
        const ClassifierIndex::Group& group = index_.groups[g];
        if (!any_outranks(excluded, group.members)) continue;
        const Head& h = head(g);
        bool tells = !h.here;
        if (!h.here) {
            excluded -= group.members;
        } else if (group.heads->heads.distinct() > 1) {
            RankSet told(index_.ranks.size());
            excluded.for_each_common(group.members, [&](size_t rank) {
                if (outranks(rank) && !index_.ranks[rank].subtable->may_have_head(h.hash)) told.add(rank);
                return true;
            });
            tells = !told.empty();
            excluded -= told;
        }
        if (tells)
            for (const MaskWord& w : group.heads->mask) view.observe_word(w.index, w.bits);
    }
}

void ClassifierSearch::explain_prefixes(FlowView& view, RankSet& excluded, LookupPlant plant) {
    for (size_t i = 0; i < index_.tracked.size() && !excluded.empty(); ++i) {
        const ClassifierIndex::Tracked& tracked = index_.tracked[i];
        const PrefixTrie::Answer& answer = walks_[i].answer();
        // The longest comes first; shorter ones need no more bits.
        const auto longest = std::ranges::find_if(tracked.lengths, [&](const auto& l) {
            return !answer.has(l.first) && any_outranks(excluded, l.second);
        });
        unsigned proof = longest == tracked.lengths.end() ? 0 : answer.proof(longest->first);
        tracked.keep_possible(excluded, answer);
        if (proof && plant == LookupPlant::trie_forgets_bit) --proof;
        if (proof)
            tracked.tracker->field.for_each_word(
                proof, [&](size_t word, uint64_t bits) { view.observe_word(word, bits); });
    }
}

}  // namespace weft::flow
