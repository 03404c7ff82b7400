// SPDX-License-Identifier: Apache-2.0
// The commands of "weft db"; cli/weft/commands.h lists them.
#pragma once

#include "base/result.h"
#include "cli/weft/local_call.h"

namespace weft::cli::db {

using weft_tool::LocalCall, weft_tool::refused;

// plan_commands.cc
Result<> plan(const LocalCall& call);
Result<> apply(const LocalCall& call);
// history_commands.cc
Result<> confirm(const LocalCall& call);
Result<> history(const LocalCall& call);
Result<> revert(const LocalCall& call);
// watch.cc
Result<> watch(const LocalCall& call);

}  // namespace weft::cli::db
