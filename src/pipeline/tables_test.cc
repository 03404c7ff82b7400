// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/table_log.h"
#include "pipeline/testing.h"

namespace weft::pipeline {
namespace {

using ::testing::ElementsAre;
using testing::parse_flow;
using ::testing::UnorderedElementsAre;
using Command = FlowChange::Command;
using Kind = ChangeError::Kind;

class TablesTest : public ::testing::Test {
  protected:
    FlowChange change(Command command, std::string_view flow, bool strict = false) {
        FlowChange c = *parse_flow(flow);
        c.command = command;
        c.filter.strict = strict;
        return c;
    }
    std::expected<std::vector<RuleEvent>, ChangeError> apply(const FlowChange& c) {
        TablesEdit edit(tables, now);
        if (const auto done = edit.apply(c); !done) return std::unexpected(done.error());
        return edit.publish();
    }
    std::vector<RuleEvent> add(std::string_view flow) { return *apply(change(Command::add, flow)); }
    /// "table:priority:cookie" of all rules that controllers see.
    std::vector<std::string> rules(const RuleFilter& filter = {}) {
        return rules(filter, versions.current());
    }
    std::vector<std::string> rules(const RuleFilter& filter, Version v) {
        std::vector<std::string> out;
        tables.visit(filter, v, [&](const RulePtr& r) { out.push_back(name(*r)); });
        return out;
    }
    static std::string name(const Rule& r) {
        return std::to_string(r.table()) + ":" + std::to_string(r.priority()) + ":" +
               std::to_string(r.cookie());
    }
    RulePtr only() {
        RulePtr found;
        tables.visit({}, versions.current(), [&](const RulePtr& r) { found = r; });
        return found;
    }
    RulePtr look_up(std::string_view packet) {
        flow::FlowView view(testing::World::key(packet));
        return tables.lookup(0, versions.current(), view).rule;
    }

    Time now{1s};
    Versions versions;
    Tables tables{versions, now};
};

TEST_F(TablesTest, the_rule_of_highest_priority_wins) {
    add("priority=1,cookie=1,actions=1");
    add("priority=3,tcp,cookie=3,actions=1");
    add("priority=2,ip,cookie=2,actions=1");
    EXPECT_EQ(look_up("tcp")->cookie(), 3u);
    EXPECT_EQ(look_up("udp")->cookie(), 2u);
    EXPECT_EQ(look_up("arp")->cookie(), 1u);
}

TEST_F(TablesTest, an_add_replaces_the_same_match_and_keeps_its_counts_unless_told) {
    add("priority=5,ip,cookie=1,actions=1");
    only()->cell().count(7, 700, now);
    now += 3s;
    const auto events = add("priority=5,ip,cookie=2,actions=2");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, RuleEvent::Kind::added);
    EXPECT_EQ(events[0].old->cookie(), 1u);
    EXPECT_THAT(rules(), ElementsAre("0:5:2"));
    EXPECT_EQ(only()->cell().packets(), 7u);
    EXPECT_EQ(only()->created(), now);
    EXPECT_EQ(tables.size(0), 1u);

    FlowChange c = change(Command::add, "priority=5,ip,cookie=3,actions=2");
    c.reset_counts = true;
    ASSERT_TRUE(apply(c));
    EXPECT_EQ(only()->cell().packets(), 0u);
}

TEST_F(TablesTest, a_modify_changes_actions_and_keeps_counts_age_and_timeouts) {
    add("priority=5,ip,idle_timeout=9,cookie=1,actions=1");
    add("priority=6,tcp,cookie=2,actions=1");
    add("priority=7,arp,cookie=3,actions=1");
    const Time born = now;
    look_up("udp")->cell().count(7, 700, now);
    now += 2s;
    const auto events = *apply(change(Command::modify, "ip,actions=2"));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].kind, RuleEvent::Kind::modified);
    const RulePtr rule = look_up("udp");
    EXPECT_EQ(rule->actions(), action::Actions{action::Output{OfPort{2}}});
    EXPECT_EQ(rule->cookie(), 1u);
    EXPECT_EQ(rule->cell().packets(), 7u);
    EXPECT_EQ(rule->created(), born);
    EXPECT_EQ(rule->modified(), now);
    EXPECT_EQ(rule->idle_timeout(), 9);
    EXPECT_EQ(look_up("arp")->actions(), action::Actions{action::Output{OfPort{1}}});
}

