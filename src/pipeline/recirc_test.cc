// SPDX-License-Identifier: Apache-2.0
// Translations that stop and go on: what they remember, as bytes and by number.
#include <gtest/gtest.h>

#include <algorithm>

#include "action/dp_action_text.h"
#include "action/text.h"
#include "pipeline/recirc.h"
#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

Frozen sample() {
    Frozen f;
    f.bridge.b[3] = 7;
    f.in_port = OfPort{9};
    f.pipe.metadata = Be64(0x1234);
    f.pipe.regs[31] = Be32(5);
    f.tunnel.emplace().id = Be64(77);
    f.priority = Be32(3);
    f.stack = {flow::FieldValue::from_u64(1), flow::FieldValue::from_u64(~uint64_t{0})};
    f.action_set = *action::parse_actions("set_field:1->reg0,output:3");
    f.cookie = 0x42;
    f.hashed = true;
    f.frames.push_back({5, 0x99, false, *action::parse_actions("output:1,resubmit(,7),goto_table:9")});
    f.frames.push_back({0, 0, true, *action::parse_actions("group:4,output:LOCAL")});
    return f;
}

TEST(Frozen, comes_back_from_its_bytes) {
    const auto back = decode_frozen(encode(sample()));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, sample());
}

TEST(Frozen, every_part_of_it_is_in_the_bytes) {
    const auto differs = [](auto change) {
        Frozen f = sample();
        change(f);
        return encode(f) != encode(sample());
    };
    EXPECT_TRUE(differs([](Frozen& f) { f.bridge.b[0] = 1; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.in_port = OfPort{1}; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.pipe.regs[0] = Be32(1); }));
    EXPECT_TRUE(differs([](Frozen& f) { f.pipe.actset_output = Be32(1); }));
    EXPECT_TRUE(differs([](Frozen& f) { f.tunnel->metadata[255] = 1; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.priority.reset(); }));
    EXPECT_TRUE(differs([](Frozen& f) { f.tunnel.reset(); }));
    EXPECT_TRUE(differs([](Frozen& f) { f.stack.pop_back(); }));
    EXPECT_TRUE(differs([](Frozen& f) { f.action_set.pop_back(); }));
    EXPECT_TRUE(differs([](Frozen& f) { f.cookie = 1; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.packet_out = true; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.hashed = false; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.paused = true; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.frames[0].table = 1; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.frames[1].cookie = 1; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.frames[1].in_action_set = false; }));
    EXPECT_TRUE(differs([](Frozen& f) { f.frames[1].actions.pop_back(); }));
}

TEST(Frozen, bytes_that_are_none_are_refused_with_the_reason) {
    const Bytes good = encode(sample());
    for (size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode_frozen(ByteSpan(good).first(n))) << n;
    Bytes newer = good;
    newer[5] = 9;
    EXPECT_NE(decode_frozen(newer).error().message.find("of format 9"), std::string::npos);
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(decode_frozen(longer));
}

TEST(RecircTable, equal_states_have_equal_numbers_and_nothing_else_has) {
    RecircTable table;
    const RecircPtr a = table.intern(sample());
    Frozen other = sample();
    other.cookie = 1;
    EXPECT_EQ(table.intern(sample())->id, a->id);
    EXPECT_NE(table.intern(other)->id, a->id);
    EXPECT_EQ(table.find(a->id)->state, sample());
    EXPECT_EQ(table.find(99), nullptr);
}

TEST(RecircTable, a_number_is_free_some_time_after_nobody_holds_it) {
    RecircTable table;
    RecircPtr a = table.intern(sample());
    table.sweep(Time(1s));
    a.reset();
    table.sweep(Time(2s));
    table.sweep(Time(6s));
    EXPECT_EQ(table.size(), 1u) << "packets may be under way";
    table.sweep(Time(8s));
    EXPECT_EQ(table.size(), 0u);
    a = table.intern(sample());
    table.sweep(Time(9s));
    table.sweep(Time(60s));
    EXPECT_EQ(table.find(a->id), a);
}

