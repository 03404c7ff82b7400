// SPDX-License-Identifier: Apache-2.0
// A port of the host itself (types internal and tap): a tap device that the switch owns.
#pragma once

#include "dp/user/system_port.h"
#include "sys/tap.h"

namespace weft::dp {

class TapPort : public Port {
  public:
    /// Creates the device, or takes over the one that an earlier process left, with its addresses and routes.
    static Result<std::unique_ptr<Port>> open(Kernel& kernel, DpPort number, const PortSpec& spec);
    /// Removes devices of earlier processes that are not wanted any more.
    static Result<void> remove_leftovers(Kernel& kernel, std::span<const std::string> wanted);

    void receive(packet::Batch& out, uint32_t limit) override { tap_->receive(out, limit); }
    void release() override { tap_->release(); }
    int wait_fd() const override { return tap_->fd(); }
    bool takes_offload() const override { return true; }
    int device() const override { return device_.ifindex; }
    PortState state() const override { return device_state(kernel_, *this, device_); }
    PortStats stats() const override;
    Result<void> set_options(const PortSpec& spec) override {
        return apply_device_options(kernel_, device_.ifindex, spec);
    }
    Result<void> set_up(bool up) override { return kernel_.netlink->set_up(device_.ifindex, up); }
    bool link_changed(const sys::Link& link) override;
    void retire() override { (void)tap_->unpersist(); }

  private:
    TapPort(Kernel& kernel, DpPort number, const PortSpec& spec, const sys::Link& link)
        : Port(number, spec), kernel_(kernel), device_(link) {
        set_mtu(link.mtu);
    }
    Sent send(std::span<const packet::Packet* const> packets) override;

    Kernel& kernel_;
    const OpenedDevice device_;
    std::unique_ptr<sys::Tap> tap_;
};

}  // namespace weft::dp
