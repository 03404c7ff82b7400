// SPDX-License-Identifier: Apache-2.0
// Counts of dropped packets, of every part of the switch, by bridge, port and reason.
#pragma once

#include <string>
#include <vector>

#include "bridge/switch.h"

namespace weft::ctl {

/// Value type.
struct DropRow {
    std::string bridge, port;  ///< "": a port that no bridge has
    bridge::DropReason reason;
    uint64_t packets = 0;
};
/// Those that are not zero, statistics of megaflows included.
std::vector<DropRow> drop_table(bridge::Switch& sw);

}  // namespace weft::ctl
