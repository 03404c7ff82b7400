// SPDX-License-Identifier: Apache-2.0
// Which OpenFlow port number an interface gets, and that it keeps it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "bridge/config.h"

namespace weft::bridge {

/// Resource type, one for each bridge; pure. A number stays with its name as long as the interface is
/// configured, whether or not its device exists; a number given up is the last to be given again.
class PortNumbers {
  public:
    /// Highest number that ofport_request may ask for.
    static constexpr int64_t max_request = 65279;

    /// The number of `interface`, in order of preference: the one asked for, the one it has, the one in the
    /// database, a free one. None if all are taken. A number asked for is taken away from an interface that
    /// got it without asking: assign to that one again, for another.
    std::optional<OfPort> assign(const InterfaceConfig& interface, bool is_local);
    /// The number that an earlier process gave, if it is free.
    void keep(std::string_view name, OfPort number);
    void release(std::string_view name);
    std::optional<OfPort> find(std::string_view name) const;

  private:
    std::optional<OfPort> take_free();
    bool is_free_for(OfPort port, std::string_view name, bool asked_for) const;

    struct Holder {
        std::string name;
        bool asked = false;  ///< for this number
    };
    std::map<std::string, OfPort, std::less<>> by_name_;
    std::map<OfPort, Holder> by_number_;
    uint16_t last_ = 0;
};

}  // namespace weft::bridge
