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

    Method method() const { return link_.valid() ? Method::tcx : Method::clsact; }

  private:
    IngressDrop(int ifindex, Fd link) : ifindex_(ifindex), link_(std::move(link)) {}
    int ifindex_;
    Fd link_;  ///< the tcx link; invalid with clsact
};

/// Takes off clsact filters of earlier processes from all devices of this namespace.
Result<void> remove_leftovers(Netlink& netlink);

}  // namespace weft::sys
