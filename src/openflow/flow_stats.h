// SPDX-License-Identifier: Apache-2.0
// What controllers learn about flows: statistics of one, of many, and the removal. Values, free of versions.
#pragma once

#include <cstdint>
#include <optional>

#include "action/action.h"
#include "openflow/flow_mod.h"

namespace weft::openflow {

/// OFPMP_FLOW, OFPMP_AGGREGATE: the flows asked for.
struct FlowQuery {
    bool aggregate = false;
    uint8_t table = all_tables;
    OfPort out_port = ofpp::none;  ///< none: any
    uint32_t out_group = any_group;
    uint64_t cookie = 0, cookie_mask = 0;
    flow::Match match{};
    bool operator==(const FlowQuery&) const = default;
};

struct FlowStats {
    uint8_t table = 0;
    uint16_t priority = default_priority;
    flow::Match match{};
    uint64_t cookie = 0;
    uint32_t duration_s = 0, duration_ns = 0;
    uint16_t idle_timeout = 0, hard_timeout = 0, importance = 0;
    uint16_t flags = 0;                              ///< flow_flag
    std::optional<uint32_t> idle_age{}, hard_age{};  ///< seconds; only NXM and OXM carry them
    uint64_t packets = 0, bytes = 0;                 ///< all ones: not counted
    action::Actions actions{};
    bool operator==(const FlowStats&) const = default;
};

struct AggregateStats {
    uint64_t packets = 0, bytes = 0;
    uint32_t flows = 0;
    bool operator==(const AggregateStats&) const = default;
};

enum class RemovedReason : uint8_t {
    idle_timeout = 0,
    hard_timeout = 1,
    removed = 2,
    group_removed = 3,
    meter_removed = 4,
    eviction = 5,
};

struct FlowRemoved {
    flow::Match match{};
    uint64_t cookie = 0;
    uint16_t priority = 0, idle_timeout = 0, hard_timeout = 0;
    RemovedReason reason{};
    uint8_t table = all_tables;  ///< all_tables: unknown (1.0)
    uint32_t duration_s = 0, duration_ns = 0;
    uint64_t packets = 0, bytes = 0;
    bool operator==(const FlowRemoved&) const = default;
};

}  // namespace weft::openflow
