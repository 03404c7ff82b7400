// SPDX-License-Identifier: Apache-2.0
// Keeps frames that arrive on a device from the host's own stack. Packet taps run earlier, so a switch that
// reads by a PacketRing still sees them all.
#pragma once

#include "sys/ingress_program.h"

namespace weft::sys {

/// Attaches the shortest program there is: every frame ends here.
Result<std::unique_ptr<IngressProgram>> attach_ingress_drop(
    Netlink& netlink, int ifindex, IngressProgram::Method method = IngressProgram::Method::best);

}  // namespace weft::sys
