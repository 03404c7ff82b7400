// SPDX-License-Identifier: Apache-2.0
// A port of the host itself (type internal) as a pair of devices, whose frames programs of the kernel can
// forward.
#pragma once

#include "dp/user/system_port.h"
#include "sys/internal_pair.h"

namespace weft::dp {

class InternalPort final : public SystemPort {
  public:
    /// Makes the pair, or takes over the one that an earlier process left, with its addresses and routes.
    static Result<std::unique_ptr<Port>> open(Kernel& kernel, DpPort number, const PortSpec& spec,
                                              Receiver receiver);
    /// Removes pairs of earlier processes that are not wanted any more.
    static Result<void> remove_leftovers(Kernel& kernel, std::span<const std::string> wanted);

    /// Of the host's end, also while it is in another network namespace.
    PortState state() const override;
    /// Does nothing while it is there.
    Result<void> set_options(const PortSpec& spec) override;
    Result<void> set_up(bool up) override { return kernel().netlink->set_up(host_.ifindex, up); }
    bool link_changed(const sys::Link& link) override;
    void retire() override { pair_.remove(*kernel().netlink); }

  private:
    InternalPort(Kernel& kernel, DpPort number, const PortSpec& spec, sys::InternalPair pair,
                 const sys::Link& wire, const sys::Link& host);
    void follow_host();

    sys::InternalPair pair_;
    OpenedDevice host_;  ///< ifindex 0 while it is in another namespace
};

}  // namespace weft::dp
