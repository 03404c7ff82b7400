// SPDX-License-Identifier: Apache-2.0
// Checksum and segmentation work in software, for destinations that cannot take it.
#pragma once

#include <functional>

#include "packet/packet.h"

namespace weft::dp {

/// Completes a checksum that was left to do.
void finish_checksum(packet::Packet& p);

/// Cuts a super-packet into frames with finished checksums and passes each to `emit`, in order; a packet that
/// is none is passed on with its checksum finished. False: malformed, or a kind nobody sends any more (UFO).
bool segment(const packet::Packet& p, const std::function<void(packet::Packet&&)>& emit);

/// True if the kernel can segment this super-packet: it must be IP, perhaps behind VLAN tags.
bool kernel_can_segment(const packet::Packet& p);

}  // namespace weft::dp
