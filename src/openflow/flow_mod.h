// SPDX-License-Identifier: Apache-2.0
// A change of the flow tables. Value, free of wire versions.
#pragma once

#include <cstdint>
#include <optional>

#include "action/action.h"
#include "base/ids.h"
#include "flow/match.h"

namespace weft::openflow {

inline constexpr uint32_t no_buffer = 0xffffffff;
inline constexpr uint32_t any_group = 0xffffffff;
inline constexpr uint8_t all_tables = 0xff;
inline constexpr uint16_t default_priority = 0x8000;

enum class FlowModCommand : uint8_t { add = 0, modify = 1, modify_strict = 2, remove = 3, remove_strict = 4 };
inline bool is_remove(FlowModCommand c) {
    return c == FlowModCommand::remove || c == FlowModCommand::remove_strict;
}

/// Bits of FlowMod::flags and FlowStats::flags, as OpenFlow 1.3 places them.
namespace flow_flag {
inline constexpr uint16_t send_flow_rem = 1 << 0, check_overlap = 1 << 1, reset_counts = 1 << 2,
                          no_packet_counts = 1 << 3, no_byte_counts = 1 << 4;
}

struct FlowMod {
    FlowModCommand command{};
    uint8_t table = all_tables;  ///< all_tables: the switch chooses (add: 0), or any (the others)
    uint16_t priority = default_priority;
    flow::Match match{};

    uint64_t cookie = 0, cookie_mask = 0;  ///< which flows modify and remove touch; mask 0: any
    /// Given to flows added, and to those modified unless keep_cookie; none: 0, and modified flows keep
    /// theirs.
    std::optional<uint64_t> new_cookie{};
    bool keep_cookie = false;  ///< 1.1: only a flow that a modify adds gets new_cookie

    uint16_t idle_timeout = 0, hard_timeout = 0, importance = 0, flags = 0;
    uint32_t buffer_id = no_buffer;
    OfPort out_port = ofpp::none;  ///< remove: only flows that output there; none: any
    uint32_t out_group = any_group;
    /// 1.0, and 1.1 without a cookie mask: a modify that matches no flow adds it.
    bool modify_may_add = false;
    action::Actions actions{};

    bool operator==(const FlowMod&) const = default;
    bool is_strict() const {
        return command == FlowModCommand::modify_strict || command == FlowModCommand::remove_strict;
    }
    bool is_remove() const { return openflow::is_remove(command); }
};

}  // namespace weft::openflow
