// SPDX-License-Identifier: Apache-2.0
// Other packets that a megaflow matches.
#pragma once

#include "base/prng.h"
#include "flow/flow_key.h"

namespace weft::flow {

/// The packet with some of its header fields changed at random where `mask` does not look, and still a
/// packet: it has no field without its prerequisite. The packet itself where nothing can be changed.
FlowKey vary(const FlowKey& packet, const FlowMask& mask, Prng& prng);

}  // namespace weft::flow
