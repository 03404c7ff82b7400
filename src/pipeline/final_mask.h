// SPDX-License-Identifier: Apache-2.0
// The closing pass over a translation's mask.
#pragma once

#include "flow/flow_key.h"
#include "pipeline/translate.h"

namespace weft::pipeline {

/// From the bits that translation looked at to those of the megaflow: what every megaflow matches is added,
/// what a datapath does not know or the packet does not have is left out. `packet` is the key as it arrived.
flow::FlowMask final_mask(const flow::FlowKey& packet, const flow::FlowMask& looked_at, Plant plant);

}  // namespace weft::pipeline
