// SPDX-License-Identifier: Apache-2.0
// Keeps frames that arrive on a device from the host's own stack. Packet taps run earlier, so a switch that
// reads by a PacketRing still sees them all.
#pragma once

#include <memory>

#include "sys/fd.h"

namespace weft::sys {

class Netlink;

/// Resource type: the device is as before once it is destroyed. Where the kernel has tcx (Linux 6.6) the
/// filter is a link that lives only as long as our descriptor, so a killed process leaves nothing behind;
/// else it is a clsact filter with our mark, which remove_leftovers() of the next start finds.
class IngressDrop {
  public:
    enum class Method : uint8_t { best, tcx, clsact };
    static Result<std::unique_ptr<IngressDrop>> attach(Netlink& netlink, int ifindex,
                                                       Method method = Method::best);
    ~IngressDrop();

    Method method() const { return handle_ == 0 ? Method::tcx : Method::clsact; }

  private:
    IngressDrop(int ifindex, Fd hold, uint32_t handle)
        : ifindex_(ifindex), hold_(std::move(hold)), handle_(handle) {}
    int ifindex_;
    Fd hold_;          ///< the tcx link; with clsact what shows others that the filter is in use
    uint32_t handle_;  ///< of the clsact filter; 0 with tcx
};

/// Takes off clsact filters of processes that are gone from all devices of this namespace.
Result<void> remove_leftovers(Netlink& netlink);

}  // namespace weft::sys
