// SPDX-License-Identifier: Apache-2.0
// Inserting into and looking up in tables of 1k to 1M rules: the time per operation must not grow with the
// table, but for the caches' sake. And lookups in filter tables of many masks.
#include <benchmark/benchmark.h>

#include <deque>

#include "base/prng.h"
#include "flow/classifier.h"
#include "flow/rule_sets.h"

namespace weft::flow {
namespace {

struct Rule : ClassifierRule {
    using ClassifierRule::ClassifierRule;
};

Match five_tuple(Prng& prng) {
    Match m;
    const auto with = [&](FieldId id, uint64_t v) { m.with(id, FieldValue::from_u64(v)); };
    with(FieldId::eth_type, 0x0800);
    with(FieldId::nw_proto, 6);
    with(FieldId::ip_src, prng.next() & 0xffffffff);
    with(FieldId::ip_dst, prng.next() & 0xffffffff);
    with(FieldId::tcp_dst, prng.next() & 0xffff);
    return m;
}

void fill(Classifier& c, std::deque<Rule>& rules, int64_t n) {
    Prng prng(1);
    while (static_cast<int64_t>(rules.size()) < n) c.insert(rules.emplace_back(five_tuple(prng), 100));
}

void insert_and_remove(benchmark::State& state) {
    Classifier c;
    std::deque<Rule> rules;
    fill(c, rules, state.range(0));
    Prng prng(2);
    for (auto _ : state) {
        Rule r(five_tuple(prng), 100);
        c.insert(r);
        c.remove(r);
    }
}
BENCHMARK(insert_and_remove)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

void lookup(benchmark::State& state) {
    Classifier c;
    std::deque<Rule> rules;
    fill(c, rules, state.range(0));
    Prng prng(3);
    for (auto _ : state) {
        const FlowKey k = rules[prng.below(rules.size())].match().expand().key;
        benchmark::DoNotOptimize(c.lookup(k, 0));
    }
}
BENCHMARK(lookup)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

/// Arguments: kind of set, rules. Lookups un-wildcard, as those of translation do.
void filter_table(benchmark::State& state) {
    const auto kind = static_cast<RuleSetKind>(state.range(0));
    const RuleSet set = make_rule_set(kind, static_cast<size_t>(state.range(1)), 4000, 1);
    Classifier c;
    std::deque<Rule> rules;
    for (const FilterRule& r : set.rules) c.insert(rules.emplace_back(r.match(), r.priority));
    std::vector<FlowKey> keys;
    for (const FilterPacket& p : set.packets) keys.push_back(p.key());
    size_t i = 0, found = 0;
    FlowView view(keys[0]);
    for (auto _ : state) {
        view.write_block(&FlowKey::packet, keys[i].packet);
        found += c.lookup(view, 0).rule != nullptr;
        i = (i + 1) % keys.size();
    }
    state.counters["masks"] = static_cast<double>(c.n_subtables());
    state.counters["hits"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}
BENCHMARK(filter_table)->ArgsProduct({{0, 1, 2}, {1'000, 10'000, 100'000}});

void filter_insert_and_remove(benchmark::State& state) {
    const RuleSet set = make_rule_set(RuleSetKind::acl, static_cast<size_t>(state.range(0)), 0, 1);
    Classifier c;
    std::deque<Rule> rules;
    for (const FilterRule& r : set.rules) c.insert(rules.emplace_back(r.match(), r.priority));
    Prng prng(2);
    for (auto _ : state) {
        Rule& r = rules[prng.below(rules.size())];
        c.remove(r);
        c.insert(r);
    }
}
BENCHMARK(filter_insert_and_remove)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace weft::flow
