// SPDX-License-Identifier: Apache-2.0
// time/stop and time/warp: a program's time in the hands of a test.
#pragma once

#include "loop/loop.h"
#include "obs/commands.h"

namespace weft::loop {

/// `time/warp [LARGE_MSECS] MSECS` lets MSECS pass at once, or LARGE_MSECS in steps of MSECS, serving what is
/// due on `loop` after each step. The loop outlives the table's use.
void add_time_commands(obs::CommandTable& table, Loop& loop);

}  // namespace weft::loop
