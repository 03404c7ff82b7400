// SPDX-License-Identifier: Apache-2.0
// Costs of a translation and of a flow_mod; the latter must not grow with the table.
#include <benchmark/benchmark.h>

#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

void fill_ports(World& world) {
    auto& br0 = world.add_bridge("br0");
    for (uint16_t i = 1; i <= 4; ++i) br0.add_port(world, i);
    world.publish();
}

void run(benchmark::State& state, World& world, std::string_view packet) {
    const flow::FlowKey key = World::key(packet);
    const Request request{.key = key, .bridge = world.id("br0")};
    for (auto _ : state) {
        const Snapshot snapshot = world.state().snapshot();
        benchmark::DoNotOptimize(translate(snapshot, request));
    }
}

void translate_one_rule(benchmark::State& state) {
    World world;
    fill_ports(world);
    world.add_flow("br0", "in_port=1,actions=2");
    run(state, world, "in_port=1,tcp");
}
BENCHMARK(translate_one_rule);

void translate_normal(benchmark::State& state) {
    World world;
    fill_ports(world);
    world.add_flow("br0", "actions=normal");
    world.receive("br0", World::key("in_port=2,tcp,dl_src=00:00:00:00:00:02"));
    run(state, world, "in_port=1,tcp,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02");
}
BENCHMARK(translate_normal);

void translate_five_tables(benchmark::State& state) {
    World world;
    fill_ports(world);
    for (int i = 0; i < 5; ++i)
        world.add_flow("br0", "table=" + std::to_string(i) + ",tcp,actions=load:1->NXM_NX_REG0[],resubmit(," +
                                  std::to_string(i + 1) + ")");
    world.add_flow("br0", "table=5,tcp,actions=mod_dl_dst:00:00:00:00:00:09,dec_ttl,output:2");
    run(state, world, "in_port=1,tcp,nw_ttl=64");
}
BENCHMARK(translate_five_tables);

/// A table that is looked up again and again, each time for a packet that has changed: `rounds` deep.
void translate_rounds(benchmark::State& state) {
    World world;
    fill_ports(world);
    world.add_flow("br0", "table=0,tcp,actions=load:1->NXM_NX_REG0[],resubmit(,1)");
    for (int64_t i = 1; i < state.range(0); ++i)
        world.add_flow("br0", "table=1,reg0=" + std::to_string(i) + ",actions=load:" + std::to_string(i + 1) +
                                  "->NXM_NX_REG0[],resubmit(,1)");
    world.add_flow("br0", "table=1,reg0=" + std::to_string(state.range(0)) + ",actions=2");
    run(state, world, "in_port=1,tcp");
}
BENCHMARK(translate_rounds)->Arg(8)->Arg(60);

/// One table that goes back to an earlier one many times, one after another.
void translate_returns(benchmark::State& state) {
    World world;
    fill_ports(world);
    std::string actions = "load:1->NXM_NX_REG0[]";
    for (int i = 0; i < 100; ++i) actions += ",resubmit(,1)";
    world.add_flow("br0", "table=0,tcp,actions=resubmit(,2)");
    world.add_flow("br0", "table=1,reg0=1,actions=drop");
    world.add_flow("br0", "table=2,actions=" + actions);
    run(state, world, "in_port=1,tcp");
}
BENCHMARK(translate_returns);

void flow_mod(benchmark::State& state) {
    Versions versions;
    Tables tables(versions, Time(1s));
    const auto change_for = [](uint32_t i) {
        FlowChange c = *parse_flow("tcp,actions=2");
        c.filter.match.with(flow::FieldId::ip_dst, flow::FieldValue::from_u64(i));
        return c;
    };
    {
        TablesEdit edit(tables, Time(1s));
        for (uint32_t i = 0; i < static_cast<uint32_t>(state.range(0)); ++i) (void)edit.apply(change_for(i));
        edit.publish();
    }
    FlowChange add = change_for(0xf0000000), remove = add;
    remove.command = FlowChange::Command::remove;
    remove.filter.strict = true;
    for (auto _ : state) {
        for (const FlowChange* c : {&add, &remove}) {
            TablesEdit edit(tables, Time(1s));
            (void)edit.apply(*c);
            benchmark::DoNotOptimize(edit.publish());
        }
    }
    state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(flow_mod)->Arg(1)->Arg(1000)->Arg(1'000'000);

}  // namespace
}  // namespace weft::pipeline::testing
