// SPDX-License-Identifier: Apache-2.0
// Between what controllers say (openflow/) and what tables hold (pipeline/): values to values.
#pragma once

#include "dp/datapath.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"
#include "openflow/group.h"
#include "openflow/port.h"
#include "openflow/version.h"
#include "pipeline/flow_change.h"
#include "pipeline/tables.h"

namespace weft::bridge {

openflow::OfResult<pipeline::FlowChange> to_change(const openflow::FlowMod& mod);
pipeline::GroupChange to_change(const openflow::GroupMod& mod);
openflow::GroupStats to_group_stats(const pipeline::Group& group, Time now);
openflow::OfError to_error(const pipeline::ChangeError& error);
pipeline::RuleFilter to_filter(const openflow::FlowQuery& query);

openflow::FlowStats to_stats(const pipeline::Rule& rule, Time now);
openflow::FlowRemoved to_removed(const pipeline::Rule& rule, pipeline::Removal reason, Time when);

/// What OpenFlow tells about a device.
openflow::PortDesc to_port_desc(OfPort number, const dp::PortState& state, uint32_t config);
openflow::PortStats to_port_stats(OfPort number, const dp::PortStats& stats, Duration age);

}  // namespace weft::bridge
