// SPDX-License-Identifier: Apache-2.0
// Numbers in the texts of flows, groups and meters. Errors say what ovs-ofctl would.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weft::openflow {

inline std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// Decimal or 0x hex; `-1` is all ones.
Result<uint64_t> parse_u64(std::string_view text);
Result<uint32_t> parse_u32(std::string_view text);
/// 0 to `max`; the error names the thing.
Result<uint64_t> parse_up_to(std::string_view text, std::string_view what, uint64_t max);

}  // namespace weft::openflow
