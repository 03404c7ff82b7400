// SPDX-License-Identifier: Apache-2.0
// What the link types of capture files (draft-ietf-opsawg-pcaplinktype) put before a packet.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace weft::sys {

inline constexpr uint16_t link_ethernet = 1;

/// Ethernet, Linux cooked captures of either version (`tcpdump -i any`), IP packets without a header.
bool reads_link(uint16_t type);
/// The frame as Ethernet: the sender's address where the header tells it, other addresses zero. None for what
/// has no Ethernet type (CAN, netlink ...) and for headers that are cut off.
std::optional<Bytes> as_ethernet(uint16_t type, ByteSpan frame);

}  // namespace weft::sys
