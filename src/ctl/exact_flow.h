// SPDX-License-Identifier: Apache-2.0
// A packet's flow in OpenFlow's syntax, as ofproto/trace and the filter of dpctl/dump-flows take it.
#pragma once

#include <string_view>

#include "flow/match.h"
#include "flow/port_text.h"
#include "pipeline/tables.h"

namespace weft::ctl {

/// As parse_match(), but a field comes after what it needs (`ip` before `nw_src`). Errors begin with the
/// whole text.
Result<flow::Match> parse_exact_flow(std::string_view text, const flow::PortNames& names);
/// Gives tun_metadata the places that the bridge has for them.
Result<void> place_options(const pipeline::Tables& tables, flow::Match& match);

}  // namespace weft::ctl
