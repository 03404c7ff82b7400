// SPDX-License-Identifier: Apache-2.0
// Flow monitors: what a controller asks to be told about changes of flows, and what it is told. Values, free
// of wire versions.
#pragma once

#include <cstdint>
#include <vector>

#include "openflow/flow_stats.h"

namespace weft::openflow {

/// Bits of FlowMonitor::flags, as OpenFlow 1.4 places them; older forms have `own` one bit lower.
namespace monitor_flag {
inline constexpr uint16_t initial = 1 << 0, add = 1 << 1, remove = 1 << 2, modify = 1 << 3, actions = 1 << 4,
                          no_abbrev = 1 << 5,
                          own = 1 << 6;  ///< what the connection changed itself is told in full
}

enum class MonitorCommand : uint8_t { add = 0, modify = 1, remove = 2 };

struct FlowMonitor {
    MonitorCommand command{};  ///< before 1.4 always add
    uint32_t id = 0;
    uint16_t flags = 0;
    uint8_t table = all_tables;
    OfPort out_port = ofpp::none;
    uint32_t out_group = any_group;  ///< 1.4 and newer
    flow::Match match{};
    bool operator==(const FlowMonitor&) const = default;
};
struct FlowMonitorRequest {
    std::vector<FlowMonitor> monitors{};
    bool operator==(const FlowMonitorRequest&) const = default;
};
/// Before 1.4.
struct FlowMonitorCancel {
    uint32_t id = 0;
    bool operator==(const FlowMonitorCancel&) const = default;
};

struct FlowUpdate {
    /// Before 1.4, initial is told as added, and paused and resumed are messages of their own.
    enum class Event : uint8_t { initial, added, removed, modified, abbreviated, paused, resumed } event{};
    RemovedReason reason{};  ///< removed only
    uint8_t table = 0;
    uint16_t priority = 0, idle_timeout = 0, hard_timeout = 0;
    uint64_t cookie = 0;
    flow::Match match{};
    action::Actions actions{};
    uint32_t xid = 0;  ///< abbreviated: of the request that made the change
    bool operator==(const FlowUpdate&) const = default;
};
struct FlowMonitorReply {
    std::vector<FlowUpdate> updates{};
    bool operator==(const FlowMonitorReply&) const = default;
};

}  // namespace weft::openflow
