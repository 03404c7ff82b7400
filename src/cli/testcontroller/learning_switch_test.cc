// SPDX-License-Identifier: Apache-2.0
#include "cli/testcontroller/learning_switch.h"

#include <gtest/gtest.h>

#include "action/text.h"
#include "flow/match_text.h"

namespace weft::cli::testcontroller {
namespace {

using openflow::Version;

openflow::PacketIn packet(uint16_t port, std::string_view destination, std::string_view source) {
    openflow::PacketIn in;
    in.packet = *parse_hex(std::string(destination) + std::string(source) + "1234" + std::string(60, '0'));
    in.metadata.with(flow::FieldId::in_port, flow::FieldValue::from_u64(port));
    return in;
}

/// The actions of what is sent back, the flow's marked by "flow ".
std::vector<std::string> answers(const LearningSwitch::Bodies& bodies) {
    std::vector<std::string> out;
    for (const auto& body : bodies) {
        if (const auto* m = std::get_if<openflow::FlowMod>(&body))
            out.push_back("flow " + action::to_text(m->actions));
        if (const auto* m = std::get_if<openflow::PacketOut>(&body))
            out.push_back(action::to_text(m->actions));
    }
    return out;
}

using Answers = std::vector<std::string>;
constexpr std::string_view a = "02000000000a", b = "02000000000b", lacp = "0180c2000002";

TEST(LearningSwitch, unknown_stations_are_flooded_and_known_ones_get_a_flow) {
    const LearningSwitch::Options options{.max_idle = 60};
    LearningSwitch s(options, Version::v13);
    EXPECT_EQ(answers(s.receive(packet(1, b, a), Time{})), (Answers{"FLOOD"}));
    EXPECT_EQ(answers(s.receive(packet(2, a, b), Time{})), (Answers{"flow output:1", "output:1"}));
    EXPECT_EQ(answers(s.receive(packet(1, a, a), Time{})), (Answers{"flow drop"}));
    EXPECT_EQ(answers(s.receive(packet(3, lacp, b), Time{})), (Answers{"flow drop"}));
    EXPECT_EQ(answers(s.receive(packet(1, b, a), Time{} + 10min)), (Answers{"FLOOD"}));  // forgotten
}

TEST(LearningSwitch, a_hub_floods_all) {
    const LearningSwitch::Options options{.learns = false};
    LearningSwitch s(options, Version::v10);
    EXPECT_EQ(answers(s.receive(packet(1, b, a), Time{})), (Answers{"flow FLOOD", "FLOOD"}));
    EXPECT_EQ(answers(s.receive(packet(2, a, b), Time{})), (Answers{"flow FLOOD", "FLOOD"}));
}

TEST(LearningSwitch, wildcards_leave_fields_out_of_flows) {
    const LearningSwitch::Options options{.wildcards = 0x2820f0};
    LearningSwitch s(options, Version::v10);
    s.receive(packet(1, b, a), Time{});
    const auto bodies = s.receive(packet(2, a, b), Time{});
    EXPECT_EQ(flow::format_match(std::get<openflow::FlowMod>(bodies.at(0)).match),
              "in_port=2,vlan_tci=0x0000,dl_src=02:00:00:00:00:0b,dl_dst=02:00:00:00:00:0a");
}

TEST(LearningSwitch, queues_are_told_as_the_version_can) {
    const LearningSwitch::Options options{.queue = 3};
    for (const auto& [version, text] :
         {std::pair{Version::v10, "enqueue:1:3"}, {Version::v13, "set_queue:3,output:1,pop_queue"}}) {
        LearningSwitch s(options, version);
        s.receive(packet(1, b, a), Time{});
        EXPECT_EQ(answers(s.receive(packet(2, a, b), Time{})).back(), text);
    }
}

}  // namespace
}  // namespace weft::cli::testcontroller
