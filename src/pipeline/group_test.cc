// SPDX-License-Identifier: Apache-2.0
// Groups: which buckets a packet goes through, what that depends on, and how they change.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "action/dp_action_text.h"
#include "pipeline/group.h"
#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

/// A bridge of four ports.
class GroupTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto& b = world.add_bridge("br0");
        for (uint16_t port = 1; port <= 4; ++port) b.add_port(world, port);
        world.publish();
    }
    std::string actions(std::string_view packet) { return world.actions("br0", packet); }
    uint64_t packets(uint32_t group, std::optional<size_t> bucket = std::nullopt) {
        const GroupPtr g =
            world.bridge("br0").bridge.tables->groups().find(group, world.state().versions().current());
        const auto& c = g->counters();
        return (bucket ? c.buckets[*bucket] : c.all).packets;
    }
    World world;
};

// Datapath ports: 1 is the local port, so OpenFlow port n is n + 1.

TEST_F(GroupTest, all_sends_a_copy_through_each_bucket) {
    world.add_group("br0", "1,type=all,bucket=output:1,bucket=mod_dl_dst:02:00:00:00:00:01,output:2");
    world.add_flow("br0", "actions=group:1,output:3");
    EXPECT_EQ(actions("in_port=4,ip"),
              "2,set(eth(dst=02:00:00:00:00:01)),3,set(eth(dst=00:00:00:00:00:00)),4");
}

TEST_F(GroupTest, a_bucket_runs_in_the_order_of_action_sets) {
    world.add_group("br0", "1,type=indirect,bucket=output:1,mod_dl_dst:02:00:00:00:00:01");
    world.add_flow("br0", "actions=group:1");
    EXPECT_EQ(actions("in_port=4,ip"), "set(eth(dst=02:00:00:00:00:01)),2");
}

TEST_F(GroupTest, failover_takes_the_first_live_bucket_and_says_what_it_looked_at) {
    world.add_group("br0", "1,type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2");
    world.add_flow("br0", "actions=group:1");
    EXPECT_EQ(actions("in_port=4"), "2");
    world.bridge("br0").port(1).link_up = false;
    world.publish();
    EXPECT_EQ(actions("in_port=4"), "3");
    const auto reads = world.translate("br0", World::key("in_port=4")).reads;
    const Read port{ReadPort{world.id("br0"), OfPort{1}}};
    EXPECT_NE(std::ranges::find(reads, port), reads.end());
    world.bridge("br0").port(2).config |= port_config::port_down;
    world.publish();
    EXPECT_EQ(actions("in_port=4"), "drop");
}

TEST_F(GroupTest, a_watched_group_is_alive_while_one_of_its_buckets_is) {
    world.add_group("br0", "1,type=ff,bucket=watch_port:1,output:1");
    world.add_group("br0", "2,type=ff,bucket=watch_group:1,output:3,bucket=watch_port:2,output:2");
    world.add_flow("br0", "actions=group:2");
    EXPECT_EQ(actions("in_port=4"), "4");
    world.bridge("br0").port(1).link_up = false;
    world.publish();
    EXPECT_EQ(actions("in_port=4"), "3");
}

TEST_F(GroupTest, select_by_hash_matches_what_it_hashes_and_nothing_else) {
    world.add_group("br0", "1,type=select,hash,ip_src,bucket=output:1,bucket=output:2");
    world.add_flow("br0", "actions=group:1");
    const Translation t = world.translate("br0", World::key("in_port=4,tcp,nw_src=10.0.0.1,tcp_dst=80"));
    EXPECT_EQ(t.mask.packet.nw_src.host(), ~0u);
    EXPECT_EQ(t.mask.packet.nw_dst.host(), 0u);
    EXPECT_EQ(t.mask.packet.tp_dst.host(), 0u);
}

TEST_F(GroupTest, select_by_hash_is_stable_and_shares_by_weight) {
    world.add_group("br0", "1,type=select,hash,ip_src,bucket=weight:1,output:1,bucket=weight:3,output:2");
    world.add_flow("br0", "actions=group:1");
    std::map<std::string, int> got;
    for (int i = 0; i < 2000; ++i) {
        const std::string packet =
            "in_port=4,ip,nw_src=10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
        const std::string where = actions(packet);
        EXPECT_EQ(actions(packet), where);
        ++got[where];
    }
    EXPECT_GT(got["3"], got["2"]);
    EXPECT_EQ(got["2"] + got["3"], 2000);
    EXPECT_GT(got["2"], 200);
}

