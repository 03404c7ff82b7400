// SPDX-License-Identifier: Apache-2.0
// Do a flow's actions make sense for the packets that it matches?
#pragma once

#include <string>

#include "action/action.h"
#include "action/of_error.h"
#include "flow/match.h"

namespace weft::action {

/// Where the actions stand.
struct Place {
    const flow::Match& match;
    uint8_t table = 0xff;     ///< 0xff: not known, or none (packet-out)
    uint8_t n_tables = 0xff;  ///< tables there are
    /// Gets what the action that fails lacks, or the first that makes it inconsistent, in words.
    std::string* lack = nullptr;
};

/// Fails if the actions are impossible: a field that the packets cannot have, an output to no port, a
/// goto_table backwards. Otherwise true if they are consistent with the match as OpenFlow 1.1 and newer
/// demand; 1.0 lets a flow without `ip` have mod_nw_tos, which then does nothing to other packets
/// (ovs-actions(7) "Inconsistencies"). Fills in what encoding has to know of the flow
/// (SetVlanVid::flow_has_vlan, SetTpPort::ip_proto).
OfResult<bool> check(Actions& actions, const Place& place);

}  // namespace weft::action
