// SPDX-License-Identifier: Apache-2.0
// What the sender of a packet left to the hardware, from the kernel's terms into ours.
#pragma once

#include "dp/ebpf/abi.h"
#include "packet/packet.h"

namespace weft::dp {

/// `p` is the frame as the kernel has it, without the tag beside it. False: a way of segmentation that cannot
/// be said outside the kernel (of what is inside a tunnel).
bool set_offload(packet::Packet& p, const weft_upcall& up);

}  // namespace weft::dp
