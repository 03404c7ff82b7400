// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_text.h"

#include <gtest/gtest.h>

#include "flow/match_text.h"

namespace weft::openflow {
namespace {

constexpr FlowModCommand add = FlowModCommand::add;

struct Case {
    std::string_view text, error;
};

// Asked of the oracle: ovs-ofctl parse-flow.
TEST(FlowText, tells_the_whole_match_where_a_part_cannot_apply) {
    std::string asked;
    auto m = parse_flow_mod("in_port=1,nw_src=10.0.0.1,actions=drop", add, {}, &asked);
    ASSERT_TRUE(m);
    EXPECT_EQ(asked, "in_port=1,nw_src=10.0.0.1");
    EXPECT_EQ(flow::format_match(m->match), "in_port=1");
    asked.clear();
    EXPECT_TRUE(parse_flow_mod("ip,in_port=1,nw_src=10.0.0.1,actions=drop", add, {}, &asked));
    EXPECT_TRUE(parse_flow_mod("icmp,tp_src=3,actions=drop", add, {}, &asked));
    EXPECT_EQ(asked, "");
}

TEST(FlowText, errors_say_what_ovs_ofctl_says) {
    const Case cases[] = {
        {"in_port=1", "must specify an action"},
        {"table=300,actions=1", "unknown table \"300\""},
        {"priority=70000,actions=1", "invalid priority \"70000\""},
        {"idle_timeout=70000,actions=1", "invalid idle_timeout \"70000\""},
        {"cookie=5/1,actions=1", "flow additions cannot use a cookie mask"},
        {"cookie=x,actions=1", "invalid numeric format x"},
        {"foo=1,actions=1", "unknown keyword foo"},
        {"foo,actions=1", "field foo missing value"},
        {"foo=,actions=1", "field foo missing value"},
        {"priority=,actions=1", "field priority missing value"},
        {"duration=,actions=1", "field duration missing value"},
        {"actions=set_field:10->dl_vlan",
         "dl_vlan has no OXM header, so only a match can name it: use vlan_vid"},
        {"actions=load:5->dl_vlan_pcp[]",
         "dl_vlan_pcp has no OXM header, so only a match can name it: use vlan_pcp"},
        {"actions=output:skb_priority[]", "skb_priority has no OXM header, so only a match can name it"},
        {"actions=learn(table=1,dl_vlan)",
         "dl_vlan has no OXM header, so only a match can name it: use vlan_vid"},
        {"out_port=3,actions=1", "unknown keyword out_port"},
        {"actions=foo", "unknown action foo"},
        {"table=3,actions=goto_table:3", "actions are invalid with specified match (OFPBIC_BAD_TABLE_ID)"},
        {"actions=set_field:4099->vlan_vid",
         "actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)\n"
         "set_field vlan_vid lacks correct prerequisites: the match must have a VLAN tag (dl_vlan or "
         "vlan_vid)"},
    };
    for (const Case& c : cases) {
        const auto m = parse_flow_mod(c.text, add);
        ASSERT_FALSE(m) << c.text;
        EXPECT_EQ(m.error().message, c.error) << c.text;
    }
}

TEST(FlowText, a_flow_has_all_its_words) {
    const auto m = parse_flow_mod(
        "table=2,priority=7,idle_timeout=10,hard_timeout=20,importance=5,send_flow_rem,check_overlap,cookie="
        "0xabc,"
        "ip,in_port=1 actions=1,resubmit(,5)",
        add);
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(m->table, 2);
    EXPECT_EQ(m->priority, 7);
    EXPECT_EQ(m->idle_timeout, 10);
    EXPECT_EQ(m->hard_timeout, 20);
    EXPECT_EQ(m->importance, 5);
    EXPECT_EQ(m->flags, flow_flag::send_flow_rem | flow_flag::check_overlap);
    EXPECT_EQ(m->new_cookie, 0xabcu);
    EXPECT_EQ(m->match, *flow::parse_match("ip,in_port=1"));
    EXPECT_EQ(action::to_text(m->actions), "output:1,resubmit(,5)");
}

TEST(FlowText, what_is_left_out_has_the_usual_value) {
    const auto a = parse_flow_mod("actions=drop", add);
    ASSERT_TRUE(a);
    EXPECT_EQ(a->table, 0);
    EXPECT_EQ(a->priority, default_priority);
    EXPECT_EQ(a->new_cookie, 0u);
    const auto m = parse_flow_mod("actions=drop", FlowModCommand::modify);
    ASSERT_TRUE(m);
    EXPECT_FALSE(m->new_cookie);
    const auto r = parse_flow_mod("", FlowModCommand::remove);
    ASSERT_TRUE(r);
    EXPECT_EQ(r->table, all_tables);
}

TEST(FlowText, cookies_choose_flows_and_are_given_to_them) {
    const auto m = parse_flow_mod("cookie=1/-1,cookie=2,actions=normal", FlowModCommand::modify);
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(m->cookie, 1u);
    EXPECT_EQ(m->cookie_mask, ~uint64_t{0});
    EXPECT_EQ(m->new_cookie, 2u);
    const auto r = parse_flow_mod("cookie=5/7,out_port=3", FlowModCommand::remove);
    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(r->cookie, 5u);
    EXPECT_EQ(r->out_port, OfPort{3});
}

// Asked of the oracle: ovs-ofctl dump-flows, del-flows.
TEST(FlowText, what_only_flows_that_are_made_have_is_refused_in_questions) {
    const Case cases[] = {
        {"actions=drop", "unknown keyword actions"},
        {"priority=3", "unknown keyword priority"},
        {"foo", "field foo missing value"},
        {"cookie=3", "cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=3/-1)"},
    };
    for (const Case& c : cases) {
        const auto q = parse_flow_query(c.text);
        ASSERT_FALSE(q) << c.text;
        EXPECT_EQ(q.error().message, c.error) << c.text;
    }
    const auto q = parse_flow_query("table=3,cookie=5/7,out_port=2,ip");
    ASSERT_TRUE(q) << q.error().message;
    EXPECT_EQ(*q, (FlowQuery{.table = 3,
                             .out_port = OfPort{2},
                             .cookie = 5,
                             .cookie_mask = 7,
                             .match = *flow::parse_match("ip")}));
    EXPECT_TRUE(parse_flow_mod("priority=3", FlowModCommand::remove_strict));
}

TEST(FlowText, a_table_is_given_or_not) {
    EXPECT_TRUE(gives_table("table=0,actions=drop"));
    EXPECT_TRUE(gives_table("ip table=3"));
    EXPECT_FALSE(gives_table("ip,actions=resubmit(,3),learn(table=3)"));
    EXPECT_FALSE(gives_table("table=255"));
}

TEST(FlowText, the_output_of_dump_flows_reads_back) {
    FlowStats f{.table = 3, .priority = 7, .match = *flow::parse_match("ip,in_port=1"), .cookie = 0xabc};
    f.duration_s = 5;
    f.duration_ns = 120000000;
    f.idle_timeout = 10;
    f.hard_timeout = 20;
    f.importance = 5;
    f.flags = 0x1f;
    f.idle_age = 0;
    f.hard_age = 6;
    f.packets = 3;
    f.bytes = ~uint64_t{0};
    f.actions = *action::parse_actions("output:1,goto_table:5");
    const std::string text = format_flow(f);
    EXPECT_EQ(
        text,
        "cookie=0xabc, duration=5.120s, table=3, n_packets=3, n_bytes=?, idle_timeout=10, hard_timeout=20, "
        "send_flow_rem check_overlap reset_counts no_packet_counts no_byte_counts importance=5, idle_age=0, "
        "hard_age=6, priority=7,ip,in_port=1 actions=output:1,goto_table:5");
    const auto m = parse_flow_mod(text, add);
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(m->match, f.match);
    EXPECT_EQ(m->actions, f.actions);
    EXPECT_EQ(
        format_flow(f, {.stats = false}),
        "cookie=0xabc, table=3, idle_timeout=10, hard_timeout=20, send_flow_rem check_overlap reset_counts "
        "no_packet_counts no_byte_counts importance=5, priority=7,ip,in_port=1 "
        "actions=output:1,goto_table:5");
}

TEST(FlowText, what_is_usual_is_not_printed) {
    FlowStats f;
    f.duration_s = 5;
    EXPECT_EQ(format_flow(f), "cookie=0x0, duration=5s, table=0, n_packets=0, n_bytes=0, actions=drop");
    EXPECT_EQ(format_flow(f, {.stats = false}), "actions=drop");
    f.priority = 0;
    EXPECT_EQ(format_flow(f, {.stats = false}), "priority=0 actions=drop");
    f.hard_age = 5;  // as old as the flow
    f.duration_ns = 1000;
    EXPECT_EQ(format_flow(f),
              "cookie=0x0, duration=5.000001s, table=0, n_packets=0, n_bytes=0, priority=0 actions=drop");
    f.duration_ns = 999999999;
    EXPECT_TRUE(format_flow(f).find("duration=5.999999999s") != std::string::npos);
}

}  // namespace
}  // namespace weft::openflow
