// SPDX-License-Identifier: Apache-2.0
// Looking at what passes a network device, as tcpdump does: a plain AF_PACKET socket.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "sys/fd.h"

namespace weft::sys {

/// Resource type, used by one thread. Frames in both directions, from open() on; of a loopback device each
/// once. Does not change how the device works.
class PacketTap {
  public:
    static Result<std::unique_ptr<PacketTap>> open(const std::string& device);

    /// Readable when frames wait.
    int fd() const { return fd_.get(); }
    /// Hands over up to `limit` waiting frames. An error when the device has gone.
    Result<> receive(size_t limit, const std::function<void(ByteSpan)>& take);
    /// Frames that the kernel had no room for, since the last call.
    uint64_t dropped();

  private:
    PacketTap(Fd fd, bool loopback) : fd_(std::move(fd)), loopback_(loopback), buffer_(frame_max) {}
    static constexpr size_t frame_max =
        1 << 17;  ///< super-packets of segmentation offload are larger than the MTU

    Fd fd_;
    const bool loopback_;
    Bytes buffer_;
};

}  // namespace weft::sys
