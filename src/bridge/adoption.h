// SPDX-License-Identifier: Apache-2.0
// Flows that an earlier process left in the kernel become this one's: each is translated again by the tables
// that are now in force, and what comes out is installed.
#pragma once

#include "bridge/flow_cache.h"

namespace weft::bridge {

struct Adoption {
    size_t left = 0, adopted = 0;
};
/// While the datapath is held. A flow that is left out misses: its packets are translated one by one.
Adoption adopt_flows(dp::Datapath& datapath, pipeline::State& state, FlowCache& cache, Time now);

}  // namespace weft::bridge
