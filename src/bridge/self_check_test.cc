// SPDX-License-Identifier: Apache-2.0
#include "bridge/self_check.h"

#include <gtest/gtest.h>

#include "bridge/testing.h"

namespace weft::bridge {
namespace {

/// UDP to this port with this TTL.
packet::Packet udp(uint8_t to_port, uint8_t ttl = 64) { return bridge::testing::udp(1, to_port, ttl); }

class SelfCheckTest : public ::testing::TestWithParam<pipeline::Plant>,
                      protected bridge::testing::OneBridge<> {
  protected:
    SelfCheckTest() {
        world_.add_flow("br", "priority=10,udp,tp_dst=53,actions=drop");
        world_.add_flow("br", "priority=9,udp,tp_dst=54,actions=dec_ttl,output:2");
        world_.add_flow("br",
                        "priority=8,udp,tp_dst=55,"
                        "actions=move:NXM_OF_UDP_SRC[0..1]->NXM_NX_REG0[0..1],output:NXM_NX_REG0[0..15]");
        world_.add_flow("br", "priority=7,udp,tp_dst=56,actions=mod_tp_src:1,output:2");
        world_.add_flow("br", "priority=1,actions=NORMAL");
    }
    void send() {
        // What a rule of its own decides comes first: a flow that is too wide is then wrong for most packets.
        for (const uint8_t dst : {53, 50, 51, 52, 54, 55, 56, 57, 58, 59}) dp_.receive(DpPort{2}, udp(dst));
        pass();
    }
    /// Learning settles.
    void pass() { revalidator_.pass(clock_.now()); }
    std::vector<SelfCheck::Mismatch> check(int rounds) {
        std::vector<SelfCheck::Mismatch> found;
        for (int i = 0; i < rounds && found.empty(); ++i) {
            clock_.advance(1s);
            found = check_.run(clock_);
        }
        return found;
    }

    SelfCheck check_{dp_, world_.state(), cache_, revalidator_};
};

TEST_F(SelfCheckTest, sound_flows_are_left_alone) {
    send();
    EXPECT_GT(dp_.stats().flows, 4u);
    const size_t flows = dp_.stats().flows;
    for (const auto& wrong : check(200)) ADD_FAILURE() << wrong.packet << " of " << wrong.flow;
    EXPECT_GT(check_.checked(), 1000u);
    EXPECT_EQ(check_.failed(), 0u);
    EXPECT_EQ(dp_.stats().flows, flows);
}

TEST_P(SelfCheckTest, a_flow_with_a_planted_bug_is_found_told_of_and_removed) {
    cache_.set_plant(GetParam());
    send();
    const size_t flows = dp_.stats().flows;
    const auto found = check(500);
    ASSERT_FALSE(found.empty());
    EXPECT_NE(found[0].installed, found[0].right);
    EXPECT_NE(found[0].packet, "");
    EXPECT_EQ(check_.failed(), found.size());
    EXPECT_EQ(dp_.stats().flows, flows - found.size());
    EXPECT_EQ(cache_.twins().size(), flows - found.size());
}

INSTANTIATE_TEST_SUITE_P(Bugs, SelfCheckTest,
                         ::testing::Values(pipeline::Plant::lookup_forgets_mask,
                                           pipeline::Plant::noop_set_forgets,
                                           pipeline::Plant::move_forgets_source));

TEST_F(SelfCheckTest, nothing_is_checked_without_a_budget) {
    send();
    check_.set_budget(0);
    check(10);
    EXPECT_EQ(check_.checked(), 0u);
}

}  // namespace
}  // namespace weft::bridge
