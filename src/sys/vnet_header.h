// SPDX-License-Identifier: Apache-2.0
// The header that AF_PACKET sockets and taps put before each frame (virtio 1.1, 5.1.6, legacy little-endian
// form of 10 bytes) and its meaning as packet::Offload.
#pragma once

#include <cstdint>

#include "packet/packet.h"

namespace weft::sys {

/// As it lies in memory before the frame, in the host's byte order.
struct VnetHeader {
    uint8_t flags = 0, gso_type = 0;
    uint16_t hdr_len = 0, gso_size = 0, csum_start = 0, csum_offset = 0;
    bool operator==(const VnetHeader&) const = default;
};
static_assert(sizeof(VnetHeader) == 10);

/// A header of a kind unknown here gives no segmentation and what checksum work it names.
packet::Offload offload_of(const VnetHeader& header);
VnetHeader vnet_header_of(const packet::Offload& offload);

/// Puts back, after the MAC addresses, the tag that the kernel took off a received frame.
void insert_vlan_tag(packet::Packet& packet, uint16_t tpid, uint16_t tci);

}  // namespace weft::sys
