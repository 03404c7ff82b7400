// SPDX-License-Identifier: Apache-2.0
#include "bridge/revalidator.h"

#include <gtest/gtest.h>

#include <set>

#include "bridge/testing.h"

namespace weft::bridge {
namespace {

using bridge::testing::udp;

class RevalidatorTest : public ::testing::Test, protected bridge::testing::OneBridge<> {
  protected:
    RevalidatorTest() {
        world_.add_flow(
            "br", "in_port=1,udp,nw_src=10.0.0.0/8,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],output:2");
    }

    /// One packet of each of `n` flows.
    void send(uint32_t n) {
        for (uint32_t i = 0; i < n; ++i) dp_.receive(p1, udp(i));
    }
    uint64_t counted() { return world_.bridge("br").bridge.tables->counters(0).matched.load(); }
    /// Runs what is due until `end`; how many times that was.
    int run_until(Time end) {
        int n = 0;
        for (Time now = clock_.now(); now <= end; ++n) now = std::max(now, revalidator_.run(now));
        return n;
    }
};

TEST_F(RevalidatorTest, a_pass_over_many_flows_is_cut_into_slices_and_counts_each_packet_once) {
    constexpr uint32_t n = 40'000;
    send(n);
    send(n);
    EXPECT_EQ(dp_.stats().flows, n);
    EXPECT_EQ(counted(), n) << "the datapath's hits are not told yet";
    const Time start = clock_.now();
    EXPECT_LT(revalidator_.run(start), start + 100ms) << "one slice, and the next one is due soon";
    EXPECT_GT(counted(), n);
    EXPECT_LT(counted(), 2 * n);
    run_until(start + 2s);
    EXPECT_EQ(counted(), 2 * n);
    EXPECT_EQ(cache_.twins().size(), n);
}

TEST_F(RevalidatorTest, a_change_reaches_every_flow_and_lets_the_megaflows_stand) {
    constexpr uint32_t n = 10'000;
    send(n);
    world_.add_flow(
        "br", "in_port=1,udp,nw_src=10.0.0.0/8,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],output:1,in_port");
    run_until(clock_.now() + 1s);
    EXPECT_EQ(dp_.stats().flows, n);
    dp_.for_each_flow(
        [](const dp::FlowInfo& f) { EXPECT_EQ(*f.actions, action::dp::Actions{action::dp::Output{p1}}); });
}

TEST_F(RevalidatorTest, a_rule_concerns_only_the_flows_that_it_may_match) {
    constexpr uint32_t n = 1000;
    send(n);
    const auto translated_by = [&](auto&& change) {
        const uint64_t before = revalidator_.stats().translated;
        change();
        run_until(clock_.now() + 1s);
        return revalidator_.stats().translated - before;
    };
    const auto add = [&](const char* flow) { return [this, flow] { world_.add_flow("br", flow); }; };
    run_until(clock_.now() + 1s);
    EXPECT_EQ(translated_by([] {}), 0u);
    EXPECT_EQ(translated_by(add("priority=40000,udp,nw_src=10.0.0.7,actions=drop")), 1u);
    EXPECT_EQ(translated_by(add("priority=40000,udp,nw_src=10.0.1.0/24,actions=drop")), 256u);
    EXPECT_EQ(translated_by(add("priority=40000,tcp,actions=drop")), 0u) << "no TCP goes here";
    EXPECT_EQ(translated_by(add("priority=40000,in_port=2,actions=drop")), 0u) << "nothing came in there";
    EXPECT_EQ(translated_by(add("priority=1,udp,actions=drop")), 0u) << "a better rule decides";
    EXPECT_EQ(translated_by(add("table=9,udp,actions=drop")), 0u) << "nobody looks there";
    EXPECT_EQ(translated_by(add("priority=40000,udp,tp_src=7,actions=drop")), n)
        << "the port does not tell the others' flows apart";
    EXPECT_EQ(translated_by([&] { world_.del_flows("br"); }), dp_.stats().flows);
}

TEST_F(RevalidatorTest, a_port_concerns_only_the_flows_that_use_it) {
    auto& br = world_.bridge("br");
    br.add_port(world_, 3);
    world_.publish();
    send(10);
    run_until(clock_.now() + 1s);
    br.port(3).config = pipeline::port_config::port_down;
    world_.publish();
    run_until(clock_.now() + 1s);
    EXPECT_EQ(revalidator_.stats().translated, 0u);
    br.port(2).config = pipeline::port_config::no_fwd;
    world_.publish();
    run_until(clock_.now() + 1s);
    EXPECT_EQ(revalidator_.stats().translated, 10u);
    dp_.for_each_flow([](const dp::FlowInfo& f) { EXPECT_TRUE(f.actions->empty()); });
}

TEST_F(RevalidatorTest, an_answer_to_misses_that_changes_reaches_the_flows) {
    world_.del_flows("br");
    send(1);
    auto& tables = *world_.bridge("br").bridge.tables;
    pipeline::TableConfig config = tables.config(0);
    config.miss = pipeline::Miss::controller;
    tables.set_config(0, config);
    run_until(clock_.now() + 1s);
    dp_.for_each_flow([](const dp::FlowInfo& f) { EXPECT_FALSE(f.actions->empty()); });
}

TEST_F(RevalidatorTest, more_changes_than_are_remembered_reach_every_flow) {
    send(100);
    run_until(clock_.now() + 1s);
    for (size_t i = 0; i <= pipeline::TableLog::limit; ++i)
        world_.add_flow("br", "priority=40000,udp,nw_src=10.9.0." + std::to_string(i % 256) +
                                  ",tp_src=" + std::to_string(i) + ",actions=drop");
    world_.add_flow("br", "priority=50000,udp,nw_src=10.0.0.5,actions=drop");
    run_until(clock_.now() + 1s);
    size_t drops = 0;
    dp_.for_each_flow([&](const dp::FlowInfo& f) { drops += f.actions->empty(); });
    EXPECT_EQ(drops, 1u);
}

TEST_F(RevalidatorTest, an_idle_flow_goes_and_a_busy_one_stays) {
    send(100);
    clock_.advance(6s);
    send(10);
    clock_.advance(6s);
    revalidator_.pass(clock_.now());
    EXPECT_EQ(dp_.stats().flows, 10u);
    EXPECT_EQ(cache_.twins().size(), 10u);
}

TEST_F(RevalidatorTest, flows_that_do_the_same_share_their_actions) {
    send(3);
    std::set<const void*> lists;
    dp_.for_each_flow([&](const dp::FlowInfo& f) { lists.insert(f.actions.get()); });
    EXPECT_EQ(lists.size(), 1u);
}

}  // namespace
}  // namespace weft::bridge
