// SPDX-License-Identifier: Apache-2.0
// Lookups, and conjunctive matches in them (ovs-fields(7) "Conjunctive Match Fields").
#include <algorithm>

#include "flow/classifier.h"

namespace weft::flow {
namespace {

using Soft = ClassifierSearch::Soft;

/// Conjunctions by id; a number of clauses that disagrees makes another one.
class Tally {
  public:
    void add(const ClassifierRule& rule) {
        for (const Clause& c : rule.clauses()) {
            auto& seen = seen_[{c.conjunction, c.n_clauses}];
            seen |= uint64_t{1} << c.clause;
        }
    }
    /// Ids of those all of whose clauses are met, the lowest first.
    std::vector<uint32_t> met() const {
        std::vector<uint32_t> out;
        for (const auto& [key, clauses] : seen_)
            if (std::popcount(clauses) == key.second) out.push_back(key.first);
        return out;
    }

  private:
    std::map<std::pair<uint32_t, uint8_t>, uint64_t> seen_;
};

}  // namespace

Classifier::Found Classifier::find(const FlowKey& key, Version v, FlowView* view, LookupPlant plant) const {
    ClassifierSearch search(*index_.load(std::memory_order_acquire), key, v);
    search.run(true);
    const bool forget = plant == LookupPlant::conjunction_forgets && !search.conjunctive().empty();
    if (view && !forget) search.explain(*view, plant);
    const Found conjunctive = find_conjunction(search, key, v, view);
    if (conjunctive.rule) return conjunctive;
    return {search.best(), search.best() ? search.best()->priority() : -1};
}

Classifier::Found Classifier::find_conjunction(const ClassifierSearch& search, const FlowKey& key, Version v,
                                               FlowView* view) const {
    const int32_t plain = search.best() ? search.best()->priority() : -1;
    std::vector<Soft> softs;
    for (const Soft& s : search.conjunctive())
        if (s.priority > plain) softs.push_back(s);
    std::ranges::sort(softs, std::greater{}, &Soft::priority);
    for (size_t i = 0; i < softs.size();) {
        Tally tally;
        const int32_t priority = softs[i].priority;
        for (; i < softs.size() && softs[i].priority == priority; ++i) tally.add(*softs[i].rule);
        for (const uint32_t id : tally.met()) {
            FlowKey again = key;
            again.pipe.conj_id = Be32(id);
            ClassifierSearch second(*index_.load(std::memory_order_acquire), again, v);
            second.run(false);
            if (view) second.explain(*view, {});
            if (ClassifierRule* rule = second.best()) return {rule, std::min(rule->priority(), priority)};
        }
    }
    return {};
}

}  // namespace weft::flow
