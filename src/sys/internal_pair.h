// SPDX-License-Identifier: Apache-2.0
// An internal port as a pair of devices: the host's end bears the port's name, with addresses and routes;
// frames pass the switch's end, where programs of the kernel take them. The host's end may be moved to
// another network namespace.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.h"
#include "sys/link.h"

namespace weft::sys {

class Netlink;

/// Resource type: while it lives no other process takes the pair, which outlives it.
class InternalPair {
  public:
    /// Makes the pair, or takes over the one of that name. code EEXIST if another device has a name that it
    /// needs, EBUSY if another process has the pair.
    static Result<InternalPair> open(Netlink& netlink, const std::string& port);
    static bool exists(Netlink& netlink, const std::string& port);

    /// The number of the switch's end.
    int wire() const { return wire_; }
    struct Host {
        Link link;
        bool is_here;  ///< else in another namespace
    };
    /// The host's end as it is now.
    Result<Host> host(Netlink& netlink) const;
    /// Both ends go.
    void remove(Netlink& netlink);

  private:
    InternalPair(int wire, Fd claim) : wire_(wire), claim_(std::move(claim)) {}
    int wire_;
    Fd claim_;
};

struct LeftPair {
    std::string port;
    int wire = 0;
};
/// Pairs that no process has.
Result<std::vector<LeftPair>> left_pairs(Netlink& netlink);

}  // namespace weft::sys
