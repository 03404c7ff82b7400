// SPDX-License-Identifier: Apache-2.0
// tun_metadata in rules and actions: what a bridge's TLV map gave a place.
#include <gtest/gtest.h>

#include "action/option_places.h"
#include "action/text.h"
#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

/// Ports 1 to 5; tun_metadata0 of 4 bytes, 1 of 20, 5 of 8.
World options_world() {
    World w = world_of_five_ports();
    flow::TlvLayout layout;
    EXPECT_TRUE(layout.add(0, 4) && layout.add(1, 20) && layout.add(5, 8));
    w.bridge("br0").bridge.tables->set_option_layout(layout);
    return w;
}

TEST(TunnelOptions, what_one_table_sets_the_next_one_matches) {
    const std::pair<const char*, const char*> cases[] = {
        {"set_field:0x1234->tun_metadata0", "tun_metadata0=0x1234"},
        {"set_field:0x12345678->tun_metadata0,set_field:0/0xff00->tun_metadata0", "tun_metadata0=0x12340078"},
        {"load:0x55->tun_metadata5[8..15]", "tun_metadata5=0x5500"},
        {"set_field:7->reg0,move:reg0[]->tun_metadata0[0..31]", "tun_metadata0=7"},
        {"set_field:7->reg0,push:reg0[],pop:tun_metadata1[32..63]", "tun_metadata1=0x700000000/0xff00000000"},
        {"set_field:1->tun_metadata1,move:tun_metadata1[0..159]->tun_metadata1[0..159]", "tun_metadata1=1"},
        {"set_field:0xffffffffffffffff->tun_metadata1,set_field:1->tun_metadata1", "tun_metadata1=1"},
        {"set_field:0->tun_metadata0", "tun_metadata0"},
    };
    for (const auto& [actions, match] : cases) {
        World w = options_world();
        w.add_flow("br0", std::string("actions=") + actions + ",resubmit(,1)");
        w.add_flow("br0", std::string("table=1,priority=9,") + match + ",actions=2");
        w.add_flow("br0", "table=1,priority=1,actions=3");
        EXPECT_EQ(w.actions("br0", "in_port=1,tcp"), "2") << actions << " " << match;
    }
}

TEST(TunnelOptions, a_packet_without_the_option_matches_no_value_of_it) {
    World w = options_world();
    w.add_flow("br0", "priority=9,tun_metadata0=0,actions=2");
    w.add_flow("br0", "priority=1,actions=move:tun_metadata0[0..31]->reg0[],resubmit(,1)");
    w.add_flow("br0", "table=1,reg0=0,actions=3");
    EXPECT_EQ(w.actions("br0", "in_port=1,tcp"), "3") << "what it does not have reads as zero";
}

TEST(TunnelOptions, delete_field_takes_the_option_away) {
    World w = options_world();
    w.add_flow("br0", "actions=set_field:5->tun_metadata0,delete_field:tun_metadata0,resubmit(,1)");
    w.add_flow("br0", "table=1,priority=9,tun_metadata0,actions=2");
    w.add_flow("br0", "table=1,priority=1,actions=3");
    EXPECT_EQ(w.actions("br0", "in_port=1,tcp"), "3");
    EXPECT_NE(w.trace("br0", "in_port=1,tcp").find("-> delete tun_metadata0"), std::string::npos);
}

TEST(TunnelOptions, are_there_again_after_recirculation) {
    World w = options_world();
    w.add_flow("br0", "mpls,actions=set_field:5->tun_metadata0,pop_mpls:0x0800,resubmit(,1)");
    w.add_flow("br0", "table=1,priority=9,tun_metadata0=5,tcp,actions=2");
    const auto first = w.translate("br0", World::key("in_port=1,mpls,mpls_bos=1"));
    ASSERT_EQ(first.recircs.size(), 1u);
    flow::FlowKey again = World::key("in_port=1,tcp");
    again.packet.recirc_id = Be32(first.recircs[0]->id);
    const auto second = w.translate("br0", again);
    EXPECT_EQ(second.actions.size(), 1u);
}

TEST(TunnelOptions, a_learned_flow_has_them_too) {
    World w = options_world();
    w.add_flow("br0",
               "in_port=1,actions=set_field:9->tun_metadata0,learn(table=1,tun_metadata0[0..31]=tun_"
               "metadata0[0..31],"
               "load:tun_metadata0[0..7]->tun_metadata5[8..15],output:in_port)");
    (void)w.receive("br0", World::key("in_port=1,tcp"));
    w.add_flow("br0", "in_port=2,actions=set_field:9->tun_metadata0,resubmit(,1)");
    EXPECT_EQ(w.actions("br0", "in_port=2,tcp"), "1");
    EXPECT_NE(w.trace("br0", "in_port=2,tcp").find("set_field:0x900/0xff00->tun_metadata5"),
              std::string::npos);
}

TEST(TunnelOptions, traces_tell_matches_and_widths_as_mapped) {
    World w = options_world();
    w.add_flow(
        "br0",
        "actions=push:tun_metadata5[0..63],pop:tun_metadata1[0..63],set_field:1->tun_metadata0,resubmit(,1)");
    w.add_flow("br0", "table=1,tun_metadata0=1,actions=2");
    const std::string told = w.trace("br0", "in_port=1,tcp");
    EXPECT_NE(told.find("push:NXM_NX_TUN_METADATA5[]"), std::string::npos) << told;
    EXPECT_NE(told.find("-> NXM_NX_TUN_METADATA1[0..63] is now 0"), std::string::npos) << told;
    EXPECT_NE(told.find(" 1. tun_metadata0=0x1, priority 32768"), std::string::npos) << told;
}

TEST(TunnelOptions, that_are_not_mapped_or_shorter_are_refused) {
    flow::TlvLayout layout;
    ASSERT_TRUE(layout.add(0, 4) && layout.add(1, 20));
    const std::pair<const char*, action::OfError> cases[] = {
        {"set_field:1->tun_metadata9", action::OfError::nxfmfc_invalid_tlv_field},
        {"clone(delete_field:tun_metadata9)", action::OfError::nxfmfc_invalid_tlv_field},
        {"learn(table=1,tun_metadata9[0..3]=reg0[0..3])", action::OfError::nxfmfc_invalid_tlv_field},
        {"push:tun_metadata0[]", action::OfError::bac_bad_set_len},
        {"move:tun_metadata0[1..32]->tun_metadata1[0..31]", action::OfError::bac_bad_set_len},
        {"set_field:0x123456789a->tun_metadata0", action::OfError::bac_bad_set_len},
        {"push:tun_metadata1[0..128]", action::OfError::bac_bad_set_len},
    };
    for (const auto& [text, why] : cases) {
        action::Actions actions = *action::parse_actions(text);
        EXPECT_NE(action::options_named(actions), 0u) << text;
        const auto placed = action::place_options(actions, layout);
        ASSERT_FALSE(placed) << text;
        EXPECT_EQ(placed.error(), why) << text;
    }
    action::Actions plain = *action::parse_actions("set_field:1->reg0,output:1");
    EXPECT_EQ(action::options_named(plain), 0u);
}

}  // namespace
}  // namespace weft::pipeline::testing
