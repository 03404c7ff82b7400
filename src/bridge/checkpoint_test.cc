// SPDX-License-Identifier: Apache-2.0
#include "bridge/checkpoint.h"

#include <gtest/gtest.h>

#include "bridge/of_convert.h"
#include "bridge/restore.h"
#include "dp/fake/fake_datapath.h"
#include "pipeline/testing.h"

namespace weft::bridge {
namespace {

Checkpoint sample() {
    Checkpoint c{.boot = "a boot", .written = Time(5s), .clean = true};
    Checkpoint::Bridge bridge{.row = Uuid{{1, 2, 3}}, .name = "br0", .default_rule = false};
    bridge.fragments = pipeline::Fragments::nx_match;
    bridge.ports = {{"p1", OfPort{1}, DpPort{2}, 4}, {"patch", OfPort{2}, dp_none, 0}};
    bridge.tables = {
        {.id = 3, .miss = pipeline::Miss::next_table, .evicts = true, .vacancy = Vacancy{1, 2, true}},
        {.id = 4, .lookups = 9, .matched = 8}};
    bridge.tlvs = {{0xffff, 1, 4, 0}};
    bridge.meters = {{.config = {7, {.flags = 1, .bands = {{.rate = 9, .burst = 8}}}},
                      .created = Time(3s),
                      .counts = {.packets = 5, .bytes = 6, .bands = {{1, 2}}}}};
    bridge.stations = {{Mac::from_u64(5), 6, true, Time(4s), "p1"}};
    action::Bucket bucket{.id = 5};
    bucket.actions = {action::Output{OfPort{1}}};
    bridge.groups = {{.desc = {1, {.type = action::GroupType::all, .buckets = {bucket}}},
                      .created = Time(2s),
                      .all = {30, 40},
                      .buckets = {{3, 4}}}};
    pipeline::Frozen frozen;
    frozen.in_port = OfPort{1};
    c.datapaths = {{.type = "ebpf", .recirculations = {{9, frozen}}, .bridges = {bridge}}};
    return c;
}

TEST(Checkpoint, reads_as_it_was_written) {
    const auto read = decode_checkpoint(encode(sample()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(encode(*read), encode(sample()));
    EXPECT_EQ(read->datapaths[0].bridges[0].meters[0].config.spec.bands[0].rate, 9u);
    EXPECT_EQ(read->datapaths[0].bridges[0].stations, sample().datapaths[0].bridges[0].stations);
}

TEST(Checkpoint, one_that_was_cut_or_changed_anywhere_is_refused) {
    const Bytes good = encode(sample());
    for (size_t n = 0; n < good.size(); ++n) {
        EXPECT_FALSE(decode_checkpoint(ByteSpan(good).first(n))) << n;
        Bytes bad = good;
        bad[n] ^= 0x40;
        EXPECT_FALSE(decode_checkpoint(bad)) << n;
    }
}

TEST(Checkpoint, the_error_tells_versions_from_damage) {
    Bytes newer = encode(sample());
    newer[11] = 9;
    EXPECT_EQ(decode_checkpoint(newer).error().message, "it is of format 9; this switch knows format 2");
    const Bytes good = encode(sample());
    EXPECT_NE(decode_checkpoint(ByteSpan(good).first(good.size() - 1)).error().message.find("cut short"),
              std::string::npos);
}

/// A switch with a bridge that knows nothing yet.
struct NewSwitch {
    struct Sink : EventSink {
        bool post(Event) override { return true; }
    };
    loop::Clock clock{loop::Clock::Kind::simulated};
    Sink sink;
    Backer backer{std::make_unique<dp::FakeDatapath>(clock, dp::FakeDatapath::Options{}), sink};
    Bridge bridge{pipeline::BridgeId{1}, backer.state().versions(), Time(400s)};
};

/// Rules with groups, timeouts and counts, through bytes and back into tables.
TEST(Checkpoint, rules_go_on_where_they_were) {
    pipeline::testing::World world;
    world.add_bridge("br").add_port(world, 1);
    world.publish();
    pipeline::Tables& tables = *world.bridge("br").bridge.tables;
    const auto add = [&](const char* text, Time when) {
        pipeline::TablesEdit edit(tables, when);
        ASSERT_TRUE(edit.apply(*pipeline::testing::parse_flow(text)));
        (void)edit.publish();
    };
    add("table=1,priority=7,cookie=0x5,idle_timeout=30,tcp,nw_dst=10.0.0.0/8,actions=output:1", Time(100s));
    flow::TlvLayout layout;
    ASSERT_TRUE(layout.add(2, 4));
    tables.set_option_layout(layout);
    {
        pipeline::TablesEdit edit(tables, Time(200s));
        auto change = *pipeline::testing::parse_flow(
            "priority=9,tun_metadata2=0x1234,actions=set_field:5->tun_metadata2");
        ASSERT_TRUE(place_options(change, layout));
        ASSERT_TRUE(edit.apply(change));
        (void)edit.publish();
    }
    add("priority=8,cookie=0x6,importance=3,actions=load:5->NXM_NX_REG1[],resubmit(,1)", Time(200s));
    RuleWriter writer(tables.option_layout());
    {
        const auto snapshot = world.state().snapshot();
        tables.visit({}, snapshot.version(), [&](const pipeline::RulePtr& rule) {
            rule->cell().count(10, 1000, Time(300s));
            writer.put(*rule);
        });
    }
    Checkpoint::Bridge saved;
    saved.rules = writer.take();
    saved.tlvs = {{.option_class = 0xffff, .option_type = 1, .length = 4, .index = 2}};

    NewSwitch made;
    Backer& backer = made.backer;
    Bridge& bridge = made.bridge;
    EXPECT_EQ(restore_bridge(backer, bridge, saved, true), 0u);
    ASSERT_EQ(bridge.tables->size(), 3u);
    const auto option = pipeline::testing::parse_flow("priority=9,tun_metadata2=0x1234,actions=drop");
    auto placed = option->filter;
    ASSERT_TRUE(place_options(placed.match, bridge.tlvs.layout()));
    EXPECT_TRUE(bridge.tables->find(placed)) << "an option that a rule matches is matched again";
    const auto rule = bridge.tables->find(
        pipeline::testing::parse_flow("table=1,priority=7,tcp,nw_dst=10.0.0.0/8,actions=drop")->filter);
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->cookie(), 5u);
    EXPECT_EQ(rule->created(), Time(100s));
    EXPECT_EQ(rule->cell().packets(), 10u);
    EXPECT_EQ(rule->cell().used(), Time(300s));
    EXPECT_EQ(rule->deadline(), Time(330s) + 1ms) << "as after any last use";
    EXPECT_EQ(rule->actions(), (action::Actions{action::Output{OfPort{1}}}));
}

TEST(Checkpoint, counts_of_tables_groups_and_meters_go_on_where_they_were) {
    NewSwitch made;
    Backer& backer = made.backer;
    Bridge& bridge = made.bridge;
    const Checkpoint::Bridge saved = sample().datapaths[0].bridges[0];
    EXPECT_EQ(restore_bridge(backer, bridge, saved, true), 0u);

    const auto group = bridge.tables->groups().find(1, backer.state().versions().current());
    ASSERT_TRUE(group);
    EXPECT_EQ(group->created(), Time(2s));
    EXPECT_EQ(group->counters().all.packets, 30u);
    EXPECT_EQ(group->counters().buckets[0].bytes, 4u);
    const auto meter = bridge.meters.stats(7, backer.datapath(), Time(5s));
    EXPECT_EQ(meter.counts, saved.meters[0].counts);
    EXPECT_EQ(meter.duration_s, 2u);
    const Checkpoint::Bridge again = checkpoint_of(bridge, backer.datapath(), false);
    EXPECT_EQ(again.tables, saved.tables);
    EXPECT_EQ(again.meters, saved.meters);

    const openflow::MeterMod other{openflow::MeterCommand::modify, 7, saved.meters[0].config.spec};
    ASSERT_TRUE(bridge.meters.apply(other, backer.datapath(), Time(6s)));
    EXPECT_EQ(bridge.meters.counts(7, backer.datapath()).packets, 0u) << "another meter counts anew";
}

}  // namespace
}  // namespace weft::bridge
