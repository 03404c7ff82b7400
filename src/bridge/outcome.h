// SPDX-License-Identifier: Apache-2.0
// What a translation came to, apart from its packet: the same for all megaflows that took the same way
// through the tables, and kept once for them.
#pragma once

#include <memory>
#include <vector>

#include "bridge/shared_pool.h"
#include "dp/datapath.h"
#include "pipeline/effects.h"
#include "pipeline/recirc.h"

namespace weft::bridge {

/// Value type.
struct FlowOutcome {
    dp::ActionsPtr actions;  ///< shared, so that those of two outcomes are equal if they are the same
    std::vector<pipeline::Read> reads;
    std::vector<pipeline::Effect> effects;
    std::vector<uint32_t> punts;
    std::vector<pipeline::RecircPtr> recircs;  ///< keep the numbers that `actions` have
    bool operator==(const FlowOutcome&) const = default;
};
using FlowOutcomePtr = std::shared_ptr<const FlowOutcome>;

/// For SharedPool.
uint64_t hash(const FlowOutcome& outcome);
void compact(FlowOutcome& outcome);

}  // namespace weft::bridge