TEST_F(GroupTest, a_dead_bucket_gives_its_packets_away_and_others_keep_theirs) {
    world.add_group("br0",
                    "1,type=select,hash,ip_src,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2,"
                    "bucket=watch_port:3,output:3");
    world.add_flow("br0", "actions=group:1");
    std::vector<std::string> before;
    const auto packet = [](int i) { return "in_port=4,ip,nw_src=10.0.0." + std::to_string(i); };
    for (int i = 0; i < 200; ++i) before.push_back(actions(packet(i)));
    world.bridge("br0").port(1).link_up = false;
    world.publish();
    for (int i = 0; i < 200; ++i) {
        if (before[i] == "2")
            EXPECT_NE(actions(packet(i)), "2");
        else
            EXPECT_EQ(actions(packet(i)), before[i]);
    }
}

TEST_F(GroupTest, slots_are_shared_by_weight) {
    const auto counts = [](std::vector<uint16_t> weights) {
        std::vector<action::Bucket> buckets;
        for (const uint16_t w : weights) buckets.push_back({.weight = w});
        std::vector<int> out(weights.size());
        for (const uint16_t slot : share_slots(buckets)) ++out[slot];
        return out;
    };
    EXPECT_EQ(counts({1, 1}), (std::vector<int>{8, 8}));
    EXPECT_EQ(counts({10, 20}), (std::vector<int>{5, 11}));
    EXPECT_EQ(counts({1, 0, 1}), (std::vector<int>{8, 0, 8}));
    EXPECT_EQ(counts({1, 63}), (std::vector<int>{1, 63}));
    EXPECT_TRUE(share_slots({}).empty());
    EXPECT_EQ(counts({1, 1000}), (std::vector<int>{0, 0})) << "too uneven for the datapath's hash";
}

TEST_F(GroupTest, select_without_fields_goes_by_the_datapaths_hash) {
    world.add_group("br0", "1,type=select,bucket=weight:10,output:1,bucket=weight:20,output:2");
    world.add_flow("br0", "actions=load:3->NXM_NX_REG0[],group:1,output:3");
    const Translation first = world.translate("br0", World::key("in_port=4,tcp"));
    ASSERT_EQ(first.recircs.size(), 1u);
    const uint32_t id = first.recircs[0]->id;
    EXPECT_EQ(action::dp::to_text(first.actions), "hash(sym_l4(0)),recirc(0x" + std::to_string(id) + ")");
    const Translation again = world.translate("br0", World::key("in_port=4,udp"));
    EXPECT_EQ(again.recircs.at(0)->id, id) << "the same state has the same number";
    std::map<std::string, int> got;
    for (uint32_t hash = 1; hash <= 160; ++hash) {
        flow::FlowKey key = World::key("in_port=4,tcp");
        key.packet.recirc_id = Be32(id);
        key.packet.dp_hash = Be32(hash * 0x9e3779b1);
        const Translation t = world.translate("br0", key);
        EXPECT_EQ(t.mask.packet.dp_hash.host(), 0xfu);
        ++got[action::dp::to_text(t.actions)];
    }
    EXPECT_EQ(got.size(), 2u);
    EXPECT_GT(got["3,4"], got["2,4"]);
}

TEST_F(GroupTest, counts_packets_of_groups_and_buckets) {
    world.add_group("br0", "1,type=all,bucket=output:1,bucket=output:2");
    world.add_group("br0", "2,type=indirect,bucket=group:1");
    world.add_flow("br0", "actions=group:2");
    world.receive("br0", World::key("in_port=4"));
    world.receive("br0", World::key("in_port=4"));
    for (const uint32_t group : {1, 2}) EXPECT_EQ(packets(group), 2u);
    EXPECT_EQ(packets(1, 1), 2u);
}