TEST_F(TablesTest, a_strict_modify_changes_one_rule_and_may_add_it) {
    add("priority=5,ip,cookie=1,actions=1");
    FlowChange c = change(Command::modify, "priority=6,ip,cookie=2,actions=2", true);
    EXPECT_TRUE(apply(c)->empty());
    c.add_if_missing = true;
    EXPECT_EQ(apply(c)->at(0).kind, RuleEvent::Kind::added);
    EXPECT_THAT(rules(), UnorderedElementsAre("0:5:1", "0:6:2"));
}

TEST_F(TablesTest, a_remove_goes_by_match_cookie_and_output) {
    const auto fill = [&] {
        FlowChange all;
        all.command = Command::remove;
        ASSERT_TRUE(apply(all));
        add("priority=1,ip,cookie=0x11,actions=1");
        add("priority=2,tcp,cookie=0x12,actions=2");
        add("table=3,priority=3,arp,cookie=0x22,actions=clone(2)");
        add("table=4,priority=4,cookie=0x33,actions=write_actions(output:5)");
    };
    struct Case {
        const char* flow;
        uint64_t cookie, mask;
        OfPort out_port;
        std::vector<std::string> left;
    };
    const Case cases[] = {
        {"table=0,ip,actions=drop", 0, 0, ofpp::none, {"3:3:34", "4:4:51"}},
        {"table=0,tcp,actions=drop", 0, 0, ofpp::none, {"0:1:17", "3:3:34", "4:4:51"}},
        {"table=255,actions=drop", 0x12, 0xff, ofpp::none, {"0:1:17", "3:3:34", "4:4:51"}},
        {"table=255,actions=drop", 0x02, 0x0f, ofpp::none, {"0:1:17", "4:4:51"}},
        {"table=255,actions=drop", 0, 0, OfPort{2}, {"0:1:17", "4:4:51"}},
        {"table=255,actions=drop", 0, 0, OfPort{5}, {"0:1:17", "0:2:18", "3:3:34"}},
        {"table=255,actions=drop", 0, 0, ofpp::none, {}},
    };
    for (const Case& c : cases) {
        fill();
        FlowChange remove = change(Command::remove, c.flow);
        remove.filter.cookie = c.cookie;
        remove.filter.cookie_mask = c.mask;
        remove.filter.out_port = c.out_port;
        ASSERT_TRUE(apply(remove));
        EXPECT_THAT(rules(), ::testing::UnorderedElementsAreArray(c.left)) << c.flow;
    }
}

TEST_F(TablesTest, a_strict_remove_needs_the_same_match_and_priority) {
    add("priority=1,ip,cookie=1,actions=1");
    add("priority=2,tcp,cookie=2,actions=1");
    EXPECT_TRUE(apply(change(Command::remove, "priority=1,tcp,actions=drop", true))->empty());
    const auto events = *apply(change(Command::remove, "priority=2,tcp,actions=drop", true));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].reason, Removal::removed);
    EXPECT_THAT(rules(), ElementsAre("0:1:1"));
}

TEST_F(TablesTest, overlap_is_refused_when_asked) {
    add("priority=5,ip,nw_dst=10.0.0.0/8,actions=1");
    FlowChange c = change(Command::add, "priority=5,ip,nw_src=10.0.0.0/8,actions=1");
    c.check_overlap = true;
    EXPECT_EQ(apply(c).error().kind, Kind::overlap);
    c.filter.priority = 6;
    EXPECT_TRUE(apply(c));
    FlowChange apart = change(Command::add, "priority=5,ip,nw_dst=11.0.0.0/8,actions=1");
    apart.check_overlap = true;
    EXPECT_TRUE(apply(apart));
    EXPECT_TRUE(apply(apart)) << "a flow does not overlap with the one it replaces";
}

TEST_F(TablesTest, a_full_table_refuses_or_evicts_what_matters_least_and_ends_soonest) {
    tables.set_config(0, {.name = {}, .max_rules = 3});
    add("priority=1,cookie=1,actions=1");
    add("priority=2,cookie=2,hard_timeout=60,importance=9,actions=1");
    add("priority=3,cookie=3,hard_timeout=90,actions=1");
    const auto refused = apply(change(Command::add, "priority=4,cookie=4,actions=1"));
    EXPECT_EQ(refused.error().kind, Kind::table_full);
    EXPECT_EQ(refused.error().message,
              "table 0 holds its limit of 3 flows; raise flow_limit or allow eviction");
    EXPECT_TRUE(apply(change(Command::add, "priority=3,cookie=33,hard_timeout=90,actions=1"))) << "replaces";

    tables.set_config(0, {.name = {}, .max_rules = 3, .evict = true});
    const auto events = add("priority=4,cookie=4,actions=1");
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].reason, Removal::eviction);
    EXPECT_THAT(rules(), UnorderedElementsAre("0:1:1", "0:2:2", "0:4:4"));
    add("priority=5,cookie=5,actions=1");
    EXPECT_THAT(rules(), UnorderedElementsAre("0:1:1", "0:4:4", "0:5:5"));
    EXPECT_EQ(apply(change(Command::add, "priority=6,actions=1")).error().kind, Kind::table_full)
        << "all permanent";
}

