// SPDX-License-Identifier: Apache-2.0
// The two bridges on which the expected texts of these tests were recorded from Open vSwitch 3.1 with dummy
// datapaths. Part of the tests.
#pragma once

#include "pipeline/testing.h"

namespace weft::pipeline::testing {

/// br0 with ports 1..5 (datapath 1..5), local port on datapath 100; p2 is an access port of VLAN 10, p3
/// trunks VLANs 10 and 20. br1 with ports 1 and 2 (datapath 6 and 7), local on 101, and the rule
/// `priority=0,actions=NORMAL`. A patch joins their ports 9.
inline World oracle_world() {
    World w;
    auto& br0 = w.add_bridge("br0");
    for (uint16_t i = 1; i <= 5; ++i) br0.add_port(w, i);
    for (uint16_t i = 1; i <= 5; ++i) br0.port(i).dp_port = DpPort{i};
    br0.port(ofpp::local.value).dp_port = DpPort{100};
    br0.bundle(2).mode = VlanMode::access;
    br0.bundle(2).vlan = 10;
    br0.bundle(3).trunks = VlanSet().set(10).set(20);
    auto& br1 = w.add_bridge("br1");
    for (uint16_t i = 1; i <= 2; ++i) br1.add_port(w, i, "q" + std::to_string(i));
    br1.port(1).dp_port = DpPort{6};
    br1.port(2).dp_port = DpPort{7};
    br1.port(ofpp::local.value).dp_port = DpPort{101};
    w.add_patch("br0", 9, "br1", 9);
    br0.port(9).name = br0.bundle(9).name = "pa";
    br1.port(9).name = br1.bundle(9).name = "pb";
    w.publish();
    w.add_flow("br1", "priority=0,actions=normal");
    return w;
}

inline void add_flows(World& w, const std::string& bridge, std::string_view lines) {
    while (!lines.empty()) {
        const size_t end = std::min(lines.find('\n'), lines.size());
        if (end > 0) w.add_flow(bridge, lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
}

}  // namespace weft::pipeline::testing
