// SPDX-License-Identifier: Apache-2.0
#include "bridge/revalidator.h"

#include <gtest/gtest.h>

#include <set>

#include "dp/fake/fake_datapath.h"
#include "loop/clock.h"
#include "pipeline/testing.h"

namespace weft::bridge {
namespace {

struct NoSink : EventSink {
    bool post(Event) override { return true; }
};

/// UDP from 10.x.y.z, where the last three bytes are `flow`.
packet::Packet udp(uint32_t flow) {
    Bytes f = *parse_hex(
        "020000000004 020000000002 0800 4500 001e 1234 4000 40 11 0000 0a000000 0a000002"
        "0001 0035 000a 0000 6162");
    for (size_t i = 0; i < 3; ++i) f[27 + i] = static_cast<uint8_t>(flow >> (16 - 8 * i));
    return packet::Packet::copy_of(f);
}

/// A bridge with ports 1 and 2 on a datapath without threads.
class RevalidatorTest : public testing::Test {
  protected:
    static constexpr DpPort p1{2}, p2{3};  // the local port comes first

    void SetUp() override {
        for (const DpPort p : {p1, p2})
            dp_.add_port(
                   {.name = "p" + std::to_string(p.value), .type = "dummy", .options = {}, .request = p})
                .value();
        auto& br = world_.add_bridge("br");
        br.add_port(world_, 1);
        br.add_port(world_, 2);
        world_.publish();
        world_.add_flow(
            "br", "in_port=1,udp,nw_src=10.0.0.0/8,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],output:2");
        dp_.set_handler(&cache_);
    }
    void TearDown() override { dp_.set_handler(nullptr); }

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

    loop::Clock clock_{loop::Clock::Kind::simulated};
    pipeline::testing::World world_;
    dp::FakeDatapath dp_{clock_, {}};
    NoSink sink_;
    FlowCache cache_{world_.state(), sink_};
    Revalidator revalidator_{dp_, world_.state(), cache_};
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
