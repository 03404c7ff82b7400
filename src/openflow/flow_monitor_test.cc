// SPDX-License-Identifier: Apache-2.0
// Flow monitors: their messages, and what a connection is told.
#include "openflow/fake_switch.h"
#include "openflow/monitor_feed.h"
#include "openflow/testing.h"

namespace weft::openflow {
namespace {

using Event = FlowUpdate::Event;
namespace flag = monitor_flag;

constexpr uint16_t everything =
    flag::initial | flag::add | flag::remove | flag::modify | flag::actions | flag::own;

FlowMonitor monitor(uint32_t id, uint16_t flags = everything, std::string_view what = "") {
    return {.id = id, .flags = flags, .match = match(what)};
}

FlowUpdate update(Event e) {
    return {.event = e,
            .reason = e == Event::removed ? RemovedReason::idle_timeout : RemovedReason{},
            .table = 3,
            .priority = 7,
            .idle_timeout = 10,
            .hard_timeout = 20,
            .cookie = 0x1234,
            .match = match("tcp,tp_dst=80"),
            .actions = actions("output:2")};
}

TEST(FlowMonitor, requests_come_back_in_every_version) {
    FlowMonitor m = monitor(5, everything, "ip");
    m.table = 3;
    m.out_port = OfPort{2};
    expect_same_in_all(FlowMonitorRequest{{m, monitor(6, flag::add)}});
    m.out_group = 9;
    m.command = MonitorCommand::modify;
    expect_same(FlowMonitorRequest{{m}}, {v14, v15});
    for (const Version v : {v10, v11, v12, v13}) expect_same(FlowMonitorCancel{7}, {v});
}

TEST(FlowMonitor, updates_come_back_in_every_version) {
    expect_same_in_all(FlowMonitorReply{{update(Event::added),
                                         update(Event::removed),
                                         update(Event::modified),
                                         {.event = Event::abbreviated, .xid = 99}}});
    expect_same(FlowMonitorReply{{update(Event::initial)}}, {v14, v15});
    expect_same_in_all(FlowMonitorReply{{{.event = Event::paused}}});
    expect_same_in_all(FlowMonitorReply{{{.event = Event::resumed}}});
}

/// A feed, and the flow that events are about.
struct World {
    FakeSwitch of_switch;
    MonitorFeed feed{of_switch};
    flow::SparseMatch flow{match("tcp,tp_dst=80")};
    action::Actions what = actions("output:2");
    Time now{};

    void ask(FlowMonitor m) { ASSERT_TRUE(feed.change({{std::move(m)}}, 5, now)); }
    FlowEvent event(Event e, Time created = {}) {
        return {.event = e,
                .table = 3,
                .match = flow,
                .actions = what,
                .version = ++of_switch.version,
                .created = created};
    }
    std::vector<Event> take(Event e, bool own = false, Time created = {}) {
        const FlowEvent all[] = {event(e, created)};
        return kinds(feed.take(all, {.connection = 1, .xid = 42}, own));
    }
    std::vector<Event> run(bool idle = true) {
        std::vector<Event> out;
        do {
            const auto piece = feed.run(now, idle);
            for (const Event e : kinds(piece.updates)) out.push_back(e);
            if (piece.resumed) out.push_back(Event::resumed);
        } while (feed.busy());
        return out;
    }
    static std::vector<Event> kinds(const std::vector<FlowUpdate>& updates) {
        std::vector<Event> out;
        for (const FlowUpdate& u : updates) out.push_back(u.event);
        return out;
    }
};

using Events = std::vector<Event>;

TEST(MonitorFeed, flows_that_are_there_are_told_first_and_changes_follow) {
    World w;
    w.of_switch.n_flows = 3;
    w.ask(monitor(1));
    EXPECT_EQ(w.run(), Events(3, Event::initial));
    EXPECT_EQ(w.take(Event::added), Events{Event::added});
    EXPECT_EQ(w.take(Event::removed), Events{Event::removed});
}

TEST(MonitorFeed, only_what_is_asked_for_is_told) {
    World w;
    w.ask(monitor(1, flag::add | flag::own, "udp"));
    w.ask(monitor(2, flag::remove | flag::own, "tcp"));
    EXPECT_EQ(w.run(), Events{});
    EXPECT_EQ(w.take(Event::added), Events{});
    EXPECT_EQ(w.take(Event::removed), Events{Event::removed});
    ASSERT_TRUE(w.feed.cancel(2));
    EXPECT_EQ(w.take(Event::removed), Events{});
    EXPECT_EQ(w.feed.cancel(2).error(), OfError::mofc_unknown_monitor);
}

TEST(MonitorFeed, own_changes_are_abbreviated_once_unless_asked_for) {
    World w;
    w.ask(monitor(1, flag::add));
    const FlowEvent two[] = {w.event(Event::added), w.event(Event::added)};
    const auto told = w.feed.take(two, {.connection = 1, .xid = 42}, true);
    ASSERT_EQ(World::kinds(told), Events{Event::abbreviated});
    EXPECT_EQ(told[0].xid, 42u);
    EXPECT_EQ(w.take(Event::added), Events{Event::added});
}

TEST(MonitorFeed, a_request_that_fails_leaves_no_monitor) {
    World w;
    w.ask(monitor(1, flag::add));
    EXPECT_EQ(w.feed.change({{monitor(2), monitor(1)}}, 5, w.now).error(), OfError::mofc_monitor_exists);
    EXPECT_EQ(w.feed.cancel(2).error(), OfError::mofc_unknown_monitor);
}

TEST(MonitorFeed, a_slow_reader_is_told_afterwards_what_changed) {
    World w;
    w.ask(monitor(1, everything & ~flag::initial));
    ASSERT_TRUE(w.feed.pause(w.now));
    EXPECT_FALSE(w.feed.pause(w.now)) << "it knows";
    w.now += 1s;
    EXPECT_EQ(w.take(Event::added, false, w.now), Events{});
    EXPECT_EQ(w.take(Event::removed, false, w.now), Events{}) << "it never heard of the flow";
    EXPECT_EQ(w.take(Event::removed), Events{Event::removed}) << "it has to forget the flow";
    EXPECT_EQ(w.run(false), Events{});
    w.of_switch.n_changed = 2;
    w.now += 1s;
    EXPECT_EQ(w.run(true), (Events{Event::added, Event::added, Event::resumed}));
    EXPECT_EQ(w.take(Event::added), Events{Event::added});
}

TEST(MonitorFeed, what_changes_during_a_list_of_flows_is_told_after_it) {
    World w;
    w.of_switch.n_flows = 600;  // more than one piece
    w.ask(monitor(1));
    const auto first = w.feed.run(w.now, true);
    EXPECT_EQ(first.updates.size(), 500u);
    EXPECT_TRUE(first.more);
    EXPECT_EQ(first.xid, 5u);
    EXPECT_EQ(w.take(Event::added), Events{});
    w.of_switch.n_changed = 1;
    const auto last = w.feed.run(w.now, true);
    EXPECT_EQ(last.updates.size(), 100u);
    EXPECT_FALSE(last.more);
    EXPECT_TRUE(w.feed.busy());
    EXPECT_EQ(w.run(), Events{Event::added});
    EXPECT_FALSE(w.feed.busy());
}

}  // namespace
}  // namespace weft::openflow
