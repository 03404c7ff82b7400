// SPDX-License-Identifier: Apache-2.0
// A network device of the host: frames by AF_PACKET and AF_XDP, the host's own stack kept away from it.
#pragma once

#include "dp/core/port.h"
#include "sys/ethtool.h"
#include "sys/ingress_drop.h"
#include "sys/netlink.h"
#include "sys/packet_ring.h"
#include "sys/packet_sender.h"

namespace weft::dp {

/// What ports ask the kernel by; shared by the ports of a datapath, used by its control thread.
struct Kernel {
    std::unique_ptr<sys::Netlink> netlink;
    sys::Ethtool ethtool;
    static Result<std::unique_ptr<Kernel>> open();
};

/// The device that a port opened. Value type.
struct OpenedDevice {
    int ifindex = 0;
    uint32_t carrier_changes = 0;  ///< when it was opened
    explicit OpenedDevice(const sys::Link& link)
        : ifindex(link.ifindex), carrier_changes(link.carrier_changes) {}
};
/// What the kernel says of a device, in the terms of a port. A device that is gone has ifindex 0.
PortState device_state(Kernel& kernel, const Port& port, const OpenedDevice& device);
/// The same with what the kernel says; null: it is gone.
PortState device_state(Kernel& kernel, const Port& port, const OpenedDevice& device, const sys::Link* link);
/// Gives the device the MTU and the address that the options "mtu_request" and "mac" ask for, where it has
/// others.
Result<void> apply_device_options(Kernel& kernel, int ifindex, const PortSpec& spec);

class SystemPort : public Port {
  public:
    /// Who takes the frames that arrive on the device.
    enum class Receiver : uint8_t { port, program_in_kernel };
    /// code ENODEV if there is no such device.
    static Result<std::unique_ptr<Port>> open(Kernel& kernel, DpPort number, const PortSpec& spec,
                                              Receiver receiver = Receiver::port);

    ~SystemPort() override;

    void receive(packet::Batch& out, uint32_t limit) override {
        if (ring_) ring_->receive(out, limit);
    }
    void release() override {
        if (ring_) ring_->release();
    }
    int wait_fd() const override { return ring_ ? ring_->fd() : -1; }
    void clear_error() override {
        if (ring_) ring_->clear_error();
    }
    bool takes_offload() const override { return true; }
    int device() const override { return device_.ifindex; }
    PortState state() const override;
    /// The device's own counters, and what our receive ring dropped.
    PortStats stats() const override;
    Result<void> set_options(const PortSpec& spec) override;
    Result<void> set_up(bool up) override { return kernel_.netlink->set_up(device_.ifindex, up); }
    void housekeep(Time now) override;
    uint64_t overflow() const override { return ring_ ? ring_->counters().dropped : 0; }
    bool link_changed(const sys::Link& link) override;

  protected:
    SystemPort(Kernel& kernel, DpPort number, const PortSpec& spec, const sys::Link& link)
        : Port(number, spec), kernel_(kernel), device_(link) {
        set_mtu(link.mtu);
    }
    Result<void> start(Receiver receiver);
    Kernel& kernel() const { return kernel_; }

  private:
    Sent send(std::span<const packet::Packet* const> packets) override;
    void follow_load(Time now);

    Kernel& kernel_;
    const OpenedDevice device_;
    int xdp_tries_ = 50;  ///< to get AF_XDP from a process that still holds it
    struct {
        Time since{}, last_busy{};
        uint64_t sent = 0;
    } load_;  ///< of a port whose frames a program forwards
    std::unique_ptr<sys::IngressProgram> drop_;
    std::unique_ptr<sys::PacketRing> ring_;  ///< null: Receiver::program_in_kernel
    std::unique_ptr<sys::PacketSender> sender_;
};

}  // namespace weft::dp
