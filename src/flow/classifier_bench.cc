// SPDX-License-Identifier: Apache-2.0
// Inserting into and looking up in tables of 1k to 1M rules: the time per operation must not grow with the
// table, but for the caches' sake.
#include <benchmark/benchmark.h>

#include <deque>

#include "base/prng.h"
#include "flow/classifier.h"

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

}  // namespace
}  // namespace weft::flow