TEST_F(TablesTest, an_edit_is_seen_as_a_whole_and_old_readers_keep_what_they_saw) {
    add("priority=1,cookie=1,actions=1");
    const Versions::Reader before(versions);
    {
        TablesEdit edit(tables, now);
        ASSERT_TRUE(edit.apply(change(Command::remove, "actions=drop")));
        ASSERT_TRUE(edit.apply(change(Command::add, "priority=2,cookie=2,actions=1")));
        ASSERT_TRUE(edit.apply(change(Command::modify, "cookie=2,actions=3")));
        EXPECT_THAT(rules(), ElementsAre("0:1:1")) << "not yet";
        EXPECT_EQ(edit.publish().size(), 3u);
    }
    EXPECT_THAT(rules(), ElementsAre("0:2:2"));
    EXPECT_THAT(rules({}, before.version()), ElementsAre("0:1:1"));
    add("priority=2,cookie=9,actions=1");  // reclaims what it can
    EXPECT_THAT(rules({}, before.version()), ElementsAre("0:1:1"));
}

TEST_F(TablesTest, an_edit_that_is_not_published_leaves_nothing) {
    add("priority=1,cookie=1,hard_timeout=5,actions=1");
    add("priority=2,cookie=2,actions=1");
    for (int again = 0; again < 3; ++again) {
        TablesEdit edit(tables, now);
        ASSERT_TRUE(edit.apply(change(Command::add, "priority=1,cookie=11,actions=2")));
        ASSERT_TRUE(edit.apply(change(Command::modify, "actions=3")));
        ASSERT_TRUE(edit.apply(change(Command::add, "priority=7,cookie=7,actions=2")));
        ASSERT_TRUE(edit.apply(change(Command::remove, "actions=drop")));
        ASSERT_TRUE(edit.apply(change(Command::add, "priority=8,cookie=8,actions=2")));
        ASSERT_FALSE(edit.apply(change(Command::add, "table=254,actions=2")));
    }
    EXPECT_THAT(rules(), UnorderedElementsAre("0:1:1", "0:2:2"));
    EXPECT_EQ(tables.size(), 2u);
    std::vector<RuleEvent> events;
    tables.expire(now + 6s, events);
    EXPECT_THAT(rules(), ElementsAre("0:2:2"));
}

TEST_F(TablesTest, each_change_of_an_edit_finds_what_those_before_it_left) {
    const auto done = [&](TablesEdit& edit, Command command, std::string_view flow) {
        return edit.apply(change(command, flow));
    };
    std::vector<RuleEvent> events;
    {
        TablesEdit edit(tables, now);
        ASSERT_TRUE(done(edit, Command::add, "priority=1,ip,cookie=1,actions=1"));
        ASSERT_TRUE(done(edit, Command::add, "priority=1,ip,cookie=2,actions=2"));
        ASSERT_TRUE(done(edit, Command::add, "priority=2,ip,cookie=3,actions=2"));
        ASSERT_TRUE(done(edit, Command::add, "priority=3,ip,cookie=4,actions=2"));
        ASSERT_TRUE(done(edit, Command::remove, "ip,actions=drop"));
        ASSERT_TRUE(done(edit, Command::add, "priority=1,ip,cookie=5,actions=1"));
        FlowChange overlapping = change(Command::add, "priority=1,tcp,cookie=6,actions=1");
        overlapping.check_overlap = true;
        EXPECT_EQ(edit.apply(overlapping).error().kind, Kind::overlap);
        events = edit.publish();
    }
    EXPECT_THAT(rules(), ElementsAre("0:1:5"));
    ASSERT_EQ(events.size(), 8u);
    EXPECT_EQ(events[1].old, events[0].rule) << "the second add replaced the first";
    {
        TablesEdit edit(tables, now);
        ASSERT_TRUE(done(edit, Command::add, "priority=1,ip,cookie=7,actions=1"));
        ASSERT_TRUE(done(edit, Command::add, "priority=9,ip,cookie=8,actions=1"));
    }
    EXPECT_THAT(rules(), ElementsAre("0:1:5")) << "an edit that is not published leaves nothing";
    EXPECT_EQ(tables.size(), 1u);
}