TEST_F(GroupTest, a_flow_needs_its_group_and_goes_with_it) {
    EXPECT_FALSE(world.try_flow("br0", "actions=group:1"));
    world.add_group("br0", "1,type=all,bucket=output:1");
    world.add_flow("br0", "table=3,actions=clone(group:1)");
    world.add_flow("br0", "table=4,actions=write_actions(group:1)");
    world.add_flow("br0", "table=5,actions=output:1");
    Tables& tables = *world.bridge("br0").bridge.tables;
    EXPECT_EQ(tables.group_users(1), 2u);
    GroupChange gone;
    gone.command = GroupChange::Command::remove;
    gone.id = 1;
    TablesEdit edit(tables, world.now());
    ASSERT_TRUE(edit.apply(gone));
    const auto events = edit.publish();
    ASSERT_EQ(events.size(), 2u);
    for (const auto& e : events) EXPECT_EQ(e.reason, Removal::group_removed);
    EXPECT_EQ(tables.size(), 1u);
}

TEST_F(GroupTest, loops_are_refused_and_long_chains_are_not) {
    EXPECT_FALSE(world.try_group("br0", "1,type=all,bucket=group:1"));
    for (int i = 1; i < 40; ++i)  // two ways at each step: 2^39 paths
        world.add_group("br0", std::to_string(i + 1) + ",type=all,bucket=group:" + std::to_string(i) +
                                   ",bucket=group:" + std::to_string(i));
    EXPECT_FALSE(world.try_group("br0", "1,type=all,bucket=group:40"));
    EXPECT_TRUE(world.try_group("br0", "1,type=all,bucket=output:1"));
}

TEST_F(GroupTest, an_edit_that_is_given_up_leaves_groups_and_flows_as_they_were) {
    world.add_group("br0", "1,type=all,bucket=output:1");
    world.add_flow("br0", "actions=group:1");
    Tables& tables = *world.bridge("br0").bridge.tables;
    {
        TablesEdit edit(tables, world.now());
        ASSERT_TRUE(edit.apply(*parse_group("1,type=all,bucket=output:2", GroupChange::Command::modify)));
        ASSERT_TRUE(edit.apply(*parse_group("2,type=all,bucket=output:3", GroupChange::Command::add)));
        ASSERT_TRUE(edit.apply(*parse_flow("actions=group:2")));
        GroupChange all;
        all.command = GroupChange::Command::remove;
        all.id = action::group_all;
        ASSERT_TRUE(edit.apply(all));
        EXPECT_EQ(actions("in_port=4"), "2") << "nobody sees it before it is published";
    }
    EXPECT_EQ(actions("in_port=4"), "2");
    EXPECT_EQ(tables.groups().size(world.state().versions().current()), 1u);
    EXPECT_EQ(tables.group_users(1), 1u);
}

TEST_F(GroupTest, a_snapshot_sees_one_version_of_groups_and_flows) {
    world.add_group("br0", "1,type=all,bucket=output:1");
    world.add_flow("br0", "actions=group:1");
    const Snapshot before = world.state().snapshot();
    world.change_group("br0", "1,type=all,bucket=output:2", GroupChange::Command::modify);
    const flow::FlowKey key = World::key("in_port=4");
    const Request request{.key = key, .bridge = world.id("br0")};
    EXPECT_EQ(action::dp::to_text(pipeline::translate(before, request).actions), "2");
    EXPECT_EQ(actions("in_port=4"), "3");
}

TEST_F(GroupTest, buckets_are_inserted_and_removed_where_told) {
    using Command = GroupChange::Command;
    world.add_group("br0", "1,type=all,bucket=output:1,bucket=output:2");
    world.add_flow("br0", "actions=group:1");
    world.change_group("br0", "1,at=0,bucket=bucket_id:9,output:3", Command::insert_buckets);
    EXPECT_EQ(actions("in_port=4"), "2,4,3");
    world.change_group("br0", "1,at=first,bucket=bucket_id:10,output:2", Command::insert_buckets);
    EXPECT_EQ(actions("in_port=4"), "3,2,4,3");
    world.change_group("br0", "1,at=9", Command::remove_buckets);
    world.change_group("br0", "1,at=last", Command::remove_buckets);
    EXPECT_EQ(actions("in_port=4"), "3,2");
    EXPECT_FALSE(world.try_group("br0", "1,at=77", Command::remove_buckets));
    EXPECT_FALSE(world.try_group("br0", "1,at=last,bucket=bucket_id:10,output:2", Command::insert_buckets));
    world.change_group("br0", "1,at=all", Command::remove_buckets);
    EXPECT_EQ(actions("in_port=4"), "drop");
}

}  // namespace
}  // namespace weft::pipeline::testing
