// SPDX-License-Identifier: Apache-2.0
// A device that takes frames for everybody.
#pragma once

#include "base/result.h"

namespace weft::sys {

/// As long as the packet socket lives.
Result<void> make_promiscuous(int packet_socket, int ifindex);

}  // namespace weft::sys
