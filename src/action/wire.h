// SPDX-License-Identifier: Apache-2.0
// Lists of actions and instructions in the wire forms of OpenFlow 1.0-1.5 with the Nicira and ONF extensions.
#pragma once

#include "action/action.h"
#include "action/of_error.h"
#include "action/version.h"
#include "base/bytes.h"

namespace weft::action {

/// A list of actions: of a packet-out, a bucket, or a flow of OpenFlow 1.0, where write_metadata may end it.
/// The error is what the controller gets.
OfResult<Actions> decode_actions(ByteSpan bytes, Version version);
void encode_actions(const Actions& actions, Version version, ByteWriter& out);

/// The instructions of a flow of OpenFlow 1.1 and newer; they may come in any order, and none twice.
OfResult<Actions> decode_instructions(ByteSpan bytes, Version version);
void encode_instructions(const Actions& actions, Version version, ByteWriter& out);

/// Port numbers are 32 bits wide since 1.1, the reserved ones moved to the top; numbers between are invalid.
OfResult<OfPort> port_from_32(uint32_t wire);

}  // namespace weft::action
