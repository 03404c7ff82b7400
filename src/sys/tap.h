// SPDX-License-Identifier: Apache-2.0
// Tap devices: the switch's own network interfaces. Persistent, so that their addresses and routes outlive
// the process; removed on request only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "packet/batch.h"
#include "sys/fd.h"
#include "sys/mapping.h"
#include "sys/packet_sender.h"

namespace weft::sys {

/// Resource type, used by one thread. Passes checksum and segmentation offload both ways.
class Tap {
  public:
    /// Creates the device, or takes over the persistent one of that name.
    static Result<std::unique_ptr<Tap>> open(const std::string& name);

    /// Readable when the host has sent a frame.
    int fd() const { return fd_.get(); }
    /// The name it has now: it may have been renamed.
    Result<std::string> name() const;
    /// Adds waiting frames until the batch has `limit`; how many. They are lent until release().
    uint32_t receive(packet::Batch& out, uint32_t limit = packet::Batch::capacity);
    void release() { lent_ = 0; }
    /// To the host. A device that is down takes nothing.
    SendResult send(std::span<const packet::Packet* const> packets);
    /// The device vanishes when this object does.
    Result<void> unpersist();

  private:
    Tap(Fd fd, Mapping buffers) : fd_(std::move(fd)), buffers_(std::move(buffers)) {}
    static constexpr uint32_t buffer_size = 68 << 10;

    Fd fd_;
    Mapping buffers_;
    uint32_t lent_ = 0;
};

}  // namespace weft::sys
