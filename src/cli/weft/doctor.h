// SPDX-License-Identifier: Apache-2.0
// What keeps a switch from its fastest datapath, and what to do about it: a function of what was found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"
#include "sys/device_probe.h"
#include "sys/kernel_probe.h"

namespace weft::cli::weft_tool {

/// What there is. Value type.
struct Patient {
    sys::KernelProbe kernel;
    /// Of the running switch; none: there is none, or it is not ours to look at.
    std::optional<uint64_t> capabilities;
    std::vector<sys::DeviceProbe> devices;
    std::vector<std::string> missing;  ///< devices that were asked for
};

struct Finding {
    enum class Grade : uint8_t {
        fault,  ///< packets get lost, or the datapath in the kernel cannot be had
        slow,   ///< works, and could be faster
        note,   ///< would matter for another hook
    } grade{};
    std::string subject;  ///< "kernel", "switch", or a device
    std::string name;     ///< "no_types"
    std::string what, remedy;
};

struct Diagnosis {
    std::string datapath, reason;  ///< which datapath bridges get, and why
    struct Port {
        std::string device, hook, reason;
    };
    std::vector<Port> ports;
    std::vector<Finding> findings;
    bool is_healthy() const;
};

Diagnosis diagnose(const Patient& patient);
std::string to_text(const Diagnosis& diagnosis);
codec::Json to_json(const Diagnosis& diagnosis);

}  // namespace weft::cli::weft_tool
