// SPDX-License-Identifier: Apache-2.0
// Who a bridge is: its MAC address and datapath id.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"
#include "bridge/config.h"

namespace weft::bridge {

/// other_config:hwaddr; else the lowest universally administered address among the members; else one derived
/// from the row's uuid, which stays as long as the bridge does.
Mac choose_mac(const BridgeConfig& bridge, std::span<const Mac> members);
/// other_config:datapath-id (16 hex digits, not all zero; or 0x and up to 16), else the MAC address.
uint64_t choose_datapath_id(const BridgeConfig& bridge, Mac mac);
/// 16 hex digits, as in the column datapath_id.
std::string format_datapath_id(uint64_t id);

}  // namespace weft::bridge