/// A bridge of six ports, and what a datapath would do: actions until there is no more to recirculate to.
class Recirculate : public ::testing::Test {
  protected:
    void SetUp() override {
        auto& b = world.add_bridge("br0");
        for (uint16_t port = 1; port <= 6; ++port) b.add_port(world, port);
        world.publish();
    }
    Translation first(std::string_view packet) { return world.translate("br0", World::key(packet)); }
    /// The packet comes back as `parsed`.
    Translation then(const Translation& t, std::string_view parsed) {
        flow::FlowKey key = World::key(parsed);
        key.packet.recirc_id = Be32(t.recircs.at(0)->id);
        key.packet.dp_hash = Be32(1);
        return world.translate("br0", key);
    }
    static std::string text(const Translation& t) { return action::dp::to_text(t.actions); }
    static std::string recirc(const Translation& t) {
        return "recirc(0x" + std::to_string(t.recircs.at(0)->id) + ")";
    }
    World world;
};

constexpr std::string_view mpls = "in_port=1,mpls,mpls_label=5,mpls_bos=1";
constexpr std::string_view below = "in_port=1,tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=9,tcp_dst=80";

TEST_F(Recirculate, what_lies_below_a_popped_label_is_matched_on_the_second_way) {
    world.add_flow("br0", "mpls,actions=load:3->NXM_NX_REG1[],pop_mpls:0x0800,resubmit(,1),output:4");
    world.add_flow("br0", "table=1,tcp,tcp_dst=80,reg1=3,actions=output:2");
    world.add_flow("br0", "table=1,priority=1,actions=output:3");
    const Translation t = first(mpls);
    EXPECT_EQ(text(t), "pop_mpls(eth_type=0x800)," + recirc(t));
    EXPECT_EQ(text(then(t, below)), "3,5");
}

TEST_F(Recirculate, what_needs_no_look_below_needs_no_second_way) {
    world.add_flow(
        "br0", "mpls,actions=pop_mpls:0x0800,load:1->NXM_NX_REG0[],mod_dl_dst:02:00:00:00:00:01,output:2");
    const Translation t = first(mpls);
    EXPECT_TRUE(t.recircs.empty());
    EXPECT_EQ(text(t), "set(eth(dst=02:00:00:00:00:01)),pop_mpls(eth_type=0x800),3");
}

TEST_F(Recirculate, an_action_that_looks_below_waits_with_all_behind_it) {
    world.add_flow("br0", "mpls,actions=output:2,pop_mpls:0x0800,dec_ttl,output:3");
    const Translation t = first(mpls);
    EXPECT_EQ(text(t), "3,pop_mpls(eth_type=0x800)," + recirc(t));
    EXPECT_EQ(text(then(t, below)), "set(ipv4(ttl=8)),4");
}

TEST_F(Recirculate, lists_around_go_on_in_their_order_with_stack_and_action_set) {
    world.add_flow("br0",
                   "mpls,actions=push:NXM_OF_IN_PORT[],resubmit(,1),pop:NXM_NX_REG2[0..15],output:reg2,"
                   "output:4,write_actions(output:6)");
    world.add_flow("br0",
                   "table=1,mpls,actions=pop_mpls:0x0800,resubmit(,2),load:5->NXM_NX_REG3[],output:reg3");
    world.add_flow("br0", "table=2,ip,actions=output:2");
    const Translation t = first(mpls);
    const Translation second = then(t, below);
    // Port 2; 5 by the register; the input port is skipped; 4; and last the action set.
    EXPECT_EQ(text(second), "3,6,5,7");
}

TEST_F(Recirculate, a_clone_recirculates_a_copy) {
    world.add_flow("br0", "mpls,actions=clone(pop_mpls:0x0800,resubmit(,1)),output:3");
    world.add_flow("br0", "table=1,ip,actions=output:2");
    const Translation t = first(mpls);
    EXPECT_EQ(text(t), "clone(pop_mpls(eth_type=0x800)," + recirc(t) + "),4");
    EXPECT_EQ(text(then(t, below)), "3");
}

TEST_F(Recirculate, counts_a_rule_once) {
    world.add_flow("br0", "mpls,actions=pop_mpls:0x0800,resubmit(,1)");
    world.add_flow("br0", "table=1,ip,actions=output:2");
    const auto rules = [](const Translation& t) {
        return std::ranges::count_if(t.effects,
                                     [](const Effect& e) { return std::holds_alternative<CountRule>(e); });
    };
    const Translation t = first(mpls);
    EXPECT_EQ(rules(t), 1);
    EXPECT_EQ(rules(then(t, below)), 1);
}

