// SPDX-License-Identifier: Apache-2.0
// A whole revalidation pass over 200,000 megaflows: with no change, with a rule added that concerns few, all,
// none.
#include <benchmark/benchmark.h>

#include "bridge/testing.h"

namespace weft::bridge {
namespace {

constexpr uint32_t n_flows = 200'000;

/// A bridge that forwards each of many flows by a megaflow of its own, after three tables.
struct Setting : bridge::testing::OneBridge<> {
    Setting() {
        world_.add_flow("br", "in_port=1,udp,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],resubmit(,1)");
        world_.add_flow("br", "table=1,udp,actions=resubmit(,2)");
        world_.add_flow("br", "table=2,udp,actions=output:2");
        for (uint32_t i = 0; i < n_flows; ++i) dp_.receive(p1, bridge::testing::udp(i));
        revalidator_.set_limits({.max_idle = 1h, .interval = 500ms, .flow_limit = 2 * n_flows});
        revalidator_.pass(clock_.now());
    }
};

Setting& setting() {
    static Setting one;
    return one;
}

/// A pass after the flow was added; `none`: after nothing.
void pass(benchmark::State& state, const char* flow) {
    Setting& s = setting();
    const uint64_t before = s.revalidator_.stats().translated;
    for (auto _ : state) {
        state.PauseTiming();
        if (flow) {
            s.world_.add_flow("br", flow);
            s.revalidator_.push_statistics();
        }
        state.ResumeTiming();
        s.revalidator_.pass(s.clock_.now());
    }
    state.counters["flows"] = static_cast<double>(s.cache_.twins().size());
    state.counters["translated"] = static_cast<double>(s.revalidator_.stats().translated - before) /
                                   static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(pass, no_change, nullptr)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pass, rule_for_one, "priority=40000,udp,nw_src=10.0.0.7,actions=3")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pass, rule_for_256, "table=2,priority=40000,udp,nw_src=10.0.1.0/24,actions=3")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pass, rule_in_another_table, "table=9,udp,actions=3")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(pass, rule_for_all, "priority=50000,udp,tp_src=1,actions=resubmit(,1)")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::bridge

BENCHMARK_MAIN();
