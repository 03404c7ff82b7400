// SPDX-License-Identifier: Apache-2.0
// How a network device is set up, as far as that helps or hinders a switch that forwards by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sys/link.h"

namespace weft::sys {

class Netlink;

/// Value type. What could not be found out is none.
struct DeviceProbe {
    Link link;
    std::string driver;
    uint32_t xdp_program = 0;  ///< number of one that is attached; 0: none
    std::string xdp_name;      ///< its name, if we may ask for it
    std::optional<bool> tx_checksum, tso, gro, lro;
    std::vector<std::string> addresses;
    /// Of a veth: whether its other end takes frames that XDP sends. None: it is no veth, or its other end is
    /// in no namespace that has a name.
    std::optional<bool> peer_takes_xdp;
    std::string peer;  ///< "eth0 in namespace h1"
    /// The host's end of a bridge's internal port.
    bool is_internal() const { return link.alias == internal_port_mark; }
};

/// From here on this thread looks at the devices that the process has.
Result<void> enter_network_of(int pid);

/// code ENODEV if there is none.
Result<DeviceProbe> probe_device(Netlink& netlink, const std::string& device);

}  // namespace weft::sys
