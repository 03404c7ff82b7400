// SPDX-License-Identifier: Apache-2.0
// Which tracked connections a controller wants forgotten (NXT_CT_FLUSH_ZONE, NXT_CT_FLUSH). Values.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"

namespace weft::openflow {

/// One direction of a connection; what is absent fits any.
struct CtTuple {
    std::optional<Ip6> src{}, dst{};  ///< IPv4 as ::ffff:a.b.c.d
    std::optional<uint16_t> src_port{}, dst_port{};
    std::optional<uint16_t> icmp_id{};
    std::optional<uint8_t> icmp_type{}, icmp_code{};
    bool operator==(const CtTuple&) const = default;
};
struct CtFlush {
    uint8_t protocol = 0, family = 0;  ///< 0: any
    std::optional<uint16_t> zone{};
    std::optional<CtTuple> original{}, reply{};
    bool operator==(const CtFlush&) const = default;
};

/// An IPv4 address inside an IPv6 one (RFC 4291 2.5.5.2), and the reverse.
bool is_mapped(const Ip6& a);
Ip4 unmapped(const Ip6& a);
Ip6 mapped(Ip4 a);

}  // namespace weft::openflow
