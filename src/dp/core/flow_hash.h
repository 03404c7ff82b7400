// SPDX-License-Identifier: Apache-2.0
// The hash that the hash action leaves with a packet.
#pragma once

#include "action/dp_action.h"
#include "flow/flow_key.h"

namespace weft::dp {

/// Over addresses and ports, never 0. Algorithm 1 (sym_l4) gives both directions of a connection the same,
/// and tells packets without IP apart by their Ethernet addresses.
uint32_t flow_hash(const flow::PacketBlock& key, const action::dp::Hash& how);

}  // namespace weft::dp
