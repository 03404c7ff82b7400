// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_mod_run.h"

#include <gtest/gtest.h>

#include "openflow/fake_peer.h"

namespace weft::openflow {
namespace {

using enum Version;

struct FlowModRunTest : testing::Test {
    FakeSwitch sw;
    Connmgr mgr;
    static FlowMod flow(uint16_t priority, FlowModCommand command = FlowModCommand::add) {
        return {.command = command, .table = 0, .priority = priority};
    }
    std::vector<uint16_t> priorities() const {
        std::vector<uint16_t> out;
        for (const FlowMod& m : sw.mods) out.push_back(m.priority);
        return out;
    }
};

TEST_F(FlowModRunTest, flow_mods_that_come_together_are_one_change) {
    for (const Version v : {v10, v13, v15}) {
        Peer p(mgr, sw, v);
        const size_t before = sw.n_changes;
        sw.mods.clear();
        for (uint16_t i = 0; i < 10; ++i) p.say(flow(i + 20));
        p.say(BarrierRequest{});
        for (uint16_t i = 0; i < 3; ++i) p.say(flow(i + 50));
        p.serve();
        EXPECT_EQ(p.answers().size(), 1u);
        EXPECT_EQ(sw.mods.size(), 13u);
        EXPECT_EQ(sw.n_changes, before + 2) << "a barrier ends a run";
    }
}

TEST_F(FlowModRunTest, each_of_them_stands_for_itself) {
    Peer p(mgr, sw, v13);
    for (const uint16_t priority : {1, 13, 2, 13, 13, 3}) p.say(flow(priority));
    p.say(BarrierRequest{});
    p.serve();
    const auto got = p.answers();
    EXPECT_EQ(priorities(), (std::vector<uint16_t>{1, 2, 3}));
    ASSERT_EQ(got.size(), 4u);
    const uint32_t first = got.back().xid - 6;
    for (const size_t i : {0, 1, 2}) {
        const uint32_t wrong[] = {first + 1, first + 3, first + 4};
        EXPECT_EQ(got[i].xid, wrong[i]);
        EXPECT_EQ(std::get<ErrorReport>(got[i].body).error, OfError::fmfc_overlap);
    }
}

TEST_F(FlowModRunTest, one_that_does_not_read_or_names_a_buffer_is_refused_in_its_turn) {
    Peer p(mgr, sw, v13);
    p.say(flow(1));
    FlowMod buffered = flow(2);
    buffered.buffer_id = 5;
    p.say(buffered);
    Bytes broken = encode({.xid = 77, .body = flow(3)}, p.dialect);
    broken[45] = 0x80;  // a flag that does not exist
    p.c->receive(broken, {});
    p.say(flow(4));
    p.serve();
    const auto got = p.answers();
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(std::get<ErrorReport>(got[0].body).error, OfError::brc_buffer_unknown);
    EXPECT_EQ(got[1].xid, 77u);
    EXPECT_EQ(std::get<ErrorReport>(got[1].body).error, OfError::fmfc_bad_flags);
    EXPECT_EQ(priorities(), (std::vector<uint16_t>{1, 4}));
}

TEST_F(FlowModRunTest, removals_begin_a_run_of_their_own) {
    Peer p(mgr, sw, v10);
    p.say(flow(1));
    p.say(flow(2, FlowModCommand::modify));
    p.say(flow(3, FlowModCommand::remove));
    p.say(flow(4));
    p.say(flow(5, FlowModCommand::remove_strict));
    p.serve();
    EXPECT_EQ(priorities(), (std::vector<uint16_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(sw.n_changes, 2u);
}

TEST_F(FlowModRunTest, a_secondary_is_refused_each) {
    Peer p(mgr, sw, v13);
    p.ask(RoleRequest{.role = Role::secondary, .generation_id = 1});
    for (uint16_t i = 0; i < 3; ++i) p.say(flow(i));
    p.serve();
    EXPECT_EQ(p.answers().size(), 3u);
    EXPECT_TRUE(sw.mods.empty());
}

TEST_F(FlowModRunTest, with_vacancy_events_each_is_a_change_of_its_own) {
    Peer p(mgr, sw, v14);
    sw.vacancy_events = true;
    for (uint16_t i = 0; i < 3; ++i) p.say(flow(i));
    p.serve();
    EXPECT_EQ(sw.n_changes, 3u);
}

TEST_F(FlowModRunTest, who_monitors_flows_hears_of_each_change) {
    Peer p(mgr, sw, v14);
    p.ask(FlowMonitorRequest{{FlowMonitor{.id = 1, .flags = monitor_flag::add}}});
    for (uint16_t i = 0; i < 3; ++i) p.say(flow(i));
    p.serve();
    EXPECT_EQ(sw.n_changes, 3u);
}

TEST_F(FlowModRunTest, all_their_forms_are_known) {
    using enum FlowModCommand;
    for (const Version v : {v10, v11, v12, v13, v14, v15})
        for (const FlowModCommand c : {add, modify, modify_strict, remove, remove_strict})
            for (const bool nxm : {false, true}) {
                const Dialect d{.version = v, .nxm = nxm};
                const Bytes message = encode({.xid = 1, .body = flow(7, c)}, d);
                EXPECT_EQ(flow_mod_command(message, v), c);
                FlowMod mod;
                ASSERT_TRUE(decode_flow_mod(message, d, mod));
                EXPECT_EQ(mod, std::get<FlowMod>(decode(message, d)->body));
            }
    EXPECT_EQ(flow_mod_command(encode({.xid = 1, .body = BarrierRequest{}}, {}), v10), std::nullopt);
    EXPECT_EQ(flow_mod_command(*parse_hex("010e000800000001"), v10), std::nullopt) << "cut";
    EXPECT_EQ(flow_mod_command(*parse_hex("0404000800000001"), v13), std::nullopt) << "cut";
}

}  // namespace
}  // namespace weft::openflow
