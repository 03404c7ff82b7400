// SPDX-License-Identifier: Apache-2.0
#include "dp/user/system_port.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "sys/xdp_transmit.h"

namespace weft::dp {
namespace {

constexpr Duration load_interval = 200ms, quiet_time = 10s;
constexpr double busy_pps = 5000;

}  // namespace

SystemPort::~SystemPort() = default;

Result<std::unique_ptr<Kernel>> Kernel::open() {
    auto netlink = TRY(sys::Netlink::open());
    return std::make_unique<Kernel>(std::move(netlink), TRY(sys::Ethtool::open()));
}

PortState device_state(Kernel& kernel, const Port& port, const OpenedDevice& device) {
    const auto link = kernel.netlink->link(device.ifindex);
    // A number is not used again soon, but a device may be renamed under us: then it is no longer this port.
    return device_state(kernel, port, device, link && link->name == port.name() ? &*link : nullptr);
}

PortState device_state(Kernel& kernel, const Port& port, const OpenedDevice& device, const sys::Link* link) {
    PortState s;
    s.name = port.name();
    s.type = port.type();
    s.number = port.number();
    if (!link) return s;
    s.mac = link->mac;
    s.mtu = link->mtu;
    s.ifindex = link->ifindex;
    s.admin_up = link->admin_up;
    s.link_up = link->admin_up && link->carrier;
    s.link_resets = link->carrier_changes - device.carrier_changes;
    if (const auto mode = kernel.ethtool.link_mode(port.name())) {
        s.link_speed_bps = mode->speed_bps;
        s.full_duplex = mode->full_duplex;
    }
    if (const auto driver = kernel.ethtool.driver(port.name())) {
        s.status["driver_name"] = driver->name;
        s.status["driver_version"] = driver->version;
        s.status["firmware_version"] = driver->firmware_version;
    }
    return s;
}

Result<void> apply_device_options(Kernel& kernel, int ifindex, const PortSpec& spec) {
    const sys::Link link = TRY(kernel.netlink->link(ifindex));
    Result<void> outcome;
    const auto note = [&](const Result<void>& done, const char* what) {
        if (!done && outcome)
            outcome = fail("failed to set " + std::string(what) + " for network device " + spec.name + ": " +
                               std::strerror(done.error().code),
                           done.error().code);
    };
    if (const auto wanted = spec.options.find("mtu_request"); wanted != spec.options.end()) {
        int mtu = 0;
        std::from_chars(wanted->second.data(), wanted->second.data() + wanted->second.size(), mtu);
        if (mtu > 0 && mtu != link.mtu) note(kernel.netlink->set_mtu(ifindex, mtu), "MTU");
    }
    if (const auto wanted = spec.options.find("mac"); wanted != spec.options.end()) {
        const Mac mac = TRY(Mac::parse(wanted->second));
        if (mac != link.mac) note(kernel.netlink->set_mac(ifindex, mac), "MAC");
    }
    return outcome;
}

Result<void> SystemPort::set_options(const PortSpec& spec) {
    return apply_device_options(kernel_, device_.ifindex, spec);
}

Result<std::unique_ptr<Port>> SystemPort::open(Kernel& kernel, DpPort number, const PortSpec& spec,
                                               Receiver receiver) {
    const sys::Link link = TRY(kernel.netlink->link(spec.name));
    if (link.loopback)
        return fail("could not add network device " + spec.name + " to ofproto (Invalid argument)");
    std::unique_ptr<SystemPort> port(new SystemPort(kernel, number, spec, link));
    TRY(port->start(receiver));
    return port;
}

Result<void> SystemPort::start(Receiver receiver) {
    const bool ours = receiver == Receiver::port;
    // A ring for AF_XDP has 2 MB of memory, and pays where all frames go through it.
    sender_ = TRY(sys::PacketSender::open(device_.ifindex, {.promiscuous = !ours, .xdp = ours}));
    if (!ours) return {};
    ring_ = TRY(sys::PacketRing::open(device_.ifindex, {}));
    drop_ = TRY(sys::attach_ingress_drop(*kernel_.netlink, device_.ifindex));
    return {};
}

PortState SystemPort::state() const { return device_state(kernel_, *this, device_); }

PortStats SystemPort::stats() const {
    const auto link = kernel_.netlink->link(device_.ifindex);
    if (!link) return counted();
    const sys::LinkStats& l = link->stats;
    const auto ring = ring_ ? ring_->counters() : sys::PacketRing::Counters{};
    return {.rx_packets = l.rx_packets,
            .tx_packets = l.tx_packets,
            .rx_bytes = l.rx_bytes,
            .tx_bytes = l.tx_bytes,
            .rx_dropped = l.rx_dropped + ring.dropped + ring.truncated,
            .tx_dropped = l.tx_dropped + tx_dropped(),
            .rx_errors = l.rx_errors,
            .tx_errors = l.tx_errors,
            .collisions = l.collisions,
            .rx_frame_errors = l.rx_frame_errors,
            .rx_over_errors = l.rx_over_errors,
            .rx_crc_errors = l.rx_crc_errors,
            .rx_missed_errors = l.rx_missed_errors,
            .rx_multicast_packets = l.multicast,
            .custom = {}};
}

void SystemPort::housekeep(Time now) {
    if (!ring_) return follow_load(now);
    if (xdp_tries_ == 0 || !sender_->wants_xdp()) return;
    --xdp_tries_;
    between_sends([&] { sender_->try_xdp(); });
}

/// Its memory pays only while much goes the slow path.
void SystemPort::follow_load(Time now) {
    if (now - load_.since < load_interval) return;
    const uint64_t sent = counted().tx_packets;
    const auto passed = std::chrono::duration<double>(now - std::exchange(load_.since, now)).count();
    const bool busy = static_cast<double>(sent - std::exchange(load_.sent, sent)) >= busy_pps * passed;
    if (busy) load_.last_busy = now;
    std::unique_ptr<sys::XdpTransmit> other;
    if (busy && !sender_->uses_xdp() && xdp_tries_ > 0) {
        --xdp_tries_;
        auto opened = sys::XdpTransmit::open(device_.ifindex);
        if (!opened && opened.error().code != EBUSY) xdp_tries_ = 0;  // the device cannot do it
        if (!opened) return;
        other = std::move(*opened);
    } else if (!sender_->uses_xdp() || now - load_.last_busy < quiet_time) {
        return;
    }
    between_sends([&] { sender_->exchange_xdp(other); });
}

bool SystemPort::link_changed(const sys::Link& link) {
    if (link.ifindex != device_.ifindex) return false;
    if (link.mtu > 0) set_mtu(link.mtu);
    return true;
}

Sent SystemPort::send(std::span<const packet::Packet* const> packets) {
    const sys::SendResult r = sender_->send(packets);
    return {.packets = r.packets, .dropped = r.dropped, .bytes = r.bytes};
}

}  // namespace weft::dp
