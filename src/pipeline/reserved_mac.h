// SPDX-License-Identifier: Apache-2.0
// Group addresses that bridges keep to themselves: protocols between neighbours.
#pragma once

#include "base/address.h"

namespace weft::pipeline {

/// True for addresses whose frames NORMAL drops unless the bridge forwards BPDUs: IEEE 802.1 reserved groups,
/// and those of Extreme's and Cisco's protocols (ovs-vswitchd.conf.db(5), other_config:forward-bpdu).
bool is_reserved(Mac dst);

}  // namespace weft::pipeline
