// SPDX-License-Identifier: Apache-2.0
// A packet of a new flow, from a port's batch to its megaflow: each 5-tuple has one of its own.
#include <benchmark/benchmark.h>

#include "bridge/testing.h"

namespace weft::bridge {
namespace {

constexpr uint32_t flows_max = 2'000'000;

struct Setting : bridge::testing::OneBridge<> {
    Setting() {
        world_.add_flow("br",
                        "in_port=1,udp,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],move:NXM_OF_IP_DST[]->NXM_"
                        "NX_REG1[],move:NXM_OF_UDP_SRC[]->NXM_NX_REG2[0..15],move:NXM_OF_UDP_DST[]->NXM_NX_"
                        "REG2[16..31],output:2");
        revalidator_.set_limits({.max_idle = 1h, .interval = 500ms, .flow_limit = flows_max});
    }
};

void new_flows(benchmark::State& state) {
    Setting s;
    uint32_t n = 0;
    for (auto _ : state) {
        dp::DummyPort& port = *s.dp_.port(Setting::p1);
        for (size_t i = 1; i < packet::Batch::capacity; ++i) port.inject(bridge::testing::udp(n++));
        s.dp_.receive(Setting::p1, bridge::testing::udp(n++));
    }
    state.SetItemsProcessed(n);
    state.counters["flows"] = static_cast<double>(s.cache_.twins().size());
}
BENCHMARK(new_flows)->Iterations(6000);

}  // namespace
}  // namespace weft::bridge

BENCHMARK_MAIN();
