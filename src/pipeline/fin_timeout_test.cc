// SPDX-License-Identifier: Apache-2.0
// fin_timeout: the end of a TCP connection shortens the timeouts of the flow that carried it
// (ovs-actions(7)).
#include <gtest/gtest.h>

#include "pipeline/oracle_world.h"

namespace weft::pipeline::testing {
namespace {

constexpr const char *data = "in_port=1,tcp,tcp_flags=+ack", *fin = "in_port=1,tcp,tcp_flags=+fin+ack",
                     *rst = "in_port=1,tcp,tcp_flags=+rst";

struct Timeouts {
    int idle, hard;
    bool operator==(const Timeouts&) const = default;
};
void PrintTo(const Timeouts& t, std::ostream* out) { *out << "idle " << t.idle << ", hard " << t.hard; }

/// Of the only flow of the table.
Timeouts timeouts(World& w, uint8_t table = 0) {
    std::vector<RulePtr> rules;
    RuleFilter all;
    all.table = table;
    w.bridge("br0").bridge.tables->visit(all, w.state().versions().current(),
                                         [&](const RulePtr& r) { rules.push_back(r); });
    return rules.size() == 1 ? Timeouts{rules[0]->idle_timeout(), rules[0]->hard_timeout()}
                             : Timeouts{-1, -1};
}

struct FinCase {
    const char *flow, *packet;
    Timeouts after;
};
TEST(FinTimeout, shortens_but_never_lengthens_when_a_connection_ends) {
    const FinCase cases[] = {
        {"idle_timeout=60,hard_timeout=90,tcp,actions=fin_timeout(idle_timeout=5,hard_timeout=7),2",
         data,
         {60, 90}},
        {"idle_timeout=60,hard_timeout=90,tcp,actions=fin_timeout(idle_timeout=5,hard_timeout=7),2",
         fin,
         {5, 7}},
        {"idle_timeout=60,hard_timeout=90,tcp,actions=fin_timeout(idle_timeout=5,hard_timeout=7),2",
         rst,
         {5, 7}},
        {"idle_timeout=60,hard_timeout=90,tcp,actions=fin_timeout(idle_timeout=5),2", fin, {5, 90}},
        {"idle_timeout=3,hard_timeout=4,tcp,actions=fin_timeout(idle_timeout=5,hard_timeout=7),2",
         fin,
         {3, 4}},
        {"tcp,actions=fin_timeout(idle_timeout=5,hard_timeout=7),2", fin, {5, 7}},
        {"idle_timeout=60,actions=fin_timeout(idle_timeout=5),2", "in_port=1,udp", {60, 0}},
        {"idle_timeout=60,actions=fin_timeout(idle_timeout=5),2", "in_port=1,tcp,tcp_flags=+syn", {60, 0}},
        {"idle_timeout=60,actions=fin_timeout(idle_timeout=5),2", "in_port=1,tcp6,tcp_flags=+fin", {5, 0}},
        {"idle_timeout=60,actions=fin_timeout(idle_timeout=5),2",
         "in_port=1,tcp,nw_frag=later,tcp_flags=0",
         {60, 0}},
    };
    for (const FinCase& c : cases) {
        World w = oracle_world();
        w.add_flow("br0", c.flow);
        w.receive("br0", World::key(c.packet));
        EXPECT_EQ(timeouts(w), c.after) << c.flow << " and " << c.packet;
    }
}

TEST(FinTimeout, tells_the_last_packets_of_a_connection_by_a_megaflow_of_their_own) {
    World w = oracle_world();
    w.add_flow("br0", "idle_timeout=60,tcp,actions=fin_timeout(idle_timeout=5),2");
    constexpr uint16_t fin_and_rst = 1 | 4;
    const Translation of_data = w.translate("br0", World::key(data));
    EXPECT_EQ(of_data.mask.packet.tcp_flags.host() & fin_and_rst, fin_and_rst);
    const Translation of_fin = w.translate("br0", World::key(fin));
    EXPECT_TRUE(of_fin.mask.packet.tcp_flags.host() & 1);
    EXPECT_EQ(timeouts(w), (Timeouts{60, 0})) << "nothing has happened yet";
    // What the datapath counted for megaflows, long after the first packet.
    std::vector<RuleEvent> events;
    play(of_data.effects, {.packets = 3, .bytes = 300, .used = w.now()}, events);
    EXPECT_EQ(timeouts(w), (Timeouts{60, 0}));
    play(of_fin.effects, {.packets = 1, .bytes = 100, .used = w.now()}, events);
    EXPECT_EQ(timeouts(w), (Timeouts{5, 0}));
}

TEST(FinTimeout, lets_the_flow_expire_as_soon_as_that) {
    World w = oracle_world();
    w.add_flow("br0", "idle_timeout=60,tcp,actions=fin_timeout(idle_timeout=5),2");
    w.receive("br0", World::key(fin));
    Tables& tables = *w.bridge("br0").bridge.tables;
    std::vector<RuleEvent> events;
    w.advance(4s);
    tables.expire(w.now(), events);
    EXPECT_TRUE(events.empty());
    w.advance(3s);
    tables.expire(w.now(), events);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].reason, Removal::idle_timeout);
}

TEST(FinTimeout, is_what_a_learned_flow_gets_of_fin_idle_timeout_and_fin_hard_timeout) {
    World w = oracle_world();
    add_flows(
        w, "br0",
        "tcp,actions=learn(table=1,idle_timeout=60,hard_timeout=90,fin_idle_timeout=5,fin_hard_timeout=7,"
        "eth_type=0x800,nw_proto=6,NXM_OF_ETH_SRC[]),resubmit(,1)");
    w.receive("br0", World::key(data));
    EXPECT_EQ(timeouts(w, 1), (Timeouts{60, 90}));
    w.receive("br0", World::key(data));
    EXPECT_EQ(timeouts(w, 1), (Timeouts{60, 90}));
    w.receive("br0", World::key(fin));
    EXPECT_EQ(timeouts(w, 1), (Timeouts{5, 7}));
}

}  // namespace
}  // namespace weft::pipeline::testing
