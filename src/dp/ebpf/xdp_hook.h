// SPDX-License-Identifier: Apache-2.0
// The datapath's program for XDP: loaded when the first port asks for it, and what that takes of devices.
#pragma once

#include <optional>
#include <string_view>

#include "dp/ebpf/program.h"
#include "sys/ethtool.h"
#include "sys/link.h"
#include "sys/xdp_features.h"
#include "sys/xdp_program.h"

namespace weft::dp {

/// What a port's other_config:ebpf-hook asks for.
enum class HookChoice : uint8_t { automatic, tc, xdp };
/// What is no such word is automatic.
HookChoice parse_hook(std::string_view text);

/// Resource type, used by one thread. The program sees frames before that at tc does, which must be attached
/// to the same device: it gets what XDP leaves.
class XdpHook {
  public:
    /// The error says what the kernel lacks.
    static Result<std::unique_ptr<XdpHook>> load(const KernelProgram& program, const sys::Ethtool& ethtool);

    int program() const { return program_; }
    /// For devices whose frames may be longer than a page, and then come in pieces.
    int jumbo_program() const { return jumbo_program_; }
    /// Whether frames of a device of that MTU may come in pieces. As long as it has a program that does not
    /// take those, the kernel lets the other end of a veth have no such MTU.
    static bool has_pieces(int mtu);
    /// The error says what about the device stands in the way; `pin`: see sys::XdpProgram.
    Result<std::unique_ptr<sys::XdpProgram>> attach(const sys::Link& device, const std::string& pin) const;
    /// weft_xdp_flags of a device.
    uint32_t flags_of(const sys::Link& device);

  private:
    XdpHook(std::unique_ptr<sys::BpfObject> object, std::unique_ptr<sys::XdpFeatures> features,
            const sys::Ethtool& ethtool)
        : object_(std::move(object)), features_(std::move(features)), ethtool_(ethtool) {}
    bool has_one_queue(const sys::Link& device) const;

    std::unique_ptr<sys::BpfObject> object_;
    std::unique_ptr<sys::XdpFeatures> features_;
    const sys::Ethtool& ethtool_;
    int program_ = -1, jumbo_program_ = -1;
    bool knows_veth_ = false;
};

}  // namespace weft::dp
