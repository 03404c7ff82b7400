// SPDX-License-Identifier: Apache-2.0
// Capture files (draft-ietf-opsawg-pcap): written of Ethernet, in microseconds; read of what there is.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sys/fd.h"

namespace weft::sys {

/// Resource type, used by one thread. Each frame is in the file when write() returns.
class PcapWriter {
  public:
    /// Begins an empty file.
    static Result<std::unique_ptr<PcapWriter>> create(const std::string& path);
    /// Best effort: a full disk loses frames.
    void write(ByteSpan frame, std::chrono::nanoseconds since_1970);

  private:
    explicit PcapWriter(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

/// All frames of a file as Ethernet (capture_link.h), of either byte order, in microseconds or nanoseconds,
/// or in the form of pcapng.h; an error if it is no such capture or is cut off.
Result<std::vector<Bytes>> read_pcap(const std::string& path);
/// The same of its contents; `path` is for errors.
Result<std::vector<Bytes>> parse_pcap(ByteSpan contents, const std::string& path);

}  // namespace weft::sys
