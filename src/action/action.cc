// SPDX-License-Identifier: Apache-2.0
#include "action/action.h"

namespace weft::action {

Action::Action(const Action&) = default;
Action::Action(Action&&) noexcept = default;
Action& Action::operator=(const Action&) = default;
Action& Action::operator=(Action&&) noexcept = default;
Action::~Action() = default;
bool Action::operator==(const Action&) const = default;

bool Clone::operator==(const Clone&) const = default;
bool Ct::operator==(const Ct&) const = default;
bool WriteActions::operator==(const WriteActions&) const = default;

}  // namespace weft::action
