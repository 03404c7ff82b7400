// SPDX-License-Identifier: Apache-2.0
// What IPFIX exporters counted (NXST_IPFIX_BRIDGE, NXST_IPFIX_FLOW). Values.
#pragma once

#include <cstdint>
#include <vector>

namespace weft::openflow {

struct IpfixStats {
    uint64_t flows = 0, current_flows = 0, sampled_packets = 0, ip4_packets = 0, ip6_packets = 0;
    uint64_t packet_errors = 0, ip4_errors = 0, ip6_errors = 0, tx_packets = 0, tx_errors = 0;
    uint32_t collector_set = 0;  ///< of exporters of flows
    bool operator==(const IpfixStats&) const = default;
};

struct IpfixRequest {
    bool of_flows = false;  ///< the exporters of `sample` actions, instead of the bridge's
    bool operator==(const IpfixRequest&) const = default;
};
struct IpfixReply {
    bool of_flows = false;
    std::vector<IpfixStats> exporters{};  ///< just one of the bridge's
    bool operator==(const IpfixReply&) const = default;
};

}  // namespace weft::openflow
