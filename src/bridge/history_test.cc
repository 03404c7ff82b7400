// SPDX-License-Identifier: Apache-2.0
#include "bridge/history.h"

#include <gtest/gtest.h>

#include "pipeline/testing.h"

namespace weft::bridge {
namespace {

/// Tables whose changes go to a history.
class HistoryTest : public testing::Test {
  protected:
    void SetUp() override {
        world_.add_bridge("br").add_port(world_, 1);
        world_.publish();
    }
    pipeline::Tables& tables() { return *world_.bridge("br").bridge.tables; }
    void change(const std::vector<Change>& changes, Time when) {
        HistoryStep step{.when = when, .source = HistoryStep::Source::controller};
        std::map<uint32_t, pipeline::GroupPtr> before;
        pipeline::TablesEdit edit(tables(), when);
        for (const auto& c : changes) {
            if (const auto* g = std::get_if<pipeline::GroupChange>(&c))
                before.try_emplace(g->id, group(g->id));
            ASSERT_TRUE(std::visit([&](const auto& one) { return edit.apply(one); }, c)) << "refused";
        }
        step.events = edit.publish();
        step.version = tables().versions().current();
        for (const auto& [id, then] : before) step.groups.push_back({id, then, group(id)});
        history_.add(std::move(step));
    }
    pipeline::GroupPtr group(uint32_t id) {
        return tables().groups().find(id, tables().versions().current());
    }
    /// A group whose only bucket leads to another group, or for 0 to a port; none: it goes.
    void set_group(uint32_t id, std::optional<uint32_t> leads_to) {
        pipeline::GroupChange c{.command = pipeline::GroupChange::Command::remove, .id = id};
        if (leads_to) {
            c.command = pipeline::GroupChange::Command::add_or_modify;
            action::Actions actions{*leads_to ? action::Action{action::Group{*leads_to}}
                                              : action::Action{action::Output{OfPort{1}}}};
            c.spec.buckets.push_back({.id = 7, .actions = std::move(actions)});
        }
        change({c}, Time(10s));
    }
    void flow(const char* text, Time when = Time(10s),
              pipeline::FlowChange::Command command = pipeline::FlowChange::Command::add) {
        auto c = *pipeline::testing::parse_flow(text);
        c.command = command;
        c.filter.strict = true;
        change({c}, when);
    }
    void remove(const char* text) { flow(text, Time(10s), pipeline::FlowChange::Command::remove); }
    std::string differences(pipeline::Version since) {
        std::string out;
        for (const auto& d : history_.since(since)->rules) {
            if (d.then) out += "-" + std::to_string(d.then->priority());
            if (d.now) out += "+" + std::to_string(d.now->priority());
        }
        return out;
    }

    pipeline::testing::World world_;
    History history_;
};

TEST_F(HistoryTest, what_came_and_went_is_no_difference) {
    flow("priority=1,actions=drop");
    const auto version = history_.newest();
    flow("priority=2,actions=drop");
    remove("priority=2,actions=drop");
    EXPECT_EQ(differences(version), "");
    flow("priority=1,actions=output:1");
    EXPECT_EQ(differences(version), "-1+1");
    flow("priority=1,actions=drop");
    EXPECT_EQ(differences(version), "") << "the same again, though another rule";
}

TEST_F(HistoryTest, the_way_back_leads_there) {
    flow("priority=1,cookie=0x5,actions=drop");
    flow("priority=2,idle_timeout=9,actions=output:1");
    const auto version = history_.newest();
    remove("priority=1,actions=drop");
    flow("priority=2,actions=NORMAL");
    flow("priority=3,actions=drop");
    EXPECT_EQ(differences(version), "+3-2+2-1");
    change(way_back(*history_.since(version)), Time(11s));
    EXPECT_EQ(differences(version), "");
    EXPECT_EQ(tables().size(0), 2u);
}

TEST_F(HistoryTest, groups_go_back_with_the_flows_that_use_them) {
    set_group(2, 0);
    set_group(1, 2);
    flow("priority=1,actions=group:1");
    const auto version = history_.newest();
    set_group(1, std::nullopt);  // its flow goes too
    set_group(2, std::nullopt);
    set_group(3, 0);
    set_group(1, 0);
    set_group(2, 1);  // the other way round: a loop if one were set after the other
    flow("priority=2,actions=group:3");
    flow("priority=1,actions=group:3");
    EXPECT_EQ(history_.since(version)->groups.size(), 3u);
    change(way_back(*history_.since(version)), Time(11s));
    EXPECT_EQ(history_.since(version)->size(), 0u);
    EXPECT_FALSE(group(3));
    ASSERT_TRUE(group(1) && group(2));
    EXPECT_EQ(group(1)->spec().buckets.at(0).id, 7u);
    EXPECT_EQ(group(1)->spec().buckets.at(0).actions.at(0), action::Action{action::Group{2}});
    EXPECT_EQ(tables().size(0), 1u);
}

TEST_F(HistoryTest, a_meter_goes_back_by_the_command_that_it_needs) {
    using Command = openflow::MeterCommand;
    const openflow::MeterSpec slow{.flags = 1, .bands = {{.rate = 10}}},
        fast{.flags = 1, .bands = {{.rate = 90}}};
    EXPECT_EQ(way_back(MeterDifference{1, slow, fast}), (openflow::MeterMod{Command::modify, 1, slow}));
    EXPECT_EQ(way_back(MeterDifference{1, slow, {}}), (openflow::MeterMod{Command::add, 1, slow}));
    EXPECT_EQ(way_back(MeterDifference{1, {}, fast}), (openflow::MeterMod{Command::remove, 1, {}}));
    history_.add({.version = 5, .meters = {{1, {}, slow}}});
    history_.add({.version = 6, .meters = {{1, slow, fast}, {2, {}, slow}}});
    history_.add({.version = 7, .meters = {{2, slow, {}}}});
    EXPECT_EQ(history_.since(4)->meters.size(), 1u) << "the second came and went";
    EXPECT_EQ(history_.since(4)->meters.at(0).now, fast);
    EXPECT_EQ(history_.since(5)->meters.at(0).then, slow);
}

TEST_F(HistoryTest, a_time_names_the_version_of_then) {
    flow("priority=1,actions=drop", Time(10s));
    const auto first = history_.newest();
    flow("priority=2,actions=drop", Time(20s));
    EXPECT_EQ(history_.version_at(Time(15s)), first);
    EXPECT_EQ(history_.version_at(Time(5s)), history_.oldest());
}

TEST_F(HistoryTest, the_oldest_steps_go_when_the_budget_is_used_up) {
    history_.set_budget(20'000);
    for (int i = 1; i <= 100; ++i)
        flow(("priority=" + std::to_string(i) + ",actions=drop").c_str(), Time(std::chrono::seconds(i)));
    EXPECT_LE(history_.bytes(), 20'000u);
    EXPECT_GT(history_.steps().size(), 10u);
    EXPECT_FALSE(history_.since(1));
    EXPECT_FALSE(history_.version_at(Time(1s)));
    EXPECT_TRUE(history_.since(history_.oldest()));
    EXPECT_FALSE(history_.since(history_.newest() + 1));
}

}  // namespace
}  // namespace weft::bridge
