// SPDX-License-Identifier: Apache-2.0
// A command of weft(8) that weft does itself.
#pragma once

#include <span>
#include <string>

#include "cli/daemon.h"

namespace weft::cli::weft_tool {

/// The exit code when what was asked for is refused.
inline constexpr int refused = 2;

/// What a command that needs no daemon works with.
struct LocalCall {
    Daemon& daemon;
    std::span<const std::string> args;
    bool json = false;
    std::string server = {};  ///< of databases
    int& status;              ///< exit code of a command that succeeds
};

}  // namespace weft::cli::weft_tool
