// SPDX-License-Identifier: Apache-2.0
// What a device's driver can do with XDP, as the kernel tells (Linux 6.3).
#pragma once

#include <memory>

#include "sys/netlink.h"

namespace weft::sys {

/// Resource type, used by one thread. Acts in the network namespace in which it was opened.
class XdpFeatures {
  public:
    /// The error is that the kernel does not tell.
    static Result<std::unique_ptr<XdpFeatures>> open();
    struct Takes {
        bool frames = false, fragments = false;  ///< also those that are longer than a page
    };
    /// What programs redirect to it leaves by it. With veth that changes: its other end must run NAPI, else
    /// it vanishes. Nothing also if there is no such device.
    Takes takes(int ifindex);

  private:
    XdpFeatures(std::unique_ptr<Netlink> netlink, uint16_t family)
        : netlink_(std::move(netlink)), family_(family) {}
    std::unique_ptr<Netlink> netlink_;
    const uint16_t family_;  ///< generic netlink's number for "netdev"
};

}  // namespace weft::sys
