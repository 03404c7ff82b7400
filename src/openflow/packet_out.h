// SPDX-License-Identifier: Apache-2.0
// A packet from a controller. Value, free of wire versions.
#pragma once

#include "action/action.h"
#include "base/bytes.h"
#include "flow/match.h"
#include "openflow/flow_mod.h"

namespace weft::openflow {

struct PacketOut {
    uint32_t buffer_id = no_buffer;
    Bytes packet{};
    /// in_port, and with 1.5 other pipeline fields the packet starts with.
    flow::Match metadata{};
    action::Actions actions{};

    bool operator==(const PacketOut&) const = default;
    OfPort in_port() const { return metadata.key.of_in_port(); }
};

}  // namespace weft::openflow
