// SPDX-License-Identifier: Apache-2.0
// Meters as text: what ovs-ofctl add-meter takes and dump-meters prints.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "openflow/meter.h"

namespace weft::openflow {

/// `meter=1 kbps burst bands=type=drop rate=1000 burst_size=100`. Errors say what ovs-ofctl would.
Result<MeterMod> parse_meter_mod(std::string_view text, MeterCommand command);
/// A number, `all`, `controller` or `slowpath`.
Result<uint32_t> parse_meter_id(std::string_view text);

std::string format_meter_id(uint32_t id);
/// `meter=1 kbps bands=`, then a line for each band.
std::string format_meter(uint32_t id, const MeterSpec& spec);

}  // namespace weft::openflow
