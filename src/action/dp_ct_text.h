// SPDX-License-Identifier: Apache-2.0
// Internal to action/: text of the datapath's ct(..).
#pragma once

#include <string>
#include <string_view>

#include "action/dp_action.h"

namespace weft::action::dp {

/// `ct`, `ct(commit,zone=5,mark=0x1/0xff,nat(src=1.2.3.4))`
std::string format_ct(const Ct& ct);
/// What stands in its parentheses.
Result<Ct> parse_ct(std::string_view text);

}  // namespace weft::action::dp
