// SPDX-License-Identifier: Apache-2.0
// Attaches an XDP program to a device, in the driver: before the kernel makes packets of what arrives.
#pragma once

#include <memory>
#include <string>

#include "sys/fd.h"

namespace weft::sys {

/// Resource type: the device is as before once it is destroyed, or without a pin once the process ends.
class XdpProgram {
  public:
    /// `pin`: as for IngressProgram. The error says what about the device, or on it, stands in the way.
    static Result<std::unique_ptr<XdpProgram>> attach(int ifindex, int program, const std::string& pin);
    ~XdpProgram();
    XdpProgram(const XdpProgram&) = delete;
    XdpProgram& operator=(const XdpProgram&) = delete;

    /// What was kept by a pin stays on the device when this object is destroyed.
    void leave() { leave_ = !pin_.empty(); }

  private:
    XdpProgram(Fd link, std::string pin) : link_(std::move(link)), pin_(std::move(pin)) {}
    Fd link_;
    std::string pin_;
    bool leave_ = false;
};

}  // namespace weft::sys
