// SPDX-License-Identifier: Apache-2.0
// Sending by a network device: AF_XDP's transmit ring in copy mode for plain frames, AF_PACKET's sendmmsg
// with virtio-net headers for those that leave checksum or segmentation work to the receiver.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "packet/packet.h"
#include "sys/fd.h"

namespace weft::sys {

class XdpTransmit;

struct SendResult {
    uint32_t packets = 0, dropped = 0;
    uint64_t bytes = 0;
};

/// Resource type, used by one thread. Keeps the order of packets. What it sends passes by the device's
/// queueing discipline and by packet taps (tcpdump on the device itself shows only what it receives), unless
/// `bypass_qdisc` is false.
class PacketSender {
  public:
    struct Options {
        bool bypass_qdisc = true;
        bool promiscuous = false;  ///< the device takes all frames, as long as the sender lives
        bool xdp = true;  ///< needs bypass_qdisc; falls back by itself where the device has no AF_XDP
    };
    static Result<std::unique_ptr<PacketSender>> open(int ifindex, Options options);
    ~PacketSender();

    SendResult send(std::span<const packet::Packet* const> packets);
    bool uses_xdp() const { return xdp_ != nullptr; }
    /// AF_XDP was wanted, and in use by somebody: by a process that has just ended, say.
    bool wants_xdp() const { return wants_xdp_; }
    /// Tries again, if wanted.
    void try_xdp();
    /// Sends plain frames by this one, or none.
    void exchange_xdp(std::unique_ptr<XdpTransmit>& other) { xdp_.swap(other); }

  private:
    PacketSender(Fd fd, int ifindex, bool xdp);
    void send_by_socket(std::span<const packet::Packet* const> packets, SendResult& result);

    Fd fd_;
    const int ifindex_;
    bool wants_xdp_;
    std::unique_ptr<XdpTransmit> xdp_;
};

}  // namespace weft::sys
