// SPDX-License-Identifier: Apache-2.0
// From a packet's bytes to its key: the first thing that happens to each packet.
#pragma once

#include "base/bytes.h"
#include "flow/flow_key.h"

namespace weft::flow {

/// Where headers begin, in bytes from the frame's first; `none` if the packet has none or it is malformed.
struct Extracted {
    static constexpr uint16_t none = 0xffff;
    uint16_t l2_5 = none;  ///< MPLS
    uint16_t l3 = none;    ///< what follows Ethertype and VLAN tags, and MPLS as far as it is known
    uint16_t l4 = none;    ///< TCP, UDP, ... after IP and its options; not in later fragments
    uint16_t l2_pad = 0;   ///< bytes after the end of the IP packet
};

/// VLAN tags that are looked through; more are payload. Open_vSwitch other_config:vlan-limit, 1 by default.
inline constexpr unsigned max_vlan_tags = 2, default_vlan_tags = 1;

/// Fills `key` with what the frame is, zeros elsewhere, also where it came from (in_port and the like are the
/// caller's to set afterwards). Stops where the frame is truncated or malformed and leaves the rest zero. One
/// pass, no allocation.
Extracted extract(ByteSpan frame, PacketBlock& key, unsigned vlan_tags = default_vlan_tags);

/// The same for a packet that begins with its L3 header; packet_type is (1, Ethertype).
Extracted extract_l3(ByteSpan packet, uint16_t ether_type, PacketBlock& key);

}  // namespace weft::flow
