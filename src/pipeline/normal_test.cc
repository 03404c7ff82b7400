// SPDX-License-Identifier: Apache-2.0
// NORMAL: tags between all kinds of ports, recorded from Open vSwitch 3.1, and who hears what.
#include <gtest/gtest.h>

#include "action/dp_action_text.h"
#include "pipeline/oracle_world.h"

namespace weft::pipeline::testing {
namespace {

using Mode = VlanMode;
using Prio = PriorityTags;

/// br0 with trunks 1 and 3 and a port 2 to try, on datapath ports 1..3; the local port is 100.
World three_ports(Mode mode, Prio prio = Prio::no, uint16_t vlan = 10) {
    World w;
    auto& br0 = w.add_bridge("br0");
    for (uint16_t i = 1; i <= 3; ++i) {
        br0.add_port(w, i);
        br0.port(i).dp_port = DpPort{i};
    }
    br0.port(ofpp::local.value).dp_port = DpPort{100};
    Bundle& b = br0.bundle(2);
    b.mode = mode;
    b.vlan = vlan;
    b.priority_tags = prio;
    w.publish();
    w.add_flow("br0", "actions=normal");
    return w;
}

struct Out {
    Mode mode;
    Prio prio;
    const char *packet, *actions;
};

TEST(Normal, tags_leave_as_the_port_wants_them) {
    const char* vlan10 = "in_port=1,dl_vlan=10,dl_vlan_pcp=0,dl_type=0x1234";
    const char* vlan10_pcp3 = "in_port=1,dl_vlan=10,dl_vlan_pcp=3,dl_type=0x1234";
    const char* untagged = "in_port=1,dl_type=0x1234";
    const char* vlan0 = "in_port=1,dl_vlan=0,dl_vlan_pcp=0,dl_type=0x1234";
    const char* vlan0_pcp3 = "in_port=1,dl_vlan=0,dl_vlan_pcp=3,dl_type=0x1234";
    const char* strip = "100,pop_vlan,2,push_vlan(vid=10,pcp=0),3";
    const char* strip_pcp3 = "100,pop_vlan,2,push_vlan(vid=10,pcp=3),3";
    const char* keep_prio = "100,pop_vlan,push_vlan(vid=0,pcp=3),2,pop_vlan,push_vlan(vid=10,pcp=3),3";
    std::vector<Out> cases;
    for (const Mode mode : {Mode::access, Mode::native_untagged, Mode::dot1q_tunnel}) {
        for (const Prio prio : {Prio::no, Prio::if_nonzero, Prio::always}) {
            cases.push_back({mode, prio, vlan10, strip});
            cases.push_back({mode, prio, vlan10_pcp3, prio == Prio::no ? strip_pcp3 : keep_prio});
            cases.push_back({mode, prio, untagged, "100,3"});
            cases.push_back({mode, prio, vlan0, "pop_vlan,100,3"});
            cases.push_back({mode, prio, vlan0_pcp3, "100,3"});
        }
    }
    for (const Prio prio : {Prio::no, Prio::if_nonzero, Prio::always}) {
        for (const char* packet : {vlan10, vlan10_pcp3}) {
            cases.push_back({Mode::native_tagged, prio, packet, "100,2,3"});
            cases.push_back({Mode::trunk, prio, packet, "100,2,3"});
        }
        cases.push_back({Mode::trunk, prio, untagged, "100,2,3"});
        cases.push_back({Mode::trunk, prio, vlan0_pcp3, "100,2,3"});
        cases.push_back(
            {Mode::trunk, prio, vlan0,
             prio == Prio::always ? "pop_vlan,100,push_vlan(vid=0,pcp=0),2,pop_vlan,3" : "pop_vlan,100,2,3"});
    }
    for (const Out& c : cases) {
        World w = three_ports(c.mode, c.prio);
        EXPECT_EQ(w.actions("br0", c.packet), c.actions)
            << "mode " << static_cast<int>(c.mode) << " priority-tags " << static_cast<int>(c.prio) << '\n'
            << w.trace("br0", c.packet);
    }
}

TEST(Normal, frames_of_a_customer_get_the_service_tag) {
    World w = three_ports(Mode::dot1q_tunnel, Prio::no, 100);
    auto& port = w.bridge("br0").bundle(2);
    port.cvlans = VlanSet().set(5).set(6);
    w.publish();
    EXPECT_EQ(w.actions("br0", "in_port=2,dl_vlan=5,dl_vlan_pcp=3,dl_type=0x1234"),
              "push_vlan(tpid=0x88a8,vid=100,pcp=0),100,1,3");
    EXPECT_EQ(w.actions("br0", "in_port=2,dl_vlan=7,dl_type=0x1234"), "drop");
    EXPECT_EQ(w.actions("br0", "in_port=1,dl_vlan=100,dl_type=0x1234"), "100,3")
        << "not this customer's VLAN";
    flow::FlowKey two_tags = World::key("in_port=1,dl_vlan=100,dl_vlan_pcp=3,dl_type=0x1234");
    two_tags.packet.vlan[1] = {Be16(0x8100), Be16(flow::vlan_present | 5 | 5 << flow::vlan_pcp_shift)};
    EXPECT_EQ(action::dp::to_text(w.translate("br0", two_tags).actions),
              "100,pop_vlan,2,push_vlan(vid=100,pcp=3),3");
    port.qinq_ethertype = 0x8100;
    w.publish();
    EXPECT_EQ(w.actions("br0", "in_port=2,dl_vlan=5,dl_type=0x1234"), "push_vlan(vid=100,pcp=0),100,1,3");
}

TEST(Normal, an_access_port_forgets_the_inner_tag_and_a_native_one_keeps_it) {
    flow::FlowKey two_tags = World::key("in_port=1,dl_vlan=10,dl_type=0x1234");
    two_tags.packet.vlan[1] = {Be16(0x8100), Be16(flow::vlan_present | 5)};
    World native = three_ports(Mode::native_untagged);
    EXPECT_EQ(action::dp::to_text(native.translate("br0", two_tags).actions),
              "100,pop_vlan,2,push_vlan(vid=10,pcp=0),3");
    two_tags.set_in_port(DpPort{2});
    two_tags.packet.vlan[0].tci = Be16(flow::vlan_present | 3 << flow::vlan_pcp_shift);
    World access = three_ports(Mode::access);
    EXPECT_EQ(action::dp::to_text(access.translate("br0", two_tags).actions),
              "pop_vlan,pop_vlan,push_vlan(vid=10,pcp=3),100,1,3");
}

TEST(Normal, untagged_frames_of_a_native_port_are_in_its_vlan) {
    for (const Mode mode : {Mode::native_tagged, Mode::native_untagged}) {
        World w = three_ports(mode, Prio::no, 5);
        EXPECT_EQ(w.actions("br0", "in_port=2,dl_type=0x1234"), "push_vlan(vid=5,pcp=0),100,1,3");
        EXPECT_EQ(w.actions("br0", "in_port=2,dl_vlan=5,dl_type=0x1234"), "100,1,3");
        EXPECT_EQ(w.actions("br0", "in_port=2,dl_vlan=0,dl_vlan_pcp=5,dl_type=0x1234"),
                  "pop_vlan,push_vlan(vid=5,pcp=5),100,1,3");
    }
}

class NormalSwitch : public ::testing::Test {
  protected:
    NormalSwitch() { w.add_flow("br0", "actions=normal"); }
    /// A frame from one station to another, as the first of its flow.
    std::string frame(int port, int src, int dst, const char* vlan = "dl_type=0x1234") {
        return action::dp::to_text(w.receive("br0", World::key(text(port, src, dst, vlan))).actions);
    }
    static std::string text(int port, int src, int dst, const char* vlan) {
        return "in_port=" + std::to_string(port) + ",dl_src=00:00:00:00:00:0" + std::to_string(src) +
               ",dl_dst=00:00:00:00:00:0" + std::to_string(dst) + "," + vlan;
    }
    World w = oracle_world();
};

TEST_F(NormalSwitch, learns_stations_across_a_patch) {
    EXPECT_EQ(frame(1, 1, 2), "100,4,5,101,6,7");
    EXPECT_EQ(frame(4, 2, 1), "1");
    EXPECT_EQ(frame(1, 1, 2), "4");
    EXPECT_EQ(frame(4, 3, 2), "drop") << "on the port it came from";
    EXPECT_EQ(action::dp::to_text(w.translate("br1", World::key(text(1, 7, 1, "dl_type=0x1234"))).actions),
              "1")
        << "br1 learned it too";
}

TEST_F(NormalSwitch, a_flow_depends_on_its_stations_vlan_and_port_only) {
    const Translation t =
        w.translate("br0", World::key("in_port=1,tcp,dl_src=00:00:00:00:00:01,nw_src=1.2.3.4,tp_dst=80"));
    const flow::PacketBlock& m = t.mask.packet;
    EXPECT_EQ(m.nw_src.raw(), 0u);
    EXPECT_EQ(m.tp_dst.raw(), 0u);
    EXPECT_EQ(m.nw_proto, 0);
    EXPECT_TRUE(m.eth_dst == Mac::from_u64(0xffff'ffff'ffff));
    EXPECT_TRUE(m.eth_src == Mac::from_u64(0xffff'ffff'ffff));
}

TEST_F(NormalSwitch, does_not_learn_from_groups_nor_in_flooded_vlans) {
    w.bridge("br0").bridge.flood_vlans.set(10);
    w.publish();
    w.receive("br0", World::key("in_port=1,dl_src=01:00:00:00:00:01,dl_type=0x1234"));
    w.receive("br0", World::key("in_port=1,dl_vlan=10,dl_src=00:00:00:00:00:01,dl_type=0x1234"));
    EXPECT_TRUE(w.bridge("br0").bridge.macs->entries().empty());
    w.bridge("br0").bridge.macs->add_static(10, Mac::from_u64(9), w.bridge("br0").bundle(3).id, w.now());
    EXPECT_EQ(frame(1, 1, 9, "dl_vlan=10,dl_type=0x1234"),
              "100,pop_vlan,2,push_vlan(vid=10,pcp=0),3,4,5,101,6,7");
}

TEST_F(NormalSwitch, protected_ports_do_not_talk_to_each_other) {
    auto& br0 = w.bridge("br0");
    br0.bundle(4).is_protected = br0.bundle(5).is_protected = true;
    w.publish();
    EXPECT_EQ(frame(4, 4, 1), "100,1,101,6,7");
    EXPECT_EQ(frame(5, 5, 4), "drop");
    EXPECT_EQ(frame(1, 1, 4), "4");
    EXPECT_NE(w.trace("br0", text(5, 5, 4, "dl_type=0x1234")).find(R"(
     -> forwarding to learned port
     >> Flow is between protected ports, skipping output.
)"),
              std::string::npos);
}

TEST_F(NormalSwitch, protection_holds_for_any_output_action) {
    auto& br0 = w.bridge("br0");
    br0.bundle(4).is_protected = br0.bundle(5).is_protected = true;
    w.publish();
    w.add_flow("br0", "in_port=4,priority=40000,actions=5,1,flood");
    EXPECT_EQ(w.actions("br0", "in_port=4,arp"), "1,1,2,3,101,6,7,100");
}

TEST_F(NormalSwitch, forwards_bpdus_when_told) {
    const auto bpdu = World::key("in_port=1,dl_dst=01:80:c2:00:00:00,dl_type=0x1234");
    EXPECT_EQ(w.translate("br0", bpdu).drop, Drop::reserved_multicast);
    w.bridge("br0").bridge.forward_bpdu = true;
    w.publish();
    EXPECT_EQ(action::dp::to_text(w.translate("br0", bpdu).actions), "100,4,5") << "br1 still does not";
}

TEST_F(NormalSwitch, a_bond_uses_one_member_and_never_loops) {
    auto& br0 = w.bridge("br0");
    // Ports 4 and 5 become one bundle.
    const BundleId bond = br0.bundle(4).id, gone = br0.bundle(5).id;
    br0.bundle(4).members = {OfPort{4}, OfPort{5}};
    br0.port(5).bundle = bond;
    std::erase_if(br0.bridge.bundles, [&](const Bundle& b) { return b.id == gone; });
    w.publish();
    EXPECT_EQ(frame(1, 1, 2), "100,4,101,6,7");
    EXPECT_EQ(frame(4, 2, 9), "100,1,101,6,7") << "not back by the other member";
    EXPECT_EQ(w.translate("br0", World::key(text(5, 3, 9, "dl_type=0x1234"))).drop, Drop::bond_not_admitted);
}

TEST_F(NormalSwitch, ports_may_be_told_not_to_flood_forward_or_receive) {
    auto& br0 = w.bridge("br0");
    br0.port(4).config = port_config::no_flood;
    br0.port(5).config = port_config::no_fwd;
    w.publish();
    EXPECT_EQ(frame(1, 1, 2), "100,101,6,7");
    br0.port(1).config = port_config::no_recv;
    w.publish();
    EXPECT_EQ(w.translate("br0", World::key("in_port=1,arp")).drop, Drop::no_recv);
    br0.port(1).config = port_config::no_recv_stp;
    w.publish();
    EXPECT_EQ(w.translate("br0", World::key("in_port=1,arp")).drop, Drop::none);
    EXPECT_EQ(w.translate("br0", World::key("in_port=1,dl_dst=01:80:c2:00:00:00,dl_type=0x05ff")).drop,
              Drop::no_recv);
}

}  // namespace
}  // namespace weft::pipeline::testing
