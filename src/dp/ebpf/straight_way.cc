// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/straight_way.h"

#include <cstring>

#include "sys/ingress_program.h"
#include "sys/netlink.h"

namespace weft::dp {
namespace {

/// A packet passes it as it comes.
bool is_free(const sys::Link& device) {
    return device.kind == "veth" && device.peer_namespace && device.admin_up && device.qdisc == "noqueue" &&
           device.master == 0;
}

}  // namespace

StraightWay::StraightWay(sys::Netlink& netlink) : netlink_(netlink) {
    if (auto features = sys::XdpFeatures::open()) features_ = std::move(*features);
}

uint64_t StraightWay::address_of(int ifindex) {
    if (!features_ || watchers_.look_at(ifindex)) return 0;
    const auto device = netlink_.link(ifindex);
    if (!device || !is_free(*device) || features_->takes(ifindex).frames) return 0;
    if (sys::has_egress_filter(netlink_, ifindex)) return 0;
    const auto other = netlink_.link(device->peer, device->peer_namespace);
    if (!other || other->mac.is_zero()) return 0;
    uint64_t address = 0;
    std::memcpy(&address, other->mac.b.data(), other->mac.b.size());
    return address;
}

}  // namespace weft::dp
