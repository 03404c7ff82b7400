// SPDX-License-Identifier: Apache-2.0
// IPv4 of the machine itself: addresses of devices, and the way that packets to others take (rtnetlink(7)).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"

namespace weft::sys {

class Netlink;

/// The device that packets go to first. Value type.
struct NextHop {
    Ip4 via;  ///< a gateway, or the destination itself
    int ifindex = 0;
    std::optional<Mac> mac;  ///< none: the kernel does not know it now
    bool operator==(const NextHop&) const = default;
};

struct Ip4Setting {
    Ip4 address;
    uint8_t prefix = 0;
    std::optional<Ip4> gateway{};  ///< of the default route
    bool operator==(const Ip4Setting&) const = default;
};

/// Resource type, used by one thread. Acts in the network namespace in which it is used first.
class IpConfig {
  public:
    IpConfig();
    ~IpConfig();

    /// None: there is no route to it, or it is the machine itself.
    std::optional<NextHop> next_hop(Ip4 to);

    struct Done {
        bool address = false, gateway = false;  ///< was changed
    };
    /// Turns the device on, and makes the address its only one and the gateway that of the default route. A
    /// default route by another way stays, which is an error with code EEXIST.
    Result<Done> set(int ifindex, const Ip4Setting& wanted);

  private:
    Result<Netlink*> netlink();
    Result<bool> set_address(int ifindex, const Ip4Setting& wanted);

    std::unique_ptr<Netlink> netlink_;
};

namespace message {

// Requests: whole netlink messages.
Bytes ask_route(uint32_t seq, Ip4 to);
Bytes ask_neighbor(uint32_t seq, int ifindex, Ip4 address);
Bytes add_address(uint32_t seq, int ifindex, const Ip4Setting& address);
Bytes remove_address(uint32_t seq, int ifindex, const Ip4Setting& address);
Bytes add_default_route(uint32_t seq, int ifindex, Ip4 gateway);

/// The answer to ask_route(), without a MAC address; `via` is zero where there is no gateway. None for what
/// is no route to another machine.
std::optional<NextHop> parse_route(ByteSpan message);
/// The answer to ask_neighbor(), if the address is known to be right.
std::optional<Mac> parse_neighbor(ByteSpan message);

}  // namespace message
}  // namespace weft::sys
