// SPDX-License-Identifier: Apache-2.0
// A device that takes frames for everybody.
#pragma once

#include <vector>

#include "base/result.h"
#include "sys/bpf_folder.h"
#include "sys/netlink.h"

namespace weft::sys {

/// As long as the packet socket lives.
Result<void> make_promiscuous(int packet_socket, int ifindex);

/// The folder of marks among a switch's pins.
inline constexpr const char* promiscuous_marks = "promiscuous";

/// Devices that stay promiscuous while no process runs, each with a mark in a folder of a BPF file system:
/// who comes next ends what we began, and leaves alone what somebody else set. Value type.
class PromiscuousDevices {
  public:
    explicit PromiscuousDevices(std::string marks) : marks_(std::move(marks)) {}

    /// Changes nothing if it is so already.
    Result<void> begin(Netlink& netlink, int ifindex) const;
    /// Changes nothing if we did not begin it.
    void end(Netlink& netlink, int ifindex) const;
    /// Those that we began with.
    std::vector<int> all() const;
    void tidy_up() const { marks_.remove_if_empty(); }

  private:
    BpfFolder marks_;
};

}  // namespace weft::sys