TEST_F(TablesTest, the_switchs_own_rules_are_neither_shown_nor_changed) {
    EXPECT_TRUE(rules().empty());
    RuleFilter all;
    all.hidden = true;
    EXPECT_EQ(rules(all).size(), 4u) << "as in bridge/dump-flows of an empty bridge";
    FlowChange in_band = change(Command::add, "arp,actions=normal");
    in_band.filter.priority = in_band_priority;
    in_band.filter.hidden = true;
    ASSERT_TRUE(apply(in_band));
    EXPECT_EQ(look_up("arp")->priority(), in_band_priority);
    FlowChange remove;
    remove.command = Command::remove;
    ASSERT_TRUE(apply(remove));
    EXPECT_EQ(rules(all).size(), 5u);
    EXPECT_TRUE(rules().empty());
    EXPECT_EQ(tables.size(0), 0u);
    EXPECT_EQ(apply(change(Command::remove, "table=254,actions=drop")).error().kind, Kind::not_allowed);
}

TEST_F(TablesTest, idle_rules_go_after_their_last_packet_and_hard_ones_after_their_time) {
    add("priority=1,cookie=1,idle_timeout=5,actions=1");
    add("priority=2,cookie=2,hard_timeout=7,actions=1");
    add("priority=3,cookie=3,actions=1");
    EXPECT_EQ(tables.next_deadline(), now + 5s + 1ms);
    RulePtr idle;
    tables.visit({}, versions.current(), [&](const RulePtr& r) { idle = r->cookie() == 1 ? r : idle; });
    idle->cell().count(1, 60, now + 3s);
    std::vector<RuleEvent> events;
    tables.expire(now + 5s + 1ms, events);
    EXPECT_TRUE(events.empty());
    tables.expire(now + 7s, events);
    EXPECT_TRUE(events.empty()) << "to the last millisecond";
    tables.expire(now + 7s + 1ms, events);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].reason, Removal::hard_timeout);
    tables.expire(now + 8s + 1ms, events);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].reason, Removal::idle_timeout);
    EXPECT_EQ(events[1].rule->cookie(), 1u);
    EXPECT_EQ(tables.next_deadline(), never);
    EXPECT_THAT(rules(), ElementsAre("0:3:3"));
}

TEST_F(TablesTest, shortened_timeouts_take_effect) {
    add("cookie=1,idle_timeout=500,actions=1");
    tables.reduce_timeouts(only(), 2, 0);
    tables.reduce_timeouts(only(), 100, 0);  // longer: unaffected
    std::vector<RuleEvent> events;
    tables.expire(now + 2s + 1ms, events);
    EXPECT_EQ(events.size(), 1u);
}

TEST_F(TablesTest, a_walk_in_pieces_sees_each_rule_once_though_rules_change_meanwhile) {
    for (int i = 0; i < 50; ++i)
        add("table=" + std::to_string(i % 3) + ",priority=" + std::to_string(i) +
            ",cookie=" + std::to_string(i) + ",actions=1");
    WalkPosition at;
    std::vector<uint64_t> seen;
    for (bool more = true; more;) {
        more = tables.walk({}, versions.current(), at, 7,
                           [&](const RulePtr& r) { seen.push_back(r->cookie()); });
        ASSERT_TRUE(apply(change(Command::modify, "table=255,actions=2")));
    }
    std::ranges::sort(seen);
    ASSERT_EQ(seen.size(), 50u);
    for (uint64_t i = 0; i < 50; ++i) EXPECT_EQ(seen[i], i);
}

TEST_F(TablesTest, a_walk_over_a_table_that_was_emptied_is_short) {
    const auto pieces = [&](size_t expected) {
        WalkPosition at;
        size_t n = 1, seen = 0;
        RuleFilter filter;
        filter.table = 0;
        while (tables.walk(filter, versions.current(), at, 7, [&](const RulePtr&) { ++seen; })) ++n;
        EXPECT_EQ(seen, expected);
        return n;
    };
    const auto fill = [&] {
        for (int i = 0; i < 100; ++i) add("table=0,priority=" + std::to_string(i) + ",actions=1");
    };
    const auto reclaim = [&] {
        std::vector<RuleEvent> events;
        tables.expire(now, events);
    };
    for (int round = 0; round < 2; ++round) {
        fill();
        EXPECT_GT(pieces(100), 10u);
        ASSERT_TRUE(apply(change(Command::remove, "table=0,priority=3,actions=drop", true)));  // leaves a gap
        reclaim();
        EXPECT_GT(pieces(99), 10u);
        ASSERT_TRUE(apply(change(Command::remove, "table=0,actions=drop")));
        reclaim();
        EXPECT_EQ(pieces(0), 1u);
    }
}

