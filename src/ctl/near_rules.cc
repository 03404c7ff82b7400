// SPDX-License-Identifier: Apache-2.0
#include "ctl/near_rules.h"

#include <algorithm>

#include "flow/match_text.h"

namespace weft::ctl {

namespace {

constexpr size_t rules_looked_at = 20000, rules_told = 2, fields_max = 2;

/// The part of the match that lies in fields which the packet does not meet; how many fields those are.
size_t missed(const flow::Match& match, const flow::FlowKey& key, flow::Match& part) {
    size_t n = 0;
    const auto k = flow::words(key), mk = flow::words(match.key), mm = flow::words(match.mask);
    for (const flow::Field& f : flow::fields()) {
        flow::FlowMask bits{};
        flow::set_field(bits, f.id, flow::FieldValue::ones(f.n_bits));
        const auto b = flow::words(bits), pk = flow::words(part.key), pm = flow::words(part.mask);
        bool differs = false;
        for (size_t i = 0; i < flow::key_words; ++i)
            differs = differs || ((k[i] ^ mk[i]) & mm[i] & b[i] & ~pm[i]);
        if (!differs) continue;
        ++n;
        for (size_t i = 0; i < flow::key_words; ++i) {
            pk[i] |= mk[i] & b[i] & mm[i];
            pm[i] |= mm[i] & b[i];
        }
    }
    return n;
}

}  // namespace

std::vector<NearRule> near_rules(const pipeline::Tables& tables, uint8_t table, pipeline::State& state,
                                 const flow::FlowKey& key) {
    std::vector<std::pair<size_t, NearRule>> found;
    const pipeline::Snapshot snapshot = state.snapshot();
    pipeline::RuleFilter filter;
    filter.table = table;
    pipeline::WalkPosition position{table, 0};
    (void)tables.walk(filter, snapshot.version(), position, rules_looked_at,
                      [&](const pipeline::RulePtr& rule) {
                          flow::Match part;
                          const size_t n = missed(rule->match().expand(), key, part);
                          if (n == 0 || n > fields_max) return;
                          found.emplace_back(n, NearRule{rule, flow::format_match(part)});
                      });
    std::ranges::sort(found, {},
                      [](const auto& item) { return std::pair(item.first, -item.second.rule->priority()); });
    std::vector<NearRule> out;
    for (auto& [n, near] : found)
        if (out.size() < rules_told) out.push_back(std::move(near));
    return out;
}

}  // namespace weft::ctl
