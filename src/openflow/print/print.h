// SPDX-License-Identifier: Apache-2.0
// An OpenFlow message of any version as text, as ovs-ofctl prints it.
#pragma once

#include <string>

#include "action/text.h"
#include "base/bytes.h"

namespace weft::openflow {

/// Value type.
struct PrintOptions {
    /// 0: packets are left out; 1: they are a line each; 3: with their bytes; 5: the message's bytes too.
    int verbosity = 0;
    action::Names names = {};
};

/// `OFPT_FLOW_MOD (OF1.3) (xid=0x1): ADD ...`, ending with a newline. Any bytes: what does not decode is told
/// with its error and the bytes.
std::string print_message(ByteSpan bytes, const PrintOptions& options = {});

/// "OFPST_FLOW reply"; empty if there is no such message, or it is too short to tell.
std::string message_name(ByteSpan bytes);

/// Lines of 16 bytes with their offsets, and as text if asked for.
std::string hex_dump(ByteSpan bytes, bool with_text);

}  // namespace weft::openflow
