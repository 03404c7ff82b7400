// SPDX-License-Identifier: Apache-2.0
// Attaches a program to what arrives on a device (tc ingress). Packet taps run earlier, the host's own stack
// later.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sys/fd.h"

namespace weft::sys {

class Netlink;

/// Resource type: the device is as before once it is destroyed. Where the kernel has tcx (Linux 6.6) the
/// program is attached by a link that lives only as long as our descriptor or its pin, so without a pin a
/// killed process leaves nothing behind; else by a clsact filter with our mark, which remove_leftovers() of
/// the next start finds.
class IngressProgram {
  public:
    enum class Method : uint8_t { best, tcx, clsact };
    struct How {
        Method method = Method::best;
        /// Not empty: the program stays on the device if the process dies, and what an earlier process kept
        /// so is replaced by this program without a gap. A path in a BPF file system, one for each device.
        std::string pin{};
    };
    /// `program` is the descriptor of one for tc.
    static Result<std::unique_ptr<IngressProgram>> attach(Netlink& netlink, int ifindex, int program,
                                                          const How& how);
    /// Every frame ends there. It takes neither bpf(2) nor a privilege beyond CAP_NET_ADMIN, but is a clsact
    /// filter.
    static Result<std::unique_ptr<IngressProgram>> attach_classic_drop(Netlink& netlink, int ifindex);
    ~IngressProgram();

    Method method() const { return handle_ == 0 ? Method::tcx : Method::clsact; }
    /// What was kept by a pin stays on the device when this object is destroyed.
    void leave() { leave_ = !pin_.empty(); }

  private:
    IngressProgram(int ifindex, Fd hold, uint32_t handle, std::string pin)
        : ifindex_(ifindex), hold_(std::move(hold)), handle_(handle), pin_(std::move(pin)) {}
    static Result<std::unique_ptr<IngressProgram>> attach_by_filter(Netlink& netlink, int ifindex,
                                                                    int program, const std::string& pin);
    int ifindex_;
    Fd hold_;          ///< the tcx link; with clsact what shows others that the filter is in use
    uint32_t handle_;  ///< of the clsact filter; 0 with tcx
    std::string pin_;
    bool leave_ = false;
};

/// Whether somebody has a program or filter that sees what leaves by the device.
bool has_egress_filter(Netlink& netlink, int ifindex);

/// Takes off clsact filters of processes that are gone from all devices of this namespace; `dry_run`: only
/// says from which. The names of the devices.
Result<std::vector<std::string>> remove_leftovers(Netlink& netlink, bool dry_run = false);

}  // namespace weft::sys
