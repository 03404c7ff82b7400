// SPDX-License-Identifier: Apache-2.0
// A reason to drop a packet, whichever part of the switch has it, under one name.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "dp/drop.h"
#include "pipeline/drop.h"

namespace weft::bridge {

/// What happens to packets outside translation and datapath.
enum class SwitchDrop : uint8_t {
    no_controller,      ///< for the controllers, and none takes it
    controller_busy,    ///< the controller's queue is full, or its rate is used up
    inbox_full,         ///< too many packets for controllers at once
    rx_overflow,        ///< the port's receive queue was full
    upcall_overload,    ///< the same, because most packets needed translation
    flow_restore_wait,  ///< flows are being restored
    count,
};

/// Value type.
struct DropReason {
    using Any = std::variant<pipeline::Drop, dp::Drop, SwitchDrop>;
    Any v;

    template <class T>
    DropReason(T reason) : v(reason) {}  // NOLINT(google-explicit-constructor): one kind of reason is another
    auto operator<=>(const DropReason&) const = default;

    /// What people and scripts call it: "vlan_not_admitted", "meter". An interface.
    std::string_view name() const;
    /// A few words.
    std::string_view text() const;
    template <class T>
    bool is(T reason) const {
        const T* own = std::get_if<T>(&v);
        return own && *own == reason;
    }
};

/// Every reason there is, in a fixed order.
std::vector<DropReason> all_drop_reasons();

}  // namespace weft::bridge
