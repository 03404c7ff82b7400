// SPDX-License-Identifier: Apache-2.0
#include "dp/core/flow_table.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/prng.h"

namespace weft::dp {
namespace {

flow::FlowMask mask_of_mac() {
    flow::FlowMask m{};
    m.packet.eth_dst = Mac::from_u64(0xffff'ffff'ffff);
    return m;
}
flow::FlowKey key_of(uint64_t mac) {
    flow::FlowKey k{};
    k.packet.eth_dst = Mac::from_u64(mac);
    return k;
}
ActionsPtr output(uint32_t port) {
    return std::make_shared<const action::dp::Actions>(action::dp::Actions{action::dp::Output{DpPort{port}}});
}
DpPort output_of(const Flow& f) { return std::get<action::dp::Output>(f.actions().at(0).v).port; }
const uint64_t* raw(const flow::FlowKey& k) { return flow::words(k).data(); }

class FlowTableTest : public testing::Test {
  protected:
    Result<void> put(uint64_t n, PutMode mode = PutMode::create) {
        return table_.put({0, n}, {key_of(n), mask_of_mac()}, output(static_cast<uint32_t>(n)), mode);
    }
    loop::EpochDomain domain_;
    FlowTable table_{domain_};
    loop::EpochReader reader_{domain_};
};

TEST_F(FlowTableTest, a_packet_finds_the_flow_that_matches_its_masked_key) {
    put(5).value();
    flow::FlowKey k = key_of(5);
    k.packet.nw_ttl = 64;  // wildcarded
    const auto pin = reader_.pin();
    ASSERT_TRUE(table_.find(raw(k)).flow);
    EXPECT_EQ(output_of(*table_.find(raw(k)).flow), DpPort{5});
    EXPECT_FALSE(table_.find(raw(key_of(6))).flow);
}

TEST_F(FlowTableTest, a_flow_remembers_what_kind_of_packet_it_was_made_for) {
    flow::FlowKey k = key_of(5);
    k.packet.eth_type = Be16(0x0800);
    k.packet.nw_proto = 17;
    table_.put({{0, 5}, k, mask_of_mac(), output(1)}, PutMode::create).value();
    const FlowInfo info = table_.info({0, 5}).value();
    EXPECT_EQ(info.match, (flow::Match{key_of(5), mask_of_mac()})) << "it does not match on that";
    EXPECT_EQ(info.kinds.nw_proto, 17);
    EXPECT_EQ(info.kinds.eth_type, Be16(0x0800));
}

TEST_F(FlowTableTest, thousands_of_flows_are_found_until_they_are_removed) {
    constexpr uint64_t n = 5000;
    for (uint64_t i = 0; i < n; ++i) put(i).value();
    for (uint64_t i = 0; i < n; i += 2) table_.remove({0, i}).value();
    for (uint64_t i = n; i < n + n / 2; ++i) put(i).value();  // into the places of removed ones
    const auto pin = reader_.pin();
    for (uint64_t i = 0; i < n + n / 2; ++i)
        ASSERT_EQ(table_.find(raw(key_of(i))).flow != nullptr, i % 2 == 1 || i >= n) << i;
    EXPECT_EQ(table_.size(), n);
}

TEST_F(FlowTableTest, the_same_match_or_id_is_refused_unless_it_is_a_modification) {
    put(1).value();
    EXPECT_EQ(put(1).error().code, EEXIST);
    EXPECT_EQ(table_.put({9, 9}, {key_of(1), mask_of_mac()}, output(1), PutMode::create).error().code,
              EEXIST);
    EXPECT_EQ(put(2, PutMode::modify).error().code, ENOENT);
    EXPECT_EQ(table_.remove({0, 2}).error().code, ENOENT);
    table_.put({0, 1}, {key_of(1), mask_of_mac()}, output(77), PutMode::modify).value();
    const auto pin = reader_.pin();
    EXPECT_EQ(output_of(*table_.find(raw(key_of(1))).flow), DpPort{77});
}

TEST_F(FlowTableTest, modifying_keeps_statistics_and_removing_returns_them) {
    put(1).value();
    {
        const auto pin = reader_.pin();
        table_.find(raw(key_of(1))).flow->count(3, 180, Time(5ms), 0x12);
    }
    put(1, PutMode::modify).value();
    const FlowStats s = table_.remove({0, 1}).value();
    EXPECT_EQ(s.packets, 3u);
    EXPECT_EQ(s.bytes, 180u);
    EXPECT_EQ(s.used, Time(5ms));
    EXPECT_EQ(s.tcp_flags, 0x12);
}

TEST_F(FlowTableTest, a_dump_shows_each_flow_once_as_it_was_put) {
    for (uint64_t i = 0; i < 100; ++i) put(i).value();
    std::set<uint64_t> seen;
    table_.for_each([&](const FlowInfo& f) {
        EXPECT_TRUE(seen.insert(f.id.lo).second);
        EXPECT_EQ(f.match, (flow::Match{key_of(f.id.lo), mask_of_mac()}));
        EXPECT_FALSE(f.stats.used.has_value());
    });
    EXPECT_EQ(seen.size(), 100u);
}

TEST_F(FlowTableTest, a_mask_without_flows_is_forgotten) {
    put(1).value();
    EXPECT_EQ(table_.n_masks(), 1u);
    table_.remove({0, 1}).value();
    EXPECT_EQ(table_.n_masks(), 0u);
    put(1).value();
    table_.clear();
    EXPECT_EQ(table_.n_masks() + table_.size(), 0u);
}

TEST_F(FlowTableTest, the_busiest_mask_is_tried_first_after_a_while) {
    put(1).value();
    flow::FlowMask other{};
    other.packet.eth_src = Mac::from_u64(0xffff'ffff'ffff);
    flow::FlowKey k{};
    k.packet.eth_src = Mac::from_u64(9);
    table_.put({1, 1}, {k, other}, output(9), PutMode::create).value();
    {
        const auto pin = reader_.pin();
        EXPECT_EQ(table_.find(raw(k)).masks_tried, 2u);
    }
    table_.tidy_up();
    const auto pin = reader_.pin();
    EXPECT_EQ(table_.find(raw(k)).masks_tried, 1u);
}

TEST_F(FlowTableTest, a_reader_may_use_a_flow_that_is_removed_under_its_hands) {
    put(1).value();
    const uint64_t generation = table_.cache_generation();
    {
        const auto pin = reader_.pin();
        const Flow* flow = table_.find(raw(key_of(1))).flow;
        std::thread([&] {
            table_.remove({0, 1}).value();
            table_.tidy_up();
        }).join();
        EXPECT_TRUE(flow->is_dead());
        EXPECT_EQ(output_of(*flow), DpPort{1});
        EXPECT_EQ(domain_.pending(), 1u);
    }
    EXPECT_NE(table_.cache_generation(), generation);
    table_.tidy_up();
    EXPECT_EQ(domain_.pending(), 0u);
}

TEST_F(FlowTableTest, readers_see_a_correct_table_while_others_change_it) {
    constexpr uint64_t stable = 64, changing = 512;
    for (uint64_t i = 0; i < stable; ++i) put(i).value();
    std::atomic<bool> stop{false};
    std::vector<std::thread> readers;
    for (int r = 0; r < 2; ++r)
        readers.emplace_back([&, r] {
            loop::EpochReader reader(domain_);
            Prng prng(static_cast<uint64_t>(r));
            while (!stop) {
                const auto pin = reader.pin();
                for (int i = 0; i < 100; ++i) {
                    const uint64_t n = prng.below(stable + changing);
                    const Flow* f = table_.find(raw(key_of(n))).flow;
                    if (f) {
                        CHECK(f->id().lo == n);
                        f->count(1, 1, Time(1ms), 0);
                    } else {
                        CHECK(n >= stable);
                    }
                }
            }
        });
    Prng prng(7);
    for (int i = 0; i < 20000; ++i) {
        const uint64_t n = stable + prng.below(changing);
        if (!put(n)) table_.remove({0, n}).value();
        if (i % 64 == 0) table_.tidy_up();
        if (i % 1000 == 0) table_.for_each([](const FlowInfo&) {});
    }
    stop = true;
    for (auto& t : readers) t.join();
}

}  // namespace
}  // namespace weft::dp
