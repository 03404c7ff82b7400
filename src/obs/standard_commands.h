// SPDX-License-Identifier: Apache-2.0
// Commands of every program: list-commands, version, vlog/*, coverage/*, memory/show.
#pragma once

#include <string>

#include "obs/commands.h"
#include "obs/coverage.h"
#include "obs/logging.h"
#include "obs/memory.h"

namespace weft::obs {

/// All referenced objects outlive the table's use.
void add_log_commands(CommandTable& table, Logging& logging);
void add_counter_commands(CommandTable& table, const Coverage& coverage, const MemoryReport& memory);
void add_general_commands(CommandTable& table, std::string version_text);

}  // namespace weft::obs
