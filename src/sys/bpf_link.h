// SPDX-License-Identifier: Apache-2.0
// What attaches a program to a device as long as somebody holds the link's descriptor, or its pin.
#pragma once

#include <string>

#include "sys/fd.h"

namespace weft::sys {

struct BpfLinkTarget {
    int ifindex;
    uint32_t type;       ///< the kernel's BPF_TCX_INGRESS, BPF_XDP ...
    uint32_t flags = 0;  ///< of the type
};
/// With a pin, a path in a BPF file system: the link that an earlier process kept there takes this program in
/// place of its own, without a gap, and a new link is kept there. Without: the link ends with the descriptor.
Result<Fd> attach_by_link(int program, const BpfLinkTarget& target, const std::string& pin);

/// Whether any program is attached to the device that way.
bool has_link(int ifindex, uint32_t type);

}  // namespace weft::sys