TEST_F(Recirculate, an_unknown_number_drops) {
    flow::FlowKey key = World::key(below);
    key.packet.recirc_id = Be32(77);
    EXPECT_EQ(world.translate("br0", key).drop, Drop::no_recirculation_context);
}

TEST_F(Recirculate, a_paused_packet_goes_on_where_a_controller_resumes_it) {
    world.add_flow(
        "br0", "actions=load:3->NXM_NX_REG1[],output:2,controller(pause,userdata=01),output:reg1,output:4");
    const flow::FlowKey key = World::key(below);
    const Translation t = world.translate("br0", key);
    ASSERT_EQ(t.punts.size(), 1u);
    EXPECT_EQ(t.punts[0].userdata, Bytes{1});
    EXPECT_EQ(t.actions.size(), 2u);
    const auto state = decode_frozen(t.punts[0].continuation);
    ASSERT_TRUE(state) << state.error().message;
    const Snapshot snapshot = world.state().snapshot();
    const Translation rest = translate(snapshot, {.key = key, .bridge = world.id("br0"), .resume = &*state});
    EXPECT_EQ(text(rest), "4,5");
}

/// Going through a group by the datapath's hash on the way changes nothing else: random actions around it do
/// what they do without.
std::string difference_by_recirculating(uint64_t seed, Plant plant) {
    Prng prng(seed);
    const auto some = [&] {
        std::string out;
        for (uint64_t n = 1 + prng.below(4); n > 0; --n) {
            switch (prng.below(6)) {
                case 0:
                    out += ",load:" + std::to_string(1 + prng.below(6)) + "->NXM_NX_REG" +
                           std::to_string(prng.below(3)) + "[]";
                    break;
                case 1:
                    out += ",output:reg" + std::to_string(prng.below(3));
                    break;
                case 2:
                    out += ",push:NXM_NX_REG" + std::to_string(prng.below(3)) + "[]";
                    break;
                case 3:
                    out += ",pop:NXM_NX_REG" + std::to_string(prng.below(3)) + "[]";
                    break;
                case 4:
                    out += ",output:" + std::to_string(2 + prng.below(4));
                    break;
                default:
                    out += ",set_field:" + std::to_string(prng.below(9)) + "->metadata";
            }
        }
        return out;
    };
    const std::string a = some(), b = some(), inside = some(), after = some();
    const auto outputs = [&](bool by_hash) {
        World world;
        auto& bridge = world.add_bridge("br0");
        for (uint16_t port = 1; port <= 6; ++port) bridge.add_port(world, port);
        world.publish();
        world.add_group("br0", by_hash ? "1,type=select,bucket=output:6" : "1,type=indirect,bucket=output:6");
        world.add_flow("br0", "actions=note:00" + a + ",resubmit(,1)" + after);
        world.add_flow("br0", "table=1,actions=note:00" + b + ",group:1" + inside);
        std::string out;
        flow::FlowKey key = World::key("in_port=1,tcp");
        for (int way = 0; way < 8; ++way) {
            const Translation t = world.translate("br0", key, plant);
            for (const auto& one : t.actions)
                if (const auto* o = std::get_if<action::dp::Output>(&one.v))
                    out += std::to_string(o->port.value) + " ";
            if (t.recircs.empty()) break;
            key.packet.recirc_id = Be32(t.recircs[0]->id);
            key.packet.dp_hash = Be32(1);
        }
        return out;
    };
    const std::string with = outputs(true), without = outputs(false);
    return with == without ? "" : "seed " + std::to_string(seed) + ": " + with + "instead of " + without;
}

TEST(Recirculation, changes_nothing_for_what_comes_after) {
    for (uint64_t seed = 1; seed <= 200; ++seed)
        ASSERT_EQ(difference_by_recirculating(seed, Plant::none), "");
}

TEST(Recirculation, that_forgets_a_register_is_found) {
    for (uint64_t seed = 1; seed <= 200; ++seed)
        if (!difference_by_recirculating(seed, Plant::frozen_forgets_register).empty()) return;
    ADD_FAILURE() << "a planted bug was not found in 200 worlds";
}

}  // namespace
}  // namespace weft::pipeline::testing
