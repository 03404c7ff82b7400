// SPDX-License-Identifier: Apache-2.0
// The writer's side of a classifier's index: sorting subtables, and the sets by prefix and head.
#include "flow/classifier_index.h"

#include "flow/classifier.h"

namespace weft::flow {

bool ClassifierIndex::set_priority(size_t rank, int32_t priority) {
    const auto at = [&](size_t i) { return ranks[i].max_priority.load(std::memory_order_relaxed); };
    ranks[rank].max_priority.store(priority, std::memory_order_release);
    for (size_t i = rank + 1; i-- > 0;) {
        if (ranks[i].rest_max.load(std::memory_order_relaxed) >= priority) break;
        ranks[i].rest_max.store(priority, std::memory_order_release);
    }
    return (rank == 0 || at(rank - 1) >= priority) && (rank + 1 == ranks.size() || priority >= at(rank + 1));
}

void ClassifierIndex::Tracked::keep_possible(RankSet& set, const PrefixTrie::Answer& answer) const {
    std::array<const RankSet*, max_prefix + 2> sets;
    size_t n = 0;
    sets[n++] = &others;
    answer.for_each([&](unsigned length) {
        // A rule of a new length may come before the index that has it.
        if (places[length]) sets[n++] = &lengths[places[length] - 1u].second;
    });
    set.keep(std::span(sets).first(n));
}

namespace {

ClassifierIndex::Tracked tracked_by(const PrefixTracker& tracker, size_t n_ranks) {
    return {&tracker, RankSet(n_ranks), {}, {}};
}

void add_length(ClassifierIndex::Tracked& tracked, uint8_t length, size_t rank, size_t n_ranks) {
    if (length == 0) return tracked.others.add(rank);
    auto it = std::ranges::find_if(tracked.lengths, [&](const auto& l) { return l.first <= length; });
    if (it == tracked.lengths.end() || it->first != length)
        it = tracked.lengths.insert(it, {length, RankSet(n_ranks)});
    it->second.add(rank);
}

}  // namespace

/// Builds the index anew and lets readers have it.
void Classifier::publish() {
    std::vector<Member*> sorted;
    for (const auto& [hash, member] : members_) sorted.push_back(member.get());
    const auto before = [](const Member* a, const Member* b) {
        const int32_t pa = a->subtable->max_priority(), pb = b->subtable->max_priority();
        return pa != pb ? pa > pb : a->subtable->shape().mask_hash() < b->subtable->shape().mask_hash();
    };
    std::ranges::sort(sorted, before);

    const size_t n = sorted.size();
    auto index = std::make_shared<ClassifierIndex>(n);
    for (const auto& tracker : trackers_) index->tracked.push_back(tracked_by(*tracker, n));
    std::unordered_map<const HeadGroup*, uint32_t> group_numbers;
    for (size_t i = 0; i < n; ++i) {
        Member& m = *sorted[i];
        m.rank = i;
        ClassifierIndex::Rank& r = index->ranks[i];
        r.subtable = m.subtable.get();
        r.tie = m.subtable->shape().mask_hash();
        r.max_priority.store(m.subtable->max_priority(), std::memory_order_relaxed);
        r.rest_max.store(m.subtable->max_priority(), std::memory_order_relaxed);
        for (size_t t = 0; t < trackers_.size(); ++t) add_length(index->tracked[t], m.lengths[t], i, n);
        if (!m.group) continue;
        const auto [it, fresh] = group_numbers.emplace(m.group.get(), index->groups.size());
        if (fresh) index->groups.push_back({m.group.get(), RankSet(n)});
        r.group = it->second;
        index->groups[r.group].members.add(i);
    }
    for (auto& t : index->tracked)
        for (uint8_t i = 0; i < t.lengths.size(); ++i) t.places[t.lengths[i].first] = i + 1;
    std::erase_if(index->tracked, [](const auto& t) { return t.lengths.empty(); });
    out_of_order_ = 0;
    index_.store(index.get(), std::memory_order_release);
    owned_index_.swap(index);
    if (index) retire_(std::move(index));
}

void Classifier::note_priority(Member& member) {
    const int32_t priority = member.subtable->max_priority();
    const auto& rank = owned_index_->ranks[member.rank];
    if (rank.max_priority.load(std::memory_order_relaxed) == priority) return;
    if (owned_index_->set_priority(member.rank, priority)) return;
    // Sorting costs in the number of masks: so many changes pay for it.
    if (++out_of_order_ >= members_.size()) publish();
}

}  // namespace weft::flow
