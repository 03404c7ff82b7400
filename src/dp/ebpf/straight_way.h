// SPDX-License-Identifier: Apache-2.0
// Where frames may go straight to the other end of a veth, in a container, past the device itself and its
// queue.
#pragma once

#include <cstdint>
#include <memory>

#include "sys/link.h"
#include "sys/packet_watchers.h"
#include "sys/xdp_features.h"

namespace weft::sys {
class Netlink;
}

namespace weft::dp {

/// Resource type, used by one thread.
class StraightWay {
  public:
    explicit StraightWay(sys::Netlink& netlink);
    /// Looks who watches devices; that holds until the next time.
    void look() { watchers_ = sys::packet_watchers(); }
    /// weft_out_port::straight_to of the device. Frames may go straight if its other end is in another
    /// namespace and takes packets one by one, so that neither XDP nor GRO there would miss them, and if
    /// nobody here would: no queue, no filter, no packet socket.
    uint64_t address_of(int ifindex);

  private:
    sys::Netlink& netlink_;
    std::unique_ptr<sys::XdpFeatures> features_;  ///< null: the kernel does not tell who runs NAPI
    sys::PacketWatchers watchers_{.devices = {}, .all = true};
};

}  // namespace weft::dp
