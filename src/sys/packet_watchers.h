// SPDX-License-Identifier: Apache-2.0
// Who looks at what passes devices by packet sockets, as tcpdump does.
#pragma once

#include <set>
#include <string_view>

namespace weft::sys {

/// Value type.
struct PacketWatchers {
    std::set<int> devices;
    bool all = false;  ///< somebody looks at every device
    bool look_at(int ifindex) const { return all || devices.contains(ifindex); }
    bool operator==(const PacketWatchers&) const = default;
};
/// From the text of /proc/net/packet. Sockets that only send are left out.
PacketWatchers parse_packet_watchers(std::string_view text);
/// Of this network namespace; all if that cannot be told.
PacketWatchers packet_watchers();

}  // namespace weft::sys
