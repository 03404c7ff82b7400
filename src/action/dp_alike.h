// SPDX-License-Identifier: Apache-2.0
// Whether two lists of datapath actions do the same to packets that agree on what is known of them.
#pragma once

#include "action/dp_action.h"

namespace weft::action::dp {

/// Equal, but for bits that one of two set actions sets and the other leaves alone: a field is set whole
/// where all its other bits are known to be what they are already, which follows the megaflow's mask.
bool alike(const Actions& a, const Actions& b);

}  // namespace weft::action::dp
