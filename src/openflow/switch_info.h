// SPDX-License-Identifier: Apache-2.0
// What a switch says about itself: features, description, configuration. Values, free of wire versions.
#pragma once

#include <cstdint>
#include <string>

namespace weft::openflow {

/// Bits of SwitchFeatures::capabilities, as OpenFlow 1.3 places them; 1.0 has STP in bit 3 and ARP_MATCH_IP
/// in 7.
namespace capability {
inline constexpr uint32_t flow_stats = 1 << 0, table_stats = 1 << 1, port_stats = 1 << 2,
                          group_stats = 1 << 3, ip_reasm = 1 << 5, queue_stats = 1 << 6,
                          arp_match_ip = 1 << 7, port_blocked = 1 << 8, bundles = 1 << 9,
                          flow_monitoring = 1 << 10,
                          stp = 1u << 31;  ///< 1.0 only
}  // namespace capability

struct SwitchFeatures {
    uint64_t datapath_id = 0;
    uint32_t n_buffers = 0;
    uint8_t n_tables = 254, auxiliary_id = 0;
    uint32_t capabilities = 0;
    uint32_t actions_10 = 0;  ///< bitmap of OpenFlow 1.0 action types
    bool operator==(const SwitchFeatures&) const = default;
};

/// OFPMP_DESC; longer texts are cut on the wire (255, serial number 31 characters).
struct SwitchDesc {
    std::string manufacturer{}, hardware{}, software{}, serial{}, datapath{};
    bool operator==(const SwitchDesc&) const = default;
};

enum class Fragments : uint8_t { normal = 0, drop = 1, reassemble = 2, nx_match = 3 };

/// OFPT_SET_CONFIG, OFPT_GET_CONFIG_REPLY.
struct SwitchConfig {
    Fragments fragments = Fragments::normal;
    bool invalid_ttl_to_controller = false;
    uint16_t miss_send_len = 128;
    bool operator==(const SwitchConfig&) const = default;
};

}  // namespace weft::openflow
