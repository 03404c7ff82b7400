// SPDX-License-Identifier: Apache-2.0
// What the kernel says of network devices, as values; and the netlink messages (RFC 3549, rtnetlink(7)) that
// ask and tell it, built and parsed without a socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"

namespace weft::sys {

struct LinkStats {
    uint64_t rx_packets = 0, tx_packets = 0, rx_bytes = 0, tx_bytes = 0, rx_errors = 0, tx_errors = 0,
             rx_dropped = 0, tx_dropped = 0, multicast = 0, collisions = 0, rx_over_errors = 0,
             rx_crc_errors = 0, rx_frame_errors = 0, rx_missed_errors = 0;
    bool operator==(const LinkStats&) const = default;
};

/// RFC 2863 ifOperStatus, as numbered by Linux.
enum class OperState : uint8_t { unknown, not_present, down, lower_layer_down, testing, dormant, up };

struct Link {
    int ifindex = 0;
    std::string name, kind, alias;  ///< kind: veth, tun, vlan ...; empty for hardware
    std::string qdisc;              ///< "noqueue" ...
    Mac mac;
    int mtu = 0, min_mtu = 0, max_mtu = 0;
    int master = 0;                     ///< ifindex of the bridge or bond it belongs to; 0: none
    int peer = 0;                       ///< ifindex of a veth's other end, in its namespace
    std::optional<int> peer_namespace;  ///< that, as numbered here; none: this one
    bool admin_up = false, carrier = false, loopback = false;
    bool promiscuous = false;  ///< by its setting; a socket that asks for it does not show
    OperState oper_state = OperState::unknown;
    uint32_t carrier_changes = 0;
    LinkStats stats;
    bool operator==(const Link&) const = default;
};

/// How the host's device of an internal port is known as a switch's (`ip link` shows it as its alias).
inline constexpr const char* internal_port_mark = "weft internal port";

struct LinkEvent {
    enum class Kind : uint8_t { present, gone } kind{};
    Link link;
    /// With `gone`: it lives on in another namespace, under this id as seen from here.
    std::optional<int> moved_to_namespace;
};

struct InterfaceAddress {
    int ifindex = 0;
    bool v6 = false;
    Ip4 ip4;
    Ip6 ip6;
    uint8_t prefix = 0;
    bool operator==(const InterfaceAddress&) const = default;
};

namespace message {

// Requests: whole netlink messages; the socket fills in sequence number and flags' ACK bit as given here.
Bytes dump_links(uint32_t seq);
Bytes ask_link(uint32_t seq, const std::string& name);
/// In the namespace of that number; none: this one.
Bytes ask_link(uint32_t seq, int ifindex, std::optional<int> name_space = std::nullopt);
/// Two devices of kind veth; the other one takes frames of any length.
Bytes add_pair(uint32_t seq, const std::string& name, const std::string& other);
Bytes remove_link(uint32_t seq, int ifindex);
/// The kernel's own stack speaks neither ARP nor IPv6 by it.
Bytes set_silent(uint32_t seq, int ifindex);
Bytes dump_addresses(uint32_t seq);
Bytes set_up(uint32_t seq, int ifindex, bool up);
Bytes set_promiscuous(uint32_t seq, int ifindex, bool on);
Bytes set_mtu(uint32_t seq, int ifindex, int mtu);
Bytes set_mac(uint32_t seq, int ifindex, const Mac& mac);
Bytes set_alias(uint32_t seq, int ifindex, const std::string& alias);

/// One message of a reply or notification, header included. None if it is of another type or malformed.
std::optional<LinkEvent> parse_link(ByteSpan message);
std::optional<InterfaceAddress> parse_address(ByteSpan message);

}  // namespace message
}  // namespace weft::sys
