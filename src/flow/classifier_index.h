// SPDX-License-Identifier: Apache-2.0
// What readers of a classifier go by: its subtables in order, and the sets of subtables that a prefix or the
// head of a key rules out. Internal to flow.
#pragma once

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>

#include "flow/flow_view.h"
#include "flow/lookup.h"
#include "flow/prefix_field.h"
#include "flow/subtable.h"

namespace weft::flow {

/// The prefixes of one field in all rules of a table. Resource type, threads as PrefixTrie.
struct PrefixTracker {
    PrefixTracker(const PrefixField& f, Retire retire) : field(f), trie(std::move(retire)) {}
    PrefixField field;
    PrefixTrie trie;
};

/// Subtables that look at more than the head and have its mask in common. Resource type, threads as
/// HashCounts.
struct HeadGroup {
    std::vector<MaskWord> mask;
    HashCounts heads;  ///< of all their rules
};

/// A set of subtables by rank.
class RankSet {
  public:
    explicit RankSet(size_t n_ranks) : words_((n_ranks + 63) / 64) {}

    void add(size_t rank) { words_[rank / 64] |= uint64_t{1} << rank % 64; }
    void remove(size_t rank) { words_[rank / 64] &= ~(uint64_t{1} << rank % 64); }
    void add_first(size_t n) {
        for (size_t i = 0; i < n / 64; ++i) words_[i] = ~uint64_t{0};
        if (n % 64) words_[n / 64] |= (uint64_t{1} << n % 64) - 1;
    }
    bool empty() const {
        return std::ranges::all_of(words_, [](uint64_t w) { return w == 0; });
    }
    RankSet& operator-=(const RankSet& o) {
        for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~o.words_[i];
        return *this;
    }
    /// Keeps what is in any of the sets.
    void keep(std::span<const RankSet* const> sets) {
        for (size_t i = 0; i < words_.size(); ++i) {
            uint64_t any = 0;
            for (const RankSet* set : sets) any |= set->words_[i];
            words_[i] &= any;
        }
    }
    /// visit(rank) by rising rank until it gives false; false if it did.
    template <class Visit>
    bool for_each(Visit&& visit) const {
        for (size_t i = 0; i < words_.size(); ++i)
            for (uint64_t w = words_[i]; w; w &= w - 1)
                if (!visit(i * 64 + static_cast<size_t>(std::countr_zero(w)))) return false;
        return true;
    }
    /// The same for the ranks that are in `o` too.
    template <class Visit>
    bool for_each_common(const RankSet& o, Visit&& visit) const {
        for (size_t i = 0; i < words_.size(); ++i)
            for (uint64_t w = words_[i] & o.words_[i]; w; w &= w - 1)
                if (!visit(i * 64 + static_cast<size_t>(std::countr_zero(w)))) return false;
        return true;
    }

  private:
    boost::container::small_vector<uint64_t, 16> words_;  // room for 1024 without allocating
};

/// Immutable but for the priorities; a change of masks makes a new one. Borrows what it names.
struct ClassifierIndex {
    static constexpr uint32_t no_group = ~0u;

    struct Rank {
        const Subtable* subtable = nullptr;
        uint64_t tie = 0;  ///< between subtables of equal priority the lower one wins, whatever came first
        uint32_t group = no_group;
        std::atomic<int32_t> max_priority{0};
        std::atomic<int32_t> rest_max{0};  ///< no rule of this rank and those behind has a higher priority
    };
    struct Group {
        const HeadGroup* heads;
        RankSet members;
    };
    struct Tracked {
        const PrefixTracker* tracker;
        RankSet others;                                    ///< do not match the field by a prefix
        std::vector<std::pair<uint8_t, RankSet>> lengths;  ///< the rest by length, the longest first
        std::array<uint8_t, max_prefix + 1> places{};      ///< by length, where it is in `lengths`, from 1

        /// Keeps the ranks that can have a match, given which prefixes the packet has.
        void keep_possible(RankSet& set, const PrefixTrie::Answer& answer) const;
    };

    explicit ClassifierIndex(size_t n) : ranks(n) {}
    /// Raises or lowers the highest priority of a rank; false if the ranks are out of order now, which makes
    /// lookups slower, not wrong.
    bool set_priority(size_t rank, int32_t priority);

    std::vector<Rank> ranks;  // by falling priority, more or less
    std::vector<Group> groups;
    std::vector<Tracked> tracked;
};

/// One search of an index for a key. Lives on the stack of a lookup.
class ClassifierSearch {
  public:
    struct Soft {
        const ClassifierRule* rule;
        int32_t priority;
    };

    ClassifierSearch(const ClassifierIndex& index, const FlowKey& key, Version v);
    /// Finds the best rule that is not conjunctive, and the conjunctive ones above it.
    void run(bool want_conjunctive);
    /// Un-wildcards the bits on which the answer depended. After run().
    void explain(FlowView& view, LookupPlant plant);

    ClassifierRule* best() const { return best_; }
    std::span<const Soft> conjunctive() const { return {softs_.data(), softs_.size()}; }

  private:
    struct Visited {
        uint32_t rank;
        uint8_t n_words;  // so many words of the mask told
    };
    struct Head {
        bool known = false, here = false;
        uint64_t hash = 0;
    };

    /// A subtable on its way to being visited.
    struct Coming {
        uint32_t rank;
        bool probed;  ///< unless the head rules it out
        Subtable::Probe probe;
    };

    void rule_out_by_prefix();
    const Head& head(uint32_t group);
    /// Has fetched what visit() will look at.
    void probe(Coming& coming);
    void visit(const Coming& coming, bool want_conjunctive);
    /// Whether a rule of this rank could have won.
    bool outranks(size_t rank) const;
    bool any_outranks(const RankSet& a, const RankSet& b) const;
    void explain_heads(FlowView& view, RankSet& excluded);
    void explain_prefixes(FlowView& view, RankSet& excluded, LookupPlant plant);

    const ClassifierIndex& index_;
    const FlowKey& key_;
    Version version_;
    RankSet candidates_;
    boost::container::small_vector<Head, 8> heads_;
    boost::container::small_vector<PrefixTrie::Walk, 6> walks_;  ///< done after rule_out_by_prefix()
    boost::container::small_vector<Visited, 32> visited_;
    boost::container::small_vector<Soft, 4> softs_;
    ClassifierRule* best_ = nullptr;
    size_t best_rank_ = 0;
};

}  // namespace weft::flow
