// SPDX-License-Identifier: Apache-2.0
// Receiving from a network device: an AF_PACKET socket with a TPACKET_V2 ring. doc/performance.md, "Packet
// I/O choices", has the measurements behind the design.
#pragma once

#include <cstdint>
#include <memory>

#include "packet/batch.h"
#include "sys/fd.h"
#include "sys/mapping.h"

namespace weft::sys {

/// Resource type, used by one thread. Frames up to about 1.8 kB lie in slots of the ring, each with headroom,
/// and are lent to their packets. Larger ones (super-packets of segmentation offload, jumbo frames) come by
/// the socket's queue into a few large buffers; the kernel marks their place in the ring, so order is kept.
class PacketRing {
  public:
    struct Options {
        uint32_t slots = 1024;
    };
    /// Frames that arrive on the device from now on; not what the host sends by it. Sets promiscuous mode for
    /// as long as the socket lives.
    static Result<std::unique_ptr<PacketRing>> open(int ifindex, Options options);

    /// Readable when frames wait. After release(), not before.
    int fd() const { return fd_.get(); }
    /// Adds waiting frames until the batch has `limit`; how many. They are lent until release().
    uint32_t receive(packet::Batch& out, uint32_t limit = packet::Batch::capacity);
    /// Takes back the memory of all packets received since the last release().
    void release();

    /// Takes the error that the descriptor tells of while no frame waits: the device went down.
    void clear_error();

    struct Counters {
        uint64_t dropped = 0;    ///< the ring was full
        uint64_t truncated = 0;  ///< too large for a slot, and no room in the socket's queue
    };
    /// Since open.
    Counters counters();

  private:
    PacketRing(Fd fd, Mapping ring, Mapping large, uint32_t slots)
        : fd_(std::move(fd)), ring_(std::move(ring)), large_(std::move(large)), slots_(slots) {}
    static constexpr uint32_t slot_size = 2048, large_buffers = 8, large_size = 1 << 17;

    bool receive_slot(uint8_t* slot, packet::Batch& out);
    bool receive_large(uint8_t* slot, packet::Batch& out);

    Fd fd_;
    Mapping ring_, large_;
    uint32_t slots_;
    uint32_t head_ = 0;        ///< next slot to look at
    uint32_t lent_ = 0;        ///< slots before head_ not yet given back
    uint32_t large_lent_ = 0;  ///< large buffers in use
    Counters counters_;
};

}  // namespace weft::sys
