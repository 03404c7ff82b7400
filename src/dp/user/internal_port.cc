// SPDX-License-Identifier: Apache-2.0
#include "dp/user/internal_port.h"

#include <algorithm>

namespace weft::dp {

InternalPort::InternalPort(Kernel& kernel, DpPort number, const PortSpec& spec, sys::InternalPair pair,
                           const sys::Link& wire, const sys::Link& host)
    : SystemPort(kernel, number, spec, wire), pair_(std::move(pair)), host_(host) {}

Result<std::unique_ptr<Port>> InternalPort::open(Kernel& kernel, DpPort number, const PortSpec& spec,
                                                 Receiver receiver) {
    auto pair = TRY(sys::InternalPair::open(*kernel.netlink, spec.name));
    const sys::Link wire = TRY(kernel.netlink->link(pair.wire()));
    const sys::Link host = TRY(pair.host(*kernel.netlink)).link;
    std::unique_ptr<InternalPort> port(new InternalPort(kernel, number, spec, std::move(pair), wire, host));
    TRY(port->start(receiver));
    port->follow_host();
    [[maybe_unused]] const auto done = port->set_options(spec);  // else it is a port all the same
    return port;
}

Result<void> InternalPort::remove_leftovers(Kernel& kernel, std::span<const std::string> wanted) {
    for (const sys::LeftPair& left : TRY(sys::left_pairs(*kernel.netlink)))
        if (std::ranges::find(wanted, left.port) == wanted.end()) TRY(kernel.netlink->remove_link(left.wire));
    return {};
}

/// A name that it has in another namespace is that one's affair.
PortState InternalPort::state() const {
    const auto host = pair_.host(*kernel().netlink);
    const bool is_port = host && (!host->is_here || host->link.name == name());
    return device_state(kernel(), *this, host_, is_port ? &host->link : nullptr);
}

Result<void> InternalPort::set_options(const PortSpec& spec) {
    const auto host = TRY(pair_.host(*kernel().netlink));
    return host.is_here ? apply_device_options(kernel(), host.link.ifindex, spec) : Result<void>();
}

/// In another namespace it may change its MTU unseen: there the kernel drops what is too long.
void InternalPort::follow_host() {
    constexpr int mtu_max = 65535;
    const auto host = pair_.host(*kernel().netlink);
    if (!host) return;
    host_.ifindex = host->is_here ? host->link.ifindex : 0;
    set_mtu(host->is_here ? host->link.mtu : mtu_max);
}

bool InternalPort::link_changed(const sys::Link& link) {
    if (link.ifindex != host_.ifindex && link.ifindex != pair_.wire() && link.name != name()) return false;
    follow_host();
    return true;
}

}  // namespace weft::dp
