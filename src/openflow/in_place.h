// SPDX-License-Identifier: Apache-2.0
// Messages that come by the million, read where they lie: what decode() makes of them is large to move.
#pragma once

#include <optional>

#include "openflow/message.h"

namespace weft::openflow {

/// The command of the flow_mod that a whole message is, whatever its form; none: it is no flow_mod, or one
/// that decode() refuses.
std::optional<FlowModCommand> flow_mod_command(ByteSpan message, Version version);
/// decode() for a message that has such a command, into a new `mod`.
OfResult<> decode_flow_mod(ByteSpan message, const Dialect& dialect, FlowMod& mod);

/// A bundle_add; the message that it brings lies in it.
struct BundleAddView {
    uint32_t id = 0;
    uint16_t flags = 0;
    ByteSpan message{};
};
/// None: the message is no bundle_add.
std::optional<OfResult<BundleAddView>> view_bundle_add(ByteSpan message, const Dialect& dialect);

}  // namespace weft::openflow
