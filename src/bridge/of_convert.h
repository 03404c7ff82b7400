// SPDX-License-Identifier: Apache-2.0
// Between what controllers say (openflow/) and what tables hold (pipeline/): values to values.
#pragma once

#include "dp/datapath.h"
#include "flow/tlv_layout.h"
#include "openflow/flow_mod.h"
#include "openflow/flow_stats.h"
#include "openflow/group.h"
#include "openflow/port.h"
#include "openflow/switch.h"
#include "openflow/version.h"
#include "pipeline/flow_change.h"
#include "pipeline/tables.h"

namespace weft::bridge {

/// `actions` equal those of `mod`.
openflow::OfResult<pipeline::FlowChange> to_change(const openflow::FlowMod& mod,
                                                   std::shared_ptr<const action::Actions> actions);
/// An error if it is about flows that only the switch itself may have.
openflow::OfResult<> check_is_theirs(const openflow::FlowMod& mod);
/// Of an add; `match` and `actions` equal those of `mod`.
pipeline::Addition to_addition(const openflow::FlowMod& mod, flow::SparseMatch match,
                               std::shared_ptr<const action::Actions> actions);
pipeline::GroupChange to_change(const openflow::GroupMod& mod);
openflow::GroupStats to_group_stats(const pipeline::Group& group, Time now);
openflow::OfError to_error(const pipeline::ChangeError& error);
pipeline::RuleFilter to_filter(const openflow::FlowQuery& query);

/// Gives the options of tunnels in match and actions the places that they have in `layout`.
openflow::OfResult<> place_options(flow::Match& match, const flow::TlvLayout& layout);
openflow::OfResult<> place_options(pipeline::FlowChange& change, const flow::TlvLayout& layout);
openflow::OfResult<> place_options(pipeline::GroupChange& change, const flow::TlvLayout& layout);

/// Into one that is new: it is large, and made in place.
void read_stats(const pipeline::Rule& rule, Time now, openflow::FlowStats& out);
/// As flow monitors are told; points into `events`. Rules that controllers must not see are left out.
std::vector<openflow::FlowEvent> to_flow_events(const std::vector<pipeline::RuleEvent>& events);
openflow::FlowRemoved to_removed(const pipeline::Rule& rule, pipeline::Removal reason, Time when);

/// What OpenFlow tells about a device.
openflow::PortDesc to_port_desc(OfPort number, const dp::PortState& state, uint32_t config);
openflow::PortStats to_port_stats(OfPort number, const dp::PortStats& stats, Duration age);

}  // namespace weft::bridge
