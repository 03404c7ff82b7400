// SPDX-License-Identifier: Apache-2.0
// Datapath actions as text, as dpctl/dump-flows prints them and dpctl/add-flow reads them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "action/dp_action.h"

namespace weft::action::dp {

/// Names of datapath ports; an empty function means that numbers are printed.
struct PortNaming {
    std::function<std::optional<std::string>(DpPort)> name;
    std::function<std::optional<DpPort>(std::string_view)> number;
};

/// `push_vlan(vid=5,pcp=0),2`; `drop` if there are none.
std::string to_text(const Actions& actions, const PortNaming& ports = {});

/// The same back. The error names the item that is wrong.
Result<Actions> parse_actions(std::string_view text, const PortNaming& ports = {});

}  // namespace weft::action::dp
