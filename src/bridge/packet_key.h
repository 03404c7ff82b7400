// SPDX-License-Identifier: Apache-2.0
// Keys of packets that did not come by a port: packet-outs and traces.
#pragma once

#include "flow/match.h"
#include "packet/packet.h"

namespace weft::bridge {

/// The key of a frame, without in_port.
flow::FlowKey key_of_packet(const packet::Packet& packet);
/// Puts the fields that `fields` matches into the key, as 1.5's packet-out gives pipeline fields.
void overlay(flow::FlowKey& key, const flow::Match& fields);

}  // namespace weft::bridge
