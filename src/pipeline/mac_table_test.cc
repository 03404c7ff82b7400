// SPDX-License-Identifier: Apache-2.0
#include "pipeline/mac_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::pipeline {
namespace {

using Change = MacTable::Change;
using ::testing::ElementsAre;

constexpr BundleId p1{1}, p2{2}, p3{3};
constexpr Time t0{1s};

Mac mac(uint64_t v) { return Mac::from_u64(v); }

std::vector<uint64_t> macs(const MacTable& t) {
    std::vector<uint64_t> out;
    for (const auto& e : t.entries()) out.push_back(e.mac.to_u64());
    return out;
}

TEST(MacTable, finds_what_it_learned_in_its_vlan_only) {
    MacTable t;
    EXPECT_EQ(t.would_learn(10, mac(1), p1), Change::learned);
    EXPECT_EQ(t.learn(10, mac(1), p1, t0), Change::learned);
    EXPECT_EQ(t.learn(10, mac(1), p1, t0 + 1s), Change::none);
    EXPECT_EQ(t.lookup(10, mac(1)), p1);
    EXPECT_EQ(t.lookup(11, mac(1)), std::nullopt);
    EXPECT_EQ(t.lookup(10, mac(2)), std::nullopt);
}

TEST(MacTable, a_station_moves_with_its_frames) {
    MacTable t;
    t.learn(0, mac(1), p1, t0);
    const uint64_t before = t.changes();
    EXPECT_EQ(t.would_learn(0, mac(1), p2), Change::moved);
    EXPECT_EQ(t.learn(0, mac(1), p2, t0), Change::moved);
    EXPECT_EQ(t.lookup(0, mac(1)), p2);
    EXPECT_GT(t.changes(), before);
    EXPECT_EQ(t.stats().moved, 1u);
}

TEST(MacTable, what_is_not_seen_for_the_ageing_time_goes) {
    MacTable t(10s);
    t.learn(0, mac(1), p1, t0);
    t.learn(0, mac(2), p1, t0 + 1s);
    t.learn(0, mac(1), p1, t0 + 5s);
    EXPECT_EQ(t.run(t0 + 10s), t0 + 11s);
    EXPECT_EQ(t.run(t0 + 11s), t0 + 15s);
    EXPECT_THAT(macs(t), ElementsAre(1));
    EXPECT_EQ(t.run(t0 + 15s), never);
    EXPECT_EQ(t.stats().expired, 2u);
    EXPECT_EQ(t.stats().entries, 0u);
}

TEST(MacTable, entries_come_least_recently_used_first_and_static_last) {
    MacTable t;
    EXPECT_TRUE(t.add_static(0, mac(9), p3, t0));
    t.learn(0, mac(5), p1, t0);
    t.learn(0, mac(2), p1, t0 + 1s);
    t.learn(0, mac(7), p1, t0 + 2s);
    t.learn(0, mac(5), p1, t0 + 3s);
    EXPECT_THAT(macs(t), ElementsAre(2, 7, 5, 9));
}

TEST(MacTable, when_full_the_port_with_most_gives_its_oldest) {
    MacTable t(300s, 6);
    t.learn(0, mac(100), p2, t0);
    for (uint64_t i = 0; i < 5; ++i) t.learn(0, mac(i + 1), p1, t0 + 1s);
    t.learn(0, mac(1), p1, t0 + 2s);    // no longer the oldest of p1
    t.learn(0, mac(101), p2, t0 + 3s);  // a quiet port gets in
    EXPECT_EQ(t.lookup(0, mac(100)), p2);
    EXPECT_EQ(t.lookup(0, mac(1)), p1);
    EXPECT_EQ(t.lookup(0, mac(2)), std::nullopt);
    EXPECT_EQ(t.stats().evicted, 1u);
    // A flood of sources on one port does not push out the others.
    for (uint64_t i = 0; i < 1000; ++i) t.learn(0, mac(1000 + i), p1, t0 + 4s);
    EXPECT_EQ(t.lookup(0, mac(100)), p2);
    EXPECT_EQ(t.lookup(0, mac(101)), p2);
    EXPECT_EQ(t.stats().entries, 6u);
}

TEST(MacTable, static_entries_neither_move_nor_age_nor_give_way) {
    MacTable t(10s, 2);
    EXPECT_TRUE(t.add_static(0, mac(1), p1, t0));
    EXPECT_EQ(t.learn(0, mac(1), p2, t0), Change::none);
    EXPECT_EQ(t.would_learn(0, mac(1), p2), Change::none);
    t.learn(0, mac(2), p1, t0);
    t.run(t0 + 100s);
    t.flush();
    EXPECT_EQ(t.lookup(0, mac(1)), p1);
    EXPECT_TRUE(t.add_static(0, mac(3), p1, t0));
    EXPECT_FALSE(t.add_static(0, mac(4), p1, t0)) << "no room";
    EXPECT_EQ(t.learn(0, mac(5), p1, t0), Change::none);
    EXPECT_TRUE(t.remove(0, mac(1)));
    EXPECT_FALSE(t.remove(0, mac(1)));
    EXPECT_EQ(t.stats().static_entries, 1u);
}

TEST(MacTable, a_static_entry_takes_the_place_of_a_learned_one) {
    MacTable t;
    t.learn(0, mac(1), p1, t0);
    EXPECT_TRUE(t.add_static(0, mac(1), p2, t0));
    EXPECT_EQ(t.lookup(0, mac(1)), p2);
    EXPECT_EQ(t.stats().entries, 1u);
}

TEST(MacTable, flushes_by_port_and_by_vlan) {
    MacTable t;
    t.learn(0, mac(1), p1, t0);
    t.learn(70, mac(2), p2, t0);
    t.add_static(0, mac(3), p1, t0);
    std::array<uint64_t, 64> vlans{};
    vlans[1] = uint64_t{1} << 6;
    t.flush_vlans(vlans);
    EXPECT_EQ(t.lookup(70, mac(2)), std::nullopt);
    t.flush(p1);
    EXPECT_TRUE(t.entries().empty());
}

TEST(MacTable, a_smaller_limit_takes_effect_at_once) {
    MacTable t;
    for (uint64_t i = 0; i < 20; ++i) t.learn(0, mac(i), p1, t0 + i * 1s);
    t.set_limit(3);
    EXPECT_THAT(macs(t), ElementsAre(17, 18, 19));
}

}  // namespace
}  // namespace weft::pipeline
