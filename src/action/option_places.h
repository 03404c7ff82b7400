// SPDX-License-Identifier: Apache-2.0
// Options of tunnels in actions: tun_metadata0 to 63 get their places from a bridge's TLV map before the
// actions run.
#pragma once

#include "action/action.h"
#include "action/of_error.h"
#include "flow/tlv_layout.h"

namespace weft::action {

/// Bit i: some action, nested ones too, names tun_metadata<i>.
uint64_t options_named(const Actions& actions);

/// Writes into each action where its options lie. An option that is not mapped is refused, and bits that it
/// does not have. Values that are pushed, popped or learned end at 128 bits.
OfResult<> place_options(Actions& actions, const flow::TlvLayout& layout);

}  // namespace weft::action