TEST_F(TablesTest, a_walk_of_one_table_stays_in_it) {
    add("table=1,cookie=1,actions=1");
    add("table=2,cookie=2,actions=1");
    WalkPosition at;
    RuleFilter filter;
    filter.table = 1;
    std::vector<std::string> seen;
    while (tables.walk(filter, versions.current(), at, 100,
                       [&](const RulePtr& r) { seen.push_back(name(*r)); })) {
    }
    EXPECT_THAT(seen, ElementsAre("1:32768:1"));
}

TEST_F(TablesTest, learning_adds_renews_and_respects_the_limit) {
    FlowChange c =
        change(Command::modify, "table=1,dl_dst=00:00:00:00:00:01,hard_timeout=5,cookie=4,actions=1", true);
    c.add_if_missing = c.set_cookie = true;
    c.learn_limit = 1;
    std::vector<RuleEvent> events;
    tables.learn(c, now, events);
    ASSERT_EQ(events.size(), 1u);
    tables.learn(c, now + 4s, events);
    EXPECT_EQ(events.size(), 1u) << "nothing new";
    tables.expire(now + 6s, events);
    EXPECT_EQ(events.size(), 1u) << "renewed";
    FlowChange second = c;
    second.filter.match = parse_flow("dl_dst=00:00:00:00:00:02,actions=1")->filter.match;
    tables.learn(second, now, events);
    EXPECT_EQ(tables.size(1), 1u);
    FlowChange other = c;
    other.rule.actions = parse_flow("actions=2")->rule.actions;
    tables.learn(other, now, events);
    EXPECT_EQ(events.size(), 1u) << "the limit holds for replacing too";
    tables.expire(now + 10s, events);
    EXPECT_EQ(events.size(), 2u);
}

TEST_F(TablesTest, what_was_learned_goes_with_the_last_learn_action_if_told) {
    const char* learner =
        "table=2,cookie=1,actions=clone(learn(table=1,cookie=7,delete_learned,dl_type=0x800))";
    add(learner);
    add("table=3,cookie=2,actions=learn(table=1,cookie=7,delete_learned,dl_type=0x800)");
    add("table=1,cookie=7,priority=1,actions=1");
    add("table=1,cookie=7,priority=2,actions=learn(table=1,cookie=8,delete_learned,dl_type=0x800)");
    add("table=1,cookie=8,priority=3,actions=1");
    add("table=1,cookie=9,actions=1");
    add(learner);  // replaced: still there
    ASSERT_TRUE(apply(change(Command::remove, "table=2,actions=drop")));
    EXPECT_EQ(tables.size(1), 4u) << "another one learns there";
    {
        TablesEdit edit(tables, now);
        ASSERT_TRUE(edit.apply(change(Command::remove, "table=3,actions=drop")));
    }
    EXPECT_EQ(tables.size(1), 4u) << "undone";
    EXPECT_EQ(apply(change(Command::remove, "table=3,actions=drop"))->size(), 4u);
    EXPECT_THAT(rules(), ElementsAre("1:32768:9"));
}

TEST_F(TablesTest, removed_rules_are_freed_when_the_last_reader_left) {
    add("cookie=1,actions=1");
    const std::weak_ptr gone = only()->spec().actions;
    FlowChange remove;
    remove.command = Command::remove;
    {
        const Versions::Reader reader(versions);
        ASSERT_TRUE(apply(remove));
        std::vector<RuleEvent> events;
        tables.expire(now, events);
        EXPECT_FALSE(gone.expired()) << "a reader may look at it";
    }
    // The log of changes keeps what it tells of.
    for (size_t i = 0; i < TableLog::limit; ++i) add("priority=" + std::to_string(i) + ",actions=1");
    std::vector<RuleEvent> events;
    tables.expire(now, events);
    tables.expire(now, events);
    EXPECT_TRUE(gone.expired());
}

}  // namespace
}  // namespace weft::pipeline
