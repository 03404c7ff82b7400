// SPDX-License-Identifier: Apache-2.0
#include "action/dp_action.h"

namespace weft::action::dp {

Action::Action(const Action&) = default;
Action::Action(Action&&) noexcept = default;
Action& Action::operator=(const Action&) = default;
Action& Action::operator=(Action&&) noexcept = default;
Action::~Action() = default;
bool Action::operator==(const Action&) const = default;

}  // namespace weft::action::dp
