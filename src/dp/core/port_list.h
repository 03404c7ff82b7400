// SPDX-License-Identifier: Apache-2.0
// Adding, removing and finding the ports of a datapath.
#pragma once

#include "dp/core/engine.h"

namespace weft::dp {

inline constexpr uint32_t port_number_max = 65535;

/// The number a new port gets: the wanted one if it is free, else the lowest free one; code EEXIST if there
/// is a port of that name.
Result<DpPort> free_number(const PortMap& ports, const PortSpec& spec);
/// code ENODEV
Result<std::shared_ptr<Port>> find_port(const PortMap& ports, DpPort number);
/// Readers that pin from now on see this port (or none) under the number.
void publish_port(Shared& shared, DpPort number, std::shared_ptr<Port> port);
void add_counters(DatapathStats& sum, const EngineCounters& counters);
/// Replaces the tap; none: takes it away.
void set_tap(Shared& shared, const std::optional<flow::Match>& match);
void add_drops(DropCounts& sum, const EngineCounters& counters);

}  // namespace weft::dp
