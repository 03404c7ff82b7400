// SPDX-License-Identifier: Apache-2.0
// Ports as OpenFlow sees them: description, status, modification, statistics. Values, free of wire versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/ids.h"

namespace weft::openflow {

/// Configuration bits, alike in all versions (no_stp, no_recv_stp and no_flood exist in 1.0 only).
namespace port_config {
inline constexpr uint32_t port_down = 1 << 0, no_stp = 1 << 1, no_recv = 1 << 2, no_recv_stp = 1 << 3,
                          no_flood = 1 << 4, no_fwd = 1 << 5, no_packet_in = 1 << 6;
}
namespace port_state {
inline constexpr uint32_t link_down = 1 << 0, blocked = 1 << 1,
                          live = 1 << 2;                     ///< blocked, live: 1.1 and newer
inline constexpr uint32_t stp_shift = 8, stp_mask = 3 << 8;  ///< 1.0: listen, learn, forward, block
inline constexpr uint32_t stp_listen = 0 << 8, stp_learn = 1 << 8, stp_forward = 2 << 8, stp_block = 3 << 8;
}  // namespace port_state
/// Feature bits as OpenFlow 1.1 and newer place them.
namespace port_feature {
inline constexpr uint32_t hd_10m = 1 << 0, fd_10m = 1 << 1, hd_100m = 1 << 2, fd_100m = 1 << 3,
                          hd_1g = 1 << 4, fd_1g = 1 << 5, fd_10g = 1 << 6, fd_40g = 1 << 7, fd_100g = 1 << 8,
                          fd_1t = 1 << 9, other = 1 << 10, copper = 1 << 11, fiber = 1 << 12,
                          autoneg = 1 << 13, pause = 1 << 14, pause_asym = 1 << 15;
}

struct PortDesc {
    OfPort number = ofpp::none;
    Mac hw_addr{};
    std::string name{};  ///< cut to 15 characters on the wire
    uint32_t config = 0, state = 0;
    uint32_t curr = 0, advertised = 0, supported = 0, peer = 0;  ///< port_feature
    uint32_t curr_speed_kbps = 0, max_speed_kbps = 0;
    bool operator==(const PortDesc&) const = default;
};

enum class PortReason : uint8_t { add = 0, remove = 1, modify = 2 };

struct PortStatus {
    PortReason reason{};
    PortDesc desc{};
    bool operator==(const PortStatus&) const = default;
};

struct PortMod {
    OfPort number = ofpp::none;
    Mac hw_addr{};  ///< must be the port's
    uint32_t config = 0, mask = 0;
    uint32_t advertise = 0;  ///< 0: unchanged
    bool operator==(const PortMod&) const = default;
};

/// Statistics begin with the local port, as Open vSwitch lists them.
constexpr int place_in_statistics(OfPort port) { return port == ofpp::local ? -1 : port.value; }

/// Counters a port does not keep are all ones.
inline constexpr uint64_t not_counted = ~uint64_t{0};

struct PortStats {
    OfPort number = ofpp::none;
    uint64_t rx_packets = 0, tx_packets = 0, rx_bytes = 0, tx_bytes = 0, rx_dropped = 0, tx_dropped = 0,
             rx_errors = 0, tx_errors = 0, rx_frame_errors = 0, rx_over_errors = 0, rx_crc_errors = 0,
             collisions = 0;
    uint32_t duration_s = ~0u, duration_ns = ~0u;  ///< since the port came; all ones: unknown
    /// By frame length etc. (RFC 2819), which OpenFlow 1.4 and newer can carry; empty: not kept.
    struct Custom {
        std::string name;
        uint64_t value = 0;
        bool operator==(const Custom&) const = default;
    };
    std::vector<Custom> custom{};
    bool operator==(const PortStats&) const = default;
};

struct QueueStats {
    OfPort port = ofpp::none;
    uint32_t queue = 0;
    uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0;
    uint32_t duration_s = ~0u, duration_ns = ~0u;
    bool operator==(const QueueStats&) const = default;
};

}  // namespace weft::openflow
