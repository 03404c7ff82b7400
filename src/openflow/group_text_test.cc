// SPDX-License-Identifier: Apache-2.0
#include "openflow/group_text.h"

#include <gtest/gtest.h>

#include "openflow/meter_text.h"

namespace weft::openflow {
namespace {

TEST(GroupText, a_group_has_all_its_words) {
    const auto m = parse_group_mod(
        "group_id=1,type=select,selection_method=hash,selection_method_param=5,fields(ip_src,ip_dst=255.255."
        "255.0),"
        "bucket=weight:5,watch_port:2,output:2,bucket=bucket_id=7,actions=output:3,output:1",
        GroupCommand::add);
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(m->id, 1u);
    ASSERT_EQ(m->spec.buckets.size(), 2u);
    EXPECT_EQ(m->spec.buckets[0].id, 0u);
    EXPECT_EQ(m->spec.buckets[0].weight, 5);
    EXPECT_EQ(m->spec.buckets[0].watch_port, OfPort{2});
    EXPECT_EQ(m->spec.buckets[1].id, 7u);
    EXPECT_EQ(m->spec.buckets[1].weight, 1);
    EXPECT_EQ(format_group(m->id, m->spec, {.bucket_ids = true}),
              "group_id=1,type=select,selection_method=hash,selection_method_param=5,"
              "fields(ip_src,ip_dst=255.255.255.0),bucket=bucket_id:0,weight:5,watch_port:2,actions=output:2,"
              "bucket=bucket_id:7,actions=output:3,output:1");
}

TEST(GroupText, a_meter_reads_back) {
    const auto m = parse_meter_mod(
        "meter=2,pktps,burst,stats,bands=type=drop,rate=1000,burst_size=100,type=drop,rate=5,burst_size=1",
        MeterCommand::add);
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(format_meter(m->id, m->spec),
              "meter=2 pktps burst stats bands=\ntype=drop rate=1000 burst_size=100\ntype=drop rate=5 "
              "burst_size=1\n");
    EXPECT_EQ(parse_meter_mod("meter=all", MeterCommand::remove)->id, action::meter_all);
}

// Asked of the oracle: ovs-ofctl add-group, add-meter.
TEST(GroupText, errors_say_what_ovs_ofctl_says) {
    const std::pair<std::string_view, std::string_view> groups[] = {
        {"type=all", "must specify a group_id"},
        {"group_id=1", "must specify a type"},
        {"group_id=1,type=foo", "invalid group type foo"},
        {"group_id=1,type=all,bucket=", "bucket must specify actions"},
        {"group_id=1,type=all,bucket=weight:5,output:2", "Only select groups can have bucket weights."},
        {"group_id=1,type=ff,bucket=output:2", "fast failover bucket requires watch_port or watch_group"},
        {"group_id=1,type=indirect,bucket=2,bucket=3", "Indirect groups can have at most one bucket."},
    };
    for (const auto& [text, error] : groups) {
        const auto m = parse_group_mod(text, GroupCommand::add);
        ASSERT_FALSE(m) << text;
        EXPECT_EQ(m.error().message, error) << text;
    }
    const std::pair<std::string_view, std::string_view> meters[] = {
        {"meter=1", "must specify bands"},
        {"kbps bands=type=drop rate=1", "must specify 'meter'"},
        {"meter=1 bands=type=drop rate=1", "meter must specify either 'kbps' or 'pktps'"},
        {"meter=1 kbps bands=rate=1", "band must start with the 'type' keyword"},
    };
    for (const auto& [text, error] : meters) {
        const auto m = parse_meter_mod(text, MeterCommand::add);
        ASSERT_FALSE(m) << text;
        EXPECT_EQ(m.error().message, error) << text;
    }
}

}  // namespace
}  // namespace weft::openflow
