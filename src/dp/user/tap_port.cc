// SPDX-License-Identifier: Apache-2.0
#include "dp/user/tap_port.h"

#include <algorithm>

namespace weft::dp {

Result<std::unique_ptr<Port>> TapPort::open(Kernel& kernel, DpPort number, const PortSpec& spec) {
    auto tap = TRY(sys::Tap::open(spec.name));
    const sys::Link link = TRY(kernel.netlink->link(spec.name));
    TRY(kernel.netlink->set_alias(link.ifindex, sys::internal_port_mark));
    std::unique_ptr<TapPort> port(new TapPort(kernel, number, spec, link));
    port->tap_ = std::move(tap);
    (void)port->set_options(spec);  // a port that could not be made as wished is a port
    return port;
}

Result<void> TapPort::remove_leftovers(Kernel& kernel, std::span<const std::string> wanted) {
    for (const sys::Link& link : TRY(kernel.netlink->links())) {
        if (link.alias != sys::internal_port_mark || std::ranges::find(wanted, link.name) != wanted.end())
            continue;
        const auto tap = sys::Tap::open(link.name);
        if (tap) TRY((*tap)->unpersist());  // else another process owns it
    }
    return {};
}

/// A tap makes no errors.
PortStats TapPort::stats() const {
    PortStats s = counted();
    s.tx_dropped = tx_dropped();
    s.rx_dropped = s.rx_errors = s.tx_errors = s.collisions = 0;
    s.rx_frame_errors = s.rx_over_errors = s.rx_crc_errors = 0;
    s.rx_missed_errors = s.rx_multicast_packets = 0;
    return s;
}

bool TapPort::link_changed(const sys::Link& link) {
    if (link.ifindex != device_.ifindex) return false;
    if (link.mtu > 0) set_mtu(link.mtu);
    return true;
}

Sent TapPort::send(std::span<const packet::Packet* const> packets) {
    const sys::SendResult r = tap_->send(packets);
    return {.packets = r.packets, .dropped = r.dropped, .bytes = r.bytes};
}

}  // namespace weft::dp
