// SPDX-License-Identifier: Apache-2.0
// Packet-outs as text (ovs-ofctl(8), "Packet-Out Syntax").
#pragma once

#include <string_view>

#include "action/text.h"
#include "base/result.h"
#include "openflow/packet_out.h"

namespace weft::openflow {

/// `in_port=1 packet=0123... actions=output:2`. Errors say what ovs-ofctl would.
Result<PacketOut> parse_packet_out(std::string_view text, const action::Names& names = {});

/// A whole frame in hex.
Result<Bytes> parse_frame(std::string_view hex);

}  // namespace weft::openflow
