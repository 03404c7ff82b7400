// SPDX-License-Identifier: Apache-2.0
// Why a packet was dropped, or where it goes, as `weft why` tells it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bridge/switch.h"
#include "codec/json.h"
#include "obs/trace.h"

namespace weft::ctl {

/// A rule as people know it. Value type.
struct RuleFacts {
    std::string bridge;
    uint8_t table = 0;
    int32_t priority = 0;
    uint64_t cookie = 0, packets = 0;
    std::string match = {}, actions = {};
};
RuleFacts facts_of(const pipeline::Rule& rule, const bridge::Bridge& bridge);
/// `table=0,priority=10,tcp,tp_dst=80`, as ovs-ofctl takes it.
std::string rule_text(const RuleFacts& rule);
codec::Json to_json(const RuleFacts& rule);

/// What is behind a drop. Value type.
struct Verdict {
    std::string summary;                ///< a sentence
    std::string row;                    ///< the configuration row or the missing state that decided
    std::vector<std::string> remedies;  ///< what would change it, commands where there is one
    std::vector<std::string> notes;
};

/// Value type.
struct Explanation {
    uint64_t number = 0;  ///< of the record; 0: traced now
    bool dropped = true;
    std::string reason, reason_text;
    Duration age{};
    uint64_t times = 1;
    std::string packet;
    uint32_t packet_len = 0;
    std::string bridge, port;  ///< where it came in
    std::optional<RuleFacts> rule;
    Verdict verdict;
    obs::TraceNode path;
};

std::string to_text(const Explanation& e);
codec::Json to_json(const Explanation& e);

/// A drop of a datapath of `sw`.
Explanation explain(bridge::Switch& sw, bridge::Backer& backer, const bridge::DropRecord& record, Time now);

}  // namespace weft::ctl
