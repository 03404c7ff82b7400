// SPDX-License-Identifier: Apache-2.0
// What the switch tells monitoring systems: ports, flows, upcalls, drops, tables, controllers, database,
// memory.
#pragma once

#include <functional>
#include <optional>

#include "bridge/switch.h"
#include "obs/memory.h"
#include "obs/metrics.h"

namespace weft::ctl {

/// Facts that the switch itself does not know. Any may be null.
struct MetricSources {
    std::function<bool()> database_connected;
    std::function<uint64_t()> resident_bytes;
};

obs::Metrics collect_metrics(bridge::Switch& sw, const MetricSources& sources, Time now);

}  // namespace weft::ctl
