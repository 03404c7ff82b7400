// SPDX-License-Identifier: Apache-2.0
#include "bridge/flight_recorder.h"

#include <gtest/gtest.h>

#include "bridge/testing.h"

namespace weft::bridge {
namespace {

/// Records at once what threads of a real switch send to the control thread.
struct RecordingSink : EventSink {
    bool post(Event event) override {
        if (auto* dropped = std::get_if<PacketDropped>(&event))
            recorder.take(state.snapshot(), std::move(*dropped->sample), now);
        return true;
    }
    explicit RecordingSink(pipeline::State& s) : state(s) {}
    pipeline::State& state;
    FlightRecorder recorder;
    Time now{1s};
};

packet::Packet udp(uint16_t to_port, uint8_t ttl = 64) { return bridge::testing::udp(1, to_port, ttl); }

class FlightRecorderTest : public ::testing::Test, protected bridge::testing::OneBridge<RecordingSink> {
  protected:
    const std::deque<DropRecord>& records() { return sink_.recorder.records(); }
    /// As the switch does now and then.
    void refill() {
        dp_.run(clock_.now());
        cache_.refill_samples();
        sink_.now += 1s;
    }
    uint64_t counted(DropReason reason) {
        revalidator_.push_statistics();
        for (const auto& c : cache_.drops().counts())
            if (c.reason == reason && c.in_port == p1) return c.packets;
        return 0;
    }
};

TEST_F(FlightRecorderTest, a_packet_that_a_rule_drops_is_kept_with_the_rule_and_its_way) {
    world_.add_flow("br", "actions=resubmit(,3)");
    world_.add_flow("br", "table=3,priority=7,cookie=0x9,udp,actions=drop");
    dp_.receive(p1, udp(53));
    ASSERT_EQ(records().size(), 1u);
    const DropRecord& r = records()[0];
    EXPECT_EQ(r.reason, pipeline::Drop::drop_rule);
    ASSERT_TRUE(r.site.rule);
    EXPECT_EQ(r.site.rule->cookie(), 0x9u);
    EXPECT_EQ(r.site.table, 3);
    EXPECT_EQ(r.rules.size(), 2u);
    EXPECT_EQ(r.sample.packet_len, 44u);
    EXPECT_FALSE(r.path.children.empty());
}

TEST_F(FlightRecorderTest, packets_of_an_installed_drop_flow_are_seen_too_and_all_are_counted) {
    world_.add_flow("br", "udp,actions=drop");
    for (int i = 0; i < 10; ++i) dp_.receive(p1, udp(53));
    EXPECT_EQ(dp_.stats().hit, 9u);
    ASSERT_EQ(records().size(), 1u);
    EXPECT_EQ(records()[0].times, 10u);
    EXPECT_EQ(counted(pipeline::Drop::drop_rule), 10u);
}

TEST_F(FlightRecorderTest, a_flood_is_sampled_and_pushes_out_no_other_drop) {
    world_.add_flow("br", "priority=5,udp,tp_dst=9,actions=output:99");
    world_.add_flow("br", "priority=1,udp,actions=drop");
    dp_.receive(p1, udp(9));
    for (uint16_t i = 0; i < 2000; ++i) {
        dp_.receive(p1, udp(static_cast<uint16_t>(1000 + i)));
        if (i % 50 == 0) refill();
    }
    EXPECT_LE(records().size(), FlightRecorder::alike_max + 1);
    EXPECT_EQ(records()[0].reason, pipeline::Drop::invalid_port);
    EXPECT_EQ(counted(pipeline::Drop::drop_rule), 2000u);
}

TEST_F(FlightRecorderTest, between_two_refills_only_some_are_looked_at) {
    world_.add_flow("br", "udp,tp_src=1,actions=drop");
    for (uint16_t i = 0; i < 500; ++i) dp_.receive(p1, udp(i));
    uint64_t seen = 0;
    for (const auto& r : records()) seen += r.times;
    EXPECT_LE(seen, dp::DropSamples::per_refill);
    EXPECT_GT(seen, 0u);
}

TEST_F(FlightRecorderTest, a_ttl_that_runs_out_is_a_drop_though_the_controllers_are_told) {
    world_.add_flow("br", "ip,actions=dec_ttl,output:2");
    dp_.receive(p1, udp(53, 1));
    ASSERT_EQ(records().size(), 1u);
    EXPECT_EQ(records()[0].reason, pipeline::Drop::ttl_expired);
    EXPECT_EQ(counted(pipeline::Drop::ttl_expired), 1u);
}

TEST_F(FlightRecorderTest, each_reason_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (const DropReason& reason : all_drop_reasons()) {
        EXPECT_TRUE(names.insert(reason.name()).second) << reason.name();
        EXPECT_NE(reason.text(), "");
    }
}

TEST_F(FlightRecorderTest, what_is_too_short_for_a_frame_is_dropped_by_the_datapath) {
    world_.add_flow("br", "actions=output:2");
    dp_.receive(p1, packet::Packet::copy_of(Bytes(10)));
    EXPECT_EQ(dp_.port_drops(p1)[static_cast<size_t>(dp::Drop::rx_invalid)], 1u);
    ASSERT_EQ(records().size(), 1u);
    EXPECT_EQ(records()[0].reason, dp::Drop::rx_invalid);
}

}  // namespace
}  // namespace weft::bridge
