// SPDX-License-Identifier: Apache-2.0
// Translation on several threads while rules, configuration and MAC tables change. Run under ThreadSanitizer
// too.
#include <gtest/gtest.h>

#include <thread>

#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

/// Each version of the table sends everything to exactly one of the ports 1..8, in table 0 by two rules that
/// must agree.
TEST(Threads, every_translation_sees_one_whole_version) {
    World world;
    auto& br0 = world.add_bridge("br0");
    for (uint16_t i = 1; i <= 8; ++i) br0.add_port(world, i);
    world.publish();
    Tables& tables = *br0.bridge.tables;
    const auto set_port = [&](int port, Time now) {
        const std::string p = std::to_string(port);
        TablesEdit edit(tables, now);
        ASSERT_TRUE(edit.apply(*parse_flow("table=0,actions=output:" + p + ",resubmit(,1)")));
        ASSERT_TRUE(edit.apply(*parse_flow("table=1,actions=output:" + p)));
        edit.publish();
    };
    set_port(1, world.now());

    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0}, translated{0};
    const auto reader = [&](uint64_t seed) {
        Generator random(seed);
        while (!stop) {
            flow::FlowKey packet = random.packet();
            packet.set_in_port(ofpp::local);
            const Snapshot snapshot = world.state().snapshot();
            const Request request{.key = packet, .bridge = BridgeId{1}};
            const Translation t = translate(snapshot, request);
            wrong += t.actions.size() != 2 || t.actions[0] != t.actions[1];
            std::vector<RuleEvent> events;
            play(t.effects, {.packets = 1, .bytes = 60, .used = Time(1s)}, events);
            ++translated;
        }
    };
    std::vector<std::thread> readers;
    for (uint64_t i = 0; i < 3; ++i) readers.emplace_back(reader, i + 1);
    Time now = world.now();
    for (int i = 0; i < 400 || translated < 400; ++i) {
        set_port(1 + i % 8, now += 1ms);
        if (i % 16 == 0) world.publish();
        std::vector<RuleEvent> events;
        tables.expire(now, events);
    }
    stop = true;
    for (auto& r : readers) r.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(tables.size(), 2u);
}

TEST(Threads, mac_table_learns_and_forgets_from_all_sides) {
    MacTable table(10s, 64);
    std::vector<std::thread> threads;
    for (uint32_t t = 0; t < 4; ++t)
        threads.emplace_back([&table, t] {
            Prng prng(t);
            for (int i = 0; i < 3000; ++i) {
                const Mac mac = Mac::from_u64(prng.below(200));
                const Time now(Duration(1s) + i * 1ms);
                table.learn(static_cast<uint16_t>(prng.below(2)), mac, BundleId{t}, now);
                table.lookup(0, mac);
                if (prng.one_in(100)) table.run(now);
                if (prng.one_in(500)) table.flush(BundleId{static_cast<uint32_t>(prng.below(4))});
                if (prng.one_in(500)) table.entries();
            }
        });
    for (auto& t : threads) t.join();
    EXPECT_LE(table.stats().entries, 64u);
    EXPECT_EQ(table.entries().size(), table.stats().entries);
}

TEST(Threads, learn_actions_race_with_flow_mods) {
    World world;
    auto& br0 = world.add_bridge("br0");
    for (uint16_t i = 1; i <= 8; ++i) br0.add_port(world, i);
    world.publish();
    world.add_flow(
        "br0",
        "actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,1)");
    std::vector<std::thread> threads;
    for (uint64_t t = 0; t < 3; ++t)
        threads.emplace_back([&world, t] {
            Generator random(t + 1);
            for (int i = 0; i < 400; ++i) world.receive("br0", random.packet());
        });
    for (int i = 0; i < 100; ++i) {
        FlowChange clear;
        clear.command = FlowChange::Command::remove;
        clear.filter.table = 1;
        TablesEdit edit(*br0.bridge.tables, world.now());
        ASSERT_TRUE(edit.apply(clear));
        edit.publish();
    }
    for (auto& t : threads) t.join();
    EXPECT_LE(br0.bridge.tables->size(1), 4u) << "one for each source";
}

}  // namespace
}  // namespace weft::pipeline::testing
