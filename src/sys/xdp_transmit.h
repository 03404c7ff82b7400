// SPDX-License-Identifier: Apache-2.0
// AF_XDP's transmit half in copy mode: works on any device, loads no program, one system call per batch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "packet/packet.h"
#include "sys/fd.h"
#include "sys/mapping.h"

namespace weft::sys {

struct SendResult;

/// Resource type, used by one thread.
class XdpTransmit {
  public:
    /// A VLAN-tagged frame of the usual MTU fits; longer ones go another way.
    static constexpr uint32_t frame_max = 1522;

    static Result<std::unique_ptr<XdpTransmit>> open(int ifindex);
    /// Sends a run of plain frames of at most frame_max bytes; how many of them were dealt with. Fewer than
    /// given when the receiver still holds all frames: then all earlier ones have left already.
    size_t send(std::span<const packet::Packet* const> packets, SendResult& result);

  private:
    static constexpr uint32_t frames = 512, frame_size = 2048;
    struct Ring {
        Mapping map;
        uint32_t *producer = nullptr, *consumer = nullptr;
        void* entries = nullptr;
    };
    XdpTransmit(Fd fd, Mapping memory, Ring transmit, Ring completion);
    void collect_completed();
    void kick();
    /// Takes back frames that the kernel refused to send; how many.
    uint32_t take_back();

    Fd fd_;
    Mapping memory_;
    Ring transmit_, completion_;
    std::vector<uint32_t> free_;
    uint32_t produced_ = 0;
};

}  // namespace weft::sys
