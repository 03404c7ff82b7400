// SPDX-License-Identifier: Apache-2.0
// What a device's driver says of itself and its link (the ethtool ioctls).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace weft::sys {

struct DriverInfo {
    std::string name, version, firmware_version, bus_info;
};
struct LinkMode {
    uint64_t speed_bps = 0;  ///< 0: unknown
    bool full_duplex = true;
};

/// Resource type, used by one thread. Acts in the network namespace in which it was opened.
class Ethtool {
  public:
    static Result<Ethtool> open();
    Result<DriverInfo> driver(const std::string& device) const;
    Result<LinkMode> link_mode(const std::string& device) const;
    enum class Feature : uint8_t { tx_checksum, tso, gro, lro };
    Result<bool> feature(const std::string& device, Feature feature) const;

  private:
    explicit Ethtool(Fd fd) : fd_(std::move(fd)) {}
    Result<void> ask(const std::string& device, void* question) const;
    Fd fd_;
};

}  // namespace weft::sys
