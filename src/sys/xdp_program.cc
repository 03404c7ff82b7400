// SPDX-License-Identifier: Apache-2.0
#include "sys/xdp_program.h"

#include <linux/bpf.h>
#include <linux/if_link.h>

#include <cerrno>
#include <cstring>

#include "sys/bpf_folder.h"
#include "sys/bpf_link.h"

namespace weft::sys {
namespace {

std::string obstacle(int code) {
    switch (code) {
        case EOPNOTSUPP:
            return "its driver has no XDP";
        case EBUSY:
        case EEXIST:
            return "another XDP program is attached (ip link set DEVICE xdp off)";
        case ERANGE:
            return "its MTU, or that of its other end, is too large for XDP";
        case ENOSPC:
            return "its other end has more transmit queues than it has receive queues (ethtool -L)";
        default:
            return std::string("attaching failed: ") + std::strerror(code);
    }
}

}  // namespace

Result<std::unique_ptr<XdpProgram>> XdpProgram::attach(int ifindex, int program, const std::string& pin) {
    auto link =
        attach_by_link(program, {.ifindex = ifindex, .type = BPF_XDP, .flags = XDP_FLAGS_DRV_MODE}, pin);
    if (!link) return fail(obstacle(link.error().code), link.error().code);
    return std::unique_ptr<XdpProgram>(new XdpProgram(std::move(*link), pin));
}

XdpProgram::~XdpProgram() {
    if (!leave_ && !pin_.empty()) BpfFolder::remove(pin_);
}

}  // namespace weft::sys
