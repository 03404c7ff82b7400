// SPDX-License-Identifier: Apache-2.0
// Actions as text, as in ovs-actions(7) and as ovs-ofctl prints them.
#pragma once

#include <string>
#include <string_view>

#include "action/action.h"
#include "base/result.h"
#include "flow/port_text.h"
#include "flow/table_text.h"

namespace weft::action {

/// Names that may stand for numbers.
struct Names {
    const flow::PortNames* ports = nullptr;
    const flow::TableNames* tables = nullptr;
};

/// `output:2,resubmit(,3)`; `drop` if there are none.
std::string to_text(const Actions& actions, const Names& names = {});

/// Actions and instructions in flow syntax. The error says what ovs-ofctl would.
Result<Actions> parse_actions(std::string_view text, const Names& names = {});

/// `nat`, `nat(src=10.0.0.1:5,hash)`: in OpenFlow's text and in the datapath's.
std::string format_nat(const Nat& nat);

}  // namespace weft::action
