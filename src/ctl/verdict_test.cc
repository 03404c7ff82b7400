// SPDX-License-Identifier: Apache-2.0
#include "ctl/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dp/fake/fake_datapath.h"
#include "pipeline/testing.h"

namespace weft::ctl {
namespace {

using bridge::DropReason;
using pipeline::Drop;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct NoSink : bridge::EventSink {
    bool post(bridge::Event) override { return true; }
};

bridge::PortConfig port(const std::string& name, const char* type) {
    bridge::PortConfig out;
    out.name = name;
    out.interfaces.emplace_back().name = name;
    out.interfaces[0].type = type;
    return out;
}

/// A bridge br0 with a port p1 on a datapath without devices, which has a port "stray" of no bridge.
class VerdictTest : public ::testing::Test {
  protected:
    VerdictTest() {
        bridge::Config config;
        config.row = Uuid{};
        auto& b = config.bridges.emplace_back();
        b.name = "br0";
        b.datapath_type = "dummy";
        b.ports = {port("br0", "internal"), port("p1", "dummy")};
        switch_.apply(config, now_);
        stray_ = backer()
                     .datapath()
                     .add_port({.name = "stray", .type = "dummy", .options = {}, .request = {}})
                     .value();
    }

    bridge::Environment environment() {
        bridge::Environment out;
        out.resolve_type = [](std::string_view type) { return std::string(type); };
        out.open_datapath = [this](const std::string&) -> Result<std::unique_ptr<dp::Datapath>> {
            return std::make_unique<dp::FakeDatapath>(clock_, dp::FakeDatapath::Options{});
        };
        out.sink = &sink_;
        return out;
    }
    bridge::Backer& backer() { return *switch_.backers().begin()->second; }
    bridge::Bridge& br0() { return *switch_.find("br0")->bridge; }

    void add_group(std::string_view text) {
        pipeline::TablesEdit edit(*br0().tables, now_);
        EXPECT_TRUE(edit.apply(*pipeline::testing::parse_group(text, pipeline::GroupChange::Command::add)));
        edit.publish();
    }
    pipeline::RulePtr add_flow(std::string_view text) {
        pipeline::TablesEdit edit(*br0().tables, now_);
        EXPECT_TRUE(edit.apply(*pipeline::testing::parse_flow(text)));
        const auto events = edit.publish();
        br0().history.add({.version = backer().state().versions().current(), .when = now_, .events = events});
        return events.at(0).rule;
    }
    /// Of a UDP packet that came by p1.
    bridge::DropRecord record(DropReason reason, pipeline::RulePtr rule = {}) {
        const auto& p1 = br0().members.at("p1");
        bridge::DropRecord out{.number = 1, .sample = {.reason = reason}, .reason = reason, .last = now_};
        out.sample.key = pipeline::testing::World::key("udp,ip_dst=10.0.0.2,udp_dst=53");
        out.key = out.sample.key;
        out.sample.key.set_in_port(p1.dp_port);
        out.key.set_in_port(p1.number);
        out.bridge = br0().id;
        out.site = {br0().id, p1.number, 0, rule};
        if (rule) out.rules.push_back(std::move(rule));
        return out;
    }
    Explanation told(const bridge::DropRecord& record) { return explain(switch_, backer(), record, now_); }

    loop::Clock clock_{loop::Clock::Kind::simulated};
    NoSink sink_;
    Time now_ = clock_.now();
    bridge::Switch switch_{environment()};
    DpPort stray_{};
};

TEST_F(VerdictTest, every_reason_tells_what_is_behind_it_and_what_would_change_it) {
    add_group("7,type=select");
    const auto rule = add_flow("udp,actions=group:7,output:9");
    for (const DropReason& reason : bridge::all_drop_reasons()) {
        SCOPED_TRACE(reason.name());
        bridge::DropRecord nowhere = record(reason);
        nowhere.bridge.reset();
        nowhere.site = {};
        bridge::DropRecord removed = nowhere;
        removed.bridge = removed.site.bridge = pipeline::BridgeId{99};
        for (const auto& r : {record(reason, rule), record(reason), nowhere, removed}) {
            const Explanation e = told(r);
            EXPECT_THAT(e.verdict.summary, Not(IsEmpty()));
            if (r.bridge == br0().id)
                EXPECT_THAT(e.verdict.summary, Not(HasSubstr("bridge that dropped it")));
            EXPECT_THAT(e.verdict.row, Not(IsEmpty())) << e.verdict.summary;
            EXPECT_THAT(e.verdict.remedies, Not(IsEmpty())) << e.verdict.summary;
            for (const auto& remedy : e.verdict.remedies) EXPECT_THAT(remedy, Not(HasSubstr("{")));
        }
    }
}

TEST_F(VerdictTest, a_port_without_a_bridge_is_named_and_one_that_got_its_bridge_since_needs_nothing) {
    bridge::DropRecord r = record(Drop::bridge_not_found);
    r.bridge.reset();
    r.site = {};
    EXPECT_THAT(told(r).verdict.remedies, ::testing::ElementsAre(HasSubstr("nothing")));
    EXPECT_EQ(told(r).port, "p1");
    r.sample.key.set_in_port(stray_);
    EXPECT_EQ(told(r).port, "stray");
    EXPECT_THAT(told(r).verdict.summary, HasSubstr("stray"));
    EXPECT_THAT(told(r).verdict.remedies, ::testing::Contains("ovs-vsctl add-port BRIDGE stray"));
}

TEST_F(VerdictTest, a_group_without_a_live_bucket_is_named) {
    add_group("7,type=select");
    const Explanation e = told(record(Drop::no_bucket, add_flow("udp,actions=group:7")));
    EXPECT_EQ(e.verdict.summary, "No bucket of group 7 of bridge br0 is alive.");
}

TEST_F(VerdictTest, a_refused_rule_is_told_of_until_the_controller_went_on) {
    add_flow("tcp,actions=drop");
    bridge::RefusedRule refused{*pipeline::testing::parse_flow("udp,actions=output:2"), "no room", now_};
    br0().refused.push_front(refused);
    now_ += 1s;
    const auto summary = [&] { return told(record(Drop::no_match)).verdict.summary; };
    EXPECT_THAT(summary(), HasSubstr("refused 1 s ago: no room"));
    add_flow("table=1,tcp,actions=drop");
    EXPECT_THAT(summary(), HasSubstr("refused"));
    bridge::DropRecord earlier = record(Drop::no_match);
    earlier.last -= 2s;
    EXPECT_THAT(told(earlier).verdict.summary, Not(HasSubstr("refused")));
    add_flow("icmp,actions=drop");
    EXPECT_THAT(summary(), Not(HasSubstr("refused")));
}

}  // namespace
}  // namespace weft::ctl
